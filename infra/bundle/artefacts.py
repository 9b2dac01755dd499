"""What goes into each artefact, and from where it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PYTHON = (3, 13)
"""What both platforms run."""

Architecture = Literal["arm64", "x86_64"]
PLATFORMS: dict[Architecture, str] = {
    "arm64": "aarch64-manylinux_2_28",
    "x86_64": "x86_64-manylinux_2_28",
}
"""uv's names. Amazon Linux 2023, under Lambda's Python 3.13, has glibc 2.34; Azure's image has 2.36."""


@dataclass(frozen=True)
class Artefact:
    """``sources``: files and folders, from the project's root, and ``but`` what of them stays out.
    ``optional``: likewise sources, where they are there.
    ``extra``: of pyproject.toml, what this function needs besides. ``packages``: where those lie in the
    artefact. ``home``: where the platform unpacks it."""

    sources: tuple[str, ...]
    but: tuple[str, ...]
    optional: tuple[str, ...]
    extra: str
    packages: str
    home: str


AWS = Artefact(
    sources=("functions/__init__.py", "functions/aws_lambda", "shared"),
    but=("shared/operations/page",),  # the Azure function shows it
    optional=("routes.yaml",),
    extra="aws-lambda",
    packages=".",
    home="/var/task",
)
AZURE = Artefact(
    sources=(
        "function_app.py",
        "functions/__init__.py",
        "functions/azure_app",
        "host.json",
        "requirements.txt",
        "shared",
    ),
    but=(),
    optional=("routes.yaml",),
    extra="azure-function",
    packages=".python_packages/lib/site-packages",
    home="/home/site/wwwroot",
)
ARTEFACTS = {"aws": AWS, "azure": AZURE}
