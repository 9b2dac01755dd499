"""Resources compared with bicep_facts.json: types, API versions, members, required ones, values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tree_sitter import Node

from tests.infra.bicep import Declared, Document, literal, members, text

FACTS = Path(__file__).with_name("bicep_facts.json")
OF_BICEP = {"name", "parent", "scope", "dependsOn"}
"""Members of every resource that are Bicep's own, or are looked at apart."""

_NODES = {"string": "string", "int": "number", "bool": "boolean"}
_SPEC = re.compile(r"(?P<base>.*?)(?P<list>\[\])?(?P<map>\{\})?(?P<required>!)?(?P<read_only>~)?")


@dataclass(frozen=True)
class Spec:
    base: str
    list: bool
    map: bool
    required: bool
    read_only: bool

    @classmethod
    def of(cls, written: str) -> Spec:
        found = _SPEC.fullmatch(written)
        assert found is not None
        flags = {name: bool(found[name]) for name in ("list", "map", "required", "read_only")}
        return cls(base=found["base"], **flags)

    def one(self) -> Spec:
        """What each element is."""
        return Spec(self.base, False, False, False, False)


Members = Mapping[str, str]


@dataclass(frozen=True)
class Known:
    members: Members
    types: Mapping[str, Members]


@cache
def known() -> Mapping[str, Known]:
    facts: dict[str, Any] = json.loads(FACTS.read_text(encoding="utf-8"))
    return {
        resource: Known(said, file["types"])
        for file in facts["files"]
        for resource, said in file["resources"].items()
    }


def problems(document: Document) -> list[str]:
    return [said for resource in document.resources for said in _resource(resource, document)]


def _resource(resource: Declared, document: Document) -> Iterator[str]:
    facts = known().get(resource.target)
    if facts is None:
        yield f"{resource.name}: {resource.target} is not in the facts"
        return
    given = members(resource.body)
    if resource.existing:
        yield from (f"{resource.name}: {name} is not for an existing one" for name in given.keys() - OF_BICEP)
        return
    checked = _Check(facts.types, document)
    yield from checked.object(resource.body, facts.members, resource.name, also=OF_BICEP)


@dataclass(frozen=True)
class _Check:
    types: Mapping[str, Members]
    document: Document

    def object(self, node: Node, said: Members, path: str, also: set[str] | None = None) -> Iterator[str]:
        given = members(node)
        for name in given.keys() - said.keys() - (also or set()):
            yield f"{path}.{name} is not in the facts"
        for name, written in said.items():
            spec = Spec.of(written)
            if name not in given:
                if spec.required:
                    yield f"{path}.{name} is required"
            elif spec.read_only:
                yield f"{path}.{name} is read-only"
            else:
                yield from self.value(given[name], spec, f"{path}.{name}")

    def value(self, node: Node, spec: Spec, path: str) -> Iterator[str]:
        """Whatever is computed is believed; what is written out is looked at."""
        for meant in _meant(node, self.document):
            if spec.list and meant.type in {"array", "for_statement"}:
                elements = meant.named_children if meant.type == "array" else meant.named_children[-1:]
                for element in elements:
                    yield from self.value(element, spec.one(), f"{path}[]")
            elif spec.map and meant.type == "object":
                for key, element in members(meant).items():
                    yield from self.value(element, spec.one(), f"{path}[{key}]")
            elif not spec.list and not spec.map:
                yield from self._plain(meant, spec.base, path)
            elif meant.type in {*_NODES.values(), "array", "object"}:
                yield f"{path} is a {meant.type}, not {'a list' if spec.list else 'a map'}"

    def _plain(self, node: Node, base: str, path: str) -> Iterator[str]:
        if base == "any":
            return
        if base.startswith("#"):
            if node.type == "object":
                yield from self.object(node, self.types[base[1:]], path)
            elif node.type in {*_NODES.values(), "array"}:
                yield f"{path} is a {node.type}, not an object"
        elif base.startswith("'"):
            said = literal(node)
            if said is not None and f"'{said}'" not in base.split("|"):
                yield f"{path} is {said!r}, not {base}"
        elif node.type in {*_NODES.values(), "array", "object"} and node.type != _NODES[base]:
            yield f"{path} is a {node.type}, not a {base}"


def _meant(node: Node, document: Document) -> Iterator[Node]:
    """The values that an expression may have, as far as they are written in the file."""
    match node.type:
        case "parenthesized_expression":
            yield from _meant(node.named_children[0], document)
        case "ternary_expression":
            for branch in node.named_children[1:]:
                yield from _meant(branch, document)
        case "identifier" if text(node) in document.variables:
            yield from _meant(document.variables[text(node)], document)
        case _:
            yield node
