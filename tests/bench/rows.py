"""Every row, in the order of the table."""

from __future__ import annotations

from tests.bench import deployed, ignoring, sharing, starting, sweeping, translating, warm

SWEEPS = (*sweeping.ROWS, *sharing.ROWS)
ROWS = (*starting.ROWS, *deployed.ROWS, *ignoring.ROWS, *warm.ROWS, *translating.ROWS, *SWEEPS)
