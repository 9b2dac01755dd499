"""A document as a tree that knows where each value stands."""

from __future__ import annotations

from typing import Any, NamedTuple

from msgspec import Struct

from shared.routes.problem import Spot, below
from shared.routes.wording import KEY, Loc

MAX_DEPTH = 20
MAX_VALUES = 10_000


class Member(NamedTuple):
    key: Spot
    node: Node


class Node(Struct, frozen=True):
    spot: Spot
    value: str | list[Node] | dict[str, Member] | None

    def plain(self) -> Any:
        """The value without its places."""
        if isinstance(self.value, dict):
            return {key: member.node.plain() for key, member in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def find(self, at: Loc) -> Spot:
        """Where ``at`` stands; for what is missing, where the mapping begins that misses it."""
        node, key = self, self.spot
        for step in at:
            if step == KEY:
                return key
            if isinstance(node.value, list) and isinstance(step, int):
                node = node.value[step]
                key = node.spot
            elif isinstance(node.value, dict):
                member = node.value.get(str(step))
                if member is None:
                    return Spot(node.spot.line, node.spot.column, below(node.spot.path, step))
                key, node = member
        return node.spot
