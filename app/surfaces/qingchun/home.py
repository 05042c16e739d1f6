"""A youth's home: what is left to do, with the application always in view."""

from dataclasses import dataclass

from flask import Blueprint, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import own
from app.kernel.work import Work
from app.league.accounts import messages
from app.league.joining import drafts
from app.league.joining import own as applications
from app.league.joining.models import JoinRequest, RequestState
from app.league.joining.states import NAMES
from app.league.notices.queries import unread_count
from app.surfaces.qingchun.state import SENTENCES, address, bar
from app.surfaces.web.house import me, work
from app.surfaces.web.pages import page

bp = Blueprint("my_home", __name__, url_prefix="/jia")
LATEST = 3
TONES = {
    RequestState.SUBMITTED: "wait",
    RequestState.RETURNED: "look",
    RequestState.APPROVED: "good",
    RequestState.REJECTED: "stop",
    RequestState.WITHDRAWN: "",
    RequestState.LAPSED: "stop",
}


@dataclass(frozen=True)
class Task:
    """One line of the list."""

    title: str
    state: str
    tone: str
    url: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Next:
    """The one thing to do now."""

    text: str
    link: str = ""
    url: str | None = None


@bp.get("")
@own
def index() -> AnyResponse:
    """Y12: the task list; when all is done, messages and notices."""
    unit = work()
    request = applications.latest(unit, me().account_id)
    begun = request is None and bool(drafts.load(unit, me().account_id).typed)
    return page(
        "qingchun/home.html",
        state=bar(request),
        next=_next(request, begun),
        tasks=_tasks(unit, request, begun),
        latest=messages.inbox(unit, me().account_id, size=LATEST),
        unread_notices=unread_count(unit),
    )


def _has_file(request: JoinRequest | None) -> bool:
    return me().person_id is not None or (request is not None and request.state is RequestState.APPROVED)


def _next(request: JoinRequest | None, begun: bool) -> Next:
    if request is not None and not (me().person_id and request.state is not RequestState.APPROVED):
        text, link = SENTENCES[request.state]
        return Next(text, link, address(request))
    if me().person_id is not None:
        return Next("档案已经建好。", "看我的档案", url_for("my_file.index"))
    if begun:
        return Next("上次填到一半，都保存着，接着填就行。", "接着填", url_for("application.index"))
    return Next("账号建好了。下一步，找到您的团支部，申请入档。", "开始申请", url_for("application.index"))


def _tasks(unit: Work, request: JoinRequest | None, begun: bool) -> list[Task]:
    filed = _has_file(request)
    tasks = [Task("建立账号", "已完成", "good")]
    if request is None:
        states = ("已完成", "good") if filed else ("填了一部分", "wait") if begun else ("还没有开始", "")
        tasks.append(Task("找到团支部，申请入档", *states, url=None if filed else url_for("application.index")))
    else:
        place = applications.place_of(unit, request).name
        state = NAMES[request.state]
        note = f"{place}，受理号 {request.reference}"
        tasks.append(Task("入档申请", state, TONES[request.state], url_for("application_progress.show"), note))
    done = ("已建好", "good") if filed else ("审核通过后建立", "")
    tasks.append(Task("我的电子档案", *done, url=url_for("my_file.index") if filed else None))
    return tasks
