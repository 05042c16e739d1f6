"""Y08: one's branch, by a search or by walking the tree."""

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import own
from app.kernel.errors import Invalid, NotFound, Refused
from app.league.joining import drafts, operations, places
from app.league.joining import own as mine
from app.league.joining.drafts import Contents
from app.league.joining.intake import STATEMENT_LENGTH
from app.league.joining.models import OPEN_STATES
from app.league.organisations import queries as organisations
from app.league.organisations.models import Kind, Organisation, OrganisationStatus
from app.surfaces.qingchun.application import step_url
from app.surfaces.qingchun.application_forms import PlaceForm
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see

bp = Blueprint("application_place", __name__, url_prefix="/jia/apply/place")


@bp.get("")
@own
def index() -> AnyResponse:
    """Search, or what stands below one organisation (``under``), beginning with the cities and universities."""
    here, words = work(), request.args.get("q", "").strip()[:60]
    under = request.args.get("under") or None
    above = places.find(here.session, under) if under else None
    if above is not None and above.status is not OrganisationStatus.OPEN:
        return see(url_for(".show", public_id=above.public_id))
    rows = places.search(here.session, words, under) if words else places.below(here.session, under)
    return page(
        "qingchun/application/place.html",
        "qingchun/application/_places.html",
        rows=rows, groups=[("", rows)] if words else places.by_kind(rows), words=words, under=under,
        here=above, crumbs=_crumbs(above), takes=_takes(above),
        back=_back(above), from_check=_from_check(),
    )  # fmt: skip


@bp.get("/<public_id>")
@own
def show(public_id: str) -> Response:
    """This one? Its whole chain; for a committee a word on the class is asked, for it will name the branch."""
    here = work()
    found = places.find(here.session, public_id)
    if found.status is not OrganisationStatus.OPEN:
        return _closed(found)
    if not _takes(found):
        raise NotFound
    contents = drafts.load(here, me().account_id)
    form = PlaceForm(
        data={"statement": contents.typed.get("statement", ""), "version": contents.version("place")}, formdata=None
    )
    return _confirm(found, form)


@bp.post("/<public_id>")
@own
def choose(public_id: str) -> AnyResponse:
    """Take it."""
    here = work()
    found = places.find(here.session, public_id)
    if found.status is not OrganisationStatus.OPEN:
        return _closed(found, status=409)
    if not _takes(found):
        raise NotFound
    last = mine.latest(here, me().account_id)
    if me().person_id is not None or (last is not None and last.state in OPEN_STATES):
        raise Refused("您已有申请或档案，不用再选团支部")
    form = PlaceForm()
    if not form.validate_on_submit():
        return _confirm(found, form, status=422)
    contents = drafts.load(here, me().account_id)
    try:
        typed = _judged(found, form, contents)
    except Invalid as problem:
        form.blame(problem)
        return _confirm(found, form, status=422)
    with changing() as change:
        version = drafts.load(change, me().account_id).version("place")
        kept = drafts.keep(change, me().account_id, "place", typed, version=version)
    return see(step_url(kept.next_step()))


def _judged(found: Organisation, form: PlaceForm, contents: Contents) -> dict[str, str]:
    statement = (form.statement.data or "").strip()
    if found.kind is not Kind.BRANCH and not statement:
        raise Invalid({"statement": "请写明您的学院、专业和班级，老师好为您安排支部"})
    if len(statement) > STATEMENT_LENGTH:
        raise Invalid({"statement": f"最多 {STATEMENT_LENGTH} 个字"})
    return {"organisation": found.public_id, "statement": statement or contents.typed.get("statement", "")}


def _confirm(found: Organisation, form: PlaceForm, *, status: int = 200) -> Response:
    here = work()
    parent = organisations.above(here.session, found)
    return page(
        "qingchun/application/place_confirm.html",
        form=form, status=status, place=places.places(here.session, [found])[0],
        back=url_for(".index", under=parent.public_id if parent and parent.parent_id else None),
    )  # fmt: skip


def _closed(found: Organisation, *, status: int = 200) -> Response:
    here = work()
    onward = places.successor(here.session, found)
    return page("qingchun/application/place_closed.html", name=found.name, onward=onward, status=status)


def _takes(found: Organisation | None) -> bool:
    return found is not None and found.kind in operations.PLACES


def _crumbs(above: Organisation | None) -> list[tuple[str, str]]:
    if above is None:
        return []
    rows = mine.rows_above(work(), above)
    return [(row.name, url_for(".index", under=row.public_id)) for row in rows]


def _back(above: Organisation | None) -> str:
    if above is None:
        return step_url(None) if _from_check() else url_for("application.index")
    rows = mine.rows_above(work(), above)
    return url_for(".index", under=rows[-1].public_id if rows else None)


def _from_check() -> bool:
    return request.args.get("from") == "check"
