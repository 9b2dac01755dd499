"""Where a sandbox runs, told to the same user's other terminals through one small file."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from shared.errors import BadInput

VARIABLE = "POLICY_MIRROR_SANDBOX"
"""``1``: talk to the sandbox that runs. Anything longer is the path of its file, where several run."""

_NONE_RUNS = "no sandbox runs; start one in another terminal: policy-mirror sandbox"


@dataclass(frozen=True, slots=True)
class Running:
    """``hub`` is the id of the first hub, ``ledger`` the path of an SQLite file, ``routes`` the text of a
    routes.yaml."""

    pid: int
    aws_endpoint: str
    region: str
    azure_endpoint: str
    hub: str
    ledger: str
    routes: str


def place(environ: Mapping[str, str]) -> Path:
    """Of the file: in a folder of this user's own."""
    given = environ.get(VARIABLE, "")
    if len(given) > 1:
        return Path(given)
    folder = environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    return Path(folder) / f"policy-mirror-{user}" / "sandbox.json"


@contextmanager
def announced(path: Path, running: Running) -> Iterator[None]:
    """While it runs. Of two sandboxes at one path, the one that started last is found."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{running.pid}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(running)), encoding="utf-8")
    draft.replace(path)
    try:
        yield
    finally:
        with suppress(OSError, ValueError, TypeError, BadInput):
            if _read(path).pid == running.pid:
                path.unlink()


def find(path: Path) -> Running:
    """Raises BadInput where none runs, or where another user could have written the file."""
    try:
        running = _read(path)
    except FileNotFoundError:
        raise BadInput(_NONE_RUNS) from None
    except (OSError, ValueError, TypeError) as error:
        raise BadInput(f"{path}: not the file of a sandbox ({type(error).__name__}); {_NONE_RUNS}") from None
    if not _alive(running.pid):
        raise BadInput(f"the sandbox of process {running.pid} has ended; {_NONE_RUNS}")
    return running


def awaited(path: Path, patience: float) -> Running:
    """:func:`find`, tried for so many seconds: it may be about to start in another terminal."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return find(path)
        except BadInput:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.1)


def _read(path: Path) -> Running:
    with path.open("rb") as file:
        if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid != os.getuid():
            raise BadInput(f"{path}: it belongs to another user")
        return Running(**json.load(file))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
