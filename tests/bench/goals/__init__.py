"""The rows of `scripts/bench`, a module for each kind. Importing this package enters them into the registry."""

from tests.bench.goals import changes, compared, crowds, django, finding, machine, pages, sheets, statements

__all__ = ["changes", "compared", "crowds", "django", "finding", "machine", "pages", "sheets", "statements"]
