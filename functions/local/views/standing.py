"""``status``: where every route and link stands, and what to do about it."""

from __future__ import annotations

from functions.local.views.anything import view

__all__ = ["view"]
