"""Handing out a stored file: always as a download, never as a page of this site."""

from urllib.parse import quote

from flask import Response, send_file

from app.kernel.files.models import StoredFile
from app.kernel.files.operations import open_file
from app.surfaces.web.house import work

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
