"""The forms of the review desk."""

from wtforms import (
    BooleanField,
    HiddenField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from app.league.joining import reasons
from app.league.people.fields import FIELDS
from app.surfaces.web.forms import Form, OnceForm, WholeNumberField, choices, filled

TICKS = [(known.name, known.label) for known in FIELDS.values()]
AGAIN = "请重新打开这份申请"


class PlaceForm(Form):
    """Where in the queue the reviewer stands: kept through every form."""

    lane = HiddenField()
    branch = HiddenField()


class DecideForm(PlaceForm, OnceForm):
    """One application: approve, return or reject."""

    verdict = StringField(validators=[filled("请选择通过、退回或拒绝")])
    version = WholeNumberField(validators=[InputRequired(AGAIN)])
    digit = HiddenField(validators=[Length(max=1)])
    fields_ = SelectMultipleField("要改的内容", name="fields", choices=choices(TICKS))
    reason = TextAreaField("自己写理由")


class PassForm(PlaceForm, OnceForm):
    """Handed to the next above, with a note."""

    version = WholeNumberField(validators=[InputRequired(AGAIN)])
    note = TextAreaField("说明", validators=[filled("请写一句为什么转交")])


class SheetForm(PlaceForm, OnceForm):
    """Many clean applications at a look."""

    sheet = HiddenField(validators=[filled("这张名单已经失效，请重新打开审核页")])


class ReasonForm(OnceForm):
    """A reason, and the version it is given for."""

    version = WholeNumberField(validators=[InputRequired(AGAIN)])
    reason = TextAreaField("说明", validators=[filled("请写明理由"), Length(max=reasons.LONGEST)])


class RevealForm(Form):
    """Why the full number is needed."""

    reason = StringField("为什么要看完整号码", validators=[filled("请写明为什么要看完整号码"), Length(max=100)])


class PlacingForm(OnceForm):
    """The branch for a member who found none."""

    branch_id = StringField("安排到", validators=[filled("请选择团支部")])


class FindForm(PlaceForm):
    """A name, or a part of it."""

    q = StringField("找人", validators=[Length(max=50)])


class KeysForm(Form):
    """The desk's keys; the letters themselves are read by action."""

    off = BooleanField("不用快捷键")
    usual = SubmitField("恢复原来的")
