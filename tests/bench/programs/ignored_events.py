"""Ours: the Lambda's handler, loaded anew, on batches that hold nothing for it. argv: packages, batches."""

from __future__ import annotations

import json
import sys
import time


class Context:
    aws_request_id = "bench"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


def main(packages: str, batches: list[object]) -> None:
    sys.path.insert(0, packages)
    began = time.process_time()
    from functions.aws_lambda.app import handler

    def deliver() -> None:
        for batch in batches:
            assert handler(batch, Context()) == {"batchItemFailures": []}

    deliver()
    cold = time.process_time() - began
    began = time.process_time()
    for _ in range(100):
        deliver()
    warm = (time.process_time() - began) / 100 / len(batches)
    print()
    print(json.dumps({"cold": cold, "warm": warm, "modules": sorted(sys.modules)}))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
