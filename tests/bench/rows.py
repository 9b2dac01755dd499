"""Every row, in the order of the table."""

from __future__ import annotations

from tests.bench import ignoring, translating, warm

ROWS = (*ignoring.ROWS, *warm.ROWS, *translating.ROWS)
