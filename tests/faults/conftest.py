"""The fault server's process, the certificates, and an environment without settings."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme

if TYPE_CHECKING:
    from collections.abc import Iterator


class FaultServer:
    """The process of `server`, and the commands that it takes."""

    def __init__(self, certificates: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("server.py"), certificates],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, command: str, **arguments: Any) -> Any:
        """Give a command; return what the server answers."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=10)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of certificates: `good`, and some that no client should trust."""
    folder = tmp_path_factory.mktemp("certificates")
    ours, stranger = trustme.CA(), trustme.CA()
    hosts = ("127.0.0.1", "localhost", "samsara.test", "api.samsara.com")
    made = {
        "good": ours.issue_cert(*hosts),
        "other-host": ours.issue_cert("elsewhere.test"),
        "expired": ours.issue_cert(*hosts, not_after=datetime(2020, 1, 1, tzinfo=UTC)),
        "stranger": stranger.issue_cert(*hosts),
    }
    for name, certificate in made.items():
        certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / f"{name}.pem"))
    ours.cert_pem.write_to_path(str(folder / "ca.pem"))
    (folder / "broken.pem").write_text("no certificate", "utf-8")
    return folder


@pytest.fixture(scope="session")
def fault_server(certificates: Path) -> Iterator[FaultServer]:
    """The fault server, one for all tests of a process."""
    server = FaultServer(certificates)
    yield server
    server.close()


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the caller's environment out: no token, no URL, no proxy, no certificates."""
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
    certificates = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
    own = ("SAMSARA_API_TOKEN", "SAMSARA_BASE_URL", "SAMSARA_BUDGET")
    for name in (*own, *certificates, *proxies, *map(str.lower, proxies)):
        monkeypatch.delenv(name, raising=False)
