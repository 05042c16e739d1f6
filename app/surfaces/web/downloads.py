"""Handing out a stored file: as a download or as a picture, never as a page of this site."""

from urllib.parse import quote

from flask import Response, send_file

from app.kernel.files.models import StoredFile
from app.kernel.files.operations import open_file
from app.surfaces.web.house import work

FOR_ALL = "public, max-age=604800, s-maxage=3600, immutable"
SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"


def download(stored: StoredFile) -> Response:
    """The file as an attachment under its own name (RFC 6266). The caller has asked whether the viewer may have it.

    Raises NotFound when its content is gone.
    """
    response = send_file(open_file(work(), stored), mimetype=stored.media_type, max_age=0, etag=stored.sha256)
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in stored.name)
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(stored.name)}"
    response.headers["Content-Length"] = str(stored.size)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "private, no-store"
    return response


def picture(stored: StoredFile, *, for_all: bool = False) -> Response:
    """A picture this program has drawn itself, to be shown. The caller has asked whether the viewer may have it.

    ``for_all``: everyone may, so browsers keep it a week and caches between for an hour. Its address never shows
    anything else; what is withdrawn leaves the shared caches within that hour. Raises NotFound when its content is gone.
    """
    response = send_file(open_file(work(), stored), mimetype=stored.media_type, etag=stored.sha256)
    response.headers["Content-Length"] = str(stored.size)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = FOR_ALL if for_all else "private, no-store"
    return response
