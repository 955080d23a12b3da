"""
What a client costs: processor time until the first call and for each update, memory, and parsing.

    make bench-cost

Each contender runs in processes of its own, in turn, over a transport that answers at once with the
documented response. Prints medians, as ratios to plain httpx with json.loads.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5
UPDATES = 400
PARSES = 300
RECORD = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"


def main() -> int:
    """Run every contender in turn, several times, and print the table."""
    parser = argparse.ArgumentParser(description="What a client costs.")
    parser.add_argument("--child", choices=CONTENDERS, help=argparse.SUPPRESS)
    child = parser.parse_args().child
    if child:
        print(json.dumps(measure(CONTENDERS[child])))
        return 0
    rounds = [{name: run_child(name) for name in CONTENDERS} for _ in range(ROUNDS)]
    medians = {
        name: {key: statistics.median(r[name][key] for r in rounds) for key in rounds[0][name]}
        for name in CONTENDERS
    }
    print_table(medians)
    return 0


def run_child(name: str) -> dict[str, float]:
    """Measure one contender in a fresh process."""
    command = [sys.executable, __file__, "--child", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def print_table(medians: dict[str, dict[str, float]]) -> None:
    """Print the medians, one row for each measure."""
    plain = medians["httpx"]
    print(f"{'':<34}" + "".join(f"{name:>24}" for name in medians))
    rows: list[tuple[str, Callable[[dict[str, float]], str]]] = [
        ("CPU until the first call, ms", lambda m: f"{m['first'] * 1000:.0f}"),
        ("memory after it, MiB", lambda m: f"{m['memory']:.0f}"),
        ("CPU per update, ratio to httpx", lambda m: f"{m['update'] / plain['update']:.2f}"),
        ("parse, ratio to json.loads", lambda m: f"{m['parse'] / plain['parse']:.1f}"),
    ]
    for title, cell in rows:
        print(f"{title:<34}" + "".join(f"{cell(values):>24}" for values in medians.values()))


def measure(
    contender: Callable[[], tuple[Callable[[], Any], Callable[[], Any]]],
) -> dict[str, float]:
    """Return processor time and memory of one contender, in this process."""
    update, parse = contender()
    update()
    first = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "first": first,
        "memory": memory,
        "update": per_call(update, UPDATES),
        "parse": per_call(parse, PARSES),
    }


def per_call(call: Callable[[], Any], times: int) -> float:
    """Return the median processor time of a call, over batches."""
    batches: list[float] = []
    for _ in range(10):
        begin = time.process_time()
        for _ in range(times // 10):
            call()
        batches.append((time.process_time() - begin) / (times // 10))
    return statistics.median(batches)


def body() -> bytes:
    """Return the documented response of an update, without importing any contender."""
    from importlib import util  # noqa: PLC0415  the imports are what is measured
    from pathlib import Path  # noqa: PLC0415

    spec = util.find_spec("samsara_qualifications_api")
    assert spec is not None  # noqa: S101  it is installed with this package
    assert spec.origin is not None  # noqa: S101
    document = json.loads((Path(spec.origin).parent / "openapi.json").read_bytes())
    answer = document["paths"]["/qualification-records"]["patch"]["responses"]["200"]
    return json.dumps(answer["content"]["application/json"]["examples"]["seed"]["value"]).encode()


def http_client() -> Any:
    """Return an httpx client whose server answers at once."""
    import httpx  # noqa: PLC0415

    content = body()
    return httpx.Client(
        transport=httpx.MockTransport(
            lambda _: httpx.Response(
                200, content=content, headers={"content-type": "application/json"}
            )
        )
    )


def plain_httpx() -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Plain httpx and json.loads: the floor."""
    client = http_client()
    content = body()

    def update() -> Any:
        response = client.patch(
            "https://api.example/qualification-records",
            json={"id": RECORD, "expirationDate": "2027-01-01T00:00:00Z"},
            headers={"Authorization": "Bearer token"},
        )
        return json.loads(response.content)

    return update, lambda: json.loads(content)


def ours() -> tuple[Callable[[], Any], Callable[[], Any]]:
    """This package, with its rate limit lifted out of the way."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from samsara_qualifications import QualificationsClient, RateLimit, _reader, models  # noqa: PLC0415

    free = RateLimit(1_000_000, 1)
    client = QualificationsClient(
        "token",
        base_url="https://api.example",
        http_client=http_client(),
        limits={"update": free, "token": free, "organization": free},
    )
    date = datetime(2027, 1, 1, tzinfo=UTC)
    content, component = body(), "QualificationRecordResponse"
    read = models.QualificationRecordResponse.from_dict
    return (
        lambda: client.update(RECORD, expiration_date=date),
        lambda: read(_reader.read(content, component)),
    )


def generated() -> tuple[Callable[[], Any], Callable[[], Any]]:
    """The generated client alone, as the generator means it to be used."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from samsara_qualifications_api import models  # noqa: PLC0415
    from samsara_qualifications_api.api.qualifications import (  # noqa: PLC0415
        update_qualification_record as operation,
    )
    from samsara_qualifications_api.client import AuthenticatedClient  # noqa: PLC0415

    client = AuthenticatedClient(base_url="https://api.example", token="token")  # noqa: S106
    client.set_httpx_client(http_client())
    client.get_httpx_client().base_url = "https://api.example"
    date = datetime(2027, 1, 1, tzinfo=UTC)
    request = models.UpdateQualificationRecordRequest(id=RECORD, expiration_date=date)
    content = body()
    return (
        lambda: operation.sync(client=client, body=request),
        lambda: models.QualificationRecordResponse.from_dict(json.loads(content)),
    )


def official_sdk() -> tuple[Callable[[], Any], Callable[[], Any]]:
    """The official SDK, as its documentation shows it."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from samsara import QualificationsPatchQualificationRecordResponseBody, Samsara  # noqa: PLC0415
    from samsara.core.pydantic_utilities import parse_obj_as  # noqa: PLC0415

    client = Samsara(base_url="https://api.example", token="token", httpx_client=http_client())  # noqa: S106
    date = datetime(2027, 1, 1, tzinfo=UTC)
    content = body()
    kind = QualificationsPatchQualificationRecordResponseBody
    return (
        lambda: client.beta_ap_is.patch_qualification_record(id=RECORD, expiration_date=date),
        lambda: parse_obj_as(kind, json.loads(content)),
    )


CONTENDERS = {
    "httpx": plain_httpx,
    "generated code alone": generated,
    "samsara-qualifications": ours,
    "official SDK": official_sdk,
}

if __name__ == "__main__":
    sys.exit(main())
