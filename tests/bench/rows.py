"""Every row, in the order of the table."""

from __future__ import annotations

from tests.bench import deployed, ignoring, restored, sharing, starting, sweeping, translating, warm

ROWS = (
    *starting.ROWS,
    *deployed.ROWS,
    *restored.ROWS,
    *ignoring.ROWS,
    *warm.ROWS,
    *translating.ROWS,
    *sweeping.ROWS,
    *sharing.ROWS,
)
