"""The two sides of a mirror."""

from __future__ import annotations

from enum import StrEnum


class Side(StrEnum):
    AWS = "aws"
    AZURE = "azure"

    @property
    def other(self) -> Side:
        return Side.AZURE if self is Side.AWS else Side.AWS

    @property
    def cloud(self) -> str:
        """As people write it."""
        return "AWS" if self is Side.AWS else "Azure"
