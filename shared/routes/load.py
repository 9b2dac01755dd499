"""routes.yaml, read and checked: every error with its line."""

from __future__ import annotations

import json
from pathlib import Path

from shared.errors import BadRoutes
from shared.routes.json_tree import json_tree
from shared.routes.nodes import Member, Node
from shared.routes.problem import Problem, Unreadable
from shared.routes.reading import read
from shared.routes.route import Routes
from shared.routes.text import MAX_BYTES, decoded
from shared.routes.wording import Misfits

MOST_TOLD = 50


def load_routes(text: str | bytes, source: str = "routes.yaml") -> Routes:
    """The routes of a YAML or JSON document, each merged over the document's ``defaults``.

    Mappings merge key by key, everything else of a route replaces the default. ``source`` names the document
    in messages. Raises only :class:`BadRoutes`: a line per problem, like
    ``routes.yaml:7:12: routes[0].mode: 'two-ways' is not allowed (did you mean 'two-way'?); allowed: ...``.
    """
    try:
        content = decoded(text)
        routes, problems = _of_json(content)
        if routes is None or problems:
            routes, problems = _of_yaml(content)
    except Unreadable as stopped:
        routes, problems = None, [stopped.problem]
    if routes is None or problems:
        raise BadRoutes(_told(problems, source))
    return routes


def compact(text: str | bytes, source: str = "routes.yaml") -> str:
    """The same document as one line of JSON, less its comments: to be deployed, for a function reads that in
    3 ms of CPU and YAML in 18 (one route, CPython 3.13, 2026-11). Raises only
    :class:`BadRoutes`, as :func:`load_routes` does."""
    load_routes(text, source)
    from shared.routes.yaml_tree import tree

    root, _ = tree(decoded(text))
    return json.dumps(root.plain(), separators=(",", ":"))


_Found = tuple[Routes | None, list[Problem]]


def _of_json(text: str) -> _Found:
    """None where it is not JSON. Its problems have no places."""
    root = json_tree(text)
    return (None, []) if root is None else _routes(root)


def _of_yaml(text: str) -> _Found:
    from shared.routes.yaml_tree import tree

    root, unread = tree(text)
    routes, problems = _routes(root)
    return routes, unread + problems


def _routes(root: Node) -> _Found:
    problems: list[Problem] = []
    merged = _with_defaults(root, problems)
    try:
        return read(Routes, merged.plain(), "a mapping of version and routes"), problems
    except Misfits as several:
        return None, problems + [Problem(merged.find(each.at), each.problem) for each in several.misfits]


def read_routes(path: str | Path) -> Routes:
    """:func:`load_routes` on a file. Raises only :class:`BadRoutes`, also where there is none to read."""
    return load_routes(read_document(path), str(path))


def read_document(path: str | Path) -> bytes:
    """No more of a file than is looked at. Raises only :class:`BadRoutes`."""
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise BadRoutes(f"{path}: no such file; `policy-mirror init` writes one") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise BadRoutes(f"{path}: cannot be read: {reason}") from None


def _told(problems: list[Problem], source: str) -> str:
    """Sorted by place. One problem a value: what stands first explains what follows from it."""
    first: dict[object, Problem] = {}
    for problem in problems:
        first.setdefault(problem.spot, problem)
    lines = [problem.told(source) for problem in sorted(first.values())]
    if len(lines) > MOST_TOLD:
        lines[MOST_TOLD:] = [f"{source}: and {len(lines) - MOST_TOLD} more"]
    return "\n".join(lines)


def _with_defaults(root: Node, problems: list[Problem]) -> Node:
    """The document with ``defaults`` gone and merged under each route."""
    if not isinstance(root.value, dict) or "defaults" not in root.value:
        return root
    members = dict(root.value)
    defaults = members.pop("defaults").node
    if isinstance(defaults.value, dict):
        if "id" in defaults.value:
            problems.append(Problem(defaults.value["id"].key, "each route has its own; it has no default"))
    elif defaults.value is not None:
        problems.append(Problem(defaults.spot, "has to be a mapping of settings that routes have in common"))
    routes = members.get("routes")
    if routes is not None and isinstance(routes.node.value, list):
        merged = [_over(defaults, route) for route in routes.node.value]
        members["routes"] = Member(routes.key, Node(routes.node.spot, merged))
    return Node(root.spot, members)


def _over(defaults: Node, node: Node) -> Node:
    if not isinstance(defaults.value, dict) or not isinstance(node.value, dict):
        return node
    merged = defaults.value | node.value
    for key in defaults.value.keys() & node.value.keys():
        merged[key] = Member(node.value[key].key, _over(defaults.value[key].node, node.value[key].node))
    return Node(node.spot, merged)
