"""The mock's page: its examples work, and its tables say what is there."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from samsara_qualifications import QualificationsClient
from samsara_qualifications.mock import faults, seed
from samsara_qualifications.mock.__main__ import _parser

PAGE = (Path(__file__).parents[2] / "docs" / "mock.md").read_text(encoding="utf-8")
URL = "http://127.0.0.1:8080"


def blocks(kind: str) -> list[str]:
    """Return the page's blocks of a kind."""
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def rows() -> list[str]:
    """Return the rows that the tables of the seed data must have."""
    data = seed.load()
    types = [
        f"| {kind['name']} | `{kind['id']}` | {kind['entityType']}s | "
        + "<br>".join(
            f"{field['label']}{' (required)' * field['isRequired']}: {field['type']}, "
            f"`{field['id']}`"
            for field in kind["fields"]
        )
        for kind in data["types"]
    ]
    records = [
        f"| {record['qualificationType']['name']} | `{record['id']}` | "
        f"{record['owner']['entityType']} {record['owner']['id']} | {record['recordStatus']} | "
        f"{record.get('expirationDate', 'never')[:10]} | {shown(record['externalIds'])}"
        for record in data["records"]
    ]
    owners = [
        f"| {owner['entityType']} | {owner['id']} | {shown(owner['externalIds'])}"
        for owner in data["owners"]
    ]
    return [f"{row} |" for row in types + records + owners]


def shown(external_ids: dict[str, str]) -> str:
    """Return external ids as the page shows them."""
    return ", ".join(f"`{key}:{value}`" for key, value in external_ids.items())


def test_the_tables_are_the_seed_data() -> None:
    """Types with their fields, records, owners: no row is missing, and none is left over."""
    expected = rows()
    _, _, section = PAGE.partition("## What it begins with")
    heads = ("| type |", "| record of type |", "| owner |", "|---")

    found = [line for line in section.splitlines() if line.startswith("|")]

    assert expected == [line for line in found if not line.startswith(heads)]


def test_the_faults_are_faults() -> None:
    """In JSON."""
    [block] = blocks("json")

    assert 3 == len(faults.read(json.loads(block)))


def test_every_attribute_and_option_is_there() -> None:
    """Of faults, and of the fixtures."""
    for name in faults.Fault.__dataclass_fields__:
        assert f"`{name}`" in PAGE


def test_the_command_and_its_calls_work() -> None:
    """With curl, and with what a service in another language is told."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    start, calls = blocks("sh")
    program, *options = shlex.split(start)
    assert "python" == program
    command = [sys.executable, *options, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().removeprefix("url: ").strip()
            answers = [
                json.loads(subprocess.check_output([*shlex.split(line.replace(URL, url))]))
                for line in calls.splitlines()
            ]
            [block] = blocks("properties")
            told = dict(line.split("=") for line in block.splitlines())
            reply = httpx.get(
                f"{told['samsara.base-url'].replace(URL, url)}/qualification-types",
                params={"entityType": "worker"},
                headers={"Authorization": f"Bearer {told['samsara.token']}"},
                trust_env=False,
            )
        finally:
            process.terminate()
    assert [0, 1, 0] == [len(answer["faults"]) for answer in answers[:3]]
    assert "expirationDate" not in answers[3]["data"]
    assert 200 == reply.status_code


def test_the_containers_fit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mock takes its options, and the client takes its environment."""
    [block] = blocks("yaml")
    services: dict[str, Any] = yaml.safe_load(block)["services"]
    command = shlex.split(services["samsara"]["command"])[-1]
    options = _parser().parse_args(shlex.split(command.partition(".mock ")[2]))
    for name, value in services["renewals"]["environment"].items():
        monkeypatch.setenv(name, value)

    with QualificationsClient() as client:
        assert f"base_url='http://samsara:{options.port}'" in repr(client)
    assert "test-token" == options.token
