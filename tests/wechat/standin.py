"""WeChat's servers as the product meets them, on a socket: sign-in of a page, tokens, messages, and the callback's caller.

What it says and checks is written down from WeChat's documents, apart from the product: signatures and encryption are
made by wechatpy.
"""

import json
import re
import secrets
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import urllib3
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

APP_ID, SECRET, TOKEN = "wx8888888888888888", "secret-of-the-account", "token-of-the-callback"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TEMPLATE = "template-of-results"


class Standin:
    """``inbox``: what was delivered, by openid. ``menu``: the menu it was given. ``holder``: whose phone it is now."""

    def __init__(self) -> None:
        self.inbox: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.menu: dict[str, Any] | None = None
        self.holder = "openid-of-nobody"
        self.codes: dict[str, str] = {}
        self.tokens: set[str] = set()
        self.unreachable: set[str] = set()
        self._serial = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        """End."""
        self.server.shutdown()
        self.server.server_close()

    def xml(self, openid: str, now: int, **values: Any) -> str:
        """The XML of a message or an event of `openid`."""
        if "MsgId" not in values and "Event" not in values:
            self._serial += 1
            values["MsgId"] = 23_000_000_000_000_000 + self._serial
        texts = {"ToUserName": "gh_sxqnzs", "FromUserName": openid, "CreateTime": now, **values}
        inner = "".join(
            f"<{name}>{value}</{name}>" if isinstance(value, int) else f"<{name}><![CDATA[{value}]]></{name}>"
            for name, value in texts.items()
        )
        return f"<xml>{inner}</xml>"

    def delivery(self, xml: str, now: int, nonce: str = "") -> tuple[dict[str, str], bytes]:
        """Query and body of one encrypted delivery of `xml`."""
        nonce = nonce or secrets.token_hex(5)
        body = WeChatCrypto(TOKEN, AES_KEY, APP_ID).encrypt_message(xml, nonce, str(now))
        sealed = body.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
        query = {"timestamp": str(now), "nonce": nonce, "encrypt_type": "aes", "openid": "said-by-nobody"}
        query["signature"] = sign(TOKEN, str(now), nonce)
        query["msg_signature"] = sign(TOKEN, str(now), nonce, sealed)
        return query, body.encode()

    def says(self, site: str, xml: str, now: int | None = None) -> str:
        """Deliver `xml` to the callback of `site`; the text of its answer."""
        moment = int(time.time()) if now is None else now
        query, body = self.delivery(xml, moment)
        answer = urllib3.request("POST", f"{site}/wx/callback?{urlencode(query)}", body=body)
        assert answer.status == 200, answer.status
        return opened(answer.data.decode())

    def _handler(standin: "Standin") -> type[BaseHTTPRequestHandler]:  # noqa: C901, N805 — `self` is the handler's below
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None: ...

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                if parts.path == "/connect/oauth2/authorize":
                    assert query["appid"] == APP_ID
                    assert query["response_type"] == "code"
                    code = secrets.token_hex(8)
                    standin.codes[code] = standin.holder
                    self.send_response(302)
                    back = urlencode({"code": code, "state": query["state"]})
                    self.send_header("Location", f"{query['redirect_uri']}?{back}")
                    self.end_headers()
                elif parts.path == "/sns/oauth2/access_token":
                    openid = standin.codes.pop(query["code"], None) if query["secret"] == SECRET else None
                    known = {"openid": openid, "access_token": "t", "scope": "snsapi_base", "expires_in": 7200}
                    self._say(known if openid else {"errcode": 40029, "errmsg": "invalid code"})
                else:
                    self.send_error(404)

            def do_POST(self) -> None:
                parts = urlsplit(self.path)
                document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                token = parse_qs(parts.query).get("access_token", [""])[0]
                if parts.path == "/cgi-bin/stable_token":
                    assert (document["appid"], document["secret"]) == (APP_ID, SECRET)
                    standin.tokens.add(fresh := secrets.token_hex(16))
                    self._say({"access_token": fresh, "expires_in": 7200})
                elif token not in standin.tokens:
                    self._say({"errcode": 42001, "errmsg": "access_token expired"})
                elif parts.path == "/cgi-bin/menu/create":
                    standin.menu = document
                    self._say({"errcode": 0})
                elif document.get("touser") in standin.unreachable:
                    self._say({"errcode": 43004, "errmsg": "require subscribe"})
                elif not all(fits(name, field["value"]) for name, field in document.get("data", {}).items()):
                    self._say({"errcode": 47003, "errmsg": "argument invalid"})
                else:
                    standin.inbox[document["touser"]].append({"path": parts.path, **document})
                    self._say({"errcode": 0})

            def _say(self, document: dict[str, Any]) -> None:
                body = json.dumps(document).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler


def fits(name: str, value: str) -> bool:
    """Whether WeChat takes ``value`` for a template's field: what it may be is in the field's name."""
    kind = {"thing": r".{1,20}", "phrase": r"[\u4e00-\u9fff]{1,5}", "time": r"\d{4}-\d\d-\d\d \d\d:\d\d"}
    return re.fullmatch(kind[name.rstrip("0123456789")], value) is not None


def sign(*parts: str) -> str:
    """A signature as WeChat makes it."""
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def opened(answer: str) -> str:
    """The text of an encrypted answer; "" where nothing was said."""
    if answer == "success":
        return ""
    values = {name: answer.split(f"<{name}>")[1].split(f"</{name}>")[0] for name in ("TimeStamp", "Nonce")}
    signature = answer.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    nonce = values["Nonce"].removeprefix("<![CDATA[").removesuffix("]]>")
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    plain = crypto.decrypt_message(answer, signature, values["TimeStamp"], nonce)
    text = plain if isinstance(plain, str) else plain.decode()
    return text.split("<Content><![CDATA[")[1].split("]]></Content>")[0]
