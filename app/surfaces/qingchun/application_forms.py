"""The forms of the application: they carry what was typed; the domain's intake judges it."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wtforms import Field, HiddenField, RadioField, SelectField, StringField, TextAreaField

from app.league.joining.drafts import STEPS
from app.league.people.codes import EDUCATIONS, ID_TYPES, MEMBER_STATUS, POLITICAL_STATUSES, SEXES, ethnicities
from app.league.people.fields import FIELDS
from app.surfaces.web.forms import Form, MultiCheckboxField, OnceForm, choices

CHOOSE = ("", "请选择")
LONGEST = 1000
FIRST_STATUSES = (MEMBER_STATUS, "13", "02", "01")
FIRST_EDUCATIONS = ("61", "41", "44", "47", "31", "21", "14", "11")
FORGOTTEN = {
    "joined_league_on": "不记得入团日期",
    "joined_league_at": "不记得入团地点",
    "certificate_number": "不记得团员证编号",
    "development_number": "不记得发展团员编号",
    "dues_paid_through": "不记得团费交到哪月",
}


class PartedField(StringField):  # type: ignore[misc]
    """A date or month typed in parts that share one name: kept as year-month-day, gaps and all."""

    def process_data(self, value: Any) -> None:
        """A kept value, shown again in its parts."""
        self.data = str(value or "")
        self.raw_data = self.data.split("-") if self.data else None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """The parts joined; nothing at all is nothing."""
        if valuelist:
            parts = [part.strip() for part in valuelist]
            self.data = "-".join(parts) if any(parts) else ""


def _select(name: str, names: Mapping[str, str], first: Iterable[str] = ()) -> Field:
    order = dict.fromkeys([*first, *names])
    return SelectField(
        FIELDS[name].label,
        choices=choices([CHOOSE, *((code, names[code]) for code in order)]),
        validate_choice=False,
        default="",
    )


class StepForm(Form):
    """One step. ``version``: the step's version in the draft when the page was made; ``window``: this very page."""

    version = HiddenField(default="0")
    window = HiddenField(default=lambda: secrets.token_urlsafe(6))

    def typed(self) -> dict[str, Any]:
        """What was typed, by the names of the step; what is longer than anything meant is cut."""
        own = {name: field.data for name, field in self._fields.items() if name in ALL}
        return {
            name: [str(item)[:LONGEST] for item in value or ()][:LONGEST] if name in LISTS else (value or "")[:LONGEST]
            for name, value in own.items()
        }


ALL = {name for names in STEPS.values() for name in names}
LISTS = ("forgotten", "confirmed")


class NameForm(StepForm):
    """Y04."""

    name = StringField("姓名")


class DocumentForm(StepForm):
    """Y05: birth date and sex are asked of passports alone."""

    id_type = RadioField("证件类型", choices=choices(ID_TYPES.items()), default="resident", validate_choice=False)
    id_number = StringField("证件号码")
    birth_date = PartedField("出生日期")
    sex = RadioField("性别", choices=choices(SEXES.items()), validate_choice=False)


class BasicsForm(StepForm):
    """Y06."""

    ethnicity = _select("ethnicity", ethnicities())
    native_place = StringField("籍贯")
    education = _select("education", EDUCATIONS, FIRST_EDUCATIONS)
    political_status = _select("political_status", POLITICAL_STATUSES, FIRST_STATUSES)
    occupation = StringField("职业或专业")
    phone = StringField("手机号")


class LeagueForm(StepForm):
    """Y07."""

    member = RadioField(
        "您是否保留团籍", choices=choices([("yes", "是，我保留团籍"), ("no", "没有团籍")]), validate_choice=False
    )
    joined_league_on = PartedField("入团日期")
    joined_league_at = StringField("入团地点或单位")
    certificate_number = StringField("团员证编号")
    development_number = StringField("发展团员编号")
    dues_paid_through = PartedField("团费交至")
    forgotten = MultiCheckboxField("不记得的", choices=choices(FORGOTTEN.items()), validate_choice=False)
    confirmed = MultiCheckboxField(
        "核对过的", choices=choices([("joined_league_on", "日期没有错")]), validate_choice=False
    )


class PlaceForm(StepForm):
    """Y08: yes, this one; and a word for the committee when one's branch is not there."""

    organisation = HiddenField()
    statement = TextAreaField("您的学院、专业和班级")


class SubmitForm(OnceForm):
    """Y10."""

    statement = TextAreaField("补充说明")


class ConfirmForm(OnceForm):
    """A change that needs nothing but the wish for it."""

    version = HiddenField(default="0")


FORMS: dict[str, type[StepForm]] = {
    "name": NameForm,
    "document": DocumentForm,
    "basics": BasicsForm,
    "league": LeagueForm,
}
