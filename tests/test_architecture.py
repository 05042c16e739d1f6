"""The rules of the house that a reader cannot be asked to check by eye."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from importlinter.cli import lint_imports

from app.kernel.access.gates import gate_of
from app.surfaces.web.guard import Undeclared, every_view_declares

pytestmark = pytest.mark.embedded

ROOT = Path(__file__).resolve().parents[1]
LONGEST_FILE = 400

# Migrations are kept as they were written on their day.
PYTHON_FILES = sorted(path for path in (ROOT / "app").rglob("*.py") if "migrations" not in path.parts)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# A page is what a person's browser opens as a document; the rest are pieces of pages.
PIECES = {"layouts", "parts", "messages"}
PAGES = [
    path
    for path in TEMPLATES
    if not path.name.startswith("_") and path.relative_to(ROOT / "templates").parts[0] not in PIECES
]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_check() -> None:
    assert PYTHON_FILES
    assert PAGES


def test_the_floors_import_downwards_only(capsys: pytest.CaptureFixture[str]) -> None:
    verdict = lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None, no_cache=True, no_logo=True)
    assert verdict == 0, capsys.readouterr().out


def test_every_file_is_short_enough_to_read() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in PYTHON_FILES}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_the_app_never_rolls_dice() -> None:
    """`random` can be foreseen; what must not be guessed comes from `secrets`.

    What is invented is made from a seed, so that it is the same everywhere; it makes no secret.
    """
    invented = (ROOT / "app/demonstration", ROOT / "app/generation", ROOT / "app/league/invented.py")
    files = [path for path in PYTHON_FILES if not {path, path.parent} & set(invented)]
    assert [name_of(path) for path in files if "random" in imported_modules(path)] == []


def test_sql_is_never_put_together_from_strings() -> None:
    faults = {name_of(path): list(built_sql(ast.parse(path.read_text()))) for path in PYTHON_FILES}
    assert {name: lines for name, lines in faults.items() if lines} == {}


def test_built_sql_is_recognised() -> None:
    faults = """
text(f"SELECT {name}")
sa.text("SELECT %s" % name)
text("SELECT " + name)
session.execute("SELECT {}".format(name))
connection.exec_driver_sql(f"PRAGMA {name}")
"""
    assert list(built_sql(ast.parse(faults))) == [2, 3, 4, 5, 6]
    assert list(built_sql(ast.parse('text("SELECT :name")\nsession.execute(select(a))'))) == []


def test_templates_trust_no_value_and_carry_no_code() -> None:
    faults = {name_of(path): list(template_faults(path.read_text())) for path in TEMPLATES}
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    ("fault", "markup"),
    [
        ("|safe", "{{ notice.body | safe }}"),
        ("|safe", "{{ notice.body|safe }}"),
        ("autoescape off", "{% autoescape false %}{{ name }}{% endautoescape %}"),
        ("inline style", '<p style="color: red">'),
        ("inline style", "<style>p { color: red }</style>"),
        ("inline script", "<script>alert(1)</script>"),
        ("inline handler", '<a onclick="go()">'),
        ("inline handler", '<a hx-on:click="go()">'),
        ("inline handler", '<a href="javascript:go()">'),
    ],
)
def test_template_faults_are_recognised(fault: str, markup: str) -> None:
    assert list(template_faults(markup)) == [fault]


def test_a_clean_template_is_not_accused() -> None:
    markup = '<script src="a.js" defer></script><p class="style" data-on="x">{{ safe }} {{ body|nh3 }}</p>'
    assert list(template_faults(markup)) == []


def test_every_page_has_a_title_of_its_own() -> None:
    assert [name_of(path) for path in PAGES if not TITLE.search(path.read_text())] == []


def test_every_view_declares_who_may_use_it(app: Flask) -> None:
    declared = {rule.endpoint: gate_of(app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules()}
    assert [endpoint for endpoint, gate in declared.items() if gate is None] == []


def test_an_open_view_says_why_it_is_open(app: Flask) -> None:
    gates = {endpoint: gate_of(view) for endpoint, view in app.view_functions.items()}
    assert [name for name, gate in gates.items() if gate and gate.kind == "public" and not gate.reason] == []


def test_a_view_that_declares_nothing_keeps_the_application_from_starting(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    app.add_url_rule("/open-door", "open_door", lambda: "anyone")
    with pytest.raises(Undeclared, match="open_door"):
        every_view_declares(app)


TITLE = re.compile(r"{%-?\s*block title\s*-?%}(?!\s*{%-?\s*endblock)")
TEMPLATE_FAULTS = {
    "|safe": re.compile(r"\|\s*safe\b"),
    "autoescape off": re.compile(r"{%-?\s*autoescape\s+false"),
    "inline style": re.compile(r"<style\b|<[^>]*\sstyle\s*="),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)"),
    "inline handler": re.compile(r"<[^>]*\s(?:hx-on\b|on[a-z]+\s*=)|javascript:"),
}


def template_faults(markup: str) -> Iterator[str]:
    """Name what a template does against the content policy or against escaping."""
    for fault, pattern in TEMPLATE_FAULTS.items():
        if pattern.search(markup):
            yield fault


def imported_modules(path: Path) -> set[str]:
    """Return the top-level names of every module a file imports."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module.split(".")[0])
    return modules


SQL_CALLS = {"text", "execute", "executemany", "executescript", "exec_driver_sql", "scalar", "scalars"}


def built_sql(tree: ast.AST) -> Iterator[int]:
    """Yield the line of every SQL statement made by formatting or adding strings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in SQL_CALLS and is_built_string(node.args[0]):
                yield node.lineno


def is_built_string(node: ast.expr) -> bool:
    match node:
        case ast.JoinedStr():
            return True
        case ast.BinOp(left=left, right=right):
            return any(is_string(side) or is_built_string(side) for side in (left, right))
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return is_string(value)
    return False


def is_string(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
