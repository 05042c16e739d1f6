"""What the web server itself logs, in the shape of our own lines: its sentences, without what visitors sent.

The server quotes addresses and headers when something goes wrong in them, and an address may be a secret link.
"""

import logging
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger

from app.surfaces.web.logs import JsonLines


class ServerLines(JsonLines):
    """Numbers (processes, signals) are filled in; where there is anything else to fill in, the sentence stays bare."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        args = record.args if isinstance(record.args, tuple) else (record.args,)
        bare = logging.makeLogRecord(record.__dict__)
        if record.args and not all(isinstance(one, int) for one in args):
            bare.args = None
        return super().format(bare)


class ServerLog(Logger):  # type: ignore[misc]
    """Gunicorn's logger with such lines."""

    def setup(self, cfg: Config) -> None:
        """As the base does."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(ServerLines())

    def warning(self, msg: str, *args: Any, **values: Any) -> None:
        """As the base does; of a request that cannot be read it says no more than that there was one."""
        super().warning("Invalid request" if msg.startswith("Invalid request") else msg, *args, **values)

    def exception(self, msg: str, *args: Any, **values: Any) -> None:
        """As the base does; a visitor's line that broke or stands still is no mistake of ours."""
        log = self.debug if msg.startswith("Socket error") else super().exception
        log(msg, *args, **values)
