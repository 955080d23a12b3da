"""The suite's options, its target, and how much it tries."""

from __future__ import annotations

import dataclasses
import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings

from samsara_qualifications_contract.harness import expectations, facts, targets
from samsara_qualifications_contract.harness.api import Unanswered
from samsara_qualifications_contract.harness.report import Observer, Report
from samsara_qualifications_contract.harness.transport import INTERRUPTION
from samsara_qualifications_contract.server import reads
from samsara_qualifications_contract.server.story import Story

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from samsara_qualifications_contract.harness.targets import Target

MARKERS = (
    "needs(part): what the target must have: records, own_server",
    "behaviour(name): the row of the mock's table of behaviours that the test shows",
)
EXAMPLES = Path(__file__).parent / "expectations_example"
OBSERVER = pytest.StashKey[Observer]()
TOKEN_VARIABLE = "SAMSARA_API_TOKEN"
_EXAMPLES = 30
_MOST_UNANSWERED = 3
_STEPS = 20


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose the target and the effort."""
    group = parser.getgroup("contract", "contract suite")
    group.addoption("--url", help="the server; by default a mock in process")
    group.addoption("--token-env", default=TOKEN_VARIABLE, help="the variable with its token")
    group.addoption("--facts", type=Path, help="YAML: what the API alone cannot tell")
    group.addoption("--expect", type=Path, metavar="FOLDER", help="what other teams rely on")
    group.addoption("--effort", type=float, default=1.0, help="times the usual examples")
    group.addoption("--report", type=Path, metavar="FOLDER", help="write contract.html and .json")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the marks; choose how Hypothesis works, before it looks at its own options."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    settings.register_profile(
        "contract",
        max_examples=max(1, round(_EXAMPLES * config.option.effort)),
        stateful_step_count=_STEPS,
        derandomize=config.option.hypothesis_seed is None,
        database=None,
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=Verbosity.normal,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("contract")
    observer = config.stash[OBSERVER] = Observer()
    config.pluginmanager.register(observer)
    config.pluginmanager.register(Lifeline())
    if config.option.report and not hasattr(config, "workerinput"):
        named = str(config.option.url or "mock")
        config.pluginmanager.register(Report(named, observer, config.option.report))


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Let Ctrl-C wait for the end of an exchange, in the process that runs tests."""
    option = session.config.option
    runs_tests = hasattr(session.config, "workerinput") or not getattr(option, "numprocesses", 0)
    with INTERRUPTION.deferred() if option.url and runs_tests else nullcontext():
        return (yield)


class Lifeline:
    """Leaves the rest out once the server has gone."""

    def __init__(self) -> None:
        self._unanswered = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Count the tests in a row that got no answer."""
        report = yield
        if call.excinfo is not None and isinstance(call.excinfo.value, Unanswered):
            self._unanswered += 1
        elif call.when == "call":
            self._unanswered = 0
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Skip where the tests before got none."""
        if self._unanswered >= _MOST_UNANSWERED:
            pytest.skip("the server answers no more")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what speaks of our own mock, where a server is asked."""
    ours = [item for item in items if config.option.url and ("own_server",) in _needs(item)]
    config.hook.pytest_deselected(items=ours)
    items[:] = [item for item in items if item not in ours]


def _needs(node: pytest.Item) -> list[tuple[str]]:
    return [mark.args for mark in node.iter_markers("needs")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each file of expectations its own test."""
    if "expectation" in metafunc.fixturenames:
        files = expectations.files(metafunc.config.option.expect or EXAMPLES)
        metafunc.parametrize("expectation", files, ids=[file.stem for file in files])


@pytest.fixture(scope="session")
def observer(request: pytest.FixtureRequest) -> Observer:
    """What notes for the report how much was tried."""
    found: Observer = request.config.stash[OBSERVER]
    return found


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Target:
    """What the suite runs against."""
    option = request.config.option
    if option.url:
        token = os.environ[option.token_env]
        opened = targets.at(option.url, token, facts.read_file(option.facts))
    else:
        opened = targets.mock()
    return dataclasses.replace(opened, on_reply=request.config.stash[OBSERVER].saw)


@pytest.fixture(params=facts.ENTITIES)
def entity(request: pytest.FixtureRequest, target: Target) -> str:
    """An entity type for which records can be made."""
    name: str = request.param
    if not target.facts.usable(name):
        pytest.skip("; ".join(target.facts.missing()))
    return name


@pytest.fixture
def story(target: Target) -> Iterator[Story]:
    """A fresh story."""
    with target.open() as api:
        yield Story(api, target.facts, own_server=target.own_server)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """End each story with a look at the whole stream: what else is there, and what has changed."""
    yield
    told: Any = getattr(item, "funcargs", {}).get("story")
    if isinstance(told, Story):
        reads.whole_stream(told)


@pytest.fixture(autouse=True)
def _able(request: pytest.FixtureRequest) -> None:
    """Skip a test whose target lacks what it needs, or is said to differ, and say what."""
    for mark in request.node.iter_markers("behaviour"):
        if mark.args[0] in request.getfixturevalue("target").facts.differs:
            pytest.skip(f"the target's YAML file says that it differs in {mark.args[0]}")
    if ("records",) in _needs(request.node):
        chosen: Target = request.getfixturevalue("target")
        if not any(map(chosen.facts.usable, facts.ENTITIES)):
            pytest.skip("; ".join(chosen.facts.missing()))
