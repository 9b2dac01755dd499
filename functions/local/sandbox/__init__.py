"""Two clouds in a box: AWS IoT security profiles and Azure device security groups, over HTTP on loopback."""

from __future__ import annotations

from functions.local.sandbox.aws_state import AwsOptions
from functions.local.sandbox.azure_state import AzureOptions
from functions.local.sandbox.bus import BusKnobs, EventBus
from functions.local.sandbox.clients import StaticCredential, arm_client, iot_client
from functions.local.sandbox.clouds import TwoClouds
from functions.local.sandbox.faults import AzureFaults, Faults

__all__ = [
    "AwsOptions",
    "AzureFaults",
    "AzureOptions",
    "BusKnobs",
    "EventBus",
    "Faults",
    "StaticCredential",
    "TwoClouds",
    "arm_client",
    "iot_client",
]
