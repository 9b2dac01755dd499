"""What the templates say of memory, time and schedules, where a figure depends on it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE, BICEP = "template.yaml", "infra/azure/main.bicep"


def setting(file: str, pattern: str) -> int:
    """The number that ``pattern`` finds in a file, which has to have it once."""
    found = re.findall(pattern, (ROOT / file).read_text(encoding="utf-8"), re.S)
    assert len(found) == 1, f"{file} has {pattern!r} {len(found)} times"
    return int(found[0])


LAMBDA_GB = (
    setting(TEMPLATE, r"\n      MemorySize: (\d+)\n      Timeout: \d+\n      Role: !GetAtt MirrorRole") / 1024
)
FUNCTION_GB = setting(BICEP, r"\nparam instanceMemory int = (\d+)\n") / 1024
LAMBDA_SWEEPS = setting(TEMPLATE, r"\n  SweepMinutes:\n    Type: String\n    Default: \"(\d+)\"")
FUNCTION_SWEEPS = setting(BICEP, r"\nparam sweepSchedule string = '0 \*/(\d+) \* \* \* \*'\n")
"""Minutes from one sweep to the next."""
