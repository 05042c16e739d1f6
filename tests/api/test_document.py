"""The document is true: schemathesis makes requests from it, good and bad, one after another, and judges every answer.

API_EXAMPLES says how many examples each operation gets: 100 before a release.
"""

import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from sqlalchemy.orm import Session

from app.kernel import limits
from app.kernel.limits import MINUTE, Limit
from app.kernel.vault import Vault
from app.league.accounts.models import SignInKind
from app.surfaces.api.document import document
from tests import factories as make
from tests.gallery.stage import serving
from tests.helpers import token_of
from tests.pages.table_notices import THINGS as NOTICES
from tests.world import World

pytestmark = [pytest.mark.embedded, pytest.mark.slow, pytest.mark.timeout(1800)]
EXAMPLES = int(os.environ.get("API_EXAMPLES", "2"))
REVIEW = r"^/(queue|applications/\{public_id\}(/decisions)?|decisions(/\{public_id\}/undo)?)$"
CHECKS = {
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance", "negative_data_rejection", "positive_data_acceptance", "missing_required_header",
    "unsupported_method", "ignored_auth", "use_after_free", "ensure_resource_availability",
}  # fmt: skip
CONFIG = {
    "seed": 1,
    "continue-on-failure": True,
    "warnings": False,
    "suppress-health-check": ["all"],
    "generation": {"max-examples": EXAMPLES, "database": "none", "no-shrink": True},
    "phases": {
        "stateful": {"generation": {"max-examples": 3 * EXAMPLES}},
        # Two thirds of a short run would be bad requests one by one; the fuzzing makes some, `test_bad_input.py` others.
        "coverage": {"generation": {"mode": "all" if EXAMPLES >= 100 else "positive"}},
    },
    # What is read and understood may still be against the League's rules (422): that is no fault of a request's form.
    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "401", "403", "404", "409", "422", "429"]}},
}


@dataclass
class Found:
    """What a run came to. ``judged``: how often each check was made; ``stages``: answers by phase of the run."""

    faults: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    judged: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)


@pytest.fixture
def prepared(world: World, session: Session, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> World:
    """Something of everything where the secretary of school S looks, and no limit to asking."""
    for _ in range(6):
        make.join_request(session, vault, world.branch_b1)
    NOTICES["to_school_s"](world, session, vault)
    session.commit()
    for name in ("api.address", "api.token"):
        monkeypatch.setitem(limits.LIMITS, name, Limit(((10**9, MINUTE),)))
    return world


def test_every_answer_is_as_the_document_says(app: Flask, prepared: World) -> None:
    with serving(app) as site:
        found = judged(f"{site}/api/v1/openapi.json", app, prepared)
    sys.stdout.write(f"{found}\n")
    assert found.faults == {}
    assert found.judged.keys() >= CHECKS
    assert {"examples", "coverage", "fuzzing", "stateful"} <= found.stages.keys()
    assert found.statuses[200] > 20, "hardly anything was let in: nothing was tested"


@pytest.mark.skipif(EXAMPLES < 100, reason="so few steps hardly ever lead from the queue to a decision")
def test_links_lead_from_the_queue_to_a_decision_and_back(app: Flask, prepared: World) -> None:
    with serving(app) as site:
        found = judged(f"{site}/api/v1/openapi.json", app, prepared, only=REVIEW)
    sys.stdout.write(f"{found}\n")
    assert found.faults == {}
    assert found.statuses[201], "nothing was ever decided"


def test_a_document_that_lies_is_found_out(app: Flask, prepared: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a field that is promised and not given, a status that is given and not told."""
    told = document()
    monkeypatch.setitem(told["components"]["schemas"]["Me"]["properties"], "name", {"type": "integer"})
    monkeypatch.delitem(told["paths"]["/applications/mine"]["get"]["responses"], "404")
    with serving(app) as site:
        found = judged(f"{site}/api/v1/openapi.json", app, prepared, only="/(me|applications/mine)$")
    assert {name.split()[0] for name in found.faults} >= {"response_schema_conformance", "status_code_conformance"}


def judged(address: str, app: Flask, world: World, only: str = "") -> Found:
    """Run schemathesis over the document at ``address``; ``only``: the paths it is about."""
    schema = schemathesis.openapi.from_url(address, config=SchemathesisConfig.from_dict(CONFIG))
    schema = schema.include(path_regex=only) if only else schema

    @schema.auth(refresh_interval=None)  # asked before each request: some end the token they bring, or another
    class _Token:
        kept: ClassVar[str] = ""

        def get(self, case: Any, context: Any) -> str:
            fresh = case.operation.method.upper() == "DELETE"
            if fresh or not self.kept:
                token = token_of(app, world.people["school_s"], SignInKind.APP)
                _Token.kept = "" if fresh else token
                return token
            return self.kept

        def set(self, case: Any, data: str, context: Any) -> None:
            case.headers["Authorization"] = f"Bearer {data}"

    found = Found()
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            found.faults[f"run {event.label}"] = repr(event.value)
        elif isinstance(event, events.FatalError):
            found.faults["run"] = repr(event.exception)
        elif isinstance(event, events.ScenarioFinished):
            _note(found, event)
    return found


def _note(found: Found, event: events.ScenarioFinished) -> None:
    for interaction in event.recorder.interactions.values():
        if interaction.response is not None:
            found.statuses[interaction.response.status_code] += 1
            found.stages[event.phase.value.split()[0].lower()] += 1
    for case_id, nodes in event.recorder.checks.items():
        for node in nodes:
            found.judged[node.name] += 1
            if node.failure_info is not None:
                label = event.recorder.cases[case_id].value.operation.label
                failure = node.failure_info
                found.faults[f"{node.name} {label}"] = f"{failure.failure.message} {failure.code_sample}"
