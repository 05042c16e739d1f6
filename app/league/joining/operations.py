"""What an applicant does with an application (入档申请), and what time does to it."""

import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from app.kernel import limits
from app.kernel.audit.record import record
from app.kernel.clock import age_on
from app.kernel.db import reading
from app.kernel.db.unit import writing
from app.kernel.errors import Conflict, Invalid, Refused
from app.kernel.jobs.periodic import periodic
from app.kernel.work import Work
from app.league.accounts import consents
from app.league.accounts.messages import tell
from app.league.accounts.models import Account, Consent, ConsentState
from app.league.joining import cases, flags, states
from app.league.joining import events as events
from app.league.joining.intake import MEMBER_FACTS, Facts, Intake
from app.league.joining.models import OPEN_STATES, JoinRequest, RequestState
from app.league.joining.states import Event
from app.league.organisations import counters
from app.league.organisations.models import Kind, Organisation, OrganisationStatus
from app.league.people.codes import NUMBERED_TYPES, PARTY_STATUSES
from app.league.people.fields import FIELDS
from app.league.people.models import Door, Standing
from app.league.people.protect import ID_NUMBER, open_id_number, open_phone, seal_file_fields
from app.league.rules import rule

REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No letter or digit that is heard or read as another."""
PLACES = (Kind.BRANCH, Kind.GENERAL_BRANCH, Kind.COLLEGE, Kind.SCHOOL, Kind.UNIVERSITY, Kind.ENTERPRISE, Kind.COUNTY)
"""Where one may apply: a member's file ends in a branch, and who finds none asks the committee above to place it."""
PROGRESS = "/jia/application"
ALREADY = "您已有一份申请正在办理，不用再交一次"


def submit(
    work: Work, account: Account, organisation: Organisation, facts: Facts, *, door: Door, device: str = ""
) -> JoinRequest:
    """Hand in an application of ``account`` to ``organisation``.

    ``device``: anything that stands for the sender's device; only a blind index of it is kept.
    Raises Conflict when one is open already, Refused when the place takes none or the account has a file, Invalid for
    a person under 14 without a guardian's consent (or a member's request without a word about the missing branch),
    TooMany at the limits submit.account and idno.distinct.
    """
    limits.hit(work.session, work.vault, "submit.account", str(account.id), now=work.now.timestamp())
    if account.person_id is not None:
        raise Refused("您已有电子档案，不用再申请")
    if reading.rows(work.session, _UNDER_WAY, account=account.id):
        raise Conflict(ALREADY)
    _check_place(organisation, facts)
    check_guardian(work, account.id, facts.birth_date)
    if consents.withdrawn(work, account.id, consents.SENSITIVE.purpose):
        raise Refused("您撤回了对处理身份证号的同意。请先在“账号安全”里再同意，才能申请")
    _count_numbers(work, account, facts.id_number)
    request = JoinRequest(
        reference=_new_reference(work),
        account_id=account.id,
        state=RequestState.SUBMITTED,
        door=door,
        device=work.vault.index("device", device) if device else "",
        submitted_at=work.now,
        round=1,
        version=1,
    )
    _fill(work, request, organisation, facts)
    try:
        work.session.add(request)
        work.session.flush()
    except IntegrityError as error:  # all of it is rolled back
        raise Conflict(ALREADY) from error
    cases.settle(work, request, facts.id_number)
    record(work, "joining:request:submit", "join_request", request.public_id, org_path=request.org_path)
    body = f"受理号 {request.reference}，由{organisation.name}审核。在“我的申请”里可以看进度。"
    tell(
        work, account.id, f"request:{request.public_id}:submitted", "申请已提交", body, link=PROGRESS, event="submitted"
    )
    # Last: on PostgreSQL a whole campus waits for the row of its school until this commits.
    counters.move(work.session, request.org_path, {"pending": 1, "filled": 1})
    return request


def withdraw(work: Work, request: JoinRequest) -> None:
    """Take an open application back. Raises Conflict when it was decided meanwhile."""
    before = _lock(work, request)
    request.state = states.after(before, Event.WITHDRAW)
    request.version += 1
    _uncount(work, request, before)
    cases.cancel(work, request)
    record(work, "joining:request:withdraw", "join_request", request.public_id, org_path=request.org_path)


