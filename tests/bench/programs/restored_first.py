"""Ours: the first event after a restore. The hooks are run as AWS's runtime client runs them.
argv: packages, that client, the event."""

from __future__ import annotations

import io
import json
import sys
import time


class Context:
    aws_request_id = "bench"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


def main(packages: str, runtime: str, event: object) -> None:
    sys.path[:0] = [packages, runtime]
    told, sys.stdout = sys.stdout, io.StringIO()  # before the logger is there
    from awslambdaric import lambda_runtime_hooks_runner as hooks

    from functions.aws_lambda.app import handler

    hooks.run_before_snapshot()
    hooks.run_after_restore()
    began = time.process_time()
    answer = handler(event, Context())
    seconds = time.process_time() - began
    assert answer == {"batchItemFailures": []}, answer
    assert '"code":"in-step"' in sys.stdout.getvalue(), sys.stdout.getvalue()
    print(json.dumps({"cpu": seconds}), file=told, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
