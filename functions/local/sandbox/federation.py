"""Two clouds that take each other's word: AWS STS and Microsoft Entra, each with the other's keys at hand."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from functions.local.sandbox.aws_sts import Sts
from functions.local.sandbox.azure_entra import Entra
from functions.local.sandbox.serving import LoopbackServer
from functions.local.sandbox.serving_tls import TlsServer


class Federation:
    """Serves both from construction to ``close()``. Whom each trusts is theirs to say.

    ``variables`` is what a function's environment must say to reach them: their addresses and the certificate
    of Entra's, which takes sign-ins over TLS alone. The endpoint of a managed identity is named only where
    ``on_azure``.
    """

    def __init__(self, sts: Sts, entra: Entra) -> None:
        self._entra = entra
        with ExitStack() as stack:
            self._aws = stack.enter_context(LoopbackServer(sts))
            self._azure = stack.enter_context(LoopbackServer(entra))
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="policy-mirror-entra-")))
            self._sign_in = stack.enter_context(TlsServer(entra, folder))
            sts.places[entra.signer.issuer] = f"{self._azure.url}/{entra.tenant}"
            entra.places[sts.signer.issuer] = self._aws.url
            self._open = stack.pop_all()

    def variables(self, *, on_azure: bool) -> dict[str, str]:
        both = {
            "AWS_ENDPOINT_URL_STS": self._aws.url,
            "AZURE_AUTHORITY_HOST": self._sign_in.url,
            "REQUESTS_CA_BUNDLE": str(self._sign_in.authority),
        }
        endpoint = {
            "IDENTITY_ENDPOINT": f"{self._azure.url}/msi/token",
            "IDENTITY_HEADER": self._entra.header,
        }
        return both | endpoint if on_azure else both

    def close(self) -> None:
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
