"""``plan``: what a look at one link would do, and to what."""

from __future__ import annotations

from functions.local.views.anything import view

__all__ = ["view"]
