"""
The suite's Schemathesis part: generated requests, valid and invalid, each with its right effect.

The generator only proposes. Whether a request is valid is judged by the spec anew, so that its own
labels need not be believed; an invalid one must be refused and change nothing; a valid one is
mapped to records that exist, and must do what the model does.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, cast

import pytest
import requests
import schemathesis
from hypothesis import settings

from samsara_qualifications_contract.harness.facts import ENTITIES
from samsara_qualifications_contract.harness.failures import Breach
from samsara_qualifications_contract.oracle import instants, spec
from samsara_qualifications_contract.oracle.judge import judge
from samsara_qualifications_contract.oracle.spec import MAX_IDS
from samsara_qualifications_contract.server import adapt, reads
from samsara_qualifications_contract.server.story import Story
from samsara_qualifications_contract.server.strategies import DATES

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from contextlib import AbstractContextManager

    import httpx

    from samsara_qualifications_contract.harness.api import Api
    from samsara_qualifications_contract.harness.targets import Target
    from samsara_qualifications_contract.oracle.judge import Verdict

    Stories = Callable[[], AbstractContextManager[Story]]

FUZZING_EXAMPLES = max(1, settings.default.max_examples * 5 // 3)  # type: ignore[union-attr]
"""Of each operation; the coverage phase comes on top."""

_NOT_OURS = {"content-length", "x-schemathesis-testcaseid"}
_SENT = ("method", "url", "headers", "params", "data", "json")

schemathesis.openapi.format("date-time", DATES)
SCHEMA = schemathesis.openapi.from_dict(spec.DOCUMENT)
SCHEMA.config.update(base_url="http://samsara.mock")  # pyright: ignore[reportUnknownMemberType]
SCHEMA.config.generation.update(with_security_parameters=False)
SCHEMA.config.phases.stateful.enabled = False


@pytest.fixture
def stories(target: Target) -> Iterator[Stories]:
    """What gives the story so far, or after a failure a fresh one: no request is to blame twice."""
    told: list[Story] = []

    @contextmanager
    def current() -> Generator[Story]:
        if not told:
            told.append(_begun(stack.enter_context(target.open()), target))
        try:
            yield told[0]
        except Exception:
            told.clear()
            stack.close()
            raise

    with ExitStack() as stack:
        yield current
        if told:
            reads.whole_stream(told[0])


def _begun(api: Api, target: Target) -> Story:
    """Return a story with one record to act on."""
    story = Story(api, target.facts, own_server=target.own_server)
    entity = next(filter(target.facts.usable, ENTITIES))
    story.create(adapt.minimal_record(target.facts, entity, externalIds={"hr": "kept"}))
    return story


@pytest.mark.needs("records")
@SCHEMA.parametrize()  # pyright: ignore[reportUnknownMemberType, reportUntypedFunctionDecorator]
@settings(max_examples=FUZZING_EXAMPLES)
def test_each_operation(case: Any, stories: Stories) -> None:
    """A request is refused, or has the effect that the model has."""
    with stories() as story:
        sent = as_httpx(case, story.api)
        verdict = judge(sent, story.api.token, story.api.prefix)
        if story.differs(*verdict.rests):
            return
        if not verdict.valid:
            refuse(sent, verdict, story)
            return
        try:
            accept(case.operation.definition.raw["operationId"], verdict.value, story)
        except Breach as breach:
            if breach.failure.expected.startswith("expected status"):
                breach.failure.hints.extend(story.hints(verdict.rests))
            raise


def refuse(sent: httpx.Request, verdict: Verdict, story: Story) -> None:
    """An invalid request is refused, with its own status, and changes nothing."""
    reply = story.api.exchange(sent)
    wanted = " or ".join(map(str, sorted(verdict.statuses)))
    text = f"expected status {wanted} for {verdict.why}; came {reply.status}"
    story.must(reply, reply.status in verdict.statuses, text, verdict.rests)
    if sent.method not in {"GET", "HEAD"}:
        story.look()


def accept(operation_id: str, value: Any, story: Story) -> None:
    """A valid request has the effect that the model has."""
    facts, first = story.facts, next(iter(story.model.records))
    entity = story.model.records[first].owner[0]
    match operation_id:
        case "updateQualificationRecord":
            changes = adapt.update(facts, entity, value)
            changes.pop("id")
            story.update(first, **changes)
        case "createQualificationRecord":
            made = story.create(adapt.creation(facts, entity, value))
            if made:
                story.mark("delete", made)
        case "getQualificationRecords":
            query = {k: _as_text(v) for k, v in value.items() if k != "ids"}
            reply = story.api.get(*[first for _ in value["ids"][:MAX_IDS]] or [first], **query)
            reply.answers(200).must(len(reply.data) == 1, "one record, once")
        case "streamQualificationRecords" | "listQualificationTypes":
            query = {k: _as_text(v) for k, v in value.items() if k != "after"}
            status, rests = _of_list(value)
            if not story.differs(*rests):
                story.answers(story.api.operate(operation_id, query=query), status, rests)
        case _:
            made = story.create(adapt.minimal_record(facts, entity))
            assert made
            story.mark(operation_id.removesuffix("QualificationRecord"), made)
            if operation_id != "deleteQualificationRecord":
                story.mark("delete", made)


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(cast("list[str]", value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _of_list(value: dict[str, Any]) -> tuple[int, set[str]]:
    """Return the status of a list, and the assumed behaviours that it rests on."""
    dates = [instants.parse(value[name]) for name in ("startTime", "endTime") if name in value]
    lists = [cast("list[str]", item) for item in value.values() if isinstance(item, list)]
    rests = {"type_filter" if ids else "empty_list" for ids in lists}
    if not all(map(instants.representable, dates)):
        return 400, {*rests, "time_range"}
    if any(len(ids) > MAX_IDS for ids in lists):
        return 400, {*rests, "too_many_ids"}
    return 200, rests


def as_httpx(case: Any, api: Api) -> httpx.Request:
    """Return a generated case as a request of our own client."""
    arguments = case.as_transport_kwargs(base_url=str(api.client.base_url))
    prepared = requests.Request(**{k: v for k, v in arguments.items() if k in _SENT}).prepare()
    headers = {k: str(v) for k, v in prepared.headers.items() if k.lower() not in _NOT_OURS}
    headers.setdefault("Authorization", f"Bearer {api.token}")
    body: Any = prepared.body or b""
    return api.client.build_request(
        str(prepared.method),
        str(prepared.url),
        headers=headers,
        content=body.encode() if isinstance(body, str) else body,
    )
