"""The forms of the notice pages."""

from datetime import datetime
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from app.kernel.clock import SHANGHAI
from app.kernel.errors import Invalid
from app.league.notices.categories import CATEGORIES
from app.league.notices.models import Audience, Notice
from app.league.notices.operations import NoticeText, written_summary
from app.surfaces.web.forms import OnceForm, WholeNumberField, choices

AUDIENCES = (
    (Audience.STAFF.value, "下级团干部"),
    (Audience.EVERYONE.value, "下级团干部和青年"),
    (Audience.PORTAL.value, "公开（山西青年网）"),
)


FILLED = ("title", "category", "document_number", "source", "pinned", "lead", "version")


class ActForm(OnceForm):
    """A button: the version it was drawn for travels with it."""

    version = WholeNumberField(widget=HiddenInput(), validators=[Optional()])  # a new notice has none

    def require_valid(self) -> None:
        """Raises Invalid when the form itself is not whole; the errors already stand beside their fields."""
        if not self.validate():
            raise Invalid({})


class PublishForm(ActForm):
    """Publish now, or at a time."""

    publish_at = StringField("发布时间")

    def moment(self) -> datetime | None:
        """The typed time of Asia/Shanghai; None means now. Raises Invalid for what is no time."""
        text = (self.publish_at.data or "").strip()
        if not text:
            return None
        try:
            return datetime.fromisoformat(text.replace(" ", "T")).replace(tzinfo=SHANGHAI)
        except ValueError:
            raise Invalid({"publish_at": "请写成 2026-05-04 09:30 的样子"}) from None


class WithdrawForm(ActForm):
    """Withdraw with a reason."""

    reason = StringField("撤回原因")


class AttachForm(ActForm):
    """One file."""

    upload = FileField("附件")


class ImageForm(ActForm):
    """One picture and what is to be said of it."""

    image = FileField("图片")
    alt = StringField("图里有什么")
    caption = StringField("图注")
    cover = BooleanField("作题图：放在标题下面和列表里")


class NoticeForm(ActForm):
    """The text of a notice and whom it is for."""

    title = StringField("标题")
    body = TextAreaField("正文")
    summary = StringField("摘要")
    category = SelectField("栏目", choices=choices((c.key, c.name) for c in CATEGORIES))
    document_number = StringField("发文字号")
    issuer = SelectField("发布单位", validate_choice=False)
    audience = RadioField("发给谁", choices=choices(AUDIENCES), default=Audience.STAFF.value, validate_choice=False)
    target = SelectField("范围", validate_choice=False)
    source = StringField("来源")
    pinned = BooleanField("在栏目里置顶")
    lead = BooleanField("作首页头条")

    @classmethod
    def offering(
        cls,
        issuers: list[tuple[str, str]],
        targets: list[tuple[str, str]],
        *,
        notice: Notice | None = None,
        named: dict[int, str] | None = None,
    ) -> "NoticeForm":
        """The form with its choices, filled from ``notice`` when one is edited."""
        values: dict[str, Any] = {}
        if notice is not None and named is not None:
            values = {name: getattr(notice, name) for name in FILLED}
            values |= {"body": notice.body_html, "summary": written_summary(notice)}
            values |= {"audience": notice.audience.value, "issuer": named.get(notice.issuer_id)}
            values |= {"target": named.get(notice.target_id)}
        form = cls(data=values)
        form.issuer.choices = choices(issuers)
        form.target.choices = choices(targets)
        return form

    def text(self) -> NoticeText:
        """What was typed. Raises Invalid when nobody was chosen to receive it."""
        try:
            audience = Audience(self.audience.data or "")
        except ValueError:
            raise Invalid({"audience": "请选择发给谁"}) from None
        return NoticeText(
            title=self.title.data or "",
            body=self.body.data or "",
            summary=self.summary.data or "",
            category=self.category.data or "",
            document_number=self.document_number.data or "",
            issuer=self.issuer.data or "",
            audience=audience,
            target=self.target.data or "",
            source=self.source.data or "",
            pinned=bool(self.pinned.data),
            lead=bool(self.lead.data),
        )
