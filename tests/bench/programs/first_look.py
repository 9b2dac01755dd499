"""Ours: the Lambda's handler and all that its first look builds, short of the calls. argv: packages."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def main(packages: str) -> None:
    sys.path.insert(0, packages)
    began = time.process_time()
    from functions.aws_lambda import app
    from shared.bootstrap import workers
    from shared.operations.first_use import once

    vars(workers)["PrefetchedToken"] = lambda credential, _: credential  # which is a call

    mirror = once(app.build)()
    mirror.driver(mirror.routes.routes[0])
    assert mirror.ledger._table._client.meta  # type: ignore[attr-defined]  # built with its first use
    seconds = time.process_time() - began
    # Not ru_maxrss, which begins with what the process held that started this one.
    kilobytes = Path("/proc/self/status").read_text(encoding="ascii").partition("VmHWM:")[2].split()[0]
    print(json.dumps({"cpu": seconds, "peak": int(kilobytes) / 1024}))


if __name__ == "__main__":
    main(sys.argv[1])
