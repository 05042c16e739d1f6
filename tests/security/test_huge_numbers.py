"""A number that no column can hold is refused in words, wherever a form or an address carries one."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.security.site import Place, crawl

HUGE = "9" * 25


@pytest.mark.embedded
def test_no_form_breaks_over_a_huge_number(everything: list[Place], browser_of: Callable[[str], FlaskClient]) -> None:
    browser, sent, broken = browser_of("school_s"), set(), {}
    reading = [place.address for place in everything if place.method == "GET"]
    for page in crawl(browser, ["/twt", *reading]):
        for form in page.forms:
            numbers = [name for name, value in form.values if value.lstrip("-").isdigit()]
            address = form.action or page.address
            shape = re.sub(r"[\w-]{22}", "*", address.split("?")[0]), tuple(numbers)
            if not numbers or shape in sent:
                continue
            sent.add(shape)
            fields = form.filled("二〇一六") | {name: [HUGE] for name in numbers}
            way = {"data" if form.method == "post" else "query_string": fields}
            status = browser.open(address, method=form.method, **way).status_code
            if status >= 500:
                broken[shape] = status
    assert broken == {}
    assert len(sent) > 3, "hardly any form carries a number: nothing was tested"
