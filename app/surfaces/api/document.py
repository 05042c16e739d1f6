"""The OpenAPI document: made from the very declarations by which operations are read and answered, so that it is true."""

import re
from functools import cache
from http import HTTPStatus
from typing import Any

import msgspec

from app.kernel.limits import LIMITS
from app.surfaces.api import reading, replies
from app.surfaces.api.operation import OPERATIONS, PREFIX, VERSION, Link, Operation, PublicId
from app.surfaces.web.problems import KINDS, MEDIA_TYPE, ProblemDetails

REF = "#/components/schemas/{name}"
INTRODUCTION = "青年和审核人在网页上能办的事，这里都能办；规则、权限、记录和网页完全一样。"
NOTES: dict[str, str] = {
    "登录": "`POST /tokens` 取得凭证，以后每次放在 `Authorization: Bearer …` 里。凭证有名字，可以在“账号安全”里查看和结束；"
    "改密码、注销、退出都会让它失效。担任管理职务的，凭证 12 小时内有效。不接受也不设置 cookie。",
    "每个 POST 带 Idempotency-Key": "断线后用同一个 Key 原样再发，只办一次，回答和第一次一样（两天内）。"
    "看完整号码的操作例外：每次都记录，回答不保存。",
    "每个 GET 都有 ETag": "带 `If-None-Match` 再问，没有变化就回答 304。",
    "出错": "`application/problem+json`（RFC 9457）。`title` 给人看，`type` 给程序看，`errors` 是每一项的问题。"
    "400 是内容不合本文档，422 是内容读懂了但规则不允许。管辖范围以外的和不存在的一样，都是 404。",
    "翻页": "把 `next_after` 填进下一次的 `after`；没有就是最后一页。",
    "快慢": "`RateLimit-Policy` 说一分钟几次，`RateLimit` 说还剩几次；超过了回答 429 和 `Retry-After`。",
    "版本": "地址里的 v1 只增加、不改变：可能多出新的操作和回答里新的项，请忽略不认识的项。要停用的操作会先标明 `deprecated`，"
    "并在回答里带 `Deprecation` 和 `Sunset`，至少半年以后才停。不兼容的改变会用 /api/v2，v1 至少再用一年。",
}
"""What holds for all operations, for the document and for the page about it; code stands between backticks."""
HEADERS = {
    "RateLimit": "还剩几次（r）、几秒后重新计算（t）。",
    "RateLimit-Policy": "一段时间（w 秒）里最多几次（q）。",
    "X-Request-Id": "这次请求的编号，报告问题时请带上。",
}


@cache
def document() -> dict[str, Any]:
    """The document as JSON values."""
    schemas = _schemas()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "山西青年之声 APP 接口",
            "version": VERSION,
            "description": INTRODUCTION + "\n\n" + "\n\n".join(f"**{title}**：{text}" for title, text in NOTES.items()),
        },
        "servers": [{"url": PREFIX}],
        "tags": [{"name": tag} for tag in dict.fromkeys(known.tag for known in OPERATIONS)],
        "paths": _paths(),
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "headers": {name: {"description": words, "schema": {"type": "string"}} for name, words in HEADERS.items()},
            "responses": {str(status): _problem(status) for status in KINDS},
        },
    }


def _schemas() -> dict[str, Any]:
    kinds: list[Any] = [ProblemDetails]
    for known in OPERATIONS:
        kinds += [
            kind for kind in (known.answers, known.body) if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
        ]
    _, found = msgspec.json.schema_components(kinds, ref_template=REF)
    for name, shape in found.items():
        shape["description"] = shape.get("description", name).partition("\n")[0]
    return dict(sorted(found.items()))


def _paths() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for known in OPERATIONS:
        found.setdefault(known.path, {})[known.method.lower()] = _operation(known)
    return found


