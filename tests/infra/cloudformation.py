"""Templates as CloudFormation reads them, as far as ours go: parameters, conditions, Ref, Sub, If, GetAtt.

What only a deployment knows stays a name in brackets: ``<Ledger.Arn>``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
HUB = ROOT / "template.yaml"
SPOKE = ROOT / "infra" / "aws" / "spoke.yaml"
PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "mirror",
}
NOTHING = object()
"""AWS::NoValue."""

_PLACE = re.compile(r"\$\{([^}]+)\}")


class _Loader(yaml.SafeLoader):
    """Turns ``!Ref X`` into ``{"Ref": "X"}`` and ``!Name X`` into ``{"Fn::Name": X}``."""


def _tagged(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tagged)


def load(path: Path) -> dict[str, Any]:
    template: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    return template


@dataclass
class Stack:
    """``given``: parameters that differ from their defaults; ``pseudo``: where it is deployed, likewise."""

    template: Mapping[str, Any]
    given: Mapping[str, str] = field(default_factory=dict)
    pseudo: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = set(self.given) - set(self.template["Parameters"])
        assert not unknown, f"no such parameters: {unknown}"

    def resources(self, kind: str = "") -> dict[str, dict[str, Any]]:
        """Logical id -> properties, of those that would be made; ``kind`` is a type or nothing."""
        return {
            name: self.resolve(resource.get("Properties", {}))
            for name, resource in self.template["Resources"].items()
            if kind in {"", resource["Type"]} and self.holds(resource.get("Condition"))
        }

    def holds(self, condition: str | None) -> bool:
        return condition is None or bool(self.resolve(self.template["Conditions"][condition]))

    def resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [item for each in value if (item := self.resolve(each)) is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            known: dict[str, Callable[[Any], Any]] = {
                "Ref": self._ref,
                "Condition": self.holds,
                "Fn::GetAtt": lambda path: f"<{'.'.join(path)}>",
                "Fn::Sub": self._sub,
                "Fn::If": lambda branches: self.resolve(branches[1 if self.holds(branches[0]) else 2]),
                "Fn::Equals": lambda pair: self.resolve(pair[0]) == self.resolve(pair[1]),
                "Fn::Not": lambda one: not self.resolve(one[0]),
                "Fn::And": lambda all_of: all(map(self.resolve, all_of)),
                "Fn::Or": lambda any_of: any(map(self.resolve, any_of)),
                "Fn::FindInMap": self._find,
            }
            if name in known and not (name == "Condition" and not isinstance(argument, str)):
                return known[name](argument)
        return {key: item for key, each in value.items() if (item := self.resolve(each)) is not NOTHING}

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NOTHING
        if name in PSEUDO:
            return self.pseudo.get(name, PSEUDO[name])
        if name in self.template["Parameters"]:
            default = self.template["Parameters"][name].get("Default")
            value = self.given.get(name, default)
            assert value is not None, f"parameter {name} has no default and is not given"
            return value
        return f"<{name}>"

    def _sub(self, argument: Any) -> str:
        text, names = (argument, {}) if isinstance(argument, str) else argument

        def value(match: re.Match[str]) -> str:
            name = match[1]
            return str(self.resolve(names[name]) if name in names else self._ref(name))

        return _PLACE.sub(value, text)

    def _find(self, path: list[Any]) -> Any:
        first, second, third = map(self.resolve, path)
        return self.template["Mappings"][first][second][third]
