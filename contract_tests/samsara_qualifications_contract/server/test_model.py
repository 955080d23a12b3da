"""The server holds what the reference model holds, after any sequence of requests."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, multiple, rule
from hypothesis.stateful import run_state_machine_as_test as run

from samsara_qualifications.mock import BEHAVIOURS
from samsara_qualifications_contract.harness import facts
from samsara_qualifications_contract.server import adapt, reads, strategies
from samsara_qualifications_contract.server.story import Story

if TYPE_CHECKING:
    from samsara_qualifications_contract.harness.targets import Target

SWITCHES = [
    (row.name, choice)
    for row in BEHAVIOURS
    if row.name in facts.CHOICES
    for choice in row.choices[1:]
]
ANY_DATE = "2024-01-01T00:00:00Z"


class Records(RuleBasedStateMachine):
    """Requests in any order; the story compares after each."""

    target: ClassVar[Target]
    server_options: ClassVar[dict[str, Any]] = {}
    live = Bundle("live")
    gone = Bundle("gone")

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        api = self._stack.enter_context(self.target.open(**self.server_options))
        self.facts = self.target.facts
        self.story = Story(api, self.facts, own_server=self.target.own_server)
        self.entities = [entity for entity in facts.ENTITIES if self.facts.usable(entity)]

    def teardown(self) -> None:
        """Let the target clean up."""
        self._stack.close()

    def entity_of(self, record: str) -> str:
        """Return the entity type of a record."""
        return self.story.model.records[record].owner[0]

    @rule(target=live, data=st.data())
    def create(self, data: st.DataObject) -> Any:
        """Create a record with any properties; some must be refused."""
        entity = data.draw(st.sampled_from(self.entities))
        made = self.story.create(data.draw(strategies.new_record(self.facts, entity)))
        return made or multiple()  # pyright: ignore[reportUnknownVariableType]  untyped

    @rule(data=st.data(), record=live)
    def update(self, data: st.DataObject, record: str) -> None:
        """Change any subset of the properties."""
        changes = strategies.changes(self.facts, self.entity_of(record))
        self.story.update(record, **data.draw(changes))

    @rule(record=live, text=st.sampled_from(strategies.SENTINELS + strategies.NEIGHBOURS))
    def set_expiration(self, record: str, text: str) -> None:
        """Set the expiration date to the sentinel, or to something near it."""
        self.story.update(record, expirationDate=text)

    @rule(record=live, operation=st.sampled_from(["archive", "unarchive"]))
    def put_away(self, record: str, operation: str) -> None:
        """Archive, or undo it; also twice."""
        self.story.mark(operation, record)

    @rule(target=gone, record=consumes(live))
    def delete(self, record: str) -> str:
        """Delete a record."""
        self.story.mark("delete", record)
        return record

    @rule(record=gone, operation=st.sampled_from(["delete", "archive", "unarchive"]))
    def touch_deleted(self, record: str, operation: str) -> None:
        """Do something to a deleted record."""
        self.story.mark(operation, record)
        self.story.update(record, issueDate=ANY_DATE)
        reads.deleted_id(self.story, record)

    @rule(wrong=st.sampled_from(["x", strategies.UNKNOWN_UUID, "hr:nobody"]))
    def wrong_id(self, wrong: str) -> None:
        """Name a record that is not there."""
        self.story.update(wrong, issueDate=ANY_DATE)
        self.story.mark("delete", wrong)
        reads.unknown_id(self.story, wrong)

    @rule(record=live, wrong=st.sampled_from(["owner", "field", "value"]))
    def wrong_value(self, record: str, wrong: str) -> None:
        """Give a value that is valid, but does not fit the type."""
        self.story.update(record, **adapt.wrong_changes(self.facts, self.entity_of(record), wrong))

    @rule(record=live)
    def read(self, record: str) -> None:
        """Read with and without external ids, and by them."""
        reads.by_external_id(self.story, record)
        reads.external_ids_on_request(self.story, record)

    @rule(record=live)
    def update_by_external_id(self, record: str) -> None:
        """Name the record to update by an external id."""
        for key, value in list(self.story.model.records[record].external_ids.items()):
            self.story.update(f"{key}:{value}", issueDate=ANY_DATE)

    @rule(data=st.data())
    def stream(self, data: st.DataObject) -> None:
        """Read the stream with any filters."""
        entity = data.draw(st.sampled_from(self.entities))
        reads.stream(self.story, entity, **data.draw(self._filters(entity)))

    @rule(data=st.data())
    def types(self, data: st.DataObject) -> None:
        """List the types."""
        reads.types(self.story, data.draw(st.sampled_from(self.entities)))

    def _filters(self, entity: str) -> st.SearchStrategy[Any]:
        times = sorted(self.story.changed.values()) or [reads.FAR_FUTURE]
        return st.fixed_dictionaries(
            {},
            optional={
                "startTime": st.sampled_from(times),
                "endTime": st.sampled_from([*times, reads.FAR_FUTURE]),
                "ownerIds": st.sampled_from(self.facts.owners[entity]),
                "qualificationTypeIds": st.sampled_from(sorted(self.facts.types)),
                "includeDeleted": st.sampled_from(["true", "false"]),
                "includeExternalIds": st.sampled_from(["true", "false"]),
            },
        )


def machine(target: Target, **server_options: Any) -> type[Records]:
    """Return the state machine for a target; Hypothesis wants a class."""
    return type("Records", (Records,), {"target": target, "server_options": server_options})


@pytest.mark.needs("records")
def test_any_sequence_of_requests(target: Target) -> None:
    """Every property holds after every step of random stories."""
    run(machine(target))


@pytest.mark.needs("own_server")
@pytest.mark.parametrize(("name", "choice"), SWITCHES)
def test_other_choices(target: Target, name: str, choice: str) -> None:
    """The model and the mock agree on each alternative behaviour, too."""
    known = replace(target.facts, choices={**target.facts.choices, name: choice})
    run(machine(replace(target, facts=known), behaviours={name: choice}))
