"""The floors that are served, by the same gunicorn with the same settings: what cannot be undercut in Python.

`/`       a bare WSGI answer of ten bytes
`/list`   a list page with nothing but its rows: one Flask view, the bare SQL, a Jinja table of 50 rows

The environment names the database (BENCH_DATABASE, SQLAlchemy's address) and the part of the tree (BENCH_PATH).
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
from flask import Flask, render_template_string
from sqlalchemy import make_url

from app.kernel.db.engine import PRAGMAS
from app.kernel.db.types import path_end

HELLO = b"hello all\n"
LIST = (
    "SELECT p.public_id, p.name, p.standing, p.state, p.id_number_sealed, p.phone_sealed, o.full_name, p.birth_date "
    "FROM people p JOIN organisations o ON o.id = p.organisation_id "
    "WHERE p.org_path >= {0} AND p.org_path < {0} AND p.state <> 'closed' ORDER BY p.org_path, p.id LIMIT 51"
)
PAGE = """<!doctype html><title>list</title><table>{% for id, name, standing, state, number, phone, place, born in rows %}
<tr><td><a href="/people/{{ id }}">{{ name }}</a><td>{{ standing }}<td>{{ state }}<td>{{ number[:20] }}<td>{{ phone[:20] }}
<td>{{ place }}<td>{{ born }}<td>{{ loop.index }}</tr>{% endfor %}</table>"""

_here = threading.local()
bare = Flask("bare")


def connect(address: str) -> Any:
    """A bare connection to the database at ``address``, behaving as the product's."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        connection = sqlite3.connect(url.database or "", isolation_level=None, check_same_thread=False)
        for pragma in PRAGMAS:
            connection.execute(pragma)
        return connection
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def list_statement(address: str) -> str:
    """The bare SQL of the list of files."""
    return LIST.format("?" if address.startswith("sqlite") else "%s")


@bare.get("/list")
def page() -> str:
    """The rows in a table, and nothing else."""
    address, path = os.environ["BENCH_DATABASE"], os.environ["BENCH_PATH"]
    if not hasattr(_here, "connection"):
        _here.connection = connect(address)
    rows = _here.connection.execute(list_statement(address), (path, path_end(path))).fetchall()
    return render_template_string(PAGE, rows=rows)


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The WSGI application."""
    if environ["PATH_INFO"] == "/":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(HELLO)))])
        return [HELLO]
    return bare(environ, start_response)
