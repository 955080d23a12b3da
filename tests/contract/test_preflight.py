"""A run that cannot begin says so in one sentence; what it does not use is not taken silently."""

from __future__ import annotations

from pathlib import Path

import pytest

from samsara_qualifications_contract.harness import targets
from samsara_qualifications_contract.harness.preflight import NotReadyError, Options, check

URL = "http://127.0.0.1:9"

WRONG = {
    "a URL without its target": (
        Options("mock", base_url=URL),
        "--base-url is given, and --target mock does not use it: say --target url",
    ),
    "a token without its target": (
        Options("mock-http", token="secret"),
        "--token is given, and --target mock-http does not use it: say --target url",
    ),
    "no URL": (Options("url", token="secret"), "--target url needs the server: --base-url"),
    "no file of facts": (
        Options("mock", facts=Path("nowhere.yaml")),
        "[Errno 2] No such file or directory: 'nowhere.yaml'",
    ),
    "no folder of expectations": (
        Options("mock", expect=Path("nowhere")),
        "no *.json in the folder of expectations nowhere",
    ),
    "no server": (
        Options("url", base_url=URL, token="secret"),
        f"no server answers GET {URL}/qualification-types: [Errno 111] Connection refused",
    ),
    "no URL at all": (
        Options("url", base_url="127.0.0.1", token="secret"),
        "no server answers GET 127.0.0.1/qualification-types: ",
    ),
    "no token": (
        Options("url", base_url=URL),
        "--target url needs a token: set SAMSARA_API_TOKEN, or give --token",
    ),
}


@pytest.mark.parametrize(("options", "text"), WRONG.values(), ids=WRONG)
def test_wrong_options_are_refused(options: Options, text: str) -> None:
    """An option that the target does not use, or lacks, is named with the way out; no token is."""
    with pytest.raises(NotReadyError) as caught:
        check(options)
    assert str(caught.value).startswith(text)
    assert "secret" not in str(caught.value)


def test_a_token_in_the_environment_is_none_of_the_mocks_business() -> None:
    """The variable may be set for other programs."""
    check(Options("mock", variable="secret"))


def test_what_it_reads_is_checked(tmp_path: Path) -> None:
    """A file of facts or expectations that cannot be used ends the run, not each test."""
    (tmp_path / "mine.yaml").write_text("behaviors: {}", encoding="utf-8")
    with pytest.raises(NotReadyError, match="unknown key 'behaviors'"):
        check(Options("mock", facts=tmp_path / "mine.yaml"))
    (tmp_path / "mine.json").write_text("{", encoding="utf-8")
    with pytest.raises(NotReadyError, match=r"mine\.json is not a valid expectation"):
        check(Options("mock", expect=tmp_path))


def test_the_server_must_answer_and_take_the_token() -> None:
    """One request tells a wrong token and a wrong address; a right one passes."""
    with targets.mock_process() as url:
        check(Options("url", base_url=url, variable=targets.MOCK_TOKEN))
        with pytest.raises(NotReadyError, match=r"refuses the token: GET .* answers 401"):
            check(Options("url", base_url=url, token="secret", variable=targets.MOCK_TOKEN))
        with pytest.raises(NotReadyError, match="answers 404, not 200: is this the API's base URL"):
            check(Options("url", base_url=f"{url}/v1", token=targets.MOCK_TOKEN))
