"""A very small browser for asyncio: one request, one connection, cookies, forms; nothing is followed by itself."""

import asyncio
import re
import time
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode

HIDDEN = re.compile(r'<input(?=[^>]*type="hidden")[^>]*name="([^"]+)"[^>]*\bvalue="([^"]*)"')
DECISION = re.compile(r'action="(/twt/queue/([^/"]+)/decide)"(.*?)</form>', re.DOTALL)


class NoAnswer(OSError):
    """The server did not answer in time, or not at all: whether a change was made is unknown."""


@dataclass
class Answer:
    """What came back. ``seconds``: from asking to the last byte."""

    status: int
    headers: dict[str, str]
    text: str
    seconds: float

    @property
    def retry_after(self) -> float:
        """Seconds the server asks to wait."""
        return float(self.headers.get("retry-after", 0))

    def fields(self, action: str = "") -> dict[str, str]:
        """The hidden fields of the page's main part, or of the form there that is sent to ``action``."""
        part = self.text.split("<main")[-1]
        if action:
            part = part.partition(f'action="{action}"')[2].partition("</form>")[0]
        return {name: unescape(value) for name, value in HIDDEN.findall(part)}

    def decision(self) -> tuple[str, str, dict[str, str]] | None:
        """(address, the application's public id, hidden fields) of the form that decides; None: nothing waits."""
        form = DECISION.search(self.text)
        if form is None:
            return None
        return form[1], form[2], {name: unescape(value) for name, value in HIDDEN.findall(form[3])}


class Browser:
    """Keeps cookies. ``port``: of a server on this machine."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None, patience: float = 30) -> None:
        self.port, self.cookies, self.patience = port, dict(cookies or {}), patience

    async def get(self, path: str) -> Answer:
        """Fetch a page. Raises NoAnswer."""
        return await self._ask("GET", path, b"")

    async def post(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form. Raises NoAnswer."""
        return await self._ask("POST", path, urlencode(fields).encode())

    async def _ask(self, method: str, path: str, body: bytes) -> Answer:
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n"
        if self.cookies:
            head += "Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()) + "\r\n"
        if body:
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        asked = time.monotonic()
        try:
            async with asyncio.timeout(self.patience):
                raw = await self._exchange((head + "\r\n").encode() + body)
        except (OSError, TimeoutError) as error:
            raise NoAnswer(str(error)) from error
        top, _, content = raw.partition(b"\r\n\r\n")
        lines = top.decode("latin-1").split("\r\n")
        if not lines[0].startswith("HTTP/1."):
            raise NoAnswer("the connection ended without an answer")
        pairs = [line.split(": ", 1) for line in lines[1:]]
        for name, value in pairs:
            if name.lower() == "set-cookie":
                cookie, _, worth = value.split(";")[0].partition("=")
                self.cookies[cookie] = worth
        headers = {name.lower(): value for name, value in pairs}
        text = content.decode("utf-8", "replace")
        return Answer(int(lines[0].split()[1]), headers, text, time.monotonic() - asked)

    async def _exchange(self, sent: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(sent)
            await writer.drain()
            return await reader.read()
        finally:
            writer.close()
