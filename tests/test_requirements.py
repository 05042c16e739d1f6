"""Two installations made a year apart are the same: everything is pinned, also what is only pulled in."""

import ast
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
RUNTIME = ROOT / "requirements.txt"
TESTING = ROOT / "tests/requirements.txt"
# Every virtual environment has it from the start.
GIVEN = {"pip"}


def pinned(file: Path) -> dict[str, Requirement]:
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return {canonicalize_name(item.name): item for item in map(Requirement, lines)}


def pulled_in_by(items: dict[str, Requirement]) -> set[str]:
    """Name what the packages ask for on this Python, with the extras the file names."""
    names = set()
    for name, item in items.items():
        for needed in map(Requirement, requires(name) or []):
            extras = item.extras or {""}
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                names.add(canonicalize_name(needed.name))
    return names


def test_every_line_names_one_version() -> None:
    for file in (RUNTIME, TESTING):
        loose = [str(item) for item in pinned(file).values() if [part.operator for part in item.specifier] != ["=="]]
        assert loose == []


def test_what_the_product_needs_is_pinned_to_the_last_package() -> None:
    assert pulled_in_by(pinned(RUNTIME)) - pinned(RUNTIME).keys() - GIVEN == set()


def test_what_the_tests_need_is_pinned_to_the_last_package() -> None:
    everything = pinned(RUNTIME) | pinned(TESTING)
    assert pulled_in_by(everything) - everything.keys() - GIVEN == set()


def test_nothing_is_pinned_twice() -> None:
    assert pinned(RUNTIME).keys() & pinned(TESTING).keys() == set()


def test_the_product_imports_nothing_that_only_the_tests_have() -> None:
    distributions = packages_distributions()
    imported = {
        canonicalize_name(distribution)
        for path in (ROOT / "app").rglob("*.py")
        for module in modules_of(path) - sys.stdlib_module_names - {"app"}
        for distribution in distributions.get(module, [module])
    }
    assert imported - pinned(RUNTIME).keys() == set()


def modules_of(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
