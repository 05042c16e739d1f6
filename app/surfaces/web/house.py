"""What the application owns besides its database: settings, vault and clock; and units of work made from them."""

import contextlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, current_app, g, request, session
from flask_login import current_user

from app.config import Settings
from app.extensions import db
from app.kernel import once
from app.kernel.access.viewer import Viewer
from app.kernel.clock import Clock
from app.kernel.db.engine import options
from app.kernel.db.unit import writing
from app.kernel.vault import Vault, VaultError
from app.kernel.work import Actor, Work
from app.surfaces.web.requests import UNVARYING, by_api

WROTE = "wrote"
"""When this browser last changed something: a standby may not know of it yet."""


@dataclass
class House:
    """Settings, keys and time."""

    settings: Settings
    clock: Clock
    given: Vault | None = None
    """Keys that come from elsewhere than the key file."""
    _read: tuple[int, Vault] | None = None

    @property
    def vault(self) -> Vault:
        """The keys, read again when the key file was replaced by a rotation, in this process or another.

        Raises VaultError when ``init`` has not made them.
        """
        if self.given is not None:
            return self.given
        try:
            stamp = self.settings.key_file.stat().st_mtime_ns
        except OSError:
            stamp = 0
        if self._read is None or (stamp and stamp != self._read[0]):
            self._read = (stamp, Vault.load(self.settings.key_file))
        return self._read[1]


def furnish(app: Flask, settings: Settings, vault: Vault | None, clock: Clock) -> None:
    """Put the house into ``app`` and translate the settings for Flask."""
    here = House(settings, clock, vault)
    app.extensions["house"] = here
    with contextlib.suppress(VaultError):
        app.config["SECRET_KEY"] = here.vault.secret("cookies")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=options(settings.database, pooled=settings.database_pooled),
        MAX_CONTENT_LENGTH=settings.max_upload_bytes,
        MAX_FORM_PARTS=1000,
        TRUSTED_HOSTS=[h for h in settings.trusted_hosts.split(",") if h] or None,
        SESSION_COOKIE_NAME="__Host-visit" if settings.secure_cookies else "visit",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_I18N_ENABLED=False,  # WTForms' own Chinese sentences
        WTF_CSRF_SSL_STRICT=False,
        COMPRESS_ALGORITHM=["zstd", "br", "gzip"],
        COMPRESS_MIN_SIZE=600,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    if settings.proxies:
        from werkzeug.middleware.proxy_fix import ProxyFix

        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )


def house() -> House:
    """The current application's house."""
    return cast(House, current_app.extensions["house"])


def viewer() -> Viewer | None:
    """Who is signed in on this request; nobody where that makes no difference to the answer."""
    if request.endpoint in UNVARYING:
        return None
    return current_user.viewer if current_user.is_authenticated else None


def me() -> Viewer:
    """Who is signed in; the gate has made sure that somebody is."""
    found = viewer()
    assert found is not None
    return found


def work() -> Work:
    """A unit of work for reading."""
    who, here = viewer(), house()
    source = "api" if by_api() else "web"
    actor = Actor.of(who, source) if who else Actor(source)
    return Work(
        session=db.session(),
        now=here.clock.now(),
        actor=actor,
        vault=here.vault,
        settings=here.settings,
        viewer=who,
        request_id=g.get("request_id", ""),
        address=address_prefix(request.remote_addr or ""),
    )


class Change(Work):
    """A unit of work that writes. Set ``outcome`` to the address its sender goes to next.

    ``answer``: what the API tells instead; ``seed``: what the token in it was made from.
    """

    outcome: str = ""
    answer: Any = None
    seed: str = ""


@contextlib.contextmanager
def changing(key: str | None = None) -> Iterator[Change]:
    """One writing transaction: committed at the end of the block, or not at all.

    ``key``: the form's once-key; a second sending raises Repeated, which leads to the first one's outcome.
    """
    plain = work()
    change = Change(**plain.__dict__)
    with writing(change.session):
        if key:
            once.claim(change, key)
        yield change
        if key and change.outcome:
            once.remember(change, key, change.outcome)
    if change.settings.replica_url and not by_api():  # the API reads from the database itself
        session[WROTE] = int(change.now.timestamp())


def address_prefix(address: str) -> str:
    """The /24 of an IPv4 address, the first four groups of an IPv6 one: enough for limits, less than a person."""
    if ":" in address:
        return ":".join(address.split(":")[:4]) + "::"
    return ".".join(address.split(".")[:3]) + ".0" if address.count(".") == 3 else address


def same(left: str, right: str) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())
