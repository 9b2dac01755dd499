"""The catalogue and the codes as rows that can be shown: for a terminal, for a script, for the README."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from shared.translation.catalog import CATALOG, OWN_METRIC, Binding, Cannot, Row, stem
from shared.translation.codes import HOLDS, LOSSES, NOTES, Code
from shared.translation.pairing import Options, pairing

How = Literal["pair", "opt-in", "aws-only"]
HOW: dict[How, str] = {
    "pair": "In step without any setting",
    "opt-in": "In step once a route opts in",
    "aws-only": "Only on AWS: held there, with the reason",
}
PROTOCOLS = ("Amqp", "Http")


class Entry(NamedTuple):
    """A catalogue row. ``opt_in``: the route settings that would pair it; ``window``: who has one;
    ``why_not``: why nothing pairs it; ``inert``: why nothing feeds the rule any more."""

    signal: str
    meaning: str
    azure: str | None
    aws: str
    how: How
    opt_in: tuple[str, ...]
    window: Literal["shared", "Azure only", "none"] | None
    why_not: str | None
    inert: str | None
    note: str | None
    verified: dict[str, str]
    source: dict[str, str]

    @property
    def rule(self) -> str | None:
        """The rule type without its suffix, as routes spell it."""
        return None if self.azure is None else stem(self.azure)


class Slug(NamedTuple):
    kind: Literal["held", "loss", "note"]
    code: str
    text: str
    effect: str


def matrix() -> list[Entry]:
    return [_entry(row) for row in CATALOG]


def codes() -> list[Slug]:
    tables: tuple[tuple[Literal["held", "loss", "note"], dict[str, Code]], ...] = (
        ("held", HOLDS),
        ("loss", LOSSES),
        ("note", NOTES),
    )
    return [
        Slug(kind, code, entry.text, str(entry.effect))
        for kind, table in tables
        for code, entry in table.items()
    ]


def as_json() -> dict[str, Any]:
    return {
        "matrix": [entry._asdict() for entry in matrix()],
        "codes": [code._asdict() for code in codes()],
    }


def _entry(row: Row) -> Entry:
    azure, aws = row.azure, row.aws
    known = azure if isinstance(azure, Binding) else None
    return Entry(
        signal=row.signal,
        meaning=row.meaning,
        azure=None if known is None else known.native,
        aws=_aws(row),
        how=_how(row),
        opt_in=tuple(_settings(row)),
        window=_window(azure, aws),
        why_not=azure.reason if isinstance(azure, Cannot) else None,
        inert=None if known is None else known.inert,
        note=None if known is None else known.note,
        verified={"azure": azure.verified, "aws": aws.verified},
        source={"azure": azure.source, "aws": aws.source},
    )


def _aws(row: Row) -> str:
    """The metric; for a custom metric its suggested name, or its type where the user names it."""
    if isinstance(row.aws, Cannot) and row.signal.startswith(OWN_METRIC):
        return f"any custom metric of type {row.aws.native}"
    return row.aws.native or ""


def _how(row: Row) -> How:
    if isinstance(row.azure, Cannot):
        return "aws-only"
    return "pair" if row.signal in pairing().pairs else "opt-in"


def _settings(row: Row) -> Iterator[str]:
    if _how(row) != "opt-in":
        return
    for protocol in PROTOCOLS:
        if row.signal in pairing(Options(protocol=protocol)).pairs:
            yield f"protocol: {protocol.lower()}"
    if isinstance(row.aws, Binding) and row.aws.custom is not None:
        yield f"custom metric of type {row.aws.custom}"


def _window(azure: Binding | Cannot, aws: Binding | Cannot) -> Literal["shared", "Azure only", "none"] | None:
    if not isinstance(azure, Binding) or not isinstance(aws, Binding):
        return None
    if not azure.windowed:
        return "none"
    return "shared" if aws.windowed else "Azure only"
