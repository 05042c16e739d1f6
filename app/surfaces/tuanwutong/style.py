"""The living style page: every part of the house in all its states, for those who build and for those who judge."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, DateField, RadioField, SelectField, StringField, TextAreaField

from app.kernel.access.gates import staff
from app.kernel.clock import local_date
from app.league.organisations.history import Trend
from app.surfaces.web import pictures, tokens
from app.surfaces.web.columns import columns
from app.surfaces.web.forms import Form, choices
from app.surfaces.web.house import house
from app.surfaces.web.pages import page

bp = Blueprint("style", __name__)
LONG_NAME = ("阿卜杜热合曼·买买提艾力·" * 4)[:50]
"""Fifty characters, as 民委发〔2016〕33号 allows."""
RARE_NAMES = ("䶮", "㛃", "𠮷野", "𫖯", "𬭊", "𰻝")
"""From the extensions A to G of the CJK ideographs."""


class SampleForm(Form):
    """One field of each kind."""

    name = StringField("姓名")
    number = StringField("身份证号")
    kind = SelectField("政治面貌", choices=choices([("03", "共青团员"), ("13", "群众")]))
    standing = RadioField("您是", choices=choices([("member", "共青团员"), ("youth", "青年")]))
    born = DateField("出生日期", format=["%Y-%m-%d", "%Y %m %d"])
    note = TextAreaField("补充说明")
    agreed = BooleanField("我已看过说明")


@bp.get("/style")
@staff
def index() -> AnyResponse:
    """All parts in all states; nothing here belongs to anybody."""
    static = Path(str(current_app.static_folder))
    return page(
        "tuanwutong/style.html",
        plain=_form("plain"),
        wrong=_form("wrong", name="姓名里有数字或符号，请核对", number="请填写身份证号", born="出生日期不能晚于今天"),
        colours=tokens.schemes(static / "app.css"),
        pairs=tokens.pairs(static / "app.css"),
        icons=re.findall(r'<symbol id="([\w-]+)"', (static / "icons.svg").read_text(encoding="utf-8")),
        columns=columns("style", {"branch": "团支部", "state": "状态", "people": "档案数"}),
        long_name=LONG_NAME,
        rare_names=RARE_NAMES,
        moment=house().clock.now(),
        **_pictures(),
    )


def _pictures() -> dict[str, Any]:
    today = local_date(house().clock.now())
    days = [today - timedelta(days=ago) for ago in reversed(range(31))]
    trend = Trend(days, [40 * day + day % 7 * 25 for day in range(31)])
    shares = (0.05, 0.3, 0.55, 0.8, 1.0, None)
    items = {
        city.code: pictures.Item(city.name, 1 + at, share, None, "样例")
        for at, (city, share) in enumerate(zip(pictures.cities(), shares, strict=False))
    }
    cells = items.values()
    return {
        "trend": trend,
        "map": pictures.city_map(items),
        "wide": pictures.treemap(cells),
        "narrow": pictures.treemap(cells, pictures.NARROW, pictures.MOST_NARROW),
    }


def _form(prefix: str, **errors: str) -> SampleForm:
    values: dict[str, Any] = {"name": "林晓2春", "number": ""} if errors else {"name": "林晓春"}
    form = SampleForm(formdata=None, prefix=f"{prefix}-", data=values)
    for name, sentence in errors.items():
        form[name].errors = [sentence]
    return form
