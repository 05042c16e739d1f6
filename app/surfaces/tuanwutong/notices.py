"""Writing and publishing notices."""

from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.errors import Conflict, Invalid
from app.league.notices import attachments, images, operations, queries
from app.league.notices.categories import BY_KEY
from app.league.notices.images import lost_places
from app.league.notices.models import Audience, Notice, NoticeState
from app.league.notices.states import STATE_NAMES, events_of
from app.surfaces.notice_pages import content
from app.surfaces.tuanwutong.notice_forms import ActForm, AttachForm, ImageForm, NoticeForm, PublishForm, WithdrawForm
from app.surfaces.web.downloads import download
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see
from app.surfaces.web.paging import asked_after, one_page

bp = Blueprint("notices_admin", __name__, url_prefix="/twt/notices")
SIZE = 20


@bp.get("")
@needs(Power.NOTICES_PUBLISH)
def index() -> AnyResponse:
    """What this committee and those below have written."""
    state = next((s for s in NoticeState if s.value == request.args.get("state")), None)
    found = queries.managed(publishing(), work().session, state=state, after=asked_after(), size=SIZE + 1)
    rows, more = one_page(found, SIZE, lambda last: url_for(".index", state=state, after=last[0].public_id))
    tabs: list[tuple[str, str, bool, Any]] = [("全部", url_for(".index"), state is None, None)]
    tabs += [(STATE_NAMES[s], url_for(".index", state=s.value), s is state, None) for s in NoticeState]
    return page("tuanwutong/notices/index.html", "tuanwutong/notices/_list.html", rows=rows, next_url=more, tabs=tabs)


@bp.route("/new", methods=["GET", "POST"])
@needs(Power.NOTICES_PUBLISH)
def new() -> AnyResponse:
    """Write a new one."""
    form = _form()
    if form.is_submitted():
        try:
            form.require_valid()
            with changing(form.once.data) as change:
                notice = operations.write(change, me(), form.text())
                change.outcome = url_for(".show", public_id=notice.public_id)
            return see(change.outcome, "草稿已保存")
        except Invalid as problem:
            form.blame(problem)
            return _editor(form, None, status=422)
    return _editor(form, None)


@bp.route("/<public_id>/edit", methods=["GET", "POST"])
@needs(Power.NOTICES_PUBLISH)
def edit(public_id: str) -> AnyResponse:
    """Change a draft. Somebody else's newer text is shown beside what was typed (409)."""
    notice = queries.managed_notice(publishing(), work().session, public_id)
    form = _form(notice)
    if not form.is_submitted():
        return _editor(form, notice)
    try:
        form.require_valid()
        with changing(form.once.data) as change:
            kept = queries.managed_notice(publishing(), change.session, public_id, lock=True)
            operations.write(change, me(), form.text(), notice=kept, version=form.version.data or 0)
            change.outcome = url_for(".show", public_id=public_id)
        return see(change.outcome, "修改已保存")
    except Invalid as problem:
        form.blame(problem)
        return _editor(form, notice, status=422)
    except Conflict as problem:
        current = queries.managed_notice(publishing(), work().session, public_id)
        form.form_errors.append(problem.text)
        form.version.data = current.version
        form.version.raw_data = None
        return _editor(form, current, status=409, kept=current)


@bp.get("/<public_id>")
@needs(Power.NOTICES_PUBLISH)
def show(public_id: str) -> AnyResponse:
    """Preview as readers will see it, with what can be done next and who has read it."""
    return shown(public_id)


@bp.post("/<public_id>/publish")
@needs(Power.NOTICES_PUBLISH)
def publish(public_id: str) -> AnyResponse:
    """Publish now or at a time."""
    form = PublishForm()
    try:
        form.require_valid()
        moment = form.moment()
        with changing(form.once.data) as change:
            notice = queries.managed_notice(publishing(), change.session, public_id, lock=True)
            operations.publish(change, notice, version=form.version.data or 0, at=moment)
            change.outcome = url_for(".show", public_id=public_id)
    except Invalid as problem:
        form.blame(problem)
        return shown(public_id, publish_form=form, status=422)
    return see(change.outcome, "到时间会自动发布" if moment else "已发布")


@bp.post("/<public_id>/recall")
@needs(Power.NOTICES_PUBLISH)
def recall(public_id: str) -> AnyResponse:
    """Back to draft."""
    return _act(public_id, operations.recall, "已取消定时，回到草稿")


@bp.post("/<public_id>/withdraw")
@needs(Power.NOTICES_PUBLISH)
def withdraw(public_id: str) -> AnyResponse:
    """Take a published notice back, with a reason readers see."""
    form = WithdrawForm()
    try:
        form.require_valid()
        with changing(form.once.data) as change:
            notice = queries.managed_notice(publishing(), change.session, public_id, lock=True)
            operations.withdraw(change, notice, version=form.version.data or 0, reason=form.reason.data or "")
            change.outcome = url_for(".show", public_id=public_id)
    except Invalid as problem:
        form.blame(problem)
        return shown(public_id, withdraw_form=form, status=422)
    return see(change.outcome, "已撤回")


