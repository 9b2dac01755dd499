"""Ours as it would be without care: all that it may ever need is loaded at import."""

from __future__ import annotations

from functions.aws_lambda import app, snapshot

snapshot.load()
handler = app.handler
