"""Every name leads somewhere: parameters, variables, outputs of modules, parents, scopes, functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tree_sitter import Node

from tests.infra.bicep import Declared, Document, literal, members, text, walk
from tests.infra.resource_types import Spec, known

FUNCTIONS = {
    "contains",
    "empty",
    "environment",
    "guid",
    "join",
    "resourceGroup",
    "split",
    "subscriptionResourceId",
    "take",
    "tenant",
    "toLower",
    "uniqueString",
}
"""Bicep's own that are used (Bicep function reference, read 2026-11)."""

DECORATORS = {"allowed", "batchSize", "description", "maxLength", "minLength"}
SCOPES = {"resourceGroup": "resourceGroup", "subscription": "subscription"}
"""The function that each targetScope is reached by."""

LATE = {"outputs", "properties", "identity"}
"""What is known only when something is deployed: Bicep refuses it in a name or a scope (BCP120)."""

_MEMBERS = re.compile(r"(?:.*[^\w.])?(\w+)!?\.(\w+(?:\.\w+)*)", re.DOTALL)

Read = Callable[[str], Document]


def problems(document: Document, read: Read) -> list[str]:
    """``read`` gives the document of a module's path, beside ``document``."""
    return [
        *_names(document),
        *_unused(document),
        *(said for module in document.modules for said in _module(module, document, read)),
        *(said for resource in document.resources for said in _placed(resource, document)),
        *(said for node in walk(document.tree) for said in _reference(node, document, read)),
        *(said for declared in document.declared.values() for said in _late(declared)),
    ]


def _names(document: Document) -> Iterator[str]:
    everywhere = {*document.parameters, *document.variables, *document.declared}
    for node in walk(document.tree):
        if node.type != "identifier" or not _is_used(node):
            continue
        name = text(node)
        if (
            node.parent is not None
            and node.parent.type == "call_expression"
            and node.parent.named_children[0] == node
        ):
            decorator = node.parent.parent is not None and node.parent.parent.type == "decorator"
            if name not in (DECORATORS if decorator else FUNCTIONS):
                yield f"line {node.start_point[0] + 1}: no function {name}()"
        elif name not in everywhere and name not in _loop_names(node):
            yield f"line {node.start_point[0] + 1}: no symbol {name}"


def _is_used(node: Node) -> bool:
    """Not where it is declared, and not a key."""
    parent = node.parent
    if parent is None:
        return False
    first = parent.named_children[0] == node
    declares = parent.type.endswith("_declaration") or parent.type in {"object_property", "for_statement"}
    return not (declares and first) and parent.type != "type"


def _loop_names(node: Node) -> set[str]:
    names: set[str] = set()
    at = node.parent
    while at is not None:
        if at.type == "for_statement":
            names |= {text(it) for it in walk(at.named_children[0]) if it.child_count == 0}
        at = at.parent
    return names


def _unused(document: Document) -> Iterator[str]:
    used = {text(node) for node in walk(document.tree) if node.type == "identifier" and _is_used(node)}
    for name in {*document.parameters, *document.variables} - used:
        yield f"{name} is declared and not used"


def _module(module: Declared, document: Document, read: Read) -> Iterator[str]:
    target = read(module.target)
    said = members(module.body)
    given = members(said["params"]) if "params" in said else {}
    for name in given.keys() - target.parameters.keys():
        yield f"{module.name}: {module.target} has no parameter {name}"
    for name, parameter in target.parameters.items():
        if name not in given and not parameter.optional:
            yield f"{module.name}: {module.target} needs {name}"
        type_given = _type_of(given[name], document) if name in given else None
        if type_given is not None and type_given != parameter.type:
            yield f"{module.name}: {name} is {type_given}, and {module.target} wants {parameter.type}"
    reached = text(said["scope"]).partition("(")[0] if "scope" in said else SCOPES[document.scope]
    if reached != SCOPES[target.scope]:
        yield f"{module.name}: {module.target} is for a {target.scope}, and is deployed to a {reached}"


def _type_of(node: Node, document: Document) -> str | None:
    """Of a literal or a parameter that is handed on; None where it takes more to know."""
    written = {"string": "string", "number": "int", "boolean": "bool"}.get(node.type)
    if node.type == "identifier" and text(node) in document.parameters:
        return document.parameters[text(node)].type
    return written


def _placed(resource: Declared, document: Document) -> Iterator[str]:
    said = members(resource.body)
    if "name" not in said:
        yield f"{resource.name} has no name"
    if "parent" in said:
        parent = document.declared.get(text(said["parent"]))
        if parent is None or parent.type != resource.type.rpartition("/")[0]:
            yield f"{resource.name}: its parent is no {resource.type.rpartition('/')[0]}"
    elif resource.type.count("/") > 1:
        yield f"{resource.name}: a {resource.type} needs a parent"
    if "scope" in said and text(said["scope"]) not in document.declared:
        yield f"{resource.name}: no resource {text(said['scope'])} to be its scope"


def _reference(node: Node, document: Document, read: Read) -> Iterator[str]:
    """``symbol.member...``: outputs of modules, and what a resource's facts know of it.

    The grammar binds ``a ? b : c.d`` as ``(a ? b : c).d``, so the symbol is looked for at the end."""
    found = _MEMBERS.fullmatch(text(node)) if node.type == "member_expression" else None
    declared = document.declared.get(found[1]) if found else None
    if found is None or declared is None:
        return
    first, *rest = found[2].split(".")
    where = f"line {node.start_point[0] + 1}: {text(node)}"
    if declared.kind == "module":
        if first not in {"outputs", "name"} or (rest and rest[0] not in read(declared.target).outputs):
            yield f"{where}: no such output"
    elif first not in {"id", "name"} and not _has(declared, [first, *rest]):
        yield f"{where}: not in the facts"


def _has(resource: Declared, path: list[str]) -> bool:
    facts = known().get(resource.target)
    if facts is None:
        return False
    said = facts.members
    for position, name in enumerate(path):
        if name not in said:
            return False
        base = Spec.of(said[name]).base
        if not base.startswith("#"):
            return position == len(path) - 1
        said = facts.types[base[1:]]
    return True


def _late(declared: Declared) -> Iterator[str]:
    for name in ("name", "scope", "parent"):
        node = members(declared.body).get(name)
        if node is not None and any(
            it.type == "property_identifier" and text(it) in LATE for it in walk(node)
        ):
            yield f"{declared.name}.{name} is known only when something is deployed"


def strings(node: Node) -> set[str]:
    return {said for it in walk(node) if (said := literal(it)) is not None}
