"""Where the Azure Functions worker looks for the app; the triggers live in functions/azure_app."""

import os
from functools import partial

import azure.functions as func

from functions.azure_app.app import blueprint
from shared import bootstrap

app = func.FunctionApp()
app.register_functions(blueprint(partial(bootstrap.azure_function, os.environ), os.environ))
