"""The suite's options, its target, and how much it tries."""

from __future__ import annotations

import dataclasses
import os
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings

from samsara_qualifications_contract.harness import expectations, facts, preflight, targets
from samsara_qualifications_contract.harness.report import Observer, Report
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
_EXAMPLES = 30
_STEPS = 20


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose the target and the effort."""
    group = parser.getgroup("contract", "contract suite")
    group.addoption("--target", choices=targets.NAMES[:3], default="mock", help="what to test")
    group.addoption("--base-url", help="the server, for --target url")
    group.addoption("--token", help=f"its token; {preflight.TOKEN_VARIABLE} without it")
    group.addoption("--facts", type=Path, help="YAML: what the API alone cannot tell")
    group.addoption("--expect", type=Path, metavar="FOLDER", help="what other teams rely on")
    group.addoption("--effort", type=float, default=1.0, help="times the usual examples")
    group.addoption("--random", action="store_true", help="other examples in each run")
    group.addoption("--report", type=Path, metavar="FOLDER", help="write contract.html and .json")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the marks; choose how Hypothesis works, before it looks at its own options."""
    if config.option.random and config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(secrets.randbelow(2**32))
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    settings.register_profile(
        "contract",
        max_examples=max(1, round(_EXAMPLES * config.option.effort)),
        stateful_step_count=_STEPS,
        derandomize=not config.getoption("--random"),
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
    if not hasattr(config, "workerinput"):
        option = config.option
        same = "none: the same examples in every run"
        run = {"seed": option.hypothesis_seed or same, "effort": f"{option.effort:g}"}
        named = str(option.base_url or option.target)
        config.pluginmanager.register(Report(named, observer, option.report, run))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Check that the run can begin; say what is tested, and how to have a random run again."""
    option = session.config.option
    if not hasattr(session.config, "workerinput"):
        try:
            preflight.check(_options(session.config))
        except preflight.NotReadyError as error:
            raise pytest.UsageError(str(error)) from error
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and not hasattr(session.config, "workerinput"):
        seed = f", SEED={option.hypothesis_seed} repeats it" if option.random else ""
        reporter.write_line(f"contract suite: target {option.base_url or option.target}{seed}")


def _options(config: pytest.Config) -> preflight.Options:
    option = config.option
    return preflight.Options(
        target=option.target,
        base_url=option.base_url or "",
        token=option.token or "",
        variable=os.environ.get(preflight.TOKEN_VARIABLE, ""),
        facts=option.facts,
        expect=option.expect,
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each file of expectations its own test."""
    if "expectation" in metafunc.fixturenames:
        files = expectations.files(metafunc.config.option.expect or EXAMPLES)
        metafunc.parametrize("expectation", files, ids=[file.stem for file in files])


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """What the suite runs against."""
    observer = request.config.stash[OBSERVER]
    with _opened(request.config) as opened:
        observer.facts = facts.as_told(opened.facts)
        yield dataclasses.replace(opened, on_reply=observer.saw)


@contextmanager
def _opened(config: pytest.Config) -> Generator[Target]:
    name: str = str(config.getoption("--target"))
    told = facts.read_file(config.getoption("--facts"))
    if name == "url":
        token = config.getoption("--token") or os.environ[preflight.TOKEN_VARIABLE]
        yield targets.open_target(name, str(config.getoption("--base-url")), token, told)
    elif name == "mock-http":
        with targets.mock_process("--rate", "none", "--page-size", "3") as url:
            yield targets.open_target(name, url, targets.MOCK_TOKEN, told or targets.OWNERS)
    else:
        yield targets.open_target(name, targets.MOCK_URL, targets.MOCK_TOKEN, targets.OWNERS)


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
    for mark in request.node.iter_markers("needs"):
        chosen: Target = request.getfixturevalue("target")
        if mark.args == ("own_server",) and not chosen.own_server:
            pytest.skip("needs a server of its own: --target mock")
        if mark.args == ("records",) and not any(map(chosen.facts.usable, facts.ENTITIES)):
            pytest.skip("; ".join(chosen.facts.missing()))
