"""The application's state, in view on every page of its owner."""

from flask import request, url_for

from app.league.joining import own as applications
from app.league.joining.models import JoinRequest, RequestState
from app.league.joining.states import NAMES
from app.surfaces.web.house import viewer, work

SENTENCES = {
    RequestState.SUBMITTED: ("申请已提交，正在审核，有结果会发消息告诉您。", "看进度"),
    RequestState.RETURNED: ("有几处要请您补正，改好就能继续。", "去补正"),
    RequestState.APPROVED: ("档案已经建好。", "看我的档案"),
    RequestState.REJECTED: ("上次的申请没有通过，看看原因，可以再申请。", "看原因"),
    RequestState.WITHDRAWN: ("您撤回了申请，随时可以再申请。", "再申请"),
    RequestState.LAPSED: ("上次的申请过了补正期限，可以再申请。", "再申请"),
}
"""State → what it means for the youth, and the words of the one thing to do."""


def address(application: JoinRequest) -> str:
    """Where the one thing to do about ``application`` is done."""
    if application.state is RequestState.RETURNED:
        return url_for("application_progress.fix")
    if application.state is RequestState.APPROVED:
        return url_for("my_file.index")
    if application.state in (RequestState.WITHDRAWN, RequestState.LAPSED):
        return url_for("application.index")
    return url_for("application_progress.show")


def bar(application: JoinRequest | None) -> dict[str, str] | None:
    """The bar under the head while ``application`` is under way; without a link on the page the link leads to."""
    if application is None or application.state not in (RequestState.SUBMITTED, RequestState.RETURNED):
        return None
    tone = "look" if application.state is RequestState.RETURNED else ""
    url = address(application)
    said = {"text": f"入档申请 {application.reference}：{NAMES[application.state]}", "tone": tone}
    return said if url == request.path else said | {"url": url, "link": SENTENCES[application.state][1]}


def my_request() -> dict[str, str] | None:
    """The bar for whoever is signed in; asked by the layout of pages that do not say it themselves. One statement."""
    who = viewer()
    return bar(applications.latest(work(), who.account_id)) if who else None
