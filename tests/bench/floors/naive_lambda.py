"""Ours as it would be without care: all that it may ever need is loaded at import."""

from __future__ import annotations

from importlib import import_module

from functions.aws_lambda import app, snapshot

for name in snapshot.LOADED:
    import_module(name)
handler = app.handler
