"""``policy-mirror sandbox``: both clouds and both functions on this machine, until interrupted."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import tempfile
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from functions.local.commands.reaching import Runtimes, reached, runtimes_option
from functions.local.reach import GetFunctions
from functions.local.render_events import event_line, greeting
from functions.local.sandbox.running import VARIABLE, Running, announced, awaited, place
from shared.errors import BadInput

if TYPE_CHECKING:
    from functions.local.stage import Stage

EXAMPLE = """
\b
Examples:
  policy-mirror sandbox                      # then paste what it prints into another terminal
  eval "$(policy-mirror sandbox --env)"      # in that terminal: its clouds, for boto3, aws and policy-mirror
  policy-mirror sandbox --json --aws-port 0  # one JSON object a line, for scripts
  policy-mirror sandbox --runtimes real      # both functions as deployed, on the clouds' own runtimes
"""
PATIENCE = 20.0
"""Seconds that --env waits for a sandbox that is about to start."""


@click.command(epilog=EXAMPLE)
@click.option(
    "--aws-port", type=click.IntRange(0, 65535), default=0, help="Port of AWS IoT; 0 picks a free one."
)
@click.option("--azure-port", type=click.IntRange(0, 65535), default=0, help="Port of Azure's ARM, likewise.")
@click.option("--routes", type=click.Path(dir_okay=False, path_type=Path), help="routes.yaml to run instead.")
@click.option("--ledger", type=click.Path(dir_okay=False), help="SQLite file to keep; default: a new one.")
@click.option(
    "--sweep-every", type=click.FloatRange(1), default=60.0, show_default=True, help="Seconds between sweeps."
)
@runtimes_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--env", is_flag=True, help="Start none: print where the one that runs is, for a shell.")
def sandbox(  # noqa: PLR0913, PLR0917 - one for each option
    aws_port: int,
    azure_port: int,
    routes: Path | None,
    ledger: str | None,
    sweep_every: float,
    runtimes: Runtimes,
    as_json: bool,
    env: bool,
) -> None:
    """Run both clouds and both functions on 127.0.0.1.

    Ordinary boto3, azure-mgmt-security and aws command line clients work against the two endpoints. A change
    made in one cloud appears in the other; each event and decision is one line. Ctrl-C or SIGTERM stops it.
    """
    if env:
        click.echo(exports(awaited(place(os.environ), PATIENCE)))
        return
    if runtimes == "real" and ledger is not None:
        raise BadInput("--ledger is for functions in this process: on real runtimes they use DynamoDB")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    text = None if routes is None else _read(routes)
    printer = Printer(as_json)
    with tempfile.TemporaryDirectory(prefix="policy-mirror-") as folder:
        file = ledger or str(Path(folder) / "ledger.db")
        with (
            _stage(printer, reached(runtimes, file), text, (aws_port, azure_port)) as stage,
            announced(place(os.environ), stage.running(file)) if runtimes == "in-process" else nullcontext(),
        ):
            printer.greet(stage.ready())
            while not stop.wait(sweep_every):
                stage.sweep()


def _stage(printer: Printer, functions: GetFunctions, routes: str | None, ports: tuple[int, int]) -> Stage:
    from functions.local.stage import Stage

    try:
        return Stage(printer.tell, functions, routes=routes, aws_port=ports[0], azure_port=ports[1])
    except OSError as error:
        raise BadInput(f"ports {ports[0]} and {ports[1]}: {error.strerror}; 0 picks free ones") from None


def exports(running: Running) -> str:
    """For boto3, the aws command line and this program; a token and an address for Azure's REST interface."""
    values = {
        VARIABLE: os.environ.get(VARIABLE) or "1",
        "AWS_ENDPOINT_URL_IOT": running.aws_endpoint,
        "AWS_ACCESS_KEY_ID": "AKIAALICE",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": running.region,
        "SANDBOX_ARM": running.azure_endpoint,
        "SANDBOX_HUB": running.hub,
        "SANDBOX_TOKEN": "user.alice",
    }
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in values.items())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: {error}") from None


class Printer:
    """Lines come from several threads: one at a time, each whole and flushed."""

    def __init__(self, as_json: bool) -> None:
        self._json = as_json
        self._lock = threading.Lock()

    def greet(self, ready: dict[str, Any]) -> None:
        self._print(json.dumps(ready) if self._json else greeting(ready))

    def tell(self, line: dict[str, Any]) -> None:
        self._print(json.dumps(line) if self._json else event_line(line, colour=_colour()))

    def _print(self, text: str) -> None:
        with self._lock:
            try:
                print(text, flush=True)
            except BrokenPipeError:
                sys.stderr.close()


def _colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ
