"""Both clouds on virtual time. They keep native documents and know nothing of rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from shared.clouds.aws_patch import CLEARED_BY, GIVEN_BY_AWS, patch
from shared.errors import RevisionConflict
from shared.sync.ports import Document, Found, Written
from shared.translation.azure_put import put_body
from shared.translation.side import Side
from tests.simulation.clock import Clock
from tests.simulation.facts import NO_LIMIT, RULE_TYPES, TARGETS, whole_seconds

USER = "user"
LAG = 10.0


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of one policy, in the order of true time. ``by`` is ``user`` or a worker's name."""

    at: float
    side: Side
    name: str
    by: str
    before: Document | None
    after: Document | None


class SimCloud:
    """``changed`` is told every change, as the cloud's own audit trail would."""

    side: Side

    def __init__(self, clock: Clock, changed: Callable[[Mutation], None]) -> None:
        self.clock = clock
        self.changed = changed
        self._held: dict[str, Found] = {}
        self._past: dict[str, list[tuple[float, Found | None]]] = {}

    def key(self, name: str) -> str:
        return name

    def there(self, name: str) -> Found | None:
        return self._held.get(self.key(name))

    def document(self, name: str) -> Document | None:
        found = self.there(name)
        return None if found is None else found.document

    def names(self) -> list[str]:
        return [found.name for found in self._held.values()]

    def at(self, name: str, ago: float) -> Found | None:
        """What a replica shows that lags ``ago`` seconds behind."""
        past = self._past.get(self.key(name), [])
        shown = [found for when, found in past if when <= self.clock.now - ago]
        return shown[-1] if shown else None

    def read(self, name: str, *, whole: bool = False, ago: float = 0.0) -> Found | None:
        found = self.there(name) if not ago else self.at(name, ago)
        return replace(found, told_at=float(int(self.clock.now))) if found else None

    def store(self, name: str, found: Found | None, by: str) -> None:
        key = self.key(name)
        before = self._held.pop(key, None)
        if found is not None:
            self._held[key] = found
        self._past.setdefault(key, []).append((self.clock.now, found))
        self.changed(
            Mutation(
                self.clock.now,
                self.side,
                found.name if found else before.name if before else name,
                by,
                before.document if before else None,
                found.document if found else None,
            )
        )

    def ensure_metric(self, name: str, kind: str) -> None:
        del name, kind


class SimAws(SimCloud):
    """Conditional on the version, which restarts when a profile is recreated."""

    side = Side.AWS

    def read(self, name: str, *, whole: bool = False, ago: float = 0.0) -> Found | None:
        found = super().read(name, ago=ago)
        return replace(found, document={**found.document, "tags": []}) if found and whole else found

    def census(self) -> Mapping[str, Found | None]:
        return dict.fromkeys(self.names())

    def create(self, name: str, document: Document, by: str) -> Written:
        if name in self._held:
            raise RevisionConflict(f"AWS security profile '{name}'", "exists already")
        given = {key: value for key, value in document.items() if key not in GIVEN_BY_AWS | {"tags"}}
        self.store(name, self._found(name, given, self.clock.now, 1), by)
        return Written(self.there(name))

    def update(self, name: str, document: Document, base: Found, by: str) -> Written:
        body = patch(document, base.document)
        if not body:
            return Written(base)
        there = self._expected(name, base)
        given = dict(there.document)
        for member, flag in CLEARED_BY.items():
            if body.get(flag):
                given.pop(member, None)
        given |= {member: value for member, value in body.items() if member not in CLEARED_BY.values()}
        born = float(there.incarnation or 0)
        self.store(name, self._found(name, given, born, (there.version or 0) + 1), by)
        return Written(self.there(name))

    def update_all(self, name: str, document: Document, by: str) -> None:
        """A user's update, which carries every member."""
        there = self._held[name]
        given = {key: value for key, value in document.items() if key not in GIVEN_BY_AWS}
        born = float(there.incarnation or 0)
        self.store(name, self._found(name, given, born, (there.version or 0) + 1), by)

    def delete(self, name: str, base: Found, by: str) -> Written:
        if name in self._held:
            self._expected(name, base)
            self.store(name, None, by)
        return Written(None)

    def _expected(self, name: str, base: Found) -> Found:
        there = self.there(name)
        if there is None or there.version != base.version:
            raise RevisionConflict(f"AWS security profile '{name}'", "is at another version")
        return there

    def _found(self, name: str, given: Document, born: float, version: int) -> Found:
        document = {
            **given,
            "securityProfileName": name,
            "securityProfileArn": f"arn:aws:iot:eu-central-1:123456789012:securityprofile/{name}",
            "version": version,
            "creationDate": born,
            "lastModifiedDate": self.clock.now,
        }
        return Found(name, document, str(born), version)


