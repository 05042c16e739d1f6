"""Entering a class code. Six digits are no secret, so a code only finds, and who guesses learns nothing.

Whatever is typed, right or wrong, five classes are shown, always the same five for the same digits, and the person
points at his own. So no answer tells whether a code is in use; nor does its time (the same statements are run), nor what
is left to a person (each try counts, not only misses), nor the look of the five (each is drawn by itself). Misses are
counted by address and branch; when many miss at once everywhere, an alarm rises and finding one's class by its name is
asked for instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import select

from app.kernel import limits
from app.kernel.access.rules import Role
from app.kernel.audit.record import record
from app.kernel.errors import TooMany
from app.kernel.work import Work
from app.league.accounts import tickets
from app.league.accounts.messages import tell
from app.league.appointments import queries as appointments
from app.league.appointments.models import Appointment
from app.league.codes import queries
from app.league.codes.models import ClassCode, CodeAlarm
from app.league.joining import places
from app.league.joining.places import Place
from app.league.organisations.models import Organisation
from app.league.people.facts import plain

SHOWN = 5
PURPOSE = "class_code"
NOTE_LIFE = timedelta(minutes=15)
ENOUGH_TRIES = 240
"""So many tries in ten minutes are judged; an attack that straddles two windows is heard within twice as many."""
MISSES_PART = 0.6
WRONG_CHOICE = 3
"""Tries that pointing at a wrong class costs: the second ends it."""
DRAWS = 128
"""Keys drawn to find five classes among all organisations, of which many are none."""
NOBODY = "nobody"
"""Whose misses are counted where nobody missed, so that it takes as long."""
ALARM_LASTS = timedelta(hours=1)
EVERYBODY = "all"


class Said(StrEnum):
    """What became of an entry."""

    CHOOSE = "choose"  # which of these is your class?
    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    FULL = "full"
    LOCKED = "locked"  # too many tries by this person, or misses from this address
    BY_NAME = "by_name"  # an alarm is on: find your class by its name


SENTENCES = {
    Said.WRONG: "认证码和班级对不上，请核对后再试",
    Said.EXPIRED: "这个认证码已经过期，请向团支书要新的",
    Said.FULL: "这个班的名额已经满了，请联系您的团支书",
    Said.LOCKED: "试的次数太多了，请直接按学校和班级查找",
    Said.BY_NAME: "现在请直接按学校和班级查找",
}
MALFORMED = "认证码是 6 位数字，请核对"


@dataclass(frozen=True)
class Answer:
    """``places``: the classes to choose from; ``note``: what the choice is sent back with; ``token``: of the right one."""

    said: Said
    places: tuple[Place, ...] = ()
    note: str = ""
    token: str = ""

    @property
    def text(self) -> str:
        """The sentence to show; "" where there is something to choose or to go on to."""
        return SENTENCES.get(self.said, "")


def digits(typed: str) -> str:
    """The six digits somebody typed, full-width ones and spaces between them too; "" when they are no code."""
    code = "".join(plain(typed).split()).replace("-", "")
    return code if len(code) == 6 and code.isascii() and code.isdigit() else ""


def enter(work: Work, code: str, person: str) -> Answer:
    """Five classes for six ``digits``, one of which is theirs if they are anybody's.

    ``person``: what stands for who asks (an openid or an account). Nothing is raised: the caller commits in any case,
    for a miss that is rolled back would be a try for nothing.
    """
    if refusal := _refused(work, person, tries=1):
        return refusal
    row = queries.by_digits(work.session, code)
    _watch(work, missed=row is None)
    _count(work, "code.address", NOBODY if row else work.address)
    shown = _five(work, code, row)
    note = tickets.write(work, PURPOSE, {"code": code, "person": person}, NOTE_LIFE)
    return Answer(Said.CHOOSE, tuple(places.places(work.session, shown)), note)


def choose(work: Work, note: str, public_id: str, person: str) -> Answer:
    """Whether the class ``public_id`` is the one of the code in ``note``; the caller commits in any case."""
    if refusal := _refused(work, person, tries=0):
        return refusal
    kept = tickets.read(work, PURPOSE, note)
    row = queries.by_digits(work.session, kept["code"]) if kept and kept["person"] == person else None
    branch = work.session.get(Organisation, row.organisation_id if row else 0)
    if row is None or branch is None or branch.public_id != public_id:
        _watch(work, missed=True)
        _count(work, "code.address", work.address)
        if not _count(work, "code.branch", branch.public_id if branch else NOBODY) and branch:
            _tell_branch(work, branch)
        left = _count(work, "code.person", person, cost=WRONG_CHOICE)
        return Answer(Said.WRONG if left else Said.LOCKED)
    _watch(work, missed=False)
    return look(work, row, branch)


def look(work: Work, row: ClassCode, branch: Organisation) -> Answer:
    """Whether ``row``, a code of ``branch``, lets anybody in now."""
    if row.ended_at is not None or row.expires_at <= work.now:
        return Answer(Said.EXPIRED)
    if queries.room(work.session, branch).full:
        return Answer(Said.FULL)
    return Answer(Said.RIGHT, token=row.token)


def alarm(work: Work) -> CodeAlarm | None:
    """The alarm that is on now."""
    query = select(CodeAlarm).where(CodeAlarm.until > work.now).order_by(CodeAlarm.id.desc()).limit(1)
    return work.session.scalars(query).first()


def _refused(work: Work, person: str, *, tries: int) -> Answer | None:
    """The answer to who may not try now; else counts the ``tries``. What is refused is everybody's miss: a siege shows."""
    moment = work.now.timestamp()
    if alarm(work) is not None:
        _watch(work, missed=True)
        return Answer(Said.BY_NAME)
    full = limits.wait(work.session, work.vault, "code.address", work.address, now=moment)
    if tries:
        full = full or not _count(work, "code.person", person, cost=tries)
    else:
        full = full or limits.wait(work.session, work.vault, "code.person", person, cost=0, now=moment)
    if full:
        _watch(work, missed=True)
        return Answer(Said.LOCKED)
    return None


