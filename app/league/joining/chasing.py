"""催一次: a message to those of a branch who have an account and once sent an application that is not under way.

Who never applied is known by name alone: nobody's account is guessed from a name. For them there is the line for the
class's chat group (``rosters.invitation``).
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import aliased

from app.kernel.audit.record import record
from app.kernel.errors import Refused, TooMany
from app.kernel.outbox.models import OutboxMessage
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.accounts.models import Account, AccountStatus
from app.league.joining import events as events
from app.league.joining.models import JoinRequest, RequestState
from app.league.joining.operations import PROGRESS
from app.league.joining.own import seconds_to_midnight
from app.league.organisations.models import Organisation

MOST = 300
UNFINISHED = (RequestState.RETURNED, RequestState.WITHDRAWN, RequestState.LAPSED)


@dataclass(frozen=True)
class Unfinished:
    """Who can be reminded: whom the branch waits for to correct, and who took back or let lapse what was sent."""

    to_correct: list[int]
    """Account ids."""
    to_apply: list[int]
    reminded: bool
    """Whether a reminder left today."""

    @property
    def number(self) -> int:
        """How many people."""
        return len(self.to_correct) + len(self.to_apply)


def unfinished(work: Work, organisation: Organisation) -> Unfinished:
    """Who of ``organisation``, which the caller may see, can be reminded."""
    later = aliased(JoinRequest)
    query = (
        select(JoinRequest.account_id, JoinRequest.state)
        .join(Account, Account.id == JoinRequest.account_id)
        .where(JoinRequest.organisation_id == organisation.id, JoinRequest.state.in_(UNFINISHED))
        .where(Account.status == AccountStatus.ACTIVE, Account.person_id.is_(None))
        .where(~exists().where(later.account_id == JoinRequest.account_id, later.id > JoinRequest.id))
        .order_by(JoinRequest.id)
        .limit(MOST)
    )
    rows = [(account_id, state) for account_id, state in work.session.execute(query) if account_id is not None]
    return Unfinished(
        [account_id for account_id, state in rows if state is RequestState.RETURNED],
        [account_id for account_id, state in rows if state is not RequestState.RETURNED],
        bool(rows)
        and work.session.scalar(select(OutboxMessage.id).where(_today(work, organisation)).limit(1)) is not None,
    )


def remind(work: Work, organisation: Organisation) -> int:
    """Remind them, once a day. Returns how many. Raises Refused when there is nobody, TooMany on the same day."""
    work.session.refresh(organisation, with_for_update=True)
    found = unfinished(work, organisation)
    if not found.number:
        raise Refused("现在没有可以提醒的人")
    if found.reminded:
        raise TooMany(seconds_to_midnight(work), "今天已经提醒过了，明天可以再提醒一次")
    for account_id in found.to_correct:
        text = f"{organisation.name}在等您补正。改好再交就可以，几分钟就好。"
        tell(work, account_id, f"{_key(work, organisation)}{account_id}", "您的申请还差一步", text, link=PROGRESS)
    for account_id in found.to_apply:
        text = f"{organisation.name}还没有您的电子档案。您填过的内容都还在，可以接着填。"
        tell(work, account_id, f"{_key(work, organisation)}{account_id}", "请填写电子档案", text, link=PROGRESS)
    record(
        work, "joining:roster:remind", "organisation", organisation.public_id,
        org_path=organisation.path, changes={"count": (None, found.number)},
    )  # fmt: skip
    return found.number


def _key(work: Work, organisation: Organisation) -> str:
    return f"chase:{organisation.public_id}:{work.today:%Y%m%d}:"


def _today(work: Work, organisation: Organisation) -> ColumnElement[bool]:
    return OutboxMessage.dedupe_key.startswith(_key(work, organisation), autoescape=True)
