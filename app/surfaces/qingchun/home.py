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
SENTENCES = {
    RequestState.SUBMITTED: ("申请已提交，正在审核，有结果会发消息告诉您。", "看进度"),
    RequestState.RETURNED: ("有几处要请您补正，改好就能继续。", "去补正"),
    RequestState.APPROVED: ("档案已经建好。", "看我的档案"),
    RequestState.REJECTED: ("上次的申请没有通过，看看原因，可以再申请。", "看原因"),
    RequestState.WITHDRAWN: ("您撤回了申请，随时可以再申请。", "再申请"),
    RequestState.LAPSED: ("上次的申请过了补正期限，可以再申请。", "再申请"),
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
        state=_bar(request),
        next=_next(request, begun),
        tasks=_tasks(unit, request, begun),
        latest=messages.inbox(unit, me().account_id, size=LATEST),
        unread_notices=unread_count(unit),
    )


def _has_file(request: JoinRequest | None) -> bool:
    return me().person_id is not None or (request is not None and request.state is RequestState.APPROVED)


def _address(request: JoinRequest) -> str:
    if request.state is RequestState.RETURNED:
        return url_for("application_progress.fix")
    if request.state is RequestState.APPROVED:
        return url_for("my_file.index")
    if request.state in (RequestState.WITHDRAWN, RequestState.LAPSED):
        return url_for("application.index")
    return url_for("application_progress.show")


def _bar(request: JoinRequest | None) -> dict[str, str] | None:
    if request is None or request.state not in (RequestState.SUBMITTED, RequestState.RETURNED):
        return None
    tone = {"look": "look"}.get(TONES[request.state], "")
    text = f"入档申请 {request.reference}：{NAMES[request.state]}"
    return {"text": text, "tone": tone, "url": _address(request), "link": SENTENCES[request.state][1]}


def _next(request: JoinRequest | None, begun: bool) -> Next:
    if request is not None and not (me().person_id and request.state is not RequestState.APPROVED):
        text, link = SENTENCES[request.state]
        return Next(text, link, _address(request))
    if me().person_id is not None:
        return Next("档案已经建好。", "看我的档案", url_for("my_file.index"))
    if begun:
        return Next("上次填到一半，都保存着，接着填就行。", "接着填", url_for("application.index"))
    return Next("账号建好了。下一步，找到你的团支部，申请入档。", "开始申请", url_for("application.index"))


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
