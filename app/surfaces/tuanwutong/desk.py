"""Today's jobs first, then the figures of the acting post's subtree."""

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import staff
from app.kernel.access.powers import Power
from app.kernel.errors import Invalid, NotFound
from app.league.accounts import sessions
from app.league.organisations import history, overview, queries
from app.surfaces.tuanwutong import today
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see

bp = Blueprint("desk", __name__, url_prefix="/twt")


@bp.get("")
@staff
def index() -> Response:
    """工作台."""
    here, who = work(), overview.acting(me())
    figures = overview.figures(here, who)
    scope, post = who.scope(Power.ORGANISATIONS_READ), who.acting
    children, trends = [], {}
    if post and scope and figures is not None:
        place = queries.by_public_id(scope, here.session, post.organisation_public_id)
        children = overview.children(here, scope, place)
        trends = history.trends(scope, here.session, place, figures, here.today)
    jobs = overview.jobs(here, who)
    return page(
        "tuanwutong/desk.html",
        jobs=jobs,
        cards=today.cards(jobs, post, here.now),
        figures=figures,
        trends=trends,
        children=children,
        post=post,
        may_read_files=who.has(Power.PEOPLE_READ),
        may_see_tree=who.has(Power.ORGANISATIONS_READ),
    )


@bp.post("/act-under")
@staff
def act_under() -> AnyResponse:
    """The organisation switch: which of one's own posts the desk shows."""
    chosen = request.form.get("appointment", "")
    if not chosen:
        raise Invalid("请选择一个岗位")
    post = next((post for post in me().posts if post.public_id == chosen), None)
    session_id = me().session_id
    if post is None or session_id is None:
        raise NotFound
    with changing() as change:
        sessions.act_under(change, session_id, post.appointment_id)
    return see(url_for(".index"), f"现在以{post.organisation_name}的身份工作")
