"""Two clouds in memory behind the engine's ports: versions on AWS, none on Azure, and a user on each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from shared.errors import Refused, RevisionConflict
from shared.sync.ports import Document, Found, Page, Written
from shared.translation.azure_put import put_body
from shared.translation.side import Side
from tests.unit.sync.documents import said_by_group, said_by_profile

READ_ONLY = ("version", "creationDate", "securityProfileName")


@dataclass(frozen=True)
class Write:
    """One write of the engine's. Documents as the cloud held them."""

    side: Side
    kind: Literal["create", "update", "delete", "metric"]
    name: str
    before: Document | None = None
    after: Document | None = None


@dataclass
class Stored:
    name: str
    document: Document
    born: int = 0
    version: int = 1


@dataclass
class FakeCloud:
    """``refuses`` says why the cloud does not take a document, or None if it does. ``page_size``: names on
    one page of its listing."""

    side: Side
    writes: list[Write] = field(default_factory=list)
    refuses: Callable[[Document], str | None] = lambda _: None
    stored: dict[str, Stored] = field(default_factory=dict)
    births: int = 0
    listings: int = 0
    page_size: int = 100

    def key(self, name: str) -> str:
        return name

    def put(self, name: str, document: Document) -> None:
        """A user creates the policy, or replaces all of it."""
        self._keep(name, document)

    def remove(self, name: str) -> None:
        """A user deletes the policy."""
        del self.stored[self.key(name)]

    def document(self, name: str = "pumps") -> Document:
        """What is stored there now."""
        return copy.deepcopy(self.stored[self.key(name)].document)

    def has(self, name: str = "pumps") -> bool:
        return self.key(name) in self.stored

    def census(self) -> Mapping[str, Found | None]:
        self.listings += 1
        return self.listed()

    def listed(self) -> Mapping[str, Found | None]:
        return {each.name: None for each in self.stored.values()}

    def page(self, at: str | None = None) -> Page:
        """The last one first: nobody may rely on an order."""
        self.listings += at is None
        names = sorted(self.listed().items(), reverse=True)
        here = names if at is None else [each for each in names if each[0] < at]
        page = here[: self.page_size]
        return Page(dict(page), page[-1][0] if len(here) > len(page) else None)

    def delete(self, name: str, base: Found, *, request: str | None = None) -> Written:
        before = self.stored.pop(self.key(name), None)
        self._log("delete", name, before.document if before else None, None)
        return Written(None, None if before else "the policy was gone already")

    def ensure_metric(self, name: str, kind: str) -> None:
        self.writes.append(Write(self.side, "metric", f"{name}:{kind}"))

    def _keep(self, name: str, document: Document) -> Stored:
        old = self.stored.get(self.key(name))
        if old is None:
            self.births += 1
            old = Stored(name, {}, self.births, version=0)
        new = Stored(old.name, copy.deepcopy(document), old.born, old.version + 1)
        self.stored[self.key(name)] = new
        return new

    def _take(self, kind: Literal["create", "update"], name: str, document: Document) -> Stored:
        problem = self.refuses(document)
        if problem is not None:
            raise Refused(f"{self.side} policy {name!r}", problem)
        old = self.stored.get(self.key(name))
        new = self._keep(name, document)
        self._log(kind, name, old.document if old else None, new.document)
        return new

    def _log(
        self,
        kind: Literal["create", "update", "delete"],
        name: str,
        before: Document | None,
        after: Document | None,
    ) -> None:
        self.writes.append(Write(self.side, kind, name, copy.deepcopy(before), copy.deepcopy(after)))


@dataclass
class FakeAws(FakeCloud):
    side: Side = Side.AWS

    def said(self, name: str = "pumps") -> Document:
        return said_by_profile(self.stored[name].document)

    def read(self, name: str, *, whole: bool = False) -> Found | None:
        stored = self.stored.get(name)
        if stored is None:
            return None
        apart = {"tags": copy.deepcopy(stored.document.get("tags", []))} if whole else {}
        return _found(stored, apart)

    def create(self, name: str, document: Document, *, request: str | None = None) -> Written:
        if name in self.stored:
            raise RevisionConflict(f"aws policy {name!r}", "it exists")
        return Written(_found(self._take("create", name, _plain(document))))

    def update(self, name: str, document: Document, base: Found, *, request: str | None = None) -> Written:
        stored = self.stored.get(name)
        if stored is None or stored.version != base.version:  # whichever of that name it is
            raise RevisionConflict(f"aws policy {name!r}", "its version has changed")
        return Written(_found(self._take("update", name, _plain(document))))

    def delete(self, name: str, base: Found, *, request: str | None = None) -> Written:
        stored = self.stored.get(name)
        if stored is not None and stored.version != base.version:
            raise RevisionConflict(f"aws policy {name!r}", "its version has changed")
        return super().delete(name, base)


def _plain(document: Document) -> Document:
    return {key: value for key, value in document.items() if key not in READ_ONLY}


def _found(stored: Stored, apart: Document | None = None) -> Found:
    """Tags are told only where they are asked for."""
    own = {key: value for key, value in stored.document.items() if key != "tags"}
    head = {"securityProfileName": stored.name, "version": stored.version}
    document: dict[str, Any] = {**head, **copy.deepcopy(own), **(apart or {})}
    return Found(stored.name, document, str(stored.born), stored.version)


@dataclass
class FakeAzure(FakeCloud):
    """Names keep their first spelling, and any spelling finds them. ``clamp``: the largest maximum that it
    keeps; ``hides``: it does not tell the values of allow-lists."""

    side: Side = Side.AZURE
    clamp: int | None = None
    hides: bool = False

    def key(self, name: str) -> str:
        return name.casefold()

    def said(self, name: str = "pumps") -> Document:
        return said_by_group(self.stored[self.key(name)].document)

    def read(self, name: str, *, whole: bool = False) -> Found | None:
        stored = self.stored.get(self.key(name))
        return None if stored is None else self._found(stored)

    def listed(self) -> Mapping[str, Found | None]:
        return {each.name: self._found(each) for each in self.stored.values()}

    def create(self, name: str, document: Document, *, request: str | None = None) -> Written:
        return Written(self._found(self._take("create", name, self._kept(document))))

    def update(self, name: str, document: Document, base: Found, *, request: str | None = None) -> Written:
        gone = not self.has(name)
        found = self._found(self._take("update", name, self._kept(document)))
        return Written(found, "the group was gone" if gone else None)

    def _kept(self, document: Document) -> Document:
        kept = copy.deepcopy(put_body(document))
        for rule in kept["properties"].get("timeWindowRules", []):
            if self.clamp is not None and "maxThreshold" in rule:
                rule["maxThreshold"] = min(rule["maxThreshold"], self.clamp)
        return kept

    def _found(self, stored: Stored) -> Found:
        """With the texts that the server fills in."""
        properties = copy.deepcopy(stored.document.get("properties", {}))
        for kind, rules in properties.items():
            for rule in rules:
                rule["displayName"] = f"about {rule.get('ruleType')}"
                if kind == "allowlistRules" and self.hides:
                    rule.pop("allowlistValues", None)
        return Found(stored.name, {"name": stored.name, "properties": properties})
