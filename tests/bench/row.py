"""One row of the table: what is measured, against which floor, and what it should come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.bench.measure import Pairs, spread

Goal = Literal["ratio", "beyond"]


@dataclass(frozen=True)
class Row:
    """``floor``: what the least is, done by the ``program`` (a module of tests/bench/floors). ``goal``: the
    figure is ours divided by the floor (``ratio``) or less it (``beyond``), at most ``most``. ``scale``: from
    what is measured to ``unit``. ``run`` gets the number of rounds."""

    name: str
    what: str
    floor: str
    program: str
    most: float
    run: Callable[[int], Pairs]
    goal: Goal = "ratio"
    unit: str = "ms"
    scale: float = 1000.0
    rounds: int = 15

    def figure(self, date: str, *, quick: bool) -> dict[str, object]:
        """As figures.json has it: medians, and the quartiles of the figure."""
        rounds = max(3, self.rounds // 5) if quick else self.rounds
        pairs = self.run(rounds)
        scale = 1.0 if self.goal == "ratio" else self.scale
        low, figure, high = spread(pairs.ratios() if self.goal == "ratio" else pairs.beyond())
        return {
            "name": self.name,
            "what": self.what,
            "floor": self.floor,
            "program": f"tests/bench/floors/{self.program}.py",
            "goal": self.goal,
            "most": self.most,
            "unit": self.unit,
            "ours": _short(spread(list(pairs.ours))[1] * self.scale),
            "least": _short(spread(list(pairs.floor))[1] * self.scale),
            "figure": _short(figure * scale),
            "low": _short(low * scale),
            "high": _short(high * scale),
            "rounds": rounds,
            "date": date,
        }


def _short(value: float) -> float:
    """Three digits are more than a shared machine can tell."""
    return float(f"{value:.3g}")
