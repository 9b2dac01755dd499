"""The Azure function: Event Grid, a queue, a timer and HTTP."""
