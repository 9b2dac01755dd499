"""The least after a restore: the calls of a first look on clients that have made them before, with neither
token nor connection left. argv: packages, where this lies."""

from __future__ import annotations

import json
import sys
import time


def main(packages: str, floors: str) -> None:
    sys.path[:0] = [packages, floors]
    import same_calls

    calls = same_calls.of_lambda()
    calls.look()
    calls.renew()
    began = time.process_time()
    calls.look()
    print(json.dumps({"cpu": time.process_time() - began}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
