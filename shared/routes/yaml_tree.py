"""YAML as a tree of nodes.

Only what a settings file needs: mappings, lists and text. **Every scalar is text as it stands in the file**,
save the empty one, ``~`` and ``null``; so ``off`` is no boolean, 2026-01-01 no date and 12:30 no number of
base 60. Tags, anchors, aliases and merge keys are refused, which leaves no way to write a small document that
means a large one. JSON is YAML: where :mod:`json_tree` is not sure of a document, this tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from shared.routes.nodes import MAX_DEPTH, MAX_VALUES, Member, Node
from shared.routes.problem import Problem, Spot, Unreadable, below

# Ten times as fast where PyYAML was built with libyaml, as its wheels are.
LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_HALF = re.compile("[\ud800-\udfff]")  # PyYAML without libyaml takes it
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_ELSEWHERE = "what routes have in common belongs under defaults"


def tree(
    text: str, *, wanted: str = "version: 1 and a list of routes", elsewhere: str = _ELSEWHERE
) -> tuple[Node, list[Problem]]:
    """The document, and what is wrong in it that did not stop the reading. Raises :class:`Unreadable`.

    ``wanted``: what should stand in an empty file; ``elsewhere``: what to do without anchors.
    """
    builder = _Builder(_events(text), wanted, elsewhere)
    return builder.document(), builder.problems


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        said = ", ".join(filter(None, (error.context, error.problem)))
        if text[mark.index : mark.index + 1] == "\t":
            said = "a tab stands where YAML has only spaces"
        raise Unreadable(mark.line + 1, mark.column + 1, f"not YAML: {said}") from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # PyYAML without libyaml lets the errors of int() and chr() through, and they have no place.
        raise Unreadable(1, 1, "not YAML: a number or an escape in it is out of range") from None


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


class _Builder:
    """From the parser's events, so that depth and sharing are refused before anything is made of them."""

    def __init__(self, events: Iterator[yaml.Event], wanted: str, elsewhere: str) -> None:
        self._events = events
        self._wanted = wanted
        self._elsewhere = elsewhere
        self._values = 0
        self.problems: list[Problem] = []

    def document(self) -> Node:
        next(self._events)  # the stream begins
        if not isinstance(next(self._events), yaml.DocumentStartEvent):
            raise Unreadable(1, 1, f"empty; wanted: {self._wanted}")
        root = self._node(next(self._events), "", 0)
        next(self._events)  # the document ends
        more = next(self._events)
        if isinstance(more, yaml.DocumentStartEvent):
            raise Unreadable(*_place(more), "a second document begins here; only one is read")
        return root

    def _node(self, event: yaml.Event, path: str, depth: int) -> Node:
        spot = Spot(*_place(event), path)
        if depth > MAX_DEPTH:
            raise Unreadable(spot.line, spot.column, f"more than {MAX_DEPTH} levels deep")
        self._values += 1
        if self._values > MAX_VALUES:
            raise Unreadable(spot.line, spot.column, f"more than {MAX_VALUES} values")
        self._refuse_extras(event, spot)
        if isinstance(event, yaml.MappingStartEvent):
            return Node(spot, self._mapping(path, depth))
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(spot, self._list(path, depth))
        return Node(spot, self._scalar(event, spot) if isinstance(event, yaml.ScalarEvent) else None)

    def _refuse_extras(self, event: yaml.Event, spot: Spot) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._report(spot, f"aliases (*name) are not read; {self._elsewhere}")
        elif getattr(event, "anchor", None) is not None:
            self._report(spot, f"anchors (&name) are not read; {self._elsewhere}")
        elif getattr(event, "tag", None) is not None:
            self._report(spot, "tags (!name) are not read; a value is the text that stands there")

    def _scalar(self, event: yaml.ScalarEvent, spot: Spot) -> str | None:
        text = event.value
        if _HALF.search(text):
            self._report(
                spot, "half a character: an escape such as \\ud83d\\ude00 has to be the character itself"
            )
        if event.style:  # quoted, or a block
            return text
        if _LEADING_ZERO.fullmatch(text):
            self._report(
                spot, f'quote it, "{text[:60]}": YAML readers drop a leading zero or take it for octal'
            )
        return None if text in _NULL else text

    def _list(self, path: str, depth: int) -> list[Node]:
        nodes: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            nodes.append(self._node(event, below(path, len(nodes)), depth + 1))
        return nodes

    def _mapping(self, path: str, depth: int) -> dict[str, Member]:
        """Of two equal keys the first counts and the second is reported, with its line."""
        members: dict[str, Member] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, path, depth)
            if key is None:
                self._node(next(self._events), path, depth + 1)
                continue
            spot = Spot(*_place(event), below(path, key))
            node = self._node(next(self._events), spot.path, depth + 1)
            first = members.setdefault(key, Member(spot, node))
            if first.node is not node:
                self._report(spot, f"stands a second time; the first is in line {first.key.line}")
        return members

    def _key(self, event: yaml.Event, path: str, depth: int) -> str | None:
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_extras(event, Spot(*_place(event), path))
            return str(event.value)
        self._node(event, path, depth + 1)  # read to its end
        self._report(Spot(*_place(event), path), "a key has to be text")
        return None

    def _report(self, spot: Spot, text: str) -> None:
        self.problems.append(Problem(spot, text))
