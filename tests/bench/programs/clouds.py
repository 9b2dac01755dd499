"""Both clouds in a process of their own, so that their cost is not taken for ours. Ends with its stdin."""

from __future__ import annotations

import json
import sys

from functions.local.sandbox.clouds import TwoClouds

if __name__ == "__main__":
    with TwoClouds(subscription=sys.argv[1]) as clouds:
        print(json.dumps({"aws": clouds.aws.endpoint, "azure": clouds.azure.endpoint}), flush=True)
        sys.stdin.read()
