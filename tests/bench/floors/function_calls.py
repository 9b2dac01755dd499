"""The least function app that makes the calls of a first look."""

from __future__ import annotations

import azure.functions as func
import same_calls

CALLS = same_calls.of_function()
app = func.FunctionApp()


@app.function_name("on_policy_event")
@app.event_grid_trigger(arg_name="event")
def on_policy_event(event: func.EventGridEvent) -> None:
    del event
    CALLS.look()
