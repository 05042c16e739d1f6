"""Binding a WeChat to an account, and undoing it. The openid comes from WeChat's server alone."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.kernel.audit.record import record
from app.kernel.errors import Conflict, NotFound
from app.kernel.jobs.periodic import periodic
from app.kernel.pruning import sweep
from app.kernel.work import Work
from app.league.accounts.messages import tell
from app.league.accounts.models import Account, AccountStatus
from app.league.accounts.operations import way_in
from app.league.wechat import events as events
from app.league.wechat.models import WechatBinding, WechatFollower
from app.league.wechat.official import official

PURPOSE = "openid"
REMEMBERED = timedelta(days=30)
"""How long an openid is kept after its unbinding, in case somebody asks who did that."""
TAKEN = "这个微信已经绑定了别的账号，请先在那个账号里解绑"
_LIVE = select(WechatBinding).where(WechatBinding.unbound_at.is_(None))
ANOTHER = "您的账号已经绑定了另一个微信，请先在“账号安全”里解绑"


def bind(work: Work, account: Account, openid: str) -> WechatBinding:
    """From here on ``openid`` belongs to ``account``; again is no change.

    Raises Conflict when either is bound elsewhere already.
    """
    held = binding_of(work, account.id)
    mine = _LIVE.where(WechatBinding.openid_index.in_(indexes(work, openid)))
    by_openid = work.session.scalars(mine).one_or_none()
    if by_openid is not None and by_openid.account_id == account.id:
        return by_openid
    if by_openid is not None:
        raise Conflict(TAKEN)
    if held is not None:
        raise Conflict(ANOTHER)
    name = _named(work, openid)
    row = WechatBinding(
        openid_sealed=work.vault.seal(PURPOSE, name),
        openid_index=work.vault.index(PURPOSE, name),
        account_id=account.id,
        bound_at=work.now,
    )
    try:
        with work.session.begin_nested():
            work.session.add(row)
            work.session.flush()
    except IntegrityError:
        raise Conflict(TAKEN) from None
    record(work, "wechat:binding:bind", "wechat_binding", row.public_id, person_id=account.person_id)
    text = "以后可以从微信直接进来，审核结果也会发到微信。如果不是您本人，请马上解绑并改密码。"
    tell(work, account.id, f"wechat:{row.public_id}:bound", "已绑定微信", text, link="/jia/security")
    return row


def unbind(work: Work, account: Account) -> None:
    """The account's WeChat belongs to nobody any more. Raises NotFound when there is none."""
    row = binding_of(work, account.id)
    if row is None:
        raise NotFound
    _end(work, account, row)
    tell(work, account.id, f"wechat:{row.public_id}:unbound", "微信已解绑", "审核结果以后只发在站内消息里。")


@way_in
def end_with(work: Work, account: Account) -> None:
    """Whoever had bound a WeChat of his own to a stolen session is out again; and a closed account keeps nobody's."""
    row = binding_of(work, account.id)
    if row is None:
        return
    _end(work, account, row)
    if account.status is not AccountStatus.DISABLED:
        text = "密码或手机号换过了，下次从公众号进来，请重新绑定。"
        tell(work, account.id, f"wechat:{row.public_id}:ended", "微信已解绑", text)


@periodic("wechat.forget", every=timedelta(days=1))
def forget(work: Work) -> int:
    """Forget openids that were unbound ``REMEMBERED`` ago. Returns how many."""
    return sweep(work, delete(WechatBinding).where(WechatBinding.unbound_at < work.now - REMEMBERED))


def binding_of(work: Work, account_id: int) -> WechatBinding | None:
    """The live binding of an account."""
    return work.session.scalars(_LIVE.where(WechatBinding.account_id == account_id)).one_or_none()


def account_of(work: Work, openid: str) -> Account | None:
    """Whose WeChat ``openid`` is."""
    query = select(Account).join(WechatBinding, WechatBinding.account_id == Account.id)
    query = query.where(WechatBinding.unbound_at.is_(None), WechatBinding.openid_index.in_(indexes(work, openid)))
    return work.session.scalars(query).one_or_none()


def reachable(work: Work, account_id: int) -> str:
    """The openid messages to ``account_id`` go to; "" when it is not bound, or is known not to follow any more."""
    row = binding_of(work, account_id)
    if row is None:
        return ""
    openid = work.vault.open(PURPOSE, row.openid_sealed).partition(":")[2]
    told = select(WechatFollower.following).where(WechatFollower.openid_index.in_(indexes(work, openid)))
    return "" if work.session.scalar(told.limit(1)) is False else openid


def index(work: Work, openid: str) -> str:
    """The blind index of an openid of our official account."""
    return work.vault.index(PURPOSE, _named(work, openid))


def indexes(work: Work, openid: str) -> list[str]:
    """The same under every key in use."""
    return work.vault.indexes(PURPOSE, _named(work, openid))


def _end(work: Work, account: Account, row: WechatBinding) -> None:
    row.unbound_at = work.now
    record(work, "wechat:binding:unbind", "wechat_binding", row.public_id, person_id=account.person_id)


def _named(work: Work, openid: str) -> str:
    """An openid means something beside its appid alone (ASVS 6.8.1)."""
    known = official(work.settings)
    return f"{known.app_id if known else ''}:{openid}"
