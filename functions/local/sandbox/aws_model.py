"""The server side of botocore's own IoT model: which operation is meant, what came in, and is it well formed.

On the client's side botocore checks required members, types and minima; the maxima, patterns and enums that
the model also states are checked here, as the service does. What the model lacks is in `aws_rules`.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from functions.local.sandbox.aws_errors import AwsError, invalid

if TYPE_CHECKING:
    from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

# Java's character classes as the IoT model uses them; \p{Graph} is ASCII unless asked otherwise.
_CLASSES = {
    r"\p{Graph}": r"\x21-\x7e",
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}
_NUMBERS: dict[str, type[int] | tuple[type[int], type[float]]] = {
    "integer": int,
    "long": int,
    "double": (int, float),
    "float": (int, float),
}
_INT32 = 2**31 - 1
_LARGEST: dict[str, int] = {"integer": _INT32, "long": 2**63 - 1}


class IotModel:
    """Matches a method and path to an operation, and a request to its validated parameters."""

    def __init__(self, service: ServiceModel) -> None:
        self._service = service
        self._routes = Map(
            [_rule(service.operation_model(name)) for name in service.operation_names],
            merge_slashes=False,
        ).bind("localhost")

    @staticmethod
    @cache
    def load() -> IotModel:
        """The model that the installed botocore ships, read once: that takes half a second."""
        import botocore.session

        return IotModel(botocore.session.get_session().get_service_model("iot"))

    def match(self, method: str, path: str) -> tuple[OperationModel, dict[str, Any]]:
        """Gives the operation and its URI members; an `AwsError` 404 when no operation has this address."""
        try:
            name, uri_members = self._routes.match(path, method=method)
        except HTTPException as error:
            message = f"no operation has the method {method} and this path"
            raise AwsError("UnknownOperationException", 404, message) from error
        return self._service.operation_model(name), dict(uri_members)

    def parse(
        self,
        operation: OperationModel,
        uri_members: dict[str, str],
        query: dict[str, str],
        body: bytes,
    ) -> dict[str, Any]:
        """Gives the operation's known members, nulls left out; raises InvalidRequestException (400)."""
        shape = operation.input_shape
        if shape is None:
            return {}
        members = _decode(body) if body.strip() else {}
        found: dict[str, Any] = {}
        for name, member in shape.members.items():
            wire = member.serialization.get("name", name)
            source = {"uri": uri_members, "querystring": query}.get(member.serialization.get("location", ""))
            value = members.get(wire) if source is None else _from_text(name, member, source.get(wire))
            if value is not None:
                found[name] = value
        return _structure("", shape, found)


def _rule(operation: OperationModel) -> Rule:
    template = operation.http["requestUri"].split("?")[0]
    greedy = re.sub(r"\{(\w+)\+\}", r"<path:\1>", template)
    path = re.sub(r"\{(\w+)\}", r"<\1>", greedy)
    return Rule(path, methods=[operation.http["method"]], endpoint=operation.name, strict_slashes=False)


def _decode(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else "not valid JSON"
        raise AwsError("SerializationException", 400, f"the request body is {reason}") from error
    if not isinstance(document, dict):
        raise AwsError("SerializationException", 400, "the request body must be a JSON object")
    return document


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def _from_text(path: str, shape: Shape, text: str | None) -> Any:
    """Members of the path and the query arrive as text."""
    if text is None:
        return None
    if shape.type_name in _NUMBERS:
        try:
            return int(text)
        except ValueError as error:
            raise _violation(path, "Member must be a number") from error
    if shape.type_name == "boolean":
        if text not in {"true", "false"}:
            raise _violation(path, "Member must be true or false")
        return text == "true"
    return text


def _checked(path: str, shape: Shape, value: Any) -> Any:
    kind = shape.type_name
    if kind == "structure":
        return _structure(path, shape, value)  # type: ignore[arg-type]
    if kind == "list":
        return _list(path, shape, value)  # type: ignore[arg-type]
    if kind == "map":
        return _map(path, shape, value)  # type: ignore[arg-type]
    if kind in _NUMBERS:
        return _number(path, shape, value)
    if kind == "boolean":
        return _typed(path, value, bool, "a boolean")
    return _string(path, shape, _typed(path, value, str, "a string"))


def _structure(path: str, shape: StructureShape, value: Any) -> dict[str, Any]:
    """Members that the model does not know are left out, as the service leaves them out."""
    _typed(path, value, dict, "an object")
    for name in shape.required_members:
        if value.get(name) is None:
            raise _violation(_join(path, name), "Member must not be null")
    known = ((name, member) for name, member in shape.members.items() if value.get(name) is not None)
    return {name: _checked(_join(path, name), member, value[name]) for name, member in known}


def _list(path: str, shape: ListShape, value: Any) -> list[Any]:
    _typed(path, value, list, "a list")
    _within(path, shape, len(value), "length")
    return [_checked(f"{path}.{n}.member", shape.member, item) for n, item in enumerate(value, start=1)]


def _map(path: str, shape: MapShape, value: Any) -> dict[str, Any]:
    _typed(path, value, dict, "an object")
    _within(path, shape, len(value), "length")
    keys = {key: _string(f"{path} (key)", shape.key, key) for key in value}
    return {keys[key]: _checked(f"{path}.{key}", shape.value, item) for key, item in value.items()}


def _number(path: str, shape: Shape, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, _NUMBERS[shape.type_name]):
        raise _violation(path, f"Member must be of type {shape.type_name}")
    largest = _LARGEST.get(shape.type_name)
    if largest is not None and not -largest - 1 <= value <= largest:
        raise _violation(path, f"Member must fit in type {shape.type_name}")
    _within(path, shape, value, "value")
    return value


def _string(path: str, shape: Shape, value: str) -> str:
    _within(path, shape, len(value), "length")
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        raise _violation(path, f"Member must satisfy regular expression pattern: {pattern}")
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        raise _violation(path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    return value


def _within(path: str, shape: Shape, size: float, what: str) -> None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        raise _violation(path, f"Member must have {what} greater than or equal to {low}, not {size}")
    if high is not None and size > high:
        raise _violation(path, f"Member must have {what} less than or equal to {high}, not {size}")


def _typed(path: str, value: Any, kind: type, name: str) -> Any:
    if not isinstance(value, kind):
        raise _violation(path, f"Member must be {name}")
    return value


def _violation(path: str, constraint: str) -> AwsError:
    return invalid(
        f"1 validation error detected: Value at '{path}' failed to satisfy constraint: {constraint}"
    )


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> re.Pattern[str]:
    for java, python in _CLASSES.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern)
