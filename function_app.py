"""Where the Azure Functions worker looks for the app; the triggers live in functions/azure_app."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import azure.functions as func

from functions.azure_app.app import blueprint

if TYPE_CHECKING:
    from shared.operations.mirror import Mirror


def build() -> Mirror:
    from shared.bootstrap.workers import azure_function

    return azure_function(os.environ)


app = func.FunctionApp()
app.register_functions(blueprint(build, os.environ))