def _operation(known: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": known.name,
        "summary": known.summary,
        "description": who_may(known),
        "tags": [known.tag],
        "parameters": _parameters(known),
        "responses": _responses(known),
        "security": [] if known.gate.kind == "public" else [{"token": []}],
    }
    if known.body:
        example = {"example": known.example} if known.example is not None else {}
        content = {"schema": {"$ref": REF.format(name=known.body.__name__)}, **example}
        told["requestBody"] = {"required": True, "content": {"application/json": content}}
    return told


def who_may(known: Operation) -> str:
    """Who may use an operation, in words."""
    words = {"public": "不用登录。", "own": "本人登录以后。", "staff": "担任管理职务的人。"}
    return words.get(known.gate.kind) or f"需要权限 `{known.gate.power}`，只在管辖范围以内。"


def _parameters(known: Operation) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": msgspec.json.schema(PublicId)}
        for name in re.findall(r"{(\w+)}", known.path)
    ]
    if known.method == "POST":
        schema = {"type": "string", "pattern": replies.PATTERN, "examples": ["9f1c2f0e-7b1d-4a55-8f0a-2f6b9c1d7e42"]}
        found.append({"name": replies.HEADER, "in": "header", "required": True, "schema": schema})
    if known.query:
        found += _query(known.query)
    return found


def _query(kind: type[msgspec.Struct]) -> list[dict[str, Any]]:
    _, components = msgspec.json.schema_components([kind], ref_template="{name}")
    shape, found = components[kind.__name__], []
    for field in msgspec.structs.fields(kind):
        schema = dict(shape["properties"][field.encode_name])
        if "$ref" in schema:
            schema = components[schema["$ref"]]
        schema = {name: value for name, value in schema.items() if name not in ("description", "title")}
        if schema.get("type") == "string" and not schema.keys() & {"enum", "format", "pattern"}:
            schema["pattern"] = reading.SAYABLE
        found.append({"name": field.encode_name, "in": "query", "required": field.required, "schema": schema})
    return found


def _responses(known: Operation) -> dict[str, Any]:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
    good: dict[str, Any] = {"description": HTTPStatus(known.status).phrase, "headers": headers}
    if known.status != HTTPStatus.NO_CONTENT:
        schema = {"type": "object"} if known.answers == dict[str, Any] else _ref(known.answers)
        good["content"] = {"application/json": {"schema": schema}}
    if known.links:
        good["links"] = {f"{link.to}_{number}": _link(link) for number, link in enumerate(known.links)}
    found: dict[str, Any] = {str(known.status): good}
    if known.method == "GET":
        good["headers"] = {**headers, "ETag": {"schema": {"type": "string"}}}
        found["304"] = {"description": "没有变化。"}
    for status in _refusals(known):
        found[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return found


def _ref(kind: Any) -> dict[str, str]:
    return {"$ref": REF.format(name=kind.__name__)}


def _refusals(known: Operation) -> list[int]:
    found = {400, 429, 503, *known.also}
    if known.gate.kind != "public":
        found |= {401}
    if known.gate.kind == "power":
        found |= {403, 404}
    if "{" in known.path:
        found |= {404}
    if known.body:
        found |= {413, 415, 422}
    if known.method == "POST":
        found |= {409, 413, 422}
    return sorted(found)


def _link(link: Link) -> dict[str, Any]:
    found: dict[str, Any] = {"operationId": link.to}
    if link.parameters:
        found["parameters"] = dict(link.parameters)
    if link.body:
        found["requestBody"] = dict(link.body)
    return found


def _problem(status: int) -> dict[str, Any]:
    kind, title = KINDS[status]
    example = {"type": f"urn:tuanwutong:problem:{kind}", "title": title, "status": status}
    content: dict[str, Any] = {"schema": {"$ref": REF.format(name="ProblemDetails")}, "example": example}
    told: dict[str, Any] = {"description": title, "content": {MEDIA_TYPE: content}}
    if status in (429, 503):
        told["headers"] = {"Retry-After": {"description": "几秒以后再试。", "schema": {"type": "string"}}}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        windows = {name: LIMITS[name].windows[0] for name in ("api.token", "api.address")}
        told["description"] += "：" + "，".join(f"{name} {n} 次/{w} 秒" for name, (n, w) in windows.items())
    return told
