"""班级认证码 in the app: six digits find one's class, and it is pointed at; a link or a QR names it."""

from typing import Annotated

from msgspec import Meta, Struct

from app.kernel.access.gates import own
from app.kernel.errors import Invalid, NotFound
from app.league.codes import guessing, queries
from app.league.codes.guessing import Answer, Said
from app.league.joining import drafts
from app.league.organisations.models import Organisation as Branch
from app.league.organisations.models import OrganisationStatus
from app.surfaces.api import replies
from app.surfaces.api.drafts import TAG, Draft, check_open, shown
from app.surfaces.api.operation import Link, operation
from app.surfaces.api.organisations import Organisation
from app.surfaces.api.organisations import shown as shown_place
from app.surfaces.web.house import Change, me
from app.surfaces.web.problems import Kind


class ClassCode(Struct, frozen=True, forbid_unknown_fields=True):
    """团支书给的 6 位数字。"""

    code: Annotated[str, Meta(max_length=20, examples=["491152"])]


class ClassChoices(Struct, frozen=True):
    """五个班，自己的班可能在里面；选好后和 note 一起发回。"""

    note: str
    items: list[Organisation]


class ClassChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """选的是哪个班。"""

    note: Annotated[str, Meta(max_length=1000)]
    organisation: Annotated[str, Meta(max_length=40)]


class Invitation(Struct, frozen=True, forbid_unknown_fields=True):
    """邀请链接或二维码里的字母。"""

    token: Annotated[str, Meta(max_length=40)]


@operation(
    "POST", "/draft/class-codes", "输入班级认证码", tag=TAG, example={"code": "491152"},
    links=(
        Link(
            "choose_class",
            body={"note": "$response.body#/note", "organisation": "$response.body#/items/0/id"},
        ),
    ),
)  # fmt: skip
@own
def enter_class_code(body: ClassCode) -> ClassChoices:
    """Five classes for whatever is typed, so that no answer tells whether a code is in use. A try counts."""
    code = guessing.digits(body.code)
    if not code:
        raise Invalid({"code": guessing.MALFORMED})
    with replies.one_effect() as change:
        check_open(change)
        found = guessing.enter(change, code, _person())
        if found.said is Said.CHOOSE:
            change.answer = ClassChoices(found.note, [shown_place(place) for place in found.places])
    if change.answer is None:
        raise _sorry(found)
    answer: ClassChoices = change.answer
    return answer


@operation(
    "POST", "/draft/class-choice", "选自己的班级", tag=TAG,
    example={"note": "v1.k1.…", "organisation": "4tq9Yb2vQm7nXk3wRz8aLg"},
)  # fmt: skip
@own
def choose_class(body: ClassChoice) -> Draft:
    """The right one goes into the draft; a wrong one counts."""
    with replies.one_effect() as change:
        check_open(change)
        found = guessing.choose(change, body.note, body.organisation, _person())
        if found.said is Said.RIGHT:
            change.answer = _taken(change, queries.by_token(change.session, found.token)[1])
    if change.answer is None:
        raise _sorry(found)
    answer: Draft = change.answer
    return answer


@operation("POST", "/draft/invitation", "接受班级邀请", tag=TAG, also=(404,), example={"token": "h7k2mq9xw4pt3nbd"})
@own
def take_invitation(body: Invitation) -> Draft:
    """The class that a link or a QR names goes into the draft."""
    with replies.one_effect() as change:
        check_open(change)
        row, branch = queries.by_token(change.session, body.token)
        found = guessing.look(change, row, branch)
        if found.said is not Said.RIGHT:
            raise _sorry(found)
        change.answer = _taken(change, branch)
    answer: Draft = change.answer
    return answer


def _taken(change: Change, branch: Branch) -> Draft:
    if branch.status is not OrganisationStatus.OPEN:
        raise NotFound
    contents = drafts.load(change, me().account_id)
    typed = {"organisation": branch.public_id, "statement": contents.typed.get("statement", "")}
    return shown(drafts.keep(change, me().account_id, "place", typed, version=contents.version("place")))


def _person() -> str:
    """What stands for who tries codes, the same as on the pages."""
    return f"account:{me().account_id}"


def _sorry(found: Answer) -> Kind:
    return Kind(422, f"class-code-{found.said.value.replace('_', '-')}", found.text, {"code": found.text})
