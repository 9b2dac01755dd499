"""The least that a warm look needs: the SDKs' own calls, side by side, and nothing done with the answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class BareCalls:
    """``iot``: boto3's client. ``arm``: azure-mgmt-security's. ``other_url``: of a group
    that nobody mirrors, for the writes. ``ledger``: seconds of one of its calls."""

    iot: Any
    arm: Any
    group_url: str
    other_url: str
    name: str
    pool: Executor
    ledger: Callable[[], float]

    def look(self) -> None:
        """One round trip: the ledger, AWS and Azure read side by side."""
        self._together(self.ledger_call, self.describe, self.get_group)

    def mirror(self, body: Any) -> None:
        """Six round trips, none of which can begin before the one above it has ended:

        1. look: ledger, AWS, Azure           what there is to do
        2. lease, and observe once more       nobody else is at it, and this is what the plan is made for
        3. intent                             a crash from here on is known of, with the before-image
        4. Azure, once more                   it has no ETag: an edit since 2 must not be overwritten
        5. the write
        6. commit                             what is in step now; the lease is given back
        """
        self.look()
        self._together(self.ledger_call, self.describe, self.get_group)
        self.ledger_call()
        self.get_group()
        self.put_group(body)
        self.ledger_call()

    def ledger_call(self) -> None:
        time.sleep(self.ledger())

    def describe(self) -> Any:
        return self.iot.describe_security_profile(securityProfileName=self.name)

    def get_group(self) -> Any:
        from azure.core.rest import HttpRequest

        return self.arm._send_request(HttpRequest("GET", self.group_url)).json()

    def put_group(self, body: Any) -> Any:
        from azure.core.rest import HttpRequest

        return self.arm._send_request(HttpRequest("PUT", self.other_url, json=body)).json()

    def _together(self, *calls: Callable[[], object]) -> None:
        for done in [self.pool.submit(call) for call in calls]:
            done.result()
