"""The runtimes and the artefacts that they run, as ``make runtimes`` has set them up."""

from __future__ import annotations

import os

import pytest

from functions.local.runtimes.tools import Tools, find_tools
from shared.errors import BadInput


@pytest.fixture(scope="session")
def tools() -> Tools:
    """``make runtimes`` requires them; a bare pytest goes without."""
    try:
        return find_tools()
    except BadInput as missing:
        if os.environ.get("REQUIRE_RUNTIMES"):
            raise
        pytest.skip(f"{missing}")
