"""Bicep read into what the checks need. The grammar is tree-sitter-bicep's; what a name means is ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

ROOT = Path(__file__).resolve().parents[2] / "infra" / "azure"


@dataclass(frozen=True)
class Parameter:
    type: str
    optional: bool


@dataclass(frozen=True)
class Declared:
    """A resource or a module. ``target`` is what stands behind its name in quotes."""

    kind: str
    name: str
    target: str
    existing: bool
    looped: bool
    node: Node
    body: Node

    @property
    def type(self) -> str:
        return self.target.partition("@")[0]


@dataclass(frozen=True)
class Document:
    name: str
    tree: Node
    scope: str
    parameters: Mapping[str, Parameter]
    variables: Mapping[str, Node]
    outputs: Mapping[str, Node]
    declared: Mapping[str, Declared]

    @property
    def resources(self) -> list[Declared]:
        return [it for it in self.declared.values() if it.kind == "resource"]

    @property
    def modules(self) -> list[Declared]:
        return [it for it in self.declared.values() if it.kind == "module"]


def files() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.bicep"))


@cache
def read(name: str) -> Document:
    return parse((ROOT / name).read_text(encoding="utf-8"), name)


def parse(source: str, name: str = "planted.bicep") -> Document:
    tree = Parser(Language(tree_sitter_bicep.language())).parse(source.encode()).root_node
    scope = "resourceGroup"
    parameters: dict[str, Parameter] = {}
    variables: dict[str, Node] = {}
    outputs: dict[str, Node] = {}
    declared: dict[str, Declared] = {}
    for node in tree.named_children:
        match node.type:
            case "target_scope_assignment":
                scope = literal(node.named_children[0]) or ""
            case "parameter_declaration":
                symbol, kind, *default = node.named_children
                parameters[text(symbol)] = Parameter(text(kind), bool(default) or text(kind).endswith("?"))
            case "variable_declaration":
                variables[text(node.named_children[0])] = node.named_children[-1]
            case "output_declaration":
                outputs[text(node.named_children[0])] = node.named_children[-1]
            case "resource_declaration" | "module_declaration":
                found = _declared(node)
                declared[found.name] = found
    return Document(name, tree, scope, parameters, variables, outputs, declared)


def _declared(node: Node) -> Declared:
    symbol, target = node.named_children[:2]
    body = node.named_children[-1]
    looped = body.type == "for_statement"
    while body.type in {"for_statement", "if_statement"}:
        body = body.named_children[-1]
    existing = any(text(child) == "existing" for child in node.children if not child.is_named)
    kind = node.type.removesuffix("_declaration")
    return Declared(kind, text(symbol), literal(target) or "", existing, looped, node, body)


def text(node: Node) -> str:
    return (node.text or b"").decode()


def literal(node: Node) -> str | None:
    """What a string says, if nothing is put into it."""
    if node.type != "string" or any(child.type == "interpolation" for child in node.named_children):
        return None
    return "".join(text(child) for child in node.named_children)


def members(node: Node) -> dict[str, Node]:
    """An object's members. A key that is put together stands for any: ``*``."""
    pairs = [child.named_children for child in node.named_children if child.type == "object_property"]
    return {(literal(key) or "*") if key.type == "string" else text(key): value for key, value in pairs}


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.named_children:
        yield from walk(child)


def mistakes(tree: Node) -> list[str]:
    """What the grammar cannot read, with the line. Empty parentheses: it took a call for two elements."""
    return [
        f"line {node.start_point[0] + 1}: {text(node)[:40]!r}"
        for node in _all(tree)
        if node.is_error
        or node.is_missing
        or (node.type == "parenthesized_expression" and not node.named_children)
    ]


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)
