"""Registration from an app: the code, its proof, the account; a child's account waits for the guardian."""

from datetime import date, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from app.kernel.access.gates import public
from app.kernel.clock import age_on
from app.kernel.errors import Invalid
from app.league.accounts import consents, guardians, operations, sms, tickets
from app.league.people.facts import clean_phone
from app.surfaces.api import replies
from app.surfaces.api.operation import operation
from app.surfaces.api.signing_in import DeviceName, Password, Phone, Token, enter
from app.surfaces.web.house import work

TAG = "注册"
PURPOSE, TICKET = "register", "app-registration"
HALF_AN_HOUR = timedelta(minutes=30)
OLD_TICKET = "这一步隔得太久了，请重新获取验证码"
Name = Annotated[str, Meta(max_length=100, examples=["林晓春"])]
Day = Annotated[str, Meta(max_length=40, examples=["2006-05-17"])]
Purpose = Literal["terms", "sensitive"]


class PhoneOnly(Struct, frozen=True, forbid_unknown_fields=True):
    """要注册的手机号。"""

    phone: Phone


class CodeSent(Struct, frozen=True):
    """不论这个号码能不能注册，回答都一样。"""

    expires_in: int


class PhoneAndCode(Struct, frozen=True, forbid_unknown_fields=True):
    """手机号和收到的验证码。"""

    phone: Phone
    code: Annotated[str, Meta(max_length=20, examples=["123456"])]


class Proof(Struct, frozen=True):
    """手机号核实过的凭据，半小时内有效。"""

    ticket: str
    expires_in: int


class Text(Struct, frozen=True):
    """要征求同意的一段说明。"""

    purpose: str
    label: str
    body: list[str]


class Texts(Struct, frozen=True):
    """注册前要给本人看的全部说明；guardian 表示未满 14 周岁，要监护人决定。"""

    version: str
    guardian: bool
    items: list[Text]


class BornOn(Struct, frozen=True, forbid_unknown_fields=True):
    """出生日期。"""

    birth_date: date


class Guardian(Struct, frozen=True, forbid_unknown_fields=True):
    """监护人的姓名和手机号。"""

    name: Name
    phone: Phone


class Registration(Struct, frozen=True, forbid_unknown_fields=True):
    """注册。满 14 周岁的人在 agreed 里写明同意的两项说明；未满的填写 guardian。"""

    ticket: Annotated[str, Meta(max_length=2000)]
    name: Name
    birth_date: Day
    password: Password
    device: DeviceName
    agreed: Annotated[list[Purpose], Meta(max_length=2)] = []
    guardian: Guardian | None = None


class Registered(Struct, frozen=True):
    """注册好了。未满 14 周岁的没有 token，要等监护人同意。"""

    waits_for_guardian: bool
    token: str
    id: str = ""


@operation("POST", "/registration/codes", "发送注册验证码", tag=TAG, status=202, example={"phone": "13900001234"})
@public("注册")
def send_code(body: PhoneOnly) -> CodeSent:
    """The answer is the same whether the phone has an account or not."""
    number = _phone(body.phone)
    with replies.one_effect() as change:
        operations.ask_for_registration(change, number)
        change.answer = CodeSent(int(sms.LIFE.total_seconds()))
    answer: CodeSent = change.answer
    return answer


@operation(
    "POST", "/registration/proofs", "核对验证码", tag=TAG, status=201,
    example={"phone": "13900001234", "code": "123456"},
)  # fmt: skip
@public("注册")
def prove_phone(body: PhoneAndCode) -> Proof:
    """A right code is used up by this, a wrong one is counted."""
    number = _phone(body.phone)
    with replies.one_effect() as change:
        if sms.check_code(change, number, PURPOSE, body.code):
            note = tickets.write(change, TICKET, {"phone": number}, HALF_AN_HOUR)
            change.answer = Proof(note, int(HALF_AN_HOUR.total_seconds()))
    if change.answer is None:
        raise Invalid({"code": sms.WRONG})
    answer: Proof = change.answer
    return answer


@operation("GET", "/registration/texts", "注册前的说明", tag=TAG)
@public("注册")
def registration_texts(query: BornOn) -> Texts:
    """What somebody born on that day is asked to agree to, or whose guardian is."""
    today = work().today
    child = operations.needs_guardian(query.birth_date, today)
    texts = (consents.GUARDIAN,) if child else consents.texts_for(age_on(query.birth_date, today))
    return Texts(consents.VERSION, child, [Text(text.purpose, text.label, list(text.body)) for text in texts])


@operation(
    "POST", "/registrations", "注册", tag=TAG, status=201,
    example={
        "ticket": "v1.k1.…", "name": "林晓春", "birth_date": "2006-05-17", "password": "春天的路灯一直亮着",
        "device": "小林的手机", "agreed": ["terms", "sensitive"],
    },
)  # fmt: skip
@public("注册")
def register(body: Registration) -> Registered:
    """Make the account and sign in; a child's account waits for the guardian."""
    unit = work()
    ticket = tickets.read(unit, TICKET, body.ticket)
    if ticket is None:
        raise Invalid({"ticket": OLD_TICKET})
    name, born = operations.read_about(body.name, body.birth_date, unit.today)
    guardian = _guardian(body, born, ticket["phone"])
    kept = operations.choose_password(unit, body.password, name=name, phone=ticket["phone"], birth_date=born)
    with replies.one_effect() as change:
        age = age_on(born, change.today)
        account = operations.register(
            change, phone=ticket["phone"], password_hash=kept, name=name, birth_date=born,
            agreed=() if guardian else consents.texts_for(age),
        )  # fmt: skip
        if guardian:
            guardians.ask(change, account, *guardian)
            change.answer = Registered(waits_for_guardian=True, token="")
        else:
            token: Token = enter(change, account, body.device, with_factor=False)
            change.answer = Registered(waits_for_guardian=False, token=token.token, id=token.id)
    answer: Registered = change.answer
    return answer


def _phone(typed: str) -> str:
    try:
        return clean_phone(typed)
    except Invalid as problem:
        raise Invalid({"phone": problem.text}) from None


def _guardian(body: Registration, born: date, phone: str) -> tuple[str, str] | None:
    """The guardian who decides for a child; None for who decides alone, having agreed. Raises Invalid."""
    if operations.needs_guardian(born, work().today):
        if body.guardian is None:
            raise Invalid({"guardian": "未满 14 周岁，请填写监护人"})
        try:
            return guardians.read_guardian(body.guardian.name, body.guardian.phone, phone)
        except Invalid as problem:
            raise Invalid(
                {name.replace("guardian_", "guardian."): text for name, text in problem.errors.items()}
            ) from None
    if missing := {"terms", "sensitive"} - set(body.agreed):
        raise Invalid({"agreed": f"还没有同意：{'、'.join(consents.NAMES[name] for name in sorted(missing))}"})
    return None
