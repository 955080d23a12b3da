"""An organisation at a loopback port: the mock as a server, with records of others in it."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications import RateLimit
from samsara_qualifications.mock import MockServer, running
from samsara_qualifications_contract.live import __main__ as live
from samsara_qualifications_contract.live.guard import KEY
from samsara_qualifications_contract.live.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

TOKEN = "live-token-Xq7"
ORG = "Acme Sandbox Inc"


@dataclass
class Org:
    """
    An organisation to run against, and what the runs said.

    Attributes:
        folder: Where journals and recordings go.
        server: The mock.
        before: The records that were there at first.
        said: The lines of the runs so far.
    """

    folder: Path
    server: MockServer
    before: dict[str, Any] = field(default_factory=dict[str, Any])
    said: list[str] = field(default_factory=list[str])

    def arguments(self) -> list[str]:
        """Return the arguments of the command."""
        facts = self.folder / "facts.yaml"
        facts.write_text("worker:\n  owners: ['281474']\n", "utf-8")
        options = {"confirm": ORG, "facts": facts, "recorded": self.recorded, "state": self.state}
        return [f"--{name}={value}" for name, value in options.items()]

    @property
    def recorded(self) -> Path:
        """Where recordings go."""
        return self.folder / "recorded"

    @property
    def state(self) -> Path:
        """Where journals are."""
        return self.folder / "state"

    def run(self) -> int:
        """Run the command in this process."""
        return live.main(self.arguments())

    def text(self) -> str:
        """Return all that was said."""
        return "\n".join(self.said)

    def made(self) -> dict[str, str]:
        """Return the status of each record that was not there at first."""
        new = self.server.records.keys() - self.before
        return {record_id: self.server.records[record_id]["recordStatus"] for record_id in new}

    def marks_in_journal(self) -> set[str]:
        """Return what the journal says may exist."""
        [path] = self.state.glob("*.jsonl")
        with Journal(path) as journal:
            return set(journal.open)

    def check_untouched(self) -> None:
        """What was there at first is as it was, and every write named a record of the suite."""
        assert self.before == {name: self.server.records[name] for name in self.before}
        assert all(
            record["externalIds"][KEY].startswith(KEY)
            for name, record in self.server.records.items()
            if name not in self.before and KEY in record["externalIds"]
        )


@pytest.fixture
def organisation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Open organisations that behave as one likes."""

    @contextmanager
    def opened(**options: Any) -> Generator[Org]:
        server = MockServer(token=TOKEN, **{"rate": None, **options})
        org = Org(tmp_path, server, copy.deepcopy(server.records))
        assert org.before, "there is nothing that could be touched"
        plenty = dict.fromkeys(live.half_limits(), RateLimit(10_000, 60.0))
        monkeypatch.setattr(live, "half_limits", lambda: plenty)
        monkeypatch.setattr(live, "say", org.said.append)
        with running(server) as url:
            environment = {
                "SAMSARA_API_TOKEN": TOKEN,
                "SAMSARA_BASE_URL": url,
                "SAMSARA_BUDGET": f"memory://?name={tmp_path.name}",
                "SAMSARA_CONTRACT_ORG": ORG,
            }
            for name, value in environment.items():
                monkeypatch.setenv(name, value)
            yield org
        org.check_untouched()

    return opened
