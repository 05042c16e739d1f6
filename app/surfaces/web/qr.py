"""An address as a picture for a camera."""

import io

import segno
from flask import Response


def qr(address: str) -> Response:
    """An answer with the picture, which nothing keeps."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=5, border=4, light="#fff", xmldecl=False)
    return Response(drawn.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})
