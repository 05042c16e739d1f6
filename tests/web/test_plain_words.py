"""What a youth reads: short sentences, and no word that only those who build the site know."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "templates"
PAGES = sorted([*(ROOT / "qingchun").rglob("*.html"), *(ROOT / "errors").rglob("*.html")])
INTERNAL = re.compile(r"HTTP|token|CSRF|[Ss]ession|异常|参数|缓存|服务器|数据库|会话|请求失败|字段|非法", re.IGNORECASE)
LONGEST = 25
HAN = re.compile(r"[\u3400-\u9fff]")


def sentences(path: Path) -> list[str]:
    """The sentences a template says by itself: between its tags, and in the hints it gives to fields."""
    source = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    spoken = re.findall(r'(?:hint|lede|title|label)="([^"{}]*)"', source)
    # What is filled in counts as one word.
    source = re.sub(r"\{\{.*?\}\}", "〇", re.sub(r"\{%.*?%\}", "\n", source, flags=re.DOTALL), flags=re.DOTALL)
    spoken += re.sub(r"</?(?!a\b|strong|span)[^>]*>", "\n", source).splitlines()
    spoken = [re.sub(r"<[^>]*>", "", text) for text in spoken]
    return [part.strip() for text in spoken for part in re.split(r"[。！？；\n]", text) if HAN.search(part)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_youth_understands_it(path: Path) -> None:
    said = sentences(path)
    assert [text for text in said if INTERNAL.search(text)] == []
    assert [text for text in said if len(text) > LONGEST] == []


def test_the_reader_finds_what_is_wrong(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p>服务器返回了一个异常的参数</p><p>" + "很" * 26 + "。</p>", encoding="utf-8")
    assert INTERNAL.search(sentences(page)[0])
    assert len(sentences(page)[1]) > LONGEST
