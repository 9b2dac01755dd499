"""A policy file read back: every error with its line, and nothing taken for granted.

Who writes these files need not be who may write the clouds, so a file is read as strictly as routes.yaml, by
the same reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shared.errors import BadPolicyFile
from shared.operations.policy_files.file import VERSION, PolicyFile
from shared.operations.policy_files.rules import Misread, atom_of, known
from shared.policy.atom import Atom
from shared.routes.nodes import Member, Node
from shared.routes.options import pairing_options
from shared.routes.problem import Problem, Unreadable
from shared.routes.route import Route, Routes
from shared.routes.text import decoded
from shared.routes.wording import did_you_mean, shown
from shared.routes.yaml_tree import tree
from shared.sync.link import LinkKey
from shared.translation.catalog import rows
from shared.translation.pairing import Pair, pairing
from shared.translation.values import plain_string

KEYS = ("version", "route", "policy", "rules", "unsettled")
WANTED = "version, route, policy and rules"
ELSEWHERE = "each file says all of its rules itself"


def read_policy(text: str | bytes, source: str, routes: Routes) -> PolicyFile:
    """Raises only :class:`BadPolicyFile`: a line per problem, like ``pumps.yaml:7:10: rules.x.max: ...``."""
    try:
        root, problems = tree(decoded(text), wanted=WANTED, elsewhere=ELSEWHERE)
        found = _file(root, routes, problems)
    except Unreadable as stopped:
        raise BadPolicyFile(stopped.problem.told(source)) from None
    except Misread as stopped:
        problems.append(stopped.problem)
    if problems:
        raise BadPolicyFile("\n".join(problem.told(source) for problem in sorted(problems)))
    return found


def _file(root: Node, routes: Routes, problems: list[Problem]) -> PolicyFile:
    """Raises Misread where nothing after it could be read; adds the rest to ``problems``."""
    if not isinstance(root.value, dict):
        raise Misread(root.spot, f"it is no mapping; wanted: {WANTED}")
    members = known(root.value, KEYS)
    if _text(root, "version") != VERSION:
        raise Misread(members["version"].node.spot, f"not known; wanted: {VERSION}")
    route, name = _route(root, routes), _text(root, "policy")
    if not route.names.covers(name):
        spot = members["policy"].node.spot
        raise Misread(spot, f"route {route.id} does not cover this name; see names in routes.yaml")
    rules = dict(_rules(root, route, problems))
    return PolicyFile(LinkKey(route.id, name), rules, frozenset(_unsettled(members, rules, problems)))


def _member(root: Node, key: str) -> Node:
    assert isinstance(root.value, dict)
    if key not in root.value:
        way_out = "; a policy without any rule has: rules: {}" if key == "rules" else ""
        raise Misread(root.spot, f"{key} is missing{way_out}")
    return root.value[key].node


def _text(root: Node, key: str) -> str:
    node = _member(root, key)
    text = plain_string(node.value)
    if text is None:
        raise Misread(node.spot, "a text is wanted, without control characters")
    return text


def _route(root: Node, routes: Routes) -> Route:
    wanted = _text(root, "route")
    for route in routes.routes:
        if route.id == wanted:
            return route
    there = sorted(route.id for route in routes.routes)
    near = did_you_mean(wanted, there)
    text = f"{shown(wanted)} is not in routes.yaml{near}; it has: {', '.join(there)}"
    raise Misread(_member(root, "route").spot, text)


def _rules(root: Node, route: Route, problems: list[Problem]) -> Iterator[tuple[str, Atom]]:
    """Left out by mistake, ``rules`` would remove every rule: an empty mapping has to be written."""
    node = _member(root, "rules")
    if not isinstance(node.value, dict):
        raise Misread(node.spot, "a mapping of signals is wanted; a policy without any rule has: rules: {}")
    pairs = pairing(pairing_options(route)).pairs
    for signal, member in node.value.items():
        try:
            yield signal, atom_of(_pair(signal, member, route, pairs), member.node, route)
        except Misread as misread:
            problems.append(misread.problem)


def _pair(signal: str, member: Member, route: Route, pairs: Mapping[str, Pair]) -> Pair:
    if signal in pairs:
        return pairs[signal]
    if signal in rows():
        why = f"route {route.id} does not share this signal; see: policy-mirror catalogue"
        raise Misread(member.key, why)
    raise Misread(member.key, f"no such signal{did_you_mean(signal, pairs)}")


def _unsettled(
    members: Mapping[str, Member], rules: Mapping[str, Atom], problems: list[Problem]
) -> Iterator[str]:
    if "unsettled" not in members:
        return
    node = members["unsettled"].node
    if not isinstance(node.value, list):
        problems.append(Problem(node.spot, "a list of signals is wanted, as it was exported"))
        return
    for each in node.value:
        signal = each.value
        if not isinstance(signal, str) or signal not in rows():
            problems.append(Problem(each.spot, f"{shown(signal)} is no signal"))
        elif signal in rules:
            problems.append(Problem(each.spot, f"{signal} stands under rules too; take one of them out"))
        else:
            yield signal
