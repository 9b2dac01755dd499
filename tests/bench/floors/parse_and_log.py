"""The least for an event that concerns nobody: Powertools' Logger, the body parsed, one line written.
argv: packages, batches."""

from __future__ import annotations

import json
import sys
import time


def main(packages: str, batches: list[dict[str, list[dict[str, str]]]]) -> None:
    sys.path.insert(0, packages)
    began = time.process_time()
    from aws_lambda_powertools import Logger

    logger = Logger(service="policy-mirror")

    def deliver() -> None:
        for batch in batches:
            for record in batch["Records"]:
                logger.info("ignored", extra={"source": json.loads(record["body"])["source"]})

    deliver()
    cold = time.process_time() - began
    began = time.process_time()
    for _ in range(100):
        deliver()
    warm = (time.process_time() - began) / 100 / len(batches)
    print()
    print(json.dumps({"cold": cold, "warm": warm}))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
