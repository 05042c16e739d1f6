"""How a text message leaves: shown on a page in the demonstration, through the provider in earnest."""

import hashlib
import hmac
import json
import secrets
from typing import Protocol
from urllib.parse import quote, urlsplit

from app.config import Settings
from app.kernel.db.unit import writing
from app.kernel.errors import Unavailable
from app.kernel.work import Work
from app.league.accounts.models import DemonstrationSms

CONNECT, READ = 2, 3
"""Seconds at most."""


class Adapter(Protocol):
    """Sends one message."""

    def send(self, work: Work, phone: str, template: str, values: dict[str, str], text: str) -> None:
        """Raises Unavailable to be tried again later."""
        ...


class Demonstration:
    """Keeps the message for the demonstration's page."""

    def send(self, work: Work, phone: str, template: str, values: dict[str, str], text: str) -> None:
        """Keep it, sealed."""
        del template, values
        row = DemonstrationSms(
            phone_sealed=work.vault.seal("phone", phone),
            text_sealed=work.vault.seal("sms_text", text),
            sent_at=work.now,
        )
        with writing(work.session):
            work.session.add(row)


class Aliyun:
    """阿里云短信服务 SendSms, version 2017-05-25, signed with ACS3-HMAC-SHA256.

    ``sms_template`` holds one template code, or several as ``code=SMS_1,guardian=SMS_2``.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def send(self, work: Work, phone: str, template: str, values: dict[str, str], text: str) -> None:
        """Ask the provider to send ``template`` with ``values``; the text itself is registered there."""
        del text
        query = {
            "PhoneNumbers": phone,
            "SignName": self.settings.sms_sign_name,
            "TemplateCode": self._code(template),
            "TemplateParam": json.dumps(values, ensure_ascii=False),
        }
        address = f"{self.settings.sms_endpoint.rstrip('/')}/?{canonical_query(query)}"
        headers = self.headers(query, work.now.strftime("%Y-%m-%dT%H:%M:%SZ"), secrets.token_hex(16))
        import urllib3  # only where messages are really sent: a tenth of the time of a start

        limits = urllib3.Timeout(connect=CONNECT, read=READ)
        try:
            with urllib3.PoolManager(retries=False, timeout=limits) as pool:
                answer = pool.request("POST", address, headers=headers, redirect=False)
                body = json.loads(answer.data)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise Unavailable from error
        if answer.status != 200 or body.get("Code") != "OK":
            raise Unavailable

    def headers(self, query: dict[str, str], moment: str, nonce: str) -> dict[str, str]:
        """The signed headers of one request (ACS3-HMAC-SHA256)."""
        empty = hashlib.sha256(b"").hexdigest()
        signed = {
            "host": urlsplit(self.settings.sms_endpoint).netloc,
            "x-acs-action": "SendSms",
            "x-acs-content-sha256": empty,
            "x-acs-date": moment,
            "x-acs-signature-nonce": nonce,
            "x-acs-version": "2017-05-25",
        }
        names = ";".join(signed)
        listed = "".join(f"{name}:{value}\n" for name, value in signed.items())
        request = "\n".join(("POST", "/", canonical_query(query), listed, names, empty))
        to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(request.encode()).hexdigest()}"
        signature = hmac.new(self.settings.sms_key_secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
        credential = f"Credential={self.settings.sms_key_id},SignedHeaders={names},Signature={signature}"
        return {**signed, "Authorization": f"ACS3-HMAC-SHA256 {credential}"}

    def _code(self, template: str) -> str:
        pairs = dict(p.split("=", 1) for p in self.settings.sms_template.split(",") if "=" in p)
        return pairs.get(template, self.settings.sms_template)


def canonical_query(query: dict[str, str]) -> str:
    """Sorted, with RFC 3986 quoting."""
    return "&".join(f"{quote(k, safe='-_.~')}={quote(query[k], safe='-_.~')}" for k in sorted(query))


def adapter(settings: Settings) -> Adapter:
    """The adapter the settings name. Raises ValueError for an unknown one."""
    if settings.sms_adapter == "demonstration":
        return Demonstration()
    if settings.sms_adapter == "aliyun":
        return Aliyun(settings)
    raise ValueError(f"SMS_ADAPTER: {settings.sms_adapter}")
