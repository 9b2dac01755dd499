"""Documents and text from files and standard input, as bad input where they cannot be read."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO

from shared.errors import BadDocument, BadInput
from shared.routes.problem import Unreadable
from shared.routes.text import decoded
from shared.translation.json_text import MAX_BYTES, loads, refuse_size
from shared.translation.shapes import Native, native

STDIN = "-"


def read_document(source: str) -> Native:
    """The native document in a file, or in standard input for ``-``.

    Raises :class:`BadInput` whose message begins with ``source``. No more than the limit is ever read.
    """
    try:
        return native(loads(_content(source)))
    except BadDocument as error:
        raise BadInput(f"{source}: {error}") from None


def read_text(source: str) -> str:
    """The text of a file, or of standard input for ``-``; errors and limit as for a document."""
    try:
        return decoded(_content(source))
    except Unreadable as stopped:
        raise BadInput(stopped.problem.told(source)) from None
    except BadDocument as error:
        raise BadInput(f"{source}: {error}") from None


def _content(source: str) -> bytes:
    try:
        return _bytes(source)
    except OSError as error:
        raise BadInput(f"{source}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a path that no system call takes
        raise BadInput(f"{source}: cannot be read: {error}") from None


def _bytes(source: str) -> bytes:
    if source != STDIN:
        with Path(source).open("rb") as file:
            return _limited(file)
    if sys.stdin is None:
        raise BadInput(f"{source}: standard input is closed")
    return _limited(sys.stdin.buffer)


def _limited(file: BinaryIO) -> bytes:
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        refuse_size(_size(file))
    return content


def _size(file: BinaryIO) -> int | None:
    """In bytes, None where the length is not known beforehand: a pipe, a device."""
    try:
        status = os.fstat(file.fileno())
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
