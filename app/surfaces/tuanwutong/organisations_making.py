"""Making organisations, one or many by a pasted list, and renaming one."""

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.errors import Conflict, Invalid
from app.league.organisations import batches, names, operations, pasting, queries
from app.league.organisations.models import Kind, Organisation
from app.league.organisations.rules import KIND_NAMES, MAY_STAND_UNDER
from app.surfaces.tuanwutong.organisations import bp
from app.surfaces.web.forms import OnceForm, WholeNumberField, filled
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see
from app.surfaces.web.sheets import sheet

LINES_SHOWN = 200


class NewForm(OnceForm):
    """One new organisation."""

    kind = SelectField("类别", validators=[filled("请选择类别")])
    name = StringField("名称", validators=[filled("请填写名称")])
    expected_members = WholeNumberField("应有人数", validators=[Optional()])


class PasteForm(OnceForm):
    """Many, one name per line."""

    kind = SelectField("类别", validators=[filled("请选择类别")])
    names = TextAreaField("名称", validators=[filled("请粘贴名称，每行一个")])
    step = StringField()


class RenameForm(OnceForm):
    """Another name."""

    name = StringField("新名称", validators=[filled("请填写名称")])
    version = HiddenField(validators=[InputRequired("请从团组织页面重新打开")])


@bp.route("/<public_id>/new", methods=["GET", "POST"])
@needs(Power.ORGANISATIONS_CREATE)
def new(public_id: str) -> AnyResponse:
    """新建下级."""
    scope = me().scope(Power.ORGANISATIONS_CREATE)
    parent = queries.by_public_id(scope, work().session, public_id)
    form = NewForm()
    _offer_kinds(form.kind, parent)
    if not form.is_submitted():
        return _new_page(form, parent)
    if not form.validate():
        return _new_page(form, parent, 422)
    try:
        with changing(form.once.data) as change:
            parent = queries.by_public_id(scope, change.session, public_id)
            row = operations.create(
                change, parent, Kind(form.kind.data), form.name.data, expected_members=form.expected_members.data or 0
            )
            change.outcome = url_for(".show", public_id=row.public_id)
            said = f"已新建{row.name}"
    except Invalid as problem:
        form.blame(problem)
        return _new_page(form, parent, 422)
    return see(change.outcome, said)


@bp.route("/<public_id>/paste", methods=["GET", "POST"])
@needs(Power.ORGANISATIONS_CREATE)
def paste(public_id: str) -> AnyResponse:
    """批量新建: paste, look, then make."""
    scope = me().scope(Power.ORGANISATIONS_CREATE)
    session = work().session
    parent = queries.by_public_id(scope, session, public_id)
    form = PasteForm()
    _offer_kinds(form.kind, parent)
    if not form.is_submitted():
        form.kind.data = form.kind.choices[-1][0] if form.kind.choices else None
        return _paste_page(form, parent, [])
    lines: list[pasting.Line] = []
    if not form.validate():
        return _paste_page(form, parent, lines, 422)
    try:
        lines = pasting.read(form.names.data, set(queries.names_below(session, parent)))
        if form.step.data != "commit":
            return _paste_page(form, parent, lines)
        with changing(form.once.data) as change:
            parent = queries.by_public_id(scope, change.session, public_id)
            if len(lines) > batches.LONG:
                job = batches.leave(change, parent, Kind(form.kind.data), form.names.data)
                change.outcome = url_for("tasks.show", public_id=job.public_id)
            else:
                batch = batches.make(change, parent, Kind(form.kind.data), form.names.data)
                change.outcome = url_for(".pasted", public_id=public_id, batch_id=batch.public_id)
    except Invalid as problem:
        form.blame(problem)
        return _paste_page(form, parent, lines, 422)
    return see(change.outcome)


@bp.get("/<public_id>/pasted/<batch_id>")
@needs(Power.ORGANISATIONS_CREATE)
def pasted(public_id: str, batch_id: str) -> Response:
    """What became of each pasted line."""
    return _batch_page("tuanwutong/organisations/pasted.html", public_id, batch_id)


