"""The page behind Azure's HTTP trigger: the host's request in, the page's answer out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.config import read_settings
from shared.errors import MirrorError
from shared.operations.first_use import GetMirror
from shared.operations.page.exchange import Ask, Reply
from shared.operations.page.gate import EntraGate
from shared.operations.page.respond import not_ready, respond

if TYPE_CHECKING:
    import azure.functions as func


def answered(mirror: GetMirror, environ: Mapping[str, str], request: func.HttpRequest) -> Reply:
    try:
        built, settings = mirror(), read_settings(environ)
    except MirrorError as error:
        return not_ready(str(error))
    return respond(built, EntraGate.read(environ, settings.operators), ask_of(request))


def ask_of(request: func.HttpRequest) -> Ask:
    return Ask(
        method=request.method,
        path=request.route_params.get("view") or "",
        query=dict(request.params),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_body() or b"",
    )
