"""How a command is typed in a terminal: what help, page, notices and README show can be pasted."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from shared.operations.commands.registry import COMMANDS


def typed(name: str, arguments: Mapping[str, Any]) -> str:
    """Names and values are quoted for a shell. A command that is none is spelt like one."""
    options = dict(arguments)
    route, policy = options.pop("route", None), options.pop("name", None)
    positional = COMMANDS[name].about.positional if name in COMMANDS else ()
    words = ["policy-mirror", name]
    if route is not None:
        words.append(route if policy is None else f"{route}/{policy}")
    for field, value in options.items():
        if field in positional:
            words.append(_text(value))
        elif value is True:
            words.append(option(field))
        else:
            words += [option(field), _text(value)]
    return shlex.join(words)


def option(field: str) -> str:
    return f"--{field.replace('_', '-')}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
