"""AWS on this machine, by ministack: it takes the template, runs the function, and asks its role's policies.

The function runs in ministack's own wrapper, with ministack's interpreter: this is for the wiring. How it
runs inside Lambda is tried under AWS's runtime client, elsewhere.
"""

from __future__ import annotations

import json
import ssl
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import trustme

from functions.local.runtimes.process import Child, NotUp, free_port, listening
from functions.local.runtimes.tools import Tools

ACCOUNT, REGION = "123456789012", "eu-central-1"
STACK = "mirror"
BUCKET = "artefacts"


class Tls:
    """The queues let nobody in who does not encrypt. ``authority`` is what clients have to trust."""

    def __init__(self, folder: Path) -> None:
        self.authority, self.certificate, self.key = (
            folder / f"emulator-{name}.pem" for name in ("authority", "certificate", "key")
        )
        signer = trustme.CA()
        signer.cert_pem.write_to_path(self.authority)
        own = signer.issue_cert("127.0.0.1")
        own.private_key_pem.write_to_path(self.key)
        for part in own.cert_chain_pems:
            part.write_to_path(self.certificate, append=True)


class Emulator:
    """``client`` makes boto3 clients of whoever owns the account."""

    def __init__(self, port: int, tls: Tls) -> None:
        self.endpoint = f"https://127.0.0.1:{port}"
        self._authority = str(tls.authority)
        self._session = boto3.Session("test", "test", region_name=REGION)

    def client(self, service: str) -> Any:
        session: Any = self._session
        return session.client(service, endpoint_url=self.endpoint, verify=self._authority)

    def health(self) -> dict[str, Any]:
        trust = ssl.create_default_context(cafile=self._authority)
        address = f"{self.endpoint}/_ministack/health"
        with urllib.request.urlopen(address, timeout=5, context=trust) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    def upload(self, bundle: Path) -> str:
        """As ``sam package`` does: the place of the bundle, for CodeUri."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.upload_file(str(bundle), BUCKET, "aws.zip")
        return f"s3://{BUCKET}/aws.zip"

    def deploy(self, template: str, parameters: Mapping[str, str]) -> dict[str, str]:
        """Creates or updates the stack; gives its outputs."""
        cloudformation = self.client("cloudformation")
        known = [s["StackName"] for s in cloudformation.describe_stacks()["Stacks"]]
        change = cloudformation.update_stack if STACK in known else cloudformation.create_stack
        change(
            StackName=STACK,
            TemplateBody=template,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
            ],
        )
        stack = until(lambda: _finished(cloudformation))
        if stack["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
            failed = [each for each in events if each["ResourceStatus"].endswith("FAILED")]
            raise AssertionError([(e["LogicalResourceId"], e.get("ResourceStatusReason")) for e in failed])
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


def _finished(cloudformation: Any) -> dict[str, Any] | None:
    stack: dict[str, Any] = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack


def until(told: Callable[[], Any], seconds: float = 60.0) -> Any:
    """What ``told`` says once it says anything: the emulator has workers and polls of its own."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if said := told():
            return said
        time.sleep(0.05)
    raise AssertionError(f"nothing came of it in {seconds:.0f} s")


@contextmanager
def emulator(tools: Tools, home: Path, tls: Tls, variables: Mapping[str, str]) -> Iterator[Emulator]:
    """``variables`` are what the function sees besides its own, as it would see Lambda's."""
    port = free_port()
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "TMPDIR": str(home),
        "PYTHONPATH": str(tools.ministack),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",  # else it listens on every address
        "AUTH": "true",  # each call is allowed by a policy, or refused
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(tls.certificate),
        "MINISTACK_SSL_KEY": str(tls.key),
        **variables,
    }
    said: deque[str] = deque(maxlen=200)
    command = [tools.python, tools.ministack / "bin" / "ministack"]
    child = Child(command, environment=environment, folder=home, heard=said.append)
    try:
        listening(port, lambda: child.running)
        yield Emulator(port, tls)
    except (AssertionError, NotUp):
        print("\n".join(said))
        raise
    finally:
        child.end()