@dataclass(frozen=True, slots=True)
class Habits:
    """What this Azure does with values: the worst that was ever suspected of it."""

    hides: bool = False
    clamp: int = NO_LIMIT
    respells: bool = False


class SimAzure(SimCloud):
    """Unconditional PUT of the whole group; rule types that are left out are filled in, disabled."""

    side = Side.AZURE

    def __init__(
        self, clock: Clock, changed: Callable[[Mutation], None], habits: Habits | None = None
    ) -> None:
        super().__init__(clock, changed)
        self.habits = habits or Habits()

    def key(self, name: str) -> str:
        return name.casefold()

    def read(self, name: str, *, whole: bool = False, ago: float = 0.0) -> Found | None:
        found = super().read(name, ago=ago)
        return replace(found, document=self._told(found.document)) if found and self.habits.hides else found

    def census(self) -> Mapping[str, Found | None]:
        return {name: self.read(name) for name in self.names()}

    def put(self, name: str, document: Document, by: str) -> Written:
        there = self.there(name)
        spelt = there.name if there else name
        properties = self._normal(put_body(document)["properties"])
        full = {"name": spelt, "type": "Microsoft.Security/deviceSecurityGroups", "properties": properties}
        self.store(name, Found(spelt, full), by)
        return Written(self.read(name))

    def create(self, name: str, document: Document, by: str) -> Written:
        return self.put(name, document, by)

    def update(self, name: str, document: Document, base: Found, by: str) -> Written:
        gone = self.there(name) is None
        written = self.put(name, document, by)
        return replace(written, surprise="the group was gone: somebody deleted it") if gone else written

    def delete(self, name: str, base: Found, by: str) -> Written:
        if self.there(name) is None:
            return Written(None, "the group was gone already: somebody deleted it")
        self.store(name, None, by)
        return Written(None)

    def _normal(self, given: Document) -> Document:
        windows = {rule["ruleType"]: self._rule(rule) for rule in given.get("timeWindowRules") or ()}
        lists = {rule["ruleType"]: rule for rule in given.get("allowlistRules") or ()}
        for rule_type in RULE_TYPES:
            windows.setdefault(rule_type, _parked(rule_type))
        lists.setdefault(
            TARGETS.rule_type, {"ruleType": TARGETS.rule_type, "isEnabled": False, "allowlistValues": []}
        )
        types = sorted(windows, reverse=self.habits.respells)
        return {
            "timeWindowRules": [windows[rule_type] for rule_type in types],
            "allowlistRules": [{**rule, "valueType": "IpCidr"} for rule in lists.values()],
            "thresholdRules": [],
            "denylistRules": [],
        }

    def _rule(self, rule: Document) -> Document:
        shown = dict(rule)
        if rule["maxThreshold"] < NO_LIMIT:
            shown["maxThreshold"] = min(rule["maxThreshold"], self.habits.clamp)
        if self.habits.respells:
            shown["timeWindowSize"] = f"PT{whole_seconds(rule['timeWindowSize'])}S"
            shown["displayName"] = f"{rule['ruleType']} of {self.clock.now:.0f}"
        return shown

    def _told(self, document: Document) -> Document:
        properties = dict(document["properties"])
        properties["allowlistRules"] = [
            {key: value for key, value in rule.items() if key != "allowlistValues"}
            for rule in properties["allowlistRules"]
        ]
        return {**document, "properties": properties}


def _parked(rule_type: str) -> dict[str, Any]:
    limits = {"minThreshold": 0, "maxThreshold": 0, "timeWindowSize": "PT15M"}
    return {"ruleType": rule_type, "isEnabled": False, **limits}
