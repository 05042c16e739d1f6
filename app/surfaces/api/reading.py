"""What a program sends, read strictly: JSON in UTF-8 that means one thing, and nothing the document does not name."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from flask import request
from msgspec import Struct
from werkzeug.exceptions import RequestEntityTooLarge

from app.kernel.errors import Invalid
from app.surfaces.web.problems import Malformed

LARGEST = 64 * 1024
"""Bytes of a body."""
DEEPEST = 8
LARGEST_NUMBER = 2**53
SAYABLE = r"^[^\u0000]*$"
"""What any text in a query may be: NUL stands in no text of ours."""
MISSING, UNKNOWN, WRONG = "缺少这一项", "文档里没有这一项", "这一项不合文档"


def body(kind: type[Struct]) -> Any:
    """The request's body as ``kind``. Raises Malformed."""
    if not _is_json():
        raise Malformed("请发送 Content-Type: application/json，编码 UTF-8", status=415)
    return _read(kind, _parsed(_bytes()), strict=True)


def query(kind: type[Struct]) -> Any:
    """The request's query as ``kind``. Raises Malformed."""
    given = request.args.to_dict(flat=False)
    if twice := [name for name, values in given.items() if len(values) > 1]:
        raise Malformed("同一项出现了不止一次", dict.fromkeys(twice, "只能出现一次"))
    if foreign := [name for name, values in given.items() if "\0" in name + values[0]]:
        raise Malformed("地址里有不能使用的字符", dict.fromkeys(foreign, WRONG))
    return _read(kind, {name: values[0] for name, values in given.items()}, strict=False)


def nothing_sent() -> None:
    """Raises Malformed when there is a body where the document has none."""
    if _bytes():
        raise Malformed("这个操作不需要内容")


def _is_json() -> bool:
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    return request.mimetype == "application/json" and charset in ("utf-8", "utf8")


def _bytes() -> bytes:
    request.max_content_length = LARGEST + 1  # a body sent in chunks is cut off there without a word
    if len(raw := request.get_data(cache=True)) > LARGEST:
        raise RequestEntityTooLarge
    return raw


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_refuse, parse_float=_float, parse_int=_int
        )
    except UnicodeDecodeError:
        raise Malformed("内容不是 UTF-8 编码") from None
    except (ValueError, RecursionError):
        raise Malformed("内容不是有效的 JSON") from None
    if not isinstance(found, dict):
        raise Malformed("内容应该是一个 JSON 对象")
    for text in _texts(found, DEEPEST):
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise Malformed("文字里有半个字符")
        if "\0" in text:  # a character like any other to JSON, and one that no text of ours may hold
            raise Invalid("文字里有不能使用的字符")
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("JSON 对象里有重复的名字")
    return found


def _refuse(word: str) -> Any:
    raise Malformed(f"JSON 里不能有 {word}")


def _float(text: str) -> float:
    """A number with a point; 2.0 is the whole number 2."""
    if not math.isfinite(number := float(text)):
        raise Malformed("数字太大")
    return int(number) if number.is_integer() and abs(number) <= LARGEST_NUMBER else number


def _int(text: str) -> int:
    if len(text) > len(str(LARGEST_NUMBER)) + 1 or abs(number := int(text)) > LARGEST_NUMBER:
        raise Malformed("数字太大")
    return number


def _texts(value: Any, deep: int) -> Iterator[str]:
    """Every text in ``value``, names too. Raises Malformed for what is nested deeper than ``deep``."""
    if deep < 0:
        raise Malformed("JSON 嵌套太深")
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner, deep - 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, deep - 1)


def _read(kind: type[Struct], given: Mapping[str, Any], *, strict: bool) -> Any:
    try:
        return msgspec.convert(given, kind, strict=strict)
    except msgspec.ValidationError:
        raise Malformed("内容和接口文档不一致", _faults(kind, given, strict=strict)) from None


def _faults(kind: type[Struct], given: Mapping[str, Any], *, strict: bool) -> dict[str, str]:
    """Every fault by the name of its field, and not the first alone."""
    known = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    faults = dict.fromkeys(sorted(given.keys() - known.keys()), UNKNOWN)
    for name, field in known.items():
        if name not in given:
            faults |= {name: MISSING} if field.required else {}
            continue
        try:
            msgspec.convert(given[name], field.type, strict=strict)
        except msgspec.ValidationError:
            faults[name] = WRONG
    return faults
