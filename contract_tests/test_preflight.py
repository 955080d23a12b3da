"""A run that cannot begin says so in one sentence; what it does not use is not taken silently."""

from __future__ import annotations

import pytest

from contract_tests.preflight import NotReadyError, Options, check

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
