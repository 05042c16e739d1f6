"""The portal's front page and the pages every government site has."""

from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import public
from app.league.notices import portal as news
from app.league.organisations import queries as organisations
from app.league.organisations.coverage import public_coverage, public_figures
from app.surfaces.portal import coverage_map
from app.surfaces.portal.caching import keep_a_minute
from app.surfaces.portal.help_texts import ANSWERS, find
from app.surfaces.web.forms import Form
from app.surfaces.web.house import house, work
from app.surfaces.web.pages import local_target, page, see
from app.surfaces.web.replica import reading
from app.surfaces.web.static_files import static_url

bp = Blueprint("home", __name__)
bp.after_request(keep_a_minute)


@bp.get("/")
@public("门户首页")
def index() -> AnyResponse:
    """Reach one of: 我要入册, 我是团干, 查进度, 办事帮助; then the news. What does not exist yet is absent."""
    unit = work()
    front = news.front(unit.session, unit.now)
    return page("portal/home.html", front=front, figures=public_figures(reading().session), answers=ANSWERS[:5])


@bp.get("/search")
@public("站内搜索")
def search() -> AnyResponse:
    """One box over notices, organisations and help."""
    words = request.args.get("q", "").strip()[:50]
    session = work().session
    found: dict[str, Any] = {
        "rows": news.listed(session, words=words, size=10) if words else [],
        "organisations": organisations.search_public(session, words, limit=10) if words else [],
        "answers": find(words) if words else [],
    }
    return page("portal/search.html", "portal/_found.html", q=words, search_text=words, **found)


@bp.get("/orgs")
@public("团组织一览")
def organisations_index() -> AnyResponse:
    """The province's committees and how far each has come."""
    return _level(None)


@bp.get("/orgs/<public_id>")
@public("团组织一览")
def organisations_below(public_id: str) -> AnyResponse:
    """The committees below one."""
    return _level(public_id)


@bp.get("/help")
@public("帮助")
def help_page() -> AnyResponse:
    """Questions and answers, and whom to ask."""
    return page("portal/help.html", answers=ANSWERS)


@bp.get("/privacy")
@public("隐私与儿童规则")
def privacy() -> AnyResponse:
    """What is kept, why, how long, and one's rights."""
    return page("portal/privacy.html")


@bp.route("/a11y", methods=["GET", "POST"])
@public("无障碍说明与大字版")
def accessibility() -> AnyResponse:
    """Switch the size of text; read the statement."""
    form = Form()
    if form.validate_on_submit():
        size = "large" if request.form.get("size") == "large" else "normal"
        response = see(local_target(request.form.get("back"), url_for(".accessibility")))
        response.set_cookie(
            "text", size, max_age=31536000, samesite="Lax", httponly=True, secure=house().settings.secure_cookies
        )
        return response
    return page("portal/accessibility.html", form=form)


@bp.get("/sitemap")
@public("网站地图")
def sitemap() -> AnyResponse:
    """Every public page."""
    return page("portal/sitemap.html", rows=news.listed(work().session, size=50))


@bp.get("/status")
@public("运行状态")
def status() -> AnyResponse:
    """Whether it is us: answers as soon as the database does."""
    response = make_response(page("portal/status.html", figures=public_figures(work().session)))
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/out")
@public("离开本站的提示")
def leaving() -> AnyResponse:
    """Say where a link of a notice leads, before it does."""
    address = request.args.get("to", "")
    good = address.startswith(("http://", "https://")) and len(address) <= 2000
    return page("portal/leaving.html", address=address if good else None, status=200 if good else 400)


@bp.get("/favicon.ico")
@public("图标")
def favicon() -> AnyResponse:
    """Where browsers look for the icon."""
    return redirect(static_url("favicon.svg"), 301)


def _level(public_id: str | None) -> AnyResponse:
    session = reading().session
    rows = public_coverage(session, public_id)
    here = organisations.find_open(session, public_id) if public_id else None
    chain = organisations.ancestors(session, here.path) if here else []
    cities = None if here else coverage_map.of(rows)
    return page(
        "portal/organisations.html", "portal/_organisations.html", rows=rows, here=here, chain=chain, map=cities
    )
