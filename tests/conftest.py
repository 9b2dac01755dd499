"""What holds for every test: no network but loopback, no credentials or proxies of the caller, seeded cases.

Hypothesis profiles, chosen by ``HYPOTHESIS_PROFILE`` (else ``ci`` where ``CI`` is set, else ``default``):

* ``default``  new cases every run, for developers;
* ``ci``       the same cases every run, so that a red build is red again;
* ``quick``    few cases, for the second and third interpreter.

The laws want thousands of cases: ``@settings(settings.get_profile("laws"))`` is the chosen profile
with that many.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

CASES = {"default": 200, "ci": 200, "quick": 25}
LAW_CASES = {"default": 2000, "ci": 2000, "quick": 100}


def _choose_profile() -> None:
    name = os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default")
    for profile, cases in CASES.items():
        settings.register_profile(
            profile,
            max_examples=cases,
            deadline=None,
            print_blob=True,
            derandomize=profile != "default",
            # The machine may be slow or shared; how fast a case is drawn says nothing about the code.
            suppress_health_check=[HealthCheck.too_slow],
        )
    settings.register_profile("laws", settings.get_profile(name), max_examples=LAW_CASES[name])
    settings.load_profile(name)


_choose_profile()

# A developer's own account, region, proxy or endpoint must never decide a test.
_FOREIGN_PREFIXES = ("AWS_", "AZURE_", "MSI_", "IDENTITY_", "POWERTOOLS_", "POLICY_MIRROR_")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_TEST_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture(scope="session", autouse=True)
def _neutral_environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.upper().startswith(_FOREIGN_PREFIXES) or name.lower() in _PROXIES:
                patch.delenv(name)
        for name, value in _TEST_ENVIRONMENT.items():
            patch.setenv(name, value)
        yield


class NetworkRefusedError(RuntimeError):
    """A test reached for an address outside this machine. Not an OSError, so that no retry hides it."""


def _is_loopback(host: object) -> bool:
    if host in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _refuse_foreign(host: object) -> None:
    if not _is_loopback(host):
        raise NetworkRefusedError(f"a test tried to reach {host!r}; only loopback is open to tests")


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    connect, connect_ex, resolve = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            _refuse_foreign(address[0])
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            _refuse_foreign(address[0])
        return connect_ex(self, address)

    def guarded_resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_foreign(host.decode() if isinstance(host, bytes) else host)
        return resolve(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_resolve)
        yield
