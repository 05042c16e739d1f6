#!/usr/bin/env python3
"""A tiny client of the API, to show that it is enough: registers, applies, follows, reviews. Standard library alone.

    scripts/app_client.py register 13900001234 林晓春 2006-05-17
    scripts/app_client.py apply 会计20184班 facts.json
    scripts/app_client.py progress
    scripts/app_client.py sign-in 13900000005
    scripts/app_client.py queue
    scripts/app_client.py approve 4tq9Yb2vQm7nXk3wRz8aLg

`--site` says where (http://127.0.0.1:8000), `--token` where the token is kept (.app-token, readable by its owner alone).
The code that came by SMS and the password are asked for; APP_CODE and APP_PASSWORD answer instead. `facts.json` holds
the facts by the names that `GET /api/v1/reference` tells.
"""

import argparse
import getpass
import json
import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

DEVICE = "命令行"
TRIES = 4
AGAIN = {429, 503}
"""Nothing was done; or it was, and the same key brings the same answer."""


class Refused(Exception):
    """The server said no. ``problem``: its problem details."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.problem = problem
        faults = [f"  {fault['field']}：{fault['detail']}" for fault in problem.get("errors", ())]
        super().__init__("\n".join([problem.get("detail") or problem["title"], *faults]))


class Api:
    """The API at ``site``, used with ``token`` ("" before signing in)."""

    def __init__(self, site: str, token: str = "") -> None:
        if not site.startswith(("http://", "https://")):
            raise ValueError(f"not an address of the web: {site}")
        self.site, self.token = site.rstrip("/"), token

    def get(self, path: str, **query: Any) -> Any:
        """Read. Raises Refused."""
        return self._send("GET", path + (f"?{urlencode(query)}" if query else ""))

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Have an effect, once: a broken connection is tried again under the same key. Raises Refused."""
        return self._send("POST", path, body, {"Idempotency-Key": str(uuid.uuid4())})

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        """Change what is named. Raises Refused."""
        return self._send("PATCH", path, body)

    def delete(self, path: str) -> None:
        """End something. Raises Refused."""
        self._send("DELETE", path)

    def _send(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        sent = {"Accept": "application/json", **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        asked = Request(f"{self.site}/api/v1{path}", data, sent, method=method)  # noqa: S310  http alone, see above
        for left in range(TRIES - 1, -1, -1):
            try:
                with urlopen(asked, timeout=20) as answer:  # noqa: S310
                    text = answer.read()
                    return json.loads(text) if text else None
            except HTTPError as error:
                if error.code not in AGAIN or not left:
                    raise Refused(json.loads(error.read())) from None
                time.sleep(min(int(error.headers.get("Retry-After", "1")), 60))
            except URLError:
                if not left:
                    raise
                time.sleep(1)
        raise AssertionError("the last try has raised or returned")


def register(api: Api, phone: str, name: str, birth_date: str, *, code: str = "", password: str = "") -> bool:
    """Register and sign in; False: a child's account, which waits for the guardian now."""
    api.post("/registration/codes", {"phone": phone})
    code = code or _asked("APP_CODE", "短信验证码：")
    proof = api.post("/registration/proofs", {"phone": phone, "code": code})
    texts = api.get("/registration/texts", birth_date=birth_date)
    who: dict[str, Any] = {"ticket": proof["ticket"], "name": name, "birth_date": birth_date, "device": DEVICE}
    if texts["guardian"]:
        print("未满 14 周岁，要监护人决定。")
        who["guardian"] = {"name": input("监护人姓名："), "phone": input("监护人手机号：")}
    else:
        for text in texts["items"]:
            print(*text["body"], f"→ {text['label']}", sep="\n")
        who["agreed"] = [text["purpose"] for text in texts["items"]]
    who["password"] = password or _asked("APP_PASSWORD", "密码：")
    done = api.post("/registrations", who)
    api.token = done["token"]
    return not done["waits_for_guardian"]


def sign_in(api: Api, phone: str, *, password: str = "", code: str = "") -> None:
    """Sign in; asks for the second factor when there is one. Raises Refused."""
    who = {"phone": phone, "password": password or _asked("APP_PASSWORD", "密码："), "device": DEVICE, "code": code}
    try:
        api.token = api.post("/tokens", who)["token"]
    except Refused as problem:
        if code or not problem.problem["type"].endswith("second-factor"):
            raise
        sign_in(api, phone, password=who["password"], code=_asked("APP_CODE", "动态口令："))


def apply(api: Api, place: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Find the organisation by its name, fill in the draft, hand it in. Raises Refused, LookupError."""
    found = [row for row in api.get("/organisations/search", q=place)["items"] if row["takes"]]
    if not found:
        raise LookupError(f"没有找到可以申请的团组织：{place}")
    draft = api.patch("/draft", {**facts, "organisation": found[0]["id"]})
    if not draft["ready"]:
        raise Refused({"title": "还不能提交", "errors": draft["errors"]})
    application: dict[str, Any] = api.post("/applications", {})
    return application


def approve(api: Api, public_id: str) -> dict[str, Any]:
    """Look at one application and approve what was looked at. Raises Refused."""
    card = api.get(f"/applications/{public_id}")
    ruling = {"verdict": "approve", "version": card["version"]}
    decided: dict[str, Any] = api.post(f"/applications/{public_id}/decisions", ruling)
    return decided


def _asked(variable: str, words: str) -> str:
    return os.environ.get(variable) or getpass.getpass(words)


def _read(token: Path) -> str:
    return token.read_text() if token.exists() else ""


def _keep(token: Path, text: str) -> None:
    token.unlink(missing_ok=True)
    if text:
        with os.fdopen(os.open(token, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", default="http://127.0.0.1:8000")
    parser.add_argument("--token", type=Path, default=Path(".app-token"))
    acts = parser.add_subparsers(dest="act", required=True)
    for name, words in {
        "register": ("phone", "name", "birth_date"), "sign-in": ("phone",), "sign-out": (), "apply": ("place", "facts"),
        "progress": (), "queue": (), "approve": ("application",), "undo": ("decision",), "figures": (),
    }.items():  # fmt: skip
        act = acts.add_parser(name)
        for word in words:
            act.add_argument(word)
        if name == "queue":
            act.add_argument("--after", default="", help="the next_after of the page before")
    return parser


def _act(api: Api, asked: argparse.Namespace) -> Any:
    match asked.act:
        case "register":
            done = register(api, asked.phone, asked.name, asked.birth_date)
            return "注册好了，已登录" if done else "已发短信给监护人，同意以后就能登录"
        case "sign-in":
            sign_in(api, asked.phone)
            return "已登录"
        case "sign-out":
            api.delete("/tokens/current")
            api.token = ""
            return "已退出"
        case "apply":
            return apply(api, asked.place, json.loads(Path(asked.facts).read_text(encoding="utf-8")))
        case "approve":
            return approve(api, asked.application)
        case "undo":
            return api.post(f"/decisions/{asked.decision}/undo")
        case "progress":
            return api.get("/applications/mine")
        case "queue":
            return api.get("/queue", **({"after": asked.after} if asked.after else {}))
        case _:
            return api.get(f"/{asked.act}")


def main(arguments: list[str] | None = None) -> int:
    """Do one act and print what came of it."""
    asked = _parser().parse_args(arguments)
    api = Api(asked.site, _read(asked.token))
    try:
        told = _act(api, asked)
    except (Refused, LookupError, URLError) as problem:
        print(problem, file=sys.stderr)
        return 1
    _keep(asked.token, api.token)
    print(told if isinstance(told, str) else json.dumps(told, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
