"""Every row, in the order of the table."""

from __future__ import annotations

from tests.bench import ignoring, translating

ROWS = (*ignoring.ROWS, *translating.ROWS)
