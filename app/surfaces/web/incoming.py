"""What has come of a request so far. Only one that is whole is given to a thread: no thread ever waits for a slow line.

Large bodies lie in a file without a name until then.
"""

import re
import tempfile

from gunicorn.http.unreader import SocketUnreader

END_OF_HEAD = b"\r\n\r\n"
LONGEST_HEAD = 64 * 1024
IN_MEMORY = 128 * 1024
"""Bytes of a request above which it is kept on the disk."""
AT_A_TIME = 64 * 1024
LENGTH = re.compile(rb"\r\ncontent-length:([^\r\n]*)", re.IGNORECASE)
PLAIN_LENGTH = re.compile(rb"[ \t]*(0|[1-9]\d{0,11})[ \t]*")
"""Where a length could be read in two ways, the body of one request would be the next one."""
UNKNOWN_LENGTH = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
ASKS_FIRST = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


class Unreadable(Exception):
    """A request that cannot be taken in. ``answer``: what its sender is told."""

    def __init__(self, status: str, text: str) -> None:
        super().__init__(status)
        body = text.encode()
        head = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
        self.answer = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Incoming(SocketUnreader):  # type: ignore[misc]
    """The requests of one connection, one after the other; what gunicorn's parser reads them from.

    ``largest``: bytes of a body above which the application refuses it anyway, so that it is not waited for.
    """

    def __init__(self, sock: object, largest: int) -> None:
        super().__init__(sock)
        self._largest = largest
        self._beyond = b""
        self.begin()

    def begin(self) -> bool:
        """The next request, of which a part may have come already. Returns whether it is whole."""
        self._head: bytearray | None = bytearray()
        self._missing, self._asks = 0, False
        self._parts = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  closed with the request
        self.size = self.length = 0
        """Bytes that have come of it; bytes of its body, as soon as its head is known."""
        self.overlong = False
        already, self._beyond = self.take_buffered() + self._beyond, b""
        return self.feed(already)

    @property
    def has_more(self) -> bool:
        """Whether something came behind the request that was answered."""
        return bool(self._beyond or self.buf.getvalue())

    @property
    def silent(self) -> bool:
        """Whether nothing has come of it yet."""
        return self.size == 0

    def asks_first(self) -> bool:
        """Whether its sender wants to be told to go on before it sends the body; said once."""
        asked, self._asks = self._asks, False
        return asked

    def feed(self, part: bytes) -> bool:
        """The next part has come. Returns whether the request is whole now. Raises Unreadable."""
        self.size += len(part)
        if self._head is not None:
            self._head += part
            end = self._head.find(END_OF_HEAD)
            if end < 0:
                if len(self._head) > LONGEST_HEAD:
                    raise Unreadable("431 Request Header Fields Too Large", "请求太大。")
                return False
            part = self._read_head(bytes(self._head[: end + 4]), bytes(self._head[end + 4 :]))
        taken = part[: self._missing]
        self._parts.write(taken)
        self._missing -= len(taken)
        self._beyond += part[len(taken) :]
        if self._missing:
            return False
        self._parts.seek(0)
        return True

    def chunk(self, size_hint: int | None = None) -> bytes:
        """For the parser: what has come. It never waits for more."""
        return self._parts.read(max(size_hint or 0, AT_A_TIME))

    def end(self) -> None:
        """The request has been answered, or never will be."""
        self._parts.close()

    def _read_head(self, head: bytes, rest: bytes) -> bytes:
        if UNKNOWN_LENGTH.search(head):
            raise Unreadable("411 Length Required", "请求没有写明长度。")
        told = [PLAIN_LENGTH.fullmatch(length) for length in LENGTH.findall(head)]
        if len(told) > 1 or None in told:
            raise Unreadable("400 Bad Request", "请求的长度写得不对。")
        self.length = int(told[0][1]) if told and told[0] else 0
        self.overlong = self.length > self._largest
        self._missing = 0 if self.overlong else self.length
        self._asks = bool(self._missing and ASKS_FIRST.search(head))
        self._head = None
        self._parts.write(ASKS_FIRST.sub(b"\r\n", head))
        return rest
