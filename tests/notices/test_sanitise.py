"""Nothing in a notice can act on its reader."""

import pytest

from app.league.notices.sanitise import clean, for_reading, to_text

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<p onclick="alert(1)">字</p>',
    '<a href="javascript:alert(1)">字</a>',
    '<a href="data:text/html,<script>1</script>">字</a>',
    '<div hx-get="/logout" hx-trigger="load">字</div>',
    '<p data-hx-post="/x">字</p>',
    '<p style="position:fixed">字</p>',
    "<iframe src=//example.org></iframe>",
    "<svg><animate onbegin=alert(1)></svg>",
    "<form action=/logout method=post><button>点</button></form>",
    '<meta http-equiv="refresh" content="0;url=//example.org">',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_marks_do_not_survive(text: str) -> None:
    for result in (clean(text), for_reading(text, "localhost")):
        lowered = result.lower()
        assert not any(
            word in lowered for word in ("<script", "on", "hx-", "style=", "javascript:", "<form", "<iframe")
        )


def test_plain_text_becomes_paragraphs_with_its_signs_kept() -> None:
    assert clean("第一段 3 < 5\n换行\n\n第二段") == "<p>第一段 3 &lt; 5<br>换行</p><p>第二段</p>"


def test_marks_of_a_notice_survive() -> None:
    kept = clean(
        '<h2>一、安排</h2><p><strong>按时</strong></p><table><tbody><tr><td colspan="2">格</td></tr></tbody></table>'
    )
    assert "<h2>一、安排</h2>" in kept
    assert 'colspan="2"' in kept


def test_links_to_other_sites_lead_through_the_leaving_page() -> None:
    kept = clean('<p><a href="https://example.org/a?b=1">外</a><a href="/help">内</a></p>')
    read = for_reading(kept, "youth.example")
    assert 'href="/out?to=https%3A%2F%2Fexample.org%2Fa%3Fb%3D1"' in read
    assert 'href="/help"' in read


def test_the_words_without_marks_are_for_search() -> None:
    assert to_text("<p>甲&amp;乙</p><ul><li>丙</li></ul>") == "甲&乙 丙"
