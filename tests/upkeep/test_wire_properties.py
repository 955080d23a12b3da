"""What holds for any two documents: nothing is missed, and names, order and refs do not count."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from upkeep.change_kinds import Verdict
from upkeep.wire_diff import compare, verdict
from upkeep.wire_shape import fingerprint, wire_shape

if TYPE_CHECKING:
    import random

    from upkeep.wire_shape import Node

Schema = dict[str, Any]
Document = dict[str, Any]
NAMES = [f"Thing{number}" for number in range(5)]
PROPERTIES = ["id", "kind", "next"]
PROFILE = settings(
    max_examples=150,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

refs = st.sampled_from(NAMES).map(lambda name: {"$ref": f"#/components/schemas/{name}"})
strings = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={
        "format": st.sampled_from(["date", "uuid"]),
        "enum": st.lists(st.sampled_from("abc"), min_size=1, unique=True),
        "maxLength": st.integers(1, 2),
        "nullable": st.just(value=True),
        "deprecated": st.just(value=True),
        "readOnly": st.just(value=True),
        "writeOnly": st.just(value=True),
        "not": st.sampled_from([{"const": "a"}, {"enum": ["a"]}, {"const": "b"}]),
    },
)
numbers = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number"])},
    optional={"minimum": st.integers(0, 1), "exclusiveMinimum": st.booleans()},
)


def objects(values: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    """Draw an object whose properties are drawn from the given schemas."""
    return st.fixed_dictionaries(
        {"type": st.just("object")},
        optional={
            "properties": st.dictionaries(st.sampled_from(PROPERTIES), values, max_size=3),
            "required": st.lists(st.sampled_from(PROPERTIES), unique=True, max_size=2),
            "additionalProperties": st.one_of(st.just(value=False), values),
        },
    )


def nested(values: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    """Draw what holds other schemas."""
    return st.one_of(
        objects(values),
        values.map(lambda items: {"type": "array", "items": items}),
        st.lists(values, min_size=2, max_size=2).map(lambda both: {"oneOf": both}),
        st.lists(objects(values), min_size=2, max_size=2).map(lambda both: {"allOf": both}),
    )


schemas = st.recursive(st.one_of(strings, numbers, refs), nested, max_leaves=5)
components = st.fixed_dictionaries({name: objects(schemas) for name in NAMES})


servers = st.lists(
    st.sampled_from(["https://a.example", "https://A.example/", "https://a.example/v2", "/"]).map(
        lambda url: {"url": url}
    ),
    max_size=3,
)
securities = st.lists(
    st.dictionaries(
        st.sampled_from(["token", "same", "key", "gone"]),
        st.lists(st.sampled_from(["read", "write"]), unique=True, max_size=2),
        max_size=2,
    ),
    max_size=2,
)
frames = st.fixed_dictionaries({}, optional={"servers": servers, "security": securities})
levels = st.fixed_dictionaries({"document": frames, "operation": frames})
SCHEMES = {
    "token": {"type": "http", "scheme": "bearer"},
    "same": {"type": "http", "scheme": "Bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
}


def document(parts: dict[str, Schema], said: dict[str, Document]) -> Document:
    """Build a document that sends and answers the components, from two operations."""
    sent, answered = ({"$ref": f"#/components/schemas/{name}"} for name in NAMES[:2])
    answer = {"200": {"content": {"application/json": {"schema": answered}}}}
    post = {"requestBody": {"content": {"application/json": {"schema": sent}}}, "responses": answer}
    return {
        "openapi": "3.0.3",
        "paths": {"/things": {"post": post, "get": {"responses": answer, **said["operation"]}}},
        "components": {"schemas": parts, "securitySchemes": SCHEMES},
        **said["document"],
    }


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Document, Document]:
    """Draw two documents that mostly differ in one component, or in servers and security."""
    first = draw(components)
    second = copy.deepcopy(first)
    said = other = draw(levels)
    if draw(st.booleans()):
        second[draw(st.sampled_from(NAMES))] = draw(objects(schemas))
    elif draw(st.booleans()):
        other = draw(levels)
    return document(first, said), document(second, other)


def weight(first: Node, second: Node) -> Verdict:
    """Weigh the changes from one shape to the other."""
    return verdict(compare(first, second))


def found(first: Node, second: Node) -> set[tuple[str, str, str]]:
    """List the kinds of changes by operation and side."""
    return {(c.operation, c.side, c.what) for c in compare(first, second)}


@PROFILE
@given(pairs())
def test_there_and_back_is_same_only_for_equal_shapes(both: tuple[Document, Document]) -> None:
    """Every difference is a change one way or the other, however deep or recursive."""
    first, second = map(wire_shape, both)
    equal = fingerprint(first) == fingerprint(second)
    assert equal == (max(weight(first, second), weight(second, first)) == Verdict.SAME)


@PROFILE
@given(pairs(), st.randoms(use_true_random=False))
def test_names_order_and_inlining_do_not_count(
    both: tuple[Document, Document], chance: random.Random
) -> None:
    """Renaming components, shuffling, and inlining refs change neither verdict nor operations."""
    first, second = map(wire_shape, both)
    for change in (renamed, shuffled, inlined):
        disguised = wire_shape(change(both[1], chance))
        assert Verdict.SAME == weight(second, disguised)
        assert fingerprint(second) == fingerprint(disguised)
        assert found(first, second) == found(first, disguised)
        assert found(second, first) == found(disguised, first)


def renamed(value: Any, chance: random.Random) -> Any:
    """Give every component another name."""
    names = {
        name: f"Other{number}"
        for name, number in zip(NAMES, chance.sample(range(9), 5), strict=True)
    }
    text = json.dumps(value)
    for name, other in names.items():
        text = text.replace(name, other)
    return json.loads(text)


def shuffled(value: Any, chance: random.Random) -> Any:
    """Put all entries and items in another order."""
    if isinstance(value, dict):
        entries = [(key, shuffled(child, chance)) for key, child in value.items()]
        chance.shuffle(entries)
        return dict(entries)
    if isinstance(value, list):
        return chance.sample([shuffled(child, chance) for child in value], len(value))
    return value


def inlined(whole: Document, chance: random.Random) -> Document:
    """Replace about half of all refs by what they refer to, once."""
    parts = whole["components"]["schemas"]

    def inline(value: Any) -> Any:
        if isinstance(value, list):
            return [inline(child) for child in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value and chance.random() < 0.5:
            return copy.deepcopy(parts[value["$ref"].rpartition("/")[2]])
        return {key: inline(child) for key, child in value.items()}

    result: Document = inline(whole)
    return result
