"""What is as long, as deep, as rare or as many as it may be: laid out, not assumed."""

from collections.abc import Mapping
from typing import Any

from app.league.joining import reasons
from app.league.joining.models import Decision, JoinRequest, Lane, RequestState, Verdict
from app.league.notices.models import Audience
from app.league.organisations import counters
from app.league.organisations.models import Kind, Organisation
from app.league.people.facts import name_columns
from tests import factories as make
from tests.gallery.inventory import Scene, Visit
from tests.gallery.stage import Stage
from tests.organisations.truth import person

LONGEST_NAME = "阿卜杜热西提·买买提艾力·吐尔逊尼亚孜·阿布都克热木·古丽米热·帕提古丽·麦合木提江·艾山江·艾力·"
"""Fifty characters: what a file takes."""
RARE_NAME = "\U00020bb7\U0002b81e\U00030000\U00031350"
"""One character each of the extensions B, D, G and H; most systems draw boxes, and all must keep their places."""
CLASS = (
    "2026级铁道交通运营管理（城市轨道交通方向·校企联合培养·三加二分段）专业第一百二十八教学班团支部（含实习与顶岗学生）"
)
COLLEGE = "交通运输与现代物流工程学院团总支（含继续教育与国际交流合作办学各系）"
LEVELS = 4
"""Committees between the school and its branch: with province, city and school that is a path of eight."""
MEMBERS = 300
TITLE = "关于在全省各级团组织中开展电子档案信息核对、更正与补录工作并于年内完成全部团支部成员身份核验的补充通知"
WORDS = "请对照身份证和团员证，把这几项逐字核对一遍；照片要看得清四个角。"


def _longest(name: str, length: int) -> str:
    return (name * (length // len(name) + 1))[:length]


def _deep(stage: Stage) -> Organisation:
    """A branch eight levels down, with the longest class name."""
    place = stage.world.school_s
    path = place.full_name
    for number in range(LEVELS):
        name = f"{COLLEGE}{number + 1}"
        path = f"{path} · {name}"
        place = make.organisation(stage.session, Kind.COLLEGE, place, name, full_name=path[:400], in_use=True)
    full = f"{path} · {CLASS}"[:400]
    return make.organisation(stage.session, Kind.BRANCH, place, CLASS, full_name=full, in_use=True)


def _returned(stage: Stage, branch: Organisation) -> None:
    """The youth's application, sent back with the longest reason."""
    world = stage.world
    request = make.join_request(stage.session, stage.vault, branch, world.people["youth"], name=LONGEST_NAME)
    reason = _longest(WORDS, reasons.LONGEST)
    request.state, request.reason, request.decided_at = RequestState.RETURNED, reason, make.NOW
    request.decided_by_id = world.people["school_s"].id
    request.returned_fields = ["name", "native_place", "joined_league_at"]
    who = world.people["school_s"]
    stage.session.add(
        Decision(request_id=request.id, round=request.round, verdict=Verdict.RETURN, reason=reason, account_id=who.id,
                 account_name=LONGEST_NAME, decided_at=make.NOW, undo_until=make.NOW)
    )  # fmt: skip
    counters.move(stage.session, branch.path, {"pending": -1})


def _waiting(stage: Stage, branch: Organisation) -> JoinRequest:
    """An application with everything as long as it may be, and a second one of a rare name."""
    flag = {"code": "F09", "text": "姓名里有不常见的字", "evidence": LONGEST_NAME, "level": "look", "fields": ["name"]}
    far = {"native_place": _longest("新疆维吾尔自治区", 100), "joined_league_at": _longest("第一中学", 100)}
    more = {"statement": _longest(WORDS, 300), "occupation": _longest("城市轨道交通运营", 50), "flags": [flag]}
    make.join_request(stage.session, stage.vault, branch, name=RARE_NAME, lane=Lane.FLAGGED, flags=[flag])
    return make.join_request(stage.session, stage.vault, branch, name=LONGEST_NAME, lane=Lane.FLAGGED, **far | more)


def _filled(stage: Stage, branch: Organisation) -> str:
    """A branch of three hundred; the public id of a file with the longest name."""
    names = (LONGEST_NAME, RARE_NAME, "王小明", "欧阳修远")
    files = [person(stage.session, stage.vault, branch) for _ in range(MEMBERS)]
    for number, file in enumerate(files):
        for column, value in name_columns(names[number % len(names)]).items():
            setattr(file, column, value)
    stage.session.flush()
    return files[0].public_id


def prepare(stage: Stage) -> Mapping[str, Any]:
    """Lay out the extremes below the demonstration's school and on its front page."""
    world, branch = stage.world, _deep(stage)
    _returned(stage, branch)
    waiting = _waiting(stage, branch)
    title = _longest(TITLE, 120)
    notice = make.notice(
        stage.session, world.province, world.people["province"], title=title, body=_longest(WORDS, 400),
        summary=_longest(WORDS, 300), source=_longest("共青团山西省委员会宣传部", 60), category="news", pinned=True,
        audience=Audience.PORTAL, document_number=_longest("晋团发〔2026〕第一百二十八号", 64),
    )  # fmt: skip
    return {
        "branch": branch.public_id,
        "parent": stage.session.get_one(Organisation, branch.parent_id).public_id,
        "file": _filled(stage, branch),
        "request": waiting.public_id,
        "notice": notice.public_id,
    }


def _visits() -> tuple[Visit, ...]:
    staff = {
        "card": "/twt/queue/<request>",
        "return": "/twt/queue/<request>?panel=return",
        "people": "/twt/people?org=<branch>",
        "file": "/twt/people/<file>",
        "branch": "/twt/organisations/<branch>",
        "parent": "/twt/organisations/<parent>",
        "roster": "/twt/roster/<branch>",
    }
    youth = {
        "home": "/jia",
        "progress": "/jia/application",
        "fix": "/jia/application/fix",
    }
    public = {"front": "/", "notice": "/notices/<notice>", "news": "/columns/news"}
    return tuple(
        Visit(f"extremes~{name}", address, (persona,))
        for persona, pages in (("school_s", staff), ("youth", youth), ("anonymous", public))
        for name, address in pages.items()
    )


SCENE = Scene("~extremes", _visits(), prepare)