def _count(work: Work, name: str, key: str, *, cost: int = 1) -> bool:
    """Count a use; False when the limit is passed."""
    try:
        limits.hit(work.session, work.vault, name, key, cost=cost, now=work.now.timestamp())
    except TooMany:
        return False
    return True


def _five(work: Work, code: str, row: ClassCode | None) -> list[Organisation]:
    """The class of the code and four others, drawn from the digits under our key, in the tree's order.

    The keys are drawn below a power of two, so that the same are drawn again when there are more organisations.
    """
    mask = (1 << queries.last_row(work.session).bit_length()) - 1
    drawn = [
        int.from_bytes(work.vault.sign("class_code", f"{code}:{n}".encode())[:8]) & mask for n in range(DRAWS)
    ]  # fmt: skip
    own = row.organisation_id if row else 0
    found = queries.open_branches(work.session, drawn, SHOWN, own)
    return sorted(found, key=lambda branch: branch.full_name)


def _watch(work: Work, *, missed: bool) -> None:
    """Count what everybody does; raise the alarm when most of many tries miss."""
    moment = work.now.timestamp()
    _count(work, "code.tries", EVERYBODY)
    _count(work, "code.misses", EVERYBODY if missed else NOBODY)
    tries = limits.used(work.session, work.vault, "code.tries", EVERYBODY, now=moment)
    misses = limits.used(work.session, work.vault, "code.misses", EVERYBODY, now=moment)
    if missed and tries >= ENOUGH_TRIES and misses > MISSES_PART * tries:
        _raise_alarm(work, tries, misses)


def _raise_alarm(work: Work, tries: int, misses: int) -> None:
    on = alarm(work)
    if on is not None:
        on.tries, on.misses = max(on.tries, tries), max(on.misses, misses)
        return
    row = CodeAlarm(raised_at=work.now, until=work.now + ALARM_LASTS, tries=tries, misses=misses)
    work.session.add(row)
    work.session.flush()
    record(work, "codes:alarm:raise", "code_alarm", str(row.id), changes={"tries": (None, tries)})
    text = f"十分钟里有人试了 {tries} 次班级认证码，大多不对。一小时内大家要先找到学校和班级，才能申请。"
    for account_id in _guards(work):
        tell(work, account_id, f"code-alarm:{row.id}:{account_id}", "有人在猜班级认证码", text)


def _guards(work: Work) -> Sequence[int]:
    """Who keeps the machine, and who leads the province."""
    query = (
        select(Appointment.account_id)
        .join(Organisation, Organisation.id == Appointment.organisation_id)
        .where(Organisation.parent_id.is_(None), Appointment.ended_at.is_(None))
        .where(Appointment.role.in_((Role.SYSTEM_ADMIN, Role.COMMITTEE_ADMIN)))
    )
    return work.session.scalars(query.distinct()).all()


def _tell_branch(work: Work, branch: Organisation) -> None:
    text = "一小时里有很多人输对了您班的认证码，却选错了班级。可能有人在试，建议换一个认证码。"
    for account_id in appointments.heads_of(work.session, branch.path, work.today):
        key = f"code-misses:{branch.public_id}:{work.today}:{account_id}"
        tell(work, account_id, key, "建议更换班级认证码", text, link=f"/twt/class/{branch.public_id}")
