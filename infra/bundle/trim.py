"""What of the packages stays out: nothing that the functions import, most of what they never open.

The packaging tests import every module of ours from what is left, and the runtime tests run it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

AWS_SERVICES = frozenset({"cloudtrail", "dynamodb", "events", "iam", "iot", "sns", "sqs", "ssm", "sts"})
"""Of which botocore's data stays. A client of any other service needs its name here."""

SECURITY_API = "v2019_08_01"
"""Of azure-mgmt-security's forty API versions the one that has these groups."""

# Patterns of Path.glob, from the folder of the packages.
UNUSED = (
    ".lock",
    "bin",
    "*.dist-info",
    "**/tests",
    "**/py.typed",
    "**/*.pyi",
    "**/*.pyx",
    "**/*.pxd",
    "**/*.h",
    "annotated_types/test_cases.py",
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/metrics/provider/datadog",
    "azure/common",  # azure-mgmt-security asks for it, and imports none of it (7.0.0)
    "azure/core/**/_aiohttp.py",  # loaded by who asks for them, which nobody here does
    "azure/core/**/_requests_asyncio.py",
    "azure/core/**/_requests_trio.py",
    "azure/core/pipeline/transport/_base_requests_async.py",
    "azure/identity/aio",
    "azure/mgmt/security/aio",
    "azure/mgmt/security/*/aio",
    "azure/mgmt/security/models.py",
    "boto3/crt.py",
    "boto3/data",
    "boto3/dynamodb",
    "boto3/ec2",
    "boto3/examples",
    "boto3/s3",
    "botocore/crt/auth.py",
    "botocore/stub.py",
    "botocore/cacert.pem",  # certifi's comes first
    "botocore/data/*/*/examples-1.json",
    "botocore/data/dynamodb/2011-12-05",
    "charset_normalizer/*.so",  # the same in Python lies beside them; no answer makes it guess
    "charset_normalizer/cli",
    "cffi",  # cryptography needs _cffi_backend alone
    "cryptography/hazmat/asn1",
    "dateutil/rrule.py",
    "dateutil/tz/win.py",
    "dateutil/zoneinfo",  # the platforms have their own
    "jwt",  # msal signs with it where a certificate is the credential
    "msal/__main__.py",
    "msal/broker.py",
    "msal_extensions",  # tokens kept in a file
    "pycparser",
    "pydantic/experimental",
    "pydantic/mypy.py",
    "pydantic/v1",
    "s3transfer/crt.py",
    "s3transfer/processpool.py",
    "urllib3/contrib/emscripten",
    "urllib3/contrib/pyopenssl.py",
    "urllib3/contrib/socks.py",
    "urllib3/http2/connection.py",  # h2, which it needs, is not there
    "werkzeug/debug",
)
POWERTOOLS = frozenset({"__init__.py", "jmespath_utils"})
"""Of aws_lambda_powertools.utilities what its Logger needs (3.37)."""


def trim(packages: Path) -> None:
    for path in _unused(packages):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _unused(packages: Path) -> Iterator[Path]:
    for pattern in UNUSED:
        yield from sorted(packages.glob(pattern))
    yield from _but(packages.glob("botocore/data/*/"), AWS_SERVICES)
    yield from _but(packages.glob("azure/mgmt/security/v20*"), {SECURITY_API})
    yield from _but(packages.glob("aws_lambda_powertools/utilities/*"), POWERTOOLS)


def _but(paths: Iterator[Path], wanted: set[str] | frozenset[str]) -> Iterator[Path]:
    return (path for path in sorted(paths) if path.name not in wanted)
