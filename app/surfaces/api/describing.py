"""The document itself."""

from typing import Any

from app.kernel.access.gates import public
from app.surfaces.api.document import document
from app.surfaces.api.operation import operation

TAG = "文档"


@operation("GET", "/openapi.json", "这份文档", tag=TAG)
@public("接口文档")
def show_document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    return document()
