"""What is looked at once, before any check: is there a server that can be asked at all?"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx

from samsara_qualifications_contract.harness import facts
from samsara_qualifications_contract.harness.api import TOO_MANY, USUAL_WAIT, Unanswered, wait_of
from samsara_qualifications_contract.harness.facts import ENTITIES, LONG_AGO
from samsara_qualifications_contract.harness.targets import Target
from samsara_qualifications_contract.harness.transport import NotReadyError, open_client, reason
from samsara_qualifications_contract.oracle import instants
from samsara_qualifications_contract.oracle.spec import is_list, is_object
from samsara_qualifications_contract.server import adapt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from samsara_qualifications_contract.harness.api import Api
    from samsara_qualifications_contract.harness.facts import Facts
    from samsara_qualifications_contract.oracle.spec import Json

FIRST_TIMEOUT = 10.0
"""Seconds for each part of the first exchange."""
LONGEST_WAIT = 60.0
LAST_PORT = 65535
OWN_HOST = "samsara.com"
_OK, _CREATED, _REDIRECT, _SERVER_ERROR, _MOST_REFUSALS = 200, 201, 300, 500, 3
_NO_TOKEN = {401: "refuses the token", 403: "does not let this token read"}
_NO_RIGHT, _NOT_TAKEN = {401, 403}, {400, 404, 409, 422}
_TYPES = "/qualification-types?entityType=worker"
_NOTHING = (
    "/qualification-records?ids=nobody",
    f"{_TYPES}&ids=00000000-0000-0000-0000-000000000000",
    f"/qualification-records/stream?entityType=worker&startTime={LONG_AGO}&endTime={LONG_AGO}",
)
"""What no server answers with something, unless it does not look at the question."""
_STATELESS = "the checks need a server that keeps what is sent, not one with fixed examples"


def address(text: str) -> str:
    """
    Return a server's URL without a slash at its end.

    Raises:
        ValueError: It is none, or one to which the suite must not be put.
    """
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError(f"the URL cannot be read: {error}") from error
    if url.userinfo:
        raise ValueError("the URL holds credentials: leave them out, the token is all there is")
    if url.scheme not in {"http", "https"} or not url.host:
        way = f"http://{text}" if "://" not in text else "http://HOST:PORT"
        raise ValueError(f"{text!r} is not the URL of a server: write {way}")
    if not 0 < (url.port or 1) <= LAST_PORT:
        raise ValueError(f"{text!r} names port {url.port}: the last is {LAST_PORT}")
    if url.query or url.fragment:
        raise ValueError(f"{text!r} holds more than a base URL: leave out what follows the path")
    if f".{url.host}".endswith(f".{OWN_HOST}"):
        raise ValueError(
            f"{url.host} holds real organisations, and the checks write a lot: "
            "python -m samsara_qualifications_contract.live asks one carefully"
        )
    return str(url).rstrip("/")


def look(base_url: str, token: str, told: Mapping[str, Any], *, records: bool = True) -> Facts:
    """
    Find out whether a server can be asked, and what is there; records that it takes are deleted.

    Args:
        base_url: The server.
        token: The bearer token.
        told: What the target's YAML file says.
        records: Whether records must be made.

    Returns:
        What is there.

    Raises:
        NotReadyError: The checks cannot begin.
        Breach: An answer breaks the contract already, so that no check could tell more.
    """
    try:
        _check_answers(base_url, token)
        with Target(base_url, token, facts.NOTHING).open() as api:
            found = facts.find(api, told)
            usable = list(filter(found.usable, ENTITIES))
            if records and not usable:
                raise NotReadyError(
                    f"no record can be made there: {'; '.join(found.missing())} (--facts)"
                )
            for entity in usable:
                _check_end(api, entity, LONG_AGO)
                if records:
                    _check_memory(api, found, entity)
    except Unanswered as error:
        raise NotReadyError(f"{error.failure.operation}: {error.failure.came}") from error
    return found


def _check_answers(base_url: str, token: str) -> None:
    """Send a few requests, and read the answers with no more trust than they have earned."""
    with open_client(base_url, FIRST_TIMEOUT) as client:
        _check_first_answer(*_answer(client, f"{base_url}{_TYPES}", token))
        shown = [_answer(client, f"{base_url}{path}", token)[1] for path in _NOTHING]
    found = [_data(response) for response in shown]
    if all(found):
        raise NotReadyError(
            f"GET {shown[0].request.url} shows {json.dumps(found[0])[:60]}..., though nobody has "
            f"that id: {_STATELESS}"
        )


def _check_first_answer(url: str, response: httpx.Response) -> None:
    status, body = response.status_code, _parsed(response)
    answer = f"GET {url} answers {status}"
    if status in _NO_TOKEN:
        raise NotReadyError(f"the server {_NO_TOKEN[status]}: {answer}{_words(body)}")
    if response.has_redirect_location:
        raise NotReadyError(f"{answer}: it redirects to {response.headers['location']}")
    if status == TOO_MANY:
        raise NotReadyError(f"{answer}, also after the wait: let it rest, or raise its limit")
    if status >= _SERVER_ERROR:
        raise NotReadyError(f"{answer}{_words(body)}: the server is not well")
    if status != _OK:
        raise NotReadyError(f"{answer}{_words(body)}, not 200: is this the API's base URL?")
    if body is None:
        kind = response.headers.get("content-type", "no content type")
        raise NotReadyError(f"{answer} with {kind}, not JSON: is this the API's base URL?")
    if not is_object(body) or not is_list(body.get("data")):
        raise NotReadyError(f"{answer} with JSON without `data`: is this the API's base URL?")


def _answer(client: httpx.Client, url: str, token: str) -> tuple[str, httpx.Response]:
    """Send a request, again where the server asks for patience; return the last answer."""
    refusals = 0
    while True:
        try:
            response = client.get(url, headers={"Authorization": f"Bearer {token}"})
        except httpx.RequestError as error:
            raise NotReadyError(f"no answer from GET {url}: {reason(error)}") from error
        except UnicodeError as error:
            raise NotReadyError(f"no host can be named so: {url}: {error}") from error
        refusals += response.status_code == TOO_MANY
        wait = wait_of(response) or USUAL_WAIT
        if response.status_code != TOO_MANY or refusals == _MOST_REFUSALS or wait > LONGEST_WAIT:
            return url, response
        time.sleep(wait)


def _data(response: httpx.Response) -> Any:
    body = _parsed(response)
    return body.get("data") if response.status_code == _OK and is_object(body) else None


def _check_memory(api: Api, found: Facts, entity: str) -> None:
    """Make two records, and read them."""
    made = [_made(api, found, entity) for _ in range(2)]
    ids = [record["id"] for record in made]
    if len(set(ids)) == 1:
        raise NotReadyError(f"two new records have the same id {ids[0]!r}: {_STATELESS}")
    replies = [api.get(identity) for identity in ids]
    seen = {record["id"] for each in replies if each.status == _OK for record in each.data}
    reply = replies[-1]
    if not seen.issuperset(ids):
        shown = f" with {', '.join(sorted(seen)) or 'no record'}" if reply.status == _OK else ""
        raise NotReadyError(
            f"the records {' and '.join(ids)} were created, and GET {reply.path} answers "
            f"{reply.status}{shown}: {_STATELESS}"
        )
    _check_end(api, entity, made[-1]["updatedAtTime"])


def _made(api: Api, found: Facts, entity: str) -> Json:
    body = adapt.minimal_record(found, entity)
    reply = api.create(body)
    what = f"POST {reply.path} answers {reply.status}{_words(_parsed(reply.response))}"
    if reply.status in _NO_RIGHT:
        raise NotReadyError(f"the server does not let this token create a record: {what}")
    if reply.status in _NOT_TAKEN:
        kind, owner = body["qualificationType"]["id"], body["owner"]["id"]
        raise NotReadyError(
            f"the server takes no record of the type {kind} for the {entity} {owner}: {what}; "
            "name others in a file of facts (--facts)"
        )
    record: Json = reply.answers(_CREATED).data
    return record


def _check_end(api: Api, entity: str, start: str) -> None:
    """Read a second of the stream, which must end."""
    end = instants.render(instants.parse(start) + instants.SECOND)
    query = {"entityType": entity, "startTime": start, "endTime": end}
    facts.pages(api.stream, query)


def _parsed(response: httpx.Response) -> Any:
    try:
        return json.loads(response.content)
    except ValueError:
        return None


def _words(body: Any) -> str:
    """Return what an error says, if it says something."""
    said = body.get("message") if is_object(body) else None
    return f" ({str(said)[:120]!r})" if said else ""
