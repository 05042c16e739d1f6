"""Pages of the portal are the same for every reader who is not signed in: browsers may keep them for a minute."""

import hashlib

from flask import Response, g, request, session

from app.surfaces.web.house import viewer

A_MINUTE = "public, max-age=60"
"""Longer, and a withdrawn notice would be read for longer."""


def keep_a_minute(response: Response) -> Response:
    """Let a mere reader's page be kept, and say 304 when it has not changed. For ``Blueprint.after_request``.

    The number of the page at its foot is another one each time; it is left out of the tag.
    """
    plain = request.method in ("GET", "HEAD") and response.status_code == 200 and not response.direct_passthrough
    if not plain or "Cache-Control" in response.headers or session.modified or viewer() is not None:
        return response
    if "csrf_token" in g:  # a form was drawn: its token is this visitor's own
        return response
    response.headers["Cache-Control"] = A_MINUTE
    number = str(g.get("request_id", "")).encode()
    body = response.get_data().replace(number, b"") if number else response.get_data()
    response.set_etag(hashlib.sha256(body).hexdigest()[:24], weak=True)
    response.vary.update(("HX-Request", "Cookie"))
    response.make_conditional(request)
    return response
