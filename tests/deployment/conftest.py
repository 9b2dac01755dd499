"""One deployment for all tests of it, each with names of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from functions.local.runtimes.tools import find_tools
from shared.errors import BadInput
from tests.deployment.place import CLIENT, Place, deployed


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """``make rehearse`` requires the tools; a bare pytest goes without."""
    try:
        tools = find_tools()
    except BadInput as missing:
        if os.environ.get("REQUIRE_RUNTIMES"):
            raise
        pytest.skip(f"{missing}")
    with deployed(tools, tmp_path_factory.mktemp("aws")) as made:
        made.deploy(("plant", "plant-*", CLIENT))
        yield made
