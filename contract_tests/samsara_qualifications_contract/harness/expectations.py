"""
What another team relies on: JSON files of requests and answers, checked against spec and server.

    {"given": {"licence": {"entity": "worker", "record": {"externalIds": {"hr": "1"}}}},
     "interactions": [
       {"request": {"method": "PATCH", "path": "/qualification-records",
                    "body": {"id": "{licence}", "expirationDate": "1970-01-01T00:00:00Z"}},
        "response": {"status": 200,
                     "body": {"data": {"id": "{licence}", "expirationDate": {"$absent": true}}}}}]}

Each of `given` is a record that is made first, of the target's own type and owner; `{name}` stands
for its id. In a response's body, objects may have more properties than are named, and a matcher may
stand for a value: `{"$absent": true}`, `{"$type": "string"}`, `{"$matches": "regular expression"}`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from samsara_qualifications_contract.oracle import spec
from samsara_qualifications_contract.oracle.spec import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from samsara_qualifications_contract.oracle.spec import Json, Operation

ABSENT = object()
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


@dataclass(frozen=True)
class Interaction:
    """A request, and what must come."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int
    answer: Any

    @property
    def operation(self) -> Operation | None:
        """The operation of the spec."""
        return spec.find(self.method, self.path)


@dataclass(frozen=True)
class Expectation:
    """A file: the records that must be there, and the interactions in order."""

    given: dict[str, Json]
    interactions: list[Interaction]


def files(folder: Path) -> list[Path]:
    """
    Return the files of a folder.

    Raises:
        ValueError: There are none, or no such folder.
    """
    found = sorted(folder.glob("*.json"))
    if not found:
        raise ValueError(f"no *.json in the folder of expectations {folder}")
    return found


def load(path: Path) -> Expectation:
    """
    Read a file.

    Raises:
        ValueError: The file is not of the form above.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
        interactions = [_interaction(item) for item in data["interactions"]]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path.name} is not a valid expectation: {error!r}") from error
    return Expectation(data.get("given", {}), interactions)


def _interaction(item: Json) -> Interaction:
    request, response = item["request"], item["response"]
    return Interaction(
        method=request["method"],
        path=request["path"],
        query=request.get("query", {}),
        body=request.get("body"),
        status=response["status"],
        answer=response.get("body", {}),
    )


def filled(value: Any, ids: Mapping[str, str]) -> Any:
    """Return a value with each `{name}` replaced by the id of that record."""
    text = json.dumps(value)
    for name, identity in ids.items():
        text = text.replace(f"{{{name}}}", identity)
    return json.loads(text)


def against_spec(interaction: Interaction) -> Iterator[str]:
    """Yield what the spec does not, or no longer, allow or promise."""
    operation = interaction.operation
    if operation is None:
        yield f"no operation {interaction.method} {interaction.path}"
        return
    if operation.body_schema and interaction.status < 300:
        yield from spec.breaches(operation.body_schema, interaction.body)
    yield from (
        f"no parameter {name}" for name in interaction.query if name not in operation.parameters
    )
    if interaction.status < 300 and interaction.status != operation.success:
        yield f"success is {operation.success}, not {interaction.status}"
    schema = operation.response_schema(interaction.status)
    if schema is None and interaction.answer:
        yield f"{interaction.status} has no body"
    elif schema is not None:
        yield from _promised(schema, interaction.answer, "")


def _promised(schema: Json, wanted: Any, path: str) -> Iterator[str]:
    schema = spec.resolve(schema)
    if is_object(wanted) and _matcher(wanted) is None:
        if schema["type"] != "object":
            yield f"{path or 'the body'} is of type {schema['type']}, not an object"
        for name, part in wanted.items():
            known = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if known is None:
                yield f"no property {f'{path}.{name}'.lstrip('.')}"
            else:
                yield from _promised(known, part, f"{path}.{name}")
    elif is_list(wanted) and schema["type"] == "array":
        for index, item in enumerate(wanted):
            yield from _promised(schema["items"], item, f"{path}[{index}]")
    elif _matcher(wanted) is None and "{" not in str(wanted):
        yield from (f"{path.lstrip('.')}: {problem}" for problem in spec.breaches(schema, wanted))


def differences(wanted: Any, came: Any, path: str = "") -> Iterator[str]:
    """Yield where an answer is not what is relied on."""
    matcher = _matcher(wanted)
    if matcher is not None:
        if not _matches(*matcher, came):
            yield f"{path.lstrip('.') or 'the body'} {_shown(came)}: it must match {wanted}"
    elif is_object(wanted) and is_object(came):
        for name, part in wanted.items():
            yield from differences(part, came.get(name, ABSENT), f"{path}.{name}")
    elif is_list(wanted) and is_list(came) and len(wanted) == len(came):
        for index, (part, item) in enumerate(zip(wanted, came, strict=True)):
            yield from differences(part, item, f"{path}[{index}]")
    elif wanted != came:
        yield f"{path.lstrip('.') or 'the body'} {_shown(came)}: {wanted!r:.80} is relied on"


def _shown(came: Any) -> str:
    return "is absent" if came is ABSENT else f"is {came!r:.80}"


def _matcher(wanted: Any) -> tuple[str, Any] | None:
    if is_object(wanted) and len(wanted) == 1:
        [(name, argument)] = wanted.items()
        if name in {"$absent", "$type", "$matches"}:
            return name, argument
    return None


def _matches(name: str, argument: Any, came: Any) -> bool:
    if name == "$absent":
        return came is ABSENT
    if name == "$type":
        return isinstance(came, _TYPES[argument])
    return isinstance(came, str) and re.search(argument, came) is not None