@bp.get("/<public_id>/pasted/<batch_id>/problems.csv")
@needs(Power.ORGANISATIONS_CREATE)
def pasted_problems(public_id: str, batch_id: str) -> Response:
    """The lines that were not made, with the reason: to mend in a sheet and paste again."""
    scope, session = me().scope(Power.ORGANISATIONS_CREATE), work().session
    parent = queries.by_public_id(scope, session, public_id)
    batch = batches.by_public_id(scope, session, parent, batch_id)
    rows = [(line["name"], line["expected"] or "", line["fault"]) for line in batch.lines if not line["made"]]
    return sheet("problems.csv", ("名称", "应有人数", "问题"), rows)


@bp.get("/<public_id>/pasted/<batch_id>/sheet")
@needs(Power.ORGANISATIONS_CREATE)
def pasted_sheet(public_id: str, batch_id: str) -> Response:
    """A sheet to print: one strip for each new organisation, to cut and hand out."""
    return _batch_page("tuanwutong/organisations/pasted_sheet.html", public_id, batch_id)


def _batch_page(template: str, public_id: str, batch_id: str) -> Response:
    scope, session = me().scope(Power.ORGANISATIONS_CREATE), work().session
    parent = queries.by_public_id(scope, session, public_id)
    batch = batches.by_public_id(scope, session, parent, batch_id)
    number = request.args.get("after", "0")
    after = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    return page(
        template,
        parent=parent,
        batch=batch,
        lines=batch.lines[after : after + LINES_SHOWN],
        more=after + LINES_SHOWN if len(batch.lines) > after + LINES_SHOWN else None,
        rows=batches.made_now(scope, session, batch),
        kind_name=KIND_NAMES[batch.kind],
        where_from=" › ".join(up.name for up in queries.chain(session, parent.path)[1:]),
        site=request.host,
    )


@bp.route("/<public_id>/rename", methods=["GET", "POST"])
@needs(Power.ORGANISATIONS_RENAME)
def rename(public_id: str) -> AnyResponse:
    """改名."""
    scope = me().scope(Power.ORGANISATIONS_RENAME)
    row = queries.by_public_id(scope, work().session, public_id)
    form = RenameForm()
    if not form.is_submitted():
        form.name.data, form.version.data = row.name, row.version
        return _rename_page(form, row)
    if not form.validate():
        return _rename_page(form, row, 422)
    try:
        with changing(form.once.data) as change:
            row = queries.by_public_id(scope, change.session, public_id)
            operations.rename(change, row, form.name.data, version=version_of(form.version.data))
            change.outcome = url_for(".show", public_id=public_id)
    except Invalid as problem:
        form.blame(problem)
        return _rename_page(form, _again(public_id), 422)
    except Conflict as problem:
        row = _again(public_id)
        form.version.data = row.version
        form.version.raw_data = None
        return _rename_page(form, row, 409, problem.text)
    return see(change.outcome, "名称已修改，下级的全称也一起更新了")


def version_of(carried: str | int | None) -> int:
    """The version a form carried; one that is no number fits nothing."""
    typed = str(carried or "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1


def _again(public_id: str) -> Organisation:
    session = work().session
    session.expire_all()
    return queries.by_public_id(me().scope(Power.ORGANISATIONS_READ), session, public_id)


def _offer_kinds(field: SelectField, parent: Organisation) -> None:
    field.choices = [(kind.value, KIND_NAMES[kind]) for kind in MAY_STAND_UNDER[parent.kind]]


def _new_page(form: NewForm, parent: Organisation, status: int = 200) -> Response:
    return page("tuanwutong/organisations/new.html", form=form, parent=parent, status=status)


def _paste_page(form: PasteForm, parent: Organisation, lines: list[pasting.Line], status: int = 200) -> Response:
    good = sum(not line.fault for line in lines)
    return page("tuanwutong/organisations/paste.html", form=form, parent=parent, lines=lines, good=good, status=status)


def _rename_page(form: RenameForm, row: Organisation, status: int = 200, problem: str = "") -> Response:
    session = work().session
    return page(
        "tuanwutong/organisations/rename.html",
        form=form,
        organisation=row,
        below=queries.parents_with_children(session, [row.id]),
        problem=problem,
        last=queries.last_change(session, row) if problem else None,
        most=names.MAX_NAME,
        status=status,
    )
