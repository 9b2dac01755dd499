"""``python3.13 -m infra.bundle aws|azure FOLDER``, from the project's root; ``make build`` calls it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from infra.bundle.artefacts import ARTEFACTS, PLATFORMS, PYTHON
from infra.bundle.build import build, pack


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.bundle", description="Build one artefact.")
    parser.add_argument("artefact", choices=sorted(ARTEFACTS))
    parser.add_argument("folder", type=Path, help="what is in it is replaced")
    parser.add_argument("--architecture", choices=sorted(PLATFORMS), default="x86_64")
    parser.add_argument("--uv", type=Path, default=Path(".tools/bin/uv"))
    parser.add_argument("--zip", type=Path, help="make a zip as well")
    asked = parser.parse_args()
    if sys.version_info[:2] != PYTHON:
        parser.error(f"both clouds run Python {PYTHON[0]}.{PYTHON[1]}, this is {sys.version.split()[0]}")
    artefact, uv = ARTEFACTS[asked.artefact], asked.uv.resolve()
    build(artefact, asked.architecture, root=Path.cwd(), uv=uv, out=asked.folder)
    if asked.zip is not None:
        pack(asked.folder, asked.zip)


main()