def resubmit(work: Work, request: JoinRequest, changes: Mapping[str, Any]) -> None:
    """Hand a returned application in again: of ``changes`` only the returned fields count, all others stay.

    Raises Invalid with errors by field, Conflict when it was withdrawn or lapsed meanwhile.
    """
    before = _lock(work, request)
    state = states.after(before, Event.RESUBMIT)
    facts = Intake.read(corrected(work, request, changes), work.today, door=request.door)
    organisation = work.session.get_one(Organisation, request.organisation_id)
    account = work.session.get_one(Account, request.account_id)
    check_guardian(work, account.id, facts.birth_date)
    old = typed_again(work, request)
    if facts.id_number != old["id_number"]:
        _count_numbers(work, account, facts.id_number)
    _fill(work, request, organisation, facts)
    request.state, request.submitted_at = state, work.now
    request.round += 1
    request.version += 1
    request.decided_at = request.decided_by_id = request.returned_fields = request.escalated_at = None
    request.decided_by_name = request.reason = ""
    work.session.flush()
    counters.move(work.session, request.org_path, {"pending": 1})
    cases.settle(work, request, facts.id_number)
    new = typed_again(work, request)
    record(
        work,
        "joining:request:resubmit",
        "join_request",
        request.public_id,
        org_path=request.org_path,
        changes={name: (old[name], new[name]) for name in FIELDS if name in old and old[name] != new[name]},
    )


def place(work: Work, request: JoinRequest, branch: Organisation) -> None:
    """Give a pending application the branch its sender could not find, below the committee it stands at.

    The caller has checked that the reviewer may decide at both. Raises Conflict when it is no longer pending, Refused
    for one's own application and for a branch that is closed or stands elsewhere.
    """
    if request.account_id == work.actor.account_id:
        raise Refused("不能安排自己的申请，请由其他人处理")
    if _lock(work, request) is not RequestState.SUBMITTED:
        raise Conflict(f"这份申请现在是“{states.NAMES[request.state]}”")
    fits = branch.kind is Kind.BRANCH and branch.status is OrganisationStatus.OPEN
    if not fits or not branch.path.startswith(request.org_path):
        raise Refused("请选择本组织下面一个正常的团支部")
    old_path, old_name = request.org_path, work.session.get_one(Organisation, request.organisation_id).full_name
    facts = Intake.read(typed_again(work, request), work.today, door=Door.IMPORT)
    counters.move(work.session, old_path, {"pending": -1, "filled": -1})
    _fill(work, request, branch, facts)
    request.version += 1
    work.session.flush()
    counters.move(work.session, request.org_path, {"pending": 1, "filled": 1})
    cases.settle(work, request, facts.id_number)
    record(
        work,
        "joining:request:place",
        "join_request",
        request.public_id,
        org_path=request.org_path,
        changes={"organisation": (old_name, branch.full_name)},
    )