@bp.post("/<public_id>/discard")
@needs(Power.NOTICES_PUBLISH)
def discard(public_id: str) -> AnyResponse:
    """Delete a draft."""
    return _act(public_id, operations.discard, "草稿已删去", to=url_for(".index"))


@bp.post("/<public_id>/attach")
@needs(Power.NOTICES_PUBLISH)
def attach(public_id: str) -> AnyResponse:
    """Add a file to a draft."""
    form = AttachForm()
    try:
        form.require_valid()
        if not form.upload.data:
            raise Invalid({"upload": "请选择要添加的文件"})
        with changing(form.once.data) as change:
            notice = queries.managed_notice(publishing(), change.session, public_id, lock=True)
            attachments.attach(change, notice, form.upload.data.filename or "", form.upload.data.stream)
            change.outcome = url_for(".show", public_id=public_id)
    except Invalid as problem:
        form.blame(problem)
        return shown(public_id, attach_form=form, status=422)
    return see(change.outcome, "附件已添加")


@bp.post("/<public_id>/files/<file_id>/remove")
@needs(Power.NOTICES_PUBLISH)
def detach(public_id: str, file_id: str) -> AnyResponse:
    """Take a file off a draft."""
    with changing() as change:
        notice = queries.managed_notice(publishing(), change.session, public_id, lock=True)
        attachments.detach(change, notice, file_id)
    return see(url_for(".show", public_id=public_id), "附件已移除")


@bp.get("/<public_id>/files/<file_id>")
@needs(Power.NOTICES_PUBLISH)
def attachment(public_id: str, file_id: str) -> AnyResponse:
    """One attachment, for its publisher."""
    session = work().session
    return download(attachments.one(session, queries.managed_notice(publishing(), session, public_id), file_id))


def _act(public_id: str, operation: Any, message: str, *, to: str | None = None) -> AnyResponse:
    form = ActForm()
    if not form.validate_on_submit():
        return shown(public_id, status=422)
    with changing(form.once.data) as change:
        notice = queries.managed_notice(publishing(), change.session, public_id, lock=True)
        operation(change, notice, version=form.version.data or 0)
        change.outcome = to or url_for(".show", public_id=public_id)
    return see(change.outcome, message)


def publishing() -> Any:
    """Where the viewer may publish."""
    return me().scope(Power.NOTICES_PUBLISH)


def _form(notice: Notice | None = None) -> NoticeForm:
    """The form, with the organisations this viewer may issue for and aim at."""
    session = work().session
    issuers = [(p.organisation_public_id, p.organisation_name) for p in me().posts_with(Power.NOTICES_PUBLISH)]
    targets = [(pid, "　" * level + name) for pid, name, level in queries.targets(publishing(), session)]
    named = queries.place_ids(session, notice) if notice else None
    return NoticeForm.offering(issuers, targets or issuers, notice=notice, named=named)


def _editor(form: NoticeForm, notice: Notice | None, *, status: int = 200, kept: Notice | None = None) -> AnyResponse:
    return page(
        "tuanwutong/notices/edit.html",
        form=form,
        notice=notice,
        kept=kept,
        status=status,
    )


def shown(
    public_id: str,
    *,
    publish_form: PublishForm | None = None,
    withdraw_form: WithdrawForm | None = None,
    attach_form: AttachForm | None = None,
    image_form: ImageForm | None = None,
    status: int = 200,
) -> AnyResponse:
    """The page a notice is prepared on, with the form that did not go through, if any."""
    unit = work()
    notice = queries.managed_notice(publishing(), unit.session, public_id)
    public = notice.audience is Audience.PORTAL
    seen = None
    if notice.published_at and not public:
        seen = queries.reading(publishing(), unit.session, notice, unit.today)
    pictures = images.of(unit.session, notice)
    return page(
        "tuanwutong/notices/show.html",
        notice=notice,
        may={event.value for event in events_of(notice.state)},
        state_name=STATE_NAMES[notice.state],
        reading=seen,
        public=public,
        places=queries.place_names(unit.session, notice),
        publish_form=publish_form or PublishForm(version=notice.version),
        withdraw_form=withdraw_form or WithdrawForm(version=notice.version),
        attach_form=attach_form or AttachForm(version=notice.version),
        category=BY_KEY[notice.category],
        images=pictures,
        lost=lost_places(notice.body_html, pictures),
        image_form=image_form or ImageForm(formdata=None),
        act_form=ActForm(formdata=None, version=notice.version),
        status=status,
        **content(unit.session, notice, pictures),
    )
