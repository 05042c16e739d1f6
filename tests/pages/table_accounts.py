"""Registration, signing in, the security pages, messages, the demonstration's texts."""

from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from app.league.accounts import sessions
from app.league.accounts.consents import SENSITIVE, VERSION
from app.league.accounts.models import Consent, ConsentState, Message, SignIn
from tests import factories as make
from tests.pages.matrix import Row, everyone, named, signed_in
from tests.world import World

# A step whose earlier steps are missing sends its visitor back to them (303).
BACK = everyone(303)
ROWS = [
    Row("GET", "/jia/start", signed_in(303), visitor=200),
    Row("GET", "/jia/account", everyone(200)),
    Row("POST", "/jia/account", everyone(422)),
    Row("GET", "/jia/account/code", BACK),
    Row("POST", "/jia/account/code", BACK),
    Row("POST", "/jia/account/code/again", BACK),
    Row("GET", "/jia/account/about", BACK),
    Row("POST", "/jia/account/about", BACK),
    Row("GET", "/jia/consent", BACK),
    Row("POST", "/jia/consent", BACK),
    Row("GET", "/jia/consent/refused", everyone(200)),
    Row("GET", "/jia/account/password", BACK),
    Row("POST", "/jia/account/password", BACK),
    Row("GET", "/jia/account/waiting", BACK),
    Row("POST", "/jia/account/waiting", everyone(404)),
    Row("POST", "/jia/account/waiting/again", everyone(404)),
    # Whoever holds the link of the SMS, and nobody else, sees the question.
    Row("GET", "/guardian/<token>", everyone(200), thing="question"),
    Row("POST", "/guardian/<token>", everyone(422), thing="question"),
    Row("POST", "/guardian/<token>/code", everyone(429) | named(303, "anonymous"), thing="question"),
    Row("GET", "/login", signed_in(303), visitor=200),
    Row("POST", "/login", everyone(422)),
    Row("GET", "/login/factor", BACK),
    Row("POST", "/login/factor", BACK),
    Row("POST", "/logout", everyone(303)),
    Row("GET", "/reset", everyone(200)),
    Row("POST", "/reset", everyone(422)),
    Row("GET", "/reset/code", BACK),
    Row("POST", "/reset/code", BACK),
    Row("GET", "/reset/password", BACK),
    Row("POST", "/reset/password", BACK),
    Row("GET", "/jia", signed_in(200)),
    Row("GET", "/jia/msg", signed_in(200)),
    Row("GET", "/jia/msg/<public_id>", named(200, "youth"), thing="message"),
    Row("POST", "/jia/msg/<public_id>/read", named(303, "youth"), thing="message"),
    Row("POST", "/jia/msg/read", signed_in(303)),
    Row("GET", "/jia/security", signed_in(200)),
    Row("GET", "/jia/security/password", signed_in(200)),
    Row("POST", "/jia/security/password", signed_in(422)),
    Row("GET", "/jia/security/phone", signed_in(200)),
    Row("POST", "/jia/security/phone", signed_in(422)),
    Row("GET", "/jia/security/phone/code", everyone(303)),
    Row("POST", "/jia/security/phone/code", everyone(303)),
    Row("POST", "/jia/security/sessions/<public_id>/end", named(303, "youth"), thing="session"),
    Row("POST", "/jia/security/sessions/end-all", signed_in(303)),
    Row("GET", "/jia/security/consents/<public_id>/withdraw", named(200, "youth"), thing="consent"),
    Row("POST", "/jia/security/consents/<public_id>/withdraw", named(303, "youth"), thing="consent"),
    Row("POST", "/jia/security/consents/sensitive", signed_in(303)),
    Row("GET", "/jia/security/close", signed_in(200)),
    Row("POST", "/jia/security/close", signed_in(422)),
    Row("GET", "/jia/security/factor", signed_in(200)),
    Row("POST", "/jia/security/factor", signed_in(409)),
    Row("POST", "/jia/security/factor/begin", signed_in(303)),
    Row("GET", "/jia/security/factor/qr.svg", signed_in(409)),
    Row("GET", "/jia/security/factor/codes", signed_in(303)),
    Row("POST", "/jia/security/factor/codes/kept", signed_in(303)),
    Row("GET", "/jia/security/factor/codes/new", signed_in(200)),
    Row("POST", "/jia/security/factor/codes/new", signed_in(422)),
    Row("GET", "/jia/security/factor/remove", signed_in(200)),
    Row("POST", "/jia/security/factor/remove", signed_in(422)),
    Row("GET", "/demo/messages", everyone(200)),
    Row("POST", "/demo/messages", everyone(200)),
    Row("GET", "/demo/trouble", everyone(200)),
    Row("POST", "/demo/trouble", everyone(303)),
]


def _question(world: World, session: Session, vault: Vault) -> dict[str, str]:
    child = make.account(session, vault, "小学生甲")
    token = f"guardian-link-{make.serial()}"
    session.add(
        Consent(
            account_id=child.id,
            purpose="guardian",
            text_version=VERSION,
            text_hash="0" * 64,
            state=ConsentState.PENDING,
            asked_at=make.NOW,
            token_hash=sessions.token_hash(token),
            guardian_name_sealed=vault.seal("guardian_name", "家长甲"),
            guardian_phone_sealed=vault.seal("guardian_phone", make.phone()),
        )
    )
    return {"token": token}


def _message(world: World, session: Session, vault: Vault) -> dict[str, str]:
    row = Message(account_id=world.people["youth"].id, title="您的申请有结果了", body="已通过。", created_at=make.NOW)
    session.add(row)
    session.flush()
    return {"public_id": row.public_id}


def _session(world: World, session: Session, vault: Vault) -> dict[str, str]:
    until = make.NOW.replace(hour=23)
    row = SignIn(
        token_hash="f" * 64,
        account_id=world.people["youth"].id,
        created_at=make.NOW,
        seen_at=make.NOW,
        expires_at=until,
    )
    session.add(row)
    session.flush()
    return {"public_id": row.public_id}


def _consent(world: World, session: Session, vault: Vault) -> dict[str, str]:
    row = Consent(
        account_id=world.people["youth"].id,
        purpose=SENSITIVE.purpose,
        text_version=VERSION,
        text_hash=SENSITIVE.hash,
        state=ConsentState.GIVEN,
        asked_at=make.NOW,
        answered_at=make.NOW,
    )
    session.add(row)
    session.flush()
    return {"public_id": row.public_id}


THINGS = {"question": _question, "message": _message, "session": _session, "consent": _consent}