@periodic("joining.lapse", every=timedelta(hours=1))
def lapse_overdue(work: Work, most: int = 200) -> int:
    """Let returned applications lapse that nobody corrected in time, and tell their owners. Returns how many.

    Opens its own transaction.
    """
    limit = work.now - timedelta(days=rule("correction.days", work.today))
    with writing(work.session):
        late = work.session.scalars(
            select(JoinRequest)
            .where(JoinRequest.state == RequestState.RETURNED, JoinRequest.decided_at < limit)
            .order_by(JoinRequest.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        ).all()
        for request in late:
            before, request.state = request.state, states.after(request.state, Event.LAPSE)
            request.version += 1
            _uncount(work, request, before)
            cases.cancel(work, request)
            record(work, "joining:request:lapse", "join_request", request.public_id, org_path=request.org_path)
            if request.account_id is not None:
                text = "退回的申请过了补正期限，已经作废。您填过的内容还在，可以重新申请。"
                tell(work, request.account_id, f"request:{request.public_id}:lapsed", "申请已作废", text, link=PROGRESS)
    return len(late)


def open_request(work: Work, account: Account) -> JoinRequest | None:
    """The application of ``account`` that is still under way."""
    query = select(JoinRequest).where(JoinRequest.account_id == account.id, JoinRequest.state.in_(OPEN_STATES))
    return work.session.scalars(query).one_or_none()


def account_of(work: Work, account_id: int) -> Account:
    """The account that applies."""
    return work.session.get_one(Account, account_id)


def typed_again(work: Work, request: JoinRequest) -> dict[str, Any]:
    """The application as its owner would type it today: what corrections and a second application start from."""
    names = (
        "name", "sex", "birth_date", "ethnicity", "native_place", "education", "political_status", "occupation",
        "id_type", *MEMBER_FACTS, "statement",
    )  # fmt: skip
    typed: dict[str, Any] = {name: _text(getattr(request, name)) for name in names}
    typed["id_number"] = open_id_number(work.vault, request)
    typed["phone"] = open_phone(work.vault, request)
    member = request.standing is Standing.MEMBER
    typed["member"] = "yes" if member else "no"
    typed["forgotten"] = [name for name in MEMBER_FACTS if member and not typed[name]]
    typed["confirmed"] = ["joined_league_on"] if typed["joined_league_on"] else []
    return typed


def correctable(request: JoinRequest) -> list[str]:
    """The facts a returned application may change: the returned ones, and those they hang on.

    What a document's number tells is corrected through the number; another political status may make a member of one
    who was none, with all that a member is asked.
    """
    names = set(request.returned_fields or ())
    if names & {"birth_date", "sex"} and request.id_type in NUMBERED_TYPES:
        names = names - {"birth_date", "sex"} | {"id_number"}
    if names & {"standing", "political_status"}:
        names = names - {"standing"} | {"political_status", "member", *MEMBER_FACTS}
    order = [*FIELDS, "member", "statement"]
    return sorted(names & set(order), key=order.index)


def corrected(work: Work, request: JoinRequest, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, with the returned facts as they are in ``changes``: anything else there is passed over."""
    typed, names = typed_again(work, request), set(correctable(request))
    for name in names & set(changes):
        typed[name] = changes[name]
    for tick in ("forgotten", "confirmed"):
        kept = [name for name in typed[tick] if name not in names]
        typed[tick] = kept + [name for name in changes.get(tick) or () if name in names]
    if "id_number" in names and typed["id_type"] in NUMBERED_TYPES:
        typed["birth_date"] = typed["sex"] = ""
    if "member" in names and typed["political_status"] not in PARTY_STATUSES:
        typed["member"] = ""
    return typed


def _fill(work: Work, request: JoinRequest, organisation: Organisation, facts: Facts) -> None:
    """Put the facts, the place and what the system finds into ``request``."""
    for name, value in facts.columns().items():
        setattr(request, name, value)
    for name, value in seal_file_fields(work.vault, facts.id_number, facts.phone).items():
        setattr(request, name, value)
    request.organisation_id, request.org_path = organisation.id, organisation.path
    request.attention_path = organisation.path
    request.passed_at, request.passed_by_name, request.passed_note = None, "", ""
    with work.session.no_autoflush:
        request.roster_entry_id = None
        entry = flags.roster_entry(work, organisation, facts.name_key, but=request.id)
        request.roster_entry_id = entry.id if entry else None
        request.flags, request.lane = flags.examine(
            work, facts, organisation, device=request.device, request_id=request.id, entry=entry
        )


def _lock(work: Work, request: JoinRequest) -> RequestState:
    """Take the row for this transaction and return its state as it is now."""
    work.session.refresh(request, with_for_update=True)
    return request.state


def _uncount(work: Work, request: JoinRequest, before: RequestState) -> None:
    pending = -1 if before is RequestState.SUBMITTED else 0
    counters.move(work.session, request.org_path, {"pending": pending, "filled": -1})


def _check_place(organisation: Organisation, facts: Facts) -> None:
    if organisation.status is not OrganisationStatus.OPEN or organisation.kind not in PLACES:
        raise Refused("这个团组织不接收申请，请另选一个")
    missing = facts.standing is Standing.MEMBER and organisation.kind is not Kind.BRANCH
    if missing and not facts.statement:
        raise Invalid({"statement": "请在补充说明里写明您的学院和班级，老师好为您安排支部"})


def check_guardian(work: Work, account_id: int, birth: date) -> None:
    """Raises Invalid when somebody under 14 has no guardian's consent."""
    if needs_guardian(work, account_id, birth):
        raise Invalid({"id_number": "未满 14 周岁，要先得到监护人同意才能申请"})


def needs_guardian(work: Work, account_id: int, birth: date) -> bool:
    """Whether a guardian must agree first: age counts by the document, not by what was said at registration.

    个人信息保护法 第三十一条.
    """
    if age_on(birth, work.today) >= rule("guardian.age_under", work.today):
        return False
    given = select(Consent.id).where(
        Consent.account_id == account_id, Consent.purpose == "guardian", Consent.state == ConsentState.GIVEN
    )
    return work.session.execute(given).first() is None


def _count_numbers(work: Work, account: Account, id_number: str) -> None:
    """A number this account has not used before counts against the limit: nobody tries numbers one after another."""
    indexes = work.vault.indexes(ID_NUMBER, id_number)
    if not reading.rows(work.session, _USED_BEFORE, account=account.id, indexes=indexes):
        limits.hit(work.session, work.vault, "idno.distinct", str(account.id), now=work.now.timestamp())


def _new_reference(work: Work) -> str:
    while True:
        letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
        reference = f"{letters[:4]}-{letters[4:]}"
        if not reading.rows(work.session, _REFERRED_TO, reference=reference):
            return reference


_UNDER_WAY = select(JoinRequest.id).where(
    JoinRequest.account_id == bindparam("account"), JoinRequest.state.in_(OPEN_STATES)
)
_USED_BEFORE = (
    select(JoinRequest.id)
    .where(JoinRequest.account_id == bindparam("account"))
    .where(JoinRequest.id_number_index.in_(bindparam("indexes", expanding=True)))
    .limit(1)
)
_REFERRED_TO = select(JoinRequest.id).where(JoinRequest.reference == bindparam("reference"))


def _text(value: Any) -> str:
    return "" if value is None else str(value)
