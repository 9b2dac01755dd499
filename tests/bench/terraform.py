"""The comparison that is not made: a drift check as a user does it today, with ``terraform plan``.

The AWS provider has no resource for security profiles, so IoT things would stand in for them. It is measured
only where terraform can fetch that provider; :func:`missing` finds out whether it can.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

NAME = "drift-terraform"
WHAT = "a drift check of 1,000 policies, against `terraform plan` with refresh of as many IoT things"
NEEDS = 'terraform { required_providers { aws = { source = "hashicorp/aws" } } }\n'
WITHIN = 300
"""Seconds: the provider is an archive of some 150 MB."""


def missing() -> str:
    """Why the row is not measured here."""
    terraform = shutil.which("terraform")
    if terraform is None:
        return "terraform is not at hand"
    with tempfile.TemporaryDirectory(prefix="policy-mirror-terraform-") as folder:
        Path(folder, "main.tf").write_text(NEEDS, encoding="utf-8")
        try:
            done = subprocess.run(
                [terraform, "init", "-input=false", "-no-color"],
                cwd=folder,
                capture_output=True,
                timeout=WITHIN,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"terraform has not fetched its AWS provider within {WITHIN} s"
    if done.returncode:
        return "terraform is at hand, and cannot fetch its AWS provider"
    return "terraform and its AWS provider are at hand, and nobody has written this row"
