"""Plain data as parts of a routes document, every misfit told.

The fields of a :class:`Part` and their ``Meta`` are the only description there is: msgspec checks the values
by them, and the messages about what it refuses are made of them. msgspec stops at the first misfit, so it is
asked value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, TypeVar, get_args, get_origin

from msgspec import NODEFAULT, UNSET, Meta, Struct, ValidationError, convert
from msgspec.structs import fields

from shared.routes.wording import KEY, Loc, Misfit, Misfits, did_you_mean, shown

Check = Callable[[Any], Any]
"""Gives the value to keep. Raises ValueError with a problem, or :class:`Misfits` with several."""


class Part(Struct, frozen=True):
    """A mapping of the document. ``also`` are keys that whoever reads it has taken out before."""

    also: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def clashes(cls, said: Mapping[str, Any]) -> Iterator[Misfit]:
        """What members say against one another. ``said`` has the defaults and what is right by itself."""
        del said
        return iter(())


def meta(
    wanted: str = "",
    *,
    check: Check | None = None,
    private: bool = False,
    pattern: str | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
) -> Meta:
    """``wanted`` finishes the sentence "wanted: ..." of an error message. What is ``private`` is never
    repeated in one: people paste secrets beside ids."""
    return Meta(
        description=wanted or None,
        extra={"check": check, "private": private},
        pattern=pattern,
        min_length=min_length,
        max_length=max_length,
    )


P = TypeVar("P", bound=Part)


def read(kind: type[P], value: Any, wanted: str = "a mapping") -> P:
    """``value`` is what JSON could hold. Raises :class:`Misfits` with everything that is wrong."""
    reading = _Reading()
    result: P = reading.value(_wanted(Annotated[kind, meta(wanted)]), value, ())
    if reading.misfits:
        raise Misfits(reading.misfits)
    return result


class _Wanted(NamedTuple):
    annotation: Any  # as msgspec takes it
    kind: Any  # without Annotated and None
    metas: tuple[Meta, ...]
    optional: bool
    inner: tuple[_Wanted, ...]  # the items of a tuple; keys and values of a mapping

    @property
    def words(self) -> str:
        return next((meta.description for meta in reversed(self.metas) if meta.description), "")

    def noted(self, name: str) -> list[Any]:
        return [meta.extra[name] for meta in self.metas if meta.extra and meta.extra[name]]

    def length(self, limit: Literal["min_length", "max_length"]) -> int | None:
        return next((most for each in self.metas if (most := getattr(each, limit)) is not None), None)


def _wanted(annotation: Any) -> _Wanted:
    """``annotation``, taken apart."""
    bare, optional, metas = annotation, False, ()
    if type(None) in get_args(bare):
        bare, optional = get_args(bare)[0], True
    if get_origin(bare) is Annotated:
        metas, bare = bare.__metadata__, get_args(bare)[0]
    inner: tuple[Any, ...] = ()
    if get_origin(bare) in (tuple, dict):
        inner = tuple(_wanted(each) for each in get_args(bare) if each is not ...)
    return _Wanted(annotation, bare, metas, optional, inner)


class _Member(NamedTuple):
    wanted: _Wanted
    default: Any
    required: bool


@cache
def _members(part: type[Part]) -> dict[str, _Member]:
    return {each.name: _Member(_wanted(each.type), each.default, each.required) for each in fields(part)}


class _Reading:
    """Each method gives UNSET for a value that is not right, and has then told why."""

    def __init__(self) -> None:
        self.misfits: list[Misfit] = []

    def value(self, wanted: _Wanted, value: Any, at: Loc) -> Any:
        if value is None and wanted.optional:
            return None
        result = self._unchecked(wanted, value, at)
        for check in wanted.noted("check"):
            if result is not UNSET:
                result = self._checked(check, result, at)
        return result

    def _unchecked(self, wanted: _Wanted, value: Any, at: Loc) -> Any:
        kind = get_origin(wanted.kind) or wanted.kind
        if kind is tuple and isinstance(value, list | tuple):
            return self._list(wanted, value, at)
        if kind is dict and isinstance(value, dict):
            return self._mapping(wanted, value, at)
        if isinstance(kind, type) and issubclass(kind, Part) and isinstance(value, dict):
            return self._part(kind, value, at)
        try:
            return convert(value, wanted.annotation)
        except ValidationError:
            return self._refuse(at, _refusal(wanted, value))

    def _refuse(self, at: Loc, problem: str) -> Any:
        self.misfits.append(Misfit(at, problem))
        return UNSET

    def _checked(self, check: Check, value: Any, at: Loc) -> Any:
        try:
            return check(value)
        except Misfits as several:
            self.misfits += [Misfit((*at, *misfit.at), misfit.problem) for misfit in several.misfits]
            return UNSET
        except ValueError as error:
            return self._refuse(at, str(error))

    def _list(self, wanted: _Wanted, items: list[Any] | tuple[Any, ...], at: Loc) -> Any:
        least, most = wanted.length("min_length"), wanted.length("max_length")
        if most is not None and len(items) > most:
            return self._refuse(at, f"has {len(items)} entries; at most {most}")
        if least is not None and len(items) < least:
            return self._refuse(at, f"is empty; wanted: {wanted.words}")
        read = tuple(self.value(wanted.inner[0], item, (*at, index)) for index, item in enumerate(items))
        return UNSET if UNSET in read else read

    def _mapping(self, wanted: _Wanted, members: dict[str, Any], at: Loc) -> Any:
        keys, values = wanted.inner
        read = {
            self.value(keys, key, (*at, key, KEY)): self.value(values, value, (*at, key))
            for key, value in members.items()
        }
        return UNSET if UNSET in read or UNSET in read.values() else read

    def _part(self, kind: type[Part], given: dict[str, Any], at: Loc) -> Any:
        members, before = _members(kind), len(self.misfits)
        for key in given.keys() - members.keys():
            self._refuse((*at, key, KEY), _unknown(key, (*members, *kind.also)))
        said = {}
        for name, member in members.items():
            if name in given:
                said[name] = self.value(member.wanted, given[name], (*at, name))
            elif member.required:
                self._refuse((*at, name), f"is missing; wanted: {member.wanted.words}")
        right = {name: value for name, value in said.items() if value is not UNSET}
        silent = {
            name: each.default
            for name, each in members.items()
            if name not in given and each.default is not NODEFAULT
        }
        self.misfits += [Misfit((*at, *each.at), each.problem) for each in kind.clashes(silent | right)]
        return kind(**right) if len(self.misfits) == before else UNSET


def _unknown(key: str, allowed: tuple[str, ...]) -> str:
    if key == "<<":
        return "merge keys (<<) are not read; what routes have in common belongs under defaults"
    return f"unknown key{did_you_mean(key, allowed)}; allowed: {', '.join(allowed)}"


def _refusal(wanted: _Wanted, value: Any) -> str:
    """Of a value that is not what is wanted."""
    refusal = "has no value" if value is None else f"{shown(value)} is not allowed"
    if get_origin(wanted.kind) is Literal:
        allowed = get_args(wanted.kind)
        near = did_you_mean(value, allowed) if isinstance(value, str) else ""
        return f"{refusal}{near}; allowed: {', '.join(allowed)}"
    if any(wanted.noted("private")):
        refusal = "the value is not allowed"
    return f"{refusal}; wanted: {wanted.words}"
