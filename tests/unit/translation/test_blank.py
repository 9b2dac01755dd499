"""What a blank document says need not be read."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from shared.translation.pairing import pairing
from shared.translation.side import Side
from shared.translation.translators import BLANK, TRANSLATORS, reading_of


@pytest.mark.parametrize("side", Side)
def test_a_blank_document_says_nothing_but_its_name(side: Side) -> None:
    read = reading_of(side, TRANSLATORS[side].blank("p"), pairing())
    assert replace(read, policy=replace(read.policy, name=None)) == BLANK
