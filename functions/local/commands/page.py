"""``policy-mirror page``: where everything stands, in a browser or in one file."""

from __future__ import annotations

import os
import secrets
import signal
import threading
import webbrowser
from pathlib import Path

import click

from functions.local.asking import user
from functions.local.place import Place, mirror_at, place_options
from shared.errors import BadInput
from shared.operations.mirror import Mirror

EXAMPLE = """
\b
Examples:
  policy-mirror page --sandbox             # the sandbox that runs in another terminal
  policy-mirror page --html standing.html  # one file that needs nothing else, to keep or to send
"""


@click.command(epilog=EXAMPLE)
@click.option("--html", metavar="FILE", help="Write one self-contained file instead, - for standard output.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0, the default, takes a free one.")
@click.option("--read-only", is_flag=True, help="Serve it without anything that could be done from it.")
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
def page(
    html: str | None,
    port: int,
    read_only: bool,
    show: bool,
    sandbox: bool,
    routes: str | None,
    ledger: str | None,
) -> None:
    """Show where everything stands, in a browser.

    Served on 127.0.0.1 until Ctrl-C, to whoever has the address that is printed: it carries this run's token.
    What is done from the page shows its plan first and asks once more.
    """
    with mirror_at(Place(sandbox, routes, ledger), os.environ) as mirror:
        if html is not None:
            _write(html, mirror)
        else:
            _serve(mirror, port, read_only=read_only, show=show)


page.params.extend(place_options())


def _write(file: str, mirror: Mirror) -> None:
    from shared.operations.page.alone import standing_alone

    with click.open_file(file, "w", encoding="utf-8") as target:
        target.write(standing_alone(mirror))
    if file != "-":
        click.echo(f"{Path(file).resolve()}")


def _serve(mirror: Mirror, port: int, *, read_only: bool, show: bool) -> None:
    from functions.local.page_server import PageServer
    from shared.operations.page.gate import LocalGate

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    gate = LocalGate(user(), may_act=not read_only)
    try:
        server = PageServer(lambda: mirror, gate, secrets.token_urlsafe(24), port)
    except OSError as error:
        raise BadInput(f"port {port}: {error.strerror}; 0 takes a free one") from None
    try:
        click.echo(f"{server.url}\nCtrl-C stops it.")
        if show:
            webbrowser.open(server.url)
        stop.wait()
    finally:
        server.close()
