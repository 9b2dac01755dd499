"""``--runtimes real`` where they are not set up, or not meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.local.runtimes.tools import find_tools
from shared.errors import BadInput
from tests.cli.support import run


def test_runtimes_that_are_not_set_up_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="make real"):
        find_tools(tmp_path)


def test_a_ledger_file_is_not_for_functions_on_real_runtimes() -> None:
    told = run("sandbox", "--runtimes", "real", "--ledger", "ledger.db")
    assert told.exit_code == 2
    assert "DynamoDB" in told.stderr
