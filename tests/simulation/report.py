"""The table of a simulation: what was injected, and what was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.simulation.judge import Fate, Result


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    seeds: int
    edits: int
    fates: Counter[str]
    counts: Counter[str]
    wrong_deletes: int
    broken: int
    seconds: float

    def per_thousand(self, fate: Fate) -> float:
        return 1000.0 * self.fates[fate] / max(self.edits, 1)


def total(name: str, results: Sequence[Result], seconds: float) -> Row:
    fates: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for one in results:
        fates += one.fates
        counts += one.counts
    return Row(
        name,
        len(results),
        sum(one.edits for one in results),
        fates,
        counts,
        sum(one.wrong_deletes for one in results),
        sum(bool(one.broken) for one in results),
        seconds,
    )


COLUMNS = (
    ("profile", lambda r: r.name),
    ("seeds", lambda r: str(r.seeds)),
    ("edits", lambda r: str(r.edits)),
    ("silent", lambda r: str(r.fates[Fate.SILENT])),
    ("silent/1000", lambda r: f"{r.per_thousand(Fate.SILENT):.2f}"),
    ("reported/1000", lambda r: f"{r.per_thousand(Fate.DETECTED):.2f}"),
    ("held/1000", lambda r: f"{r.per_thousand(Fate.HELD):.1f}"),
    ("journalled/1000", lambda r: f"{r.per_thousand(Fate.JOURNALLED):.1f}"),
    ("wrong deletes", lambda r: str(r.wrong_deletes)),
    ("broken runs", lambda r: str(r.broken)),
    ("writes/edit", lambda r: f"{r.counts['writes'] / max(r.edits, 1):.2f}"),
    ("seconds", lambda r: f"{r.seconds:.1f}"),
)


def table(rows: Sequence[Row]) -> str:
    cells = [[title for title, _ in COLUMNS], *([tell(row) for _, tell in COLUMNS] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(COLUMNS))]
    injected = [
        f"{row.name}: " + ", ".join(f"{n} {what}" for what, n in sorted(row.counts.items())) for row in rows
    ]
    return "\n".join(
        ["  ".join(c.rjust(w) for c, w in zip(line, widths, strict=True)) for line in cells] + injected
    )


def lines_of(one: Result) -> Iterator[str]:
    for what in one.silent:
        yield f"seed {one.seed}: LOST SILENTLY {what}"
    for invariant, what in one.broken:
        yield f"seed {one.seed}: invariant {invariant}: {what}"
