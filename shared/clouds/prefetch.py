"""Sign-ins that begin before anybody waits for them.

Each is two round trips, one after the other, and the rest of a container's first look can only follow. What
that look still has to load, some 90 ms of the other SDK (2026-11), is loaded meanwhile.
"""

from __future__ import annotations

from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from shared.clouds.azure_pipeline import TOKEN_SCOPE
from shared.errors import MirrorError

if TYPE_CHECKING:
    import boto3
    from azure.core.credentials import AccessToken, TokenCredential


def sign_in_to_aws(session: boto3.Session, threads: Executor) -> None:
    """Whoever uses the session meanwhile waits for it; where it fails they ask again, and are told why."""

    def signed_in() -> None:
        credentials = session.get_credentials()
        assert credentials is not None
        with suppress(MirrorError):
            credentials.get_frozen_credentials()

    threads.submit(signed_in)


class PrefetchedToken:
    """``credential``, whose token for ARM is on its way: all who ask meanwhile get that one, or the error
    that it ended with. Later ones ask anew, which finds it where ``credential`` keeps its tokens."""

    def __init__(self, credential: TokenCredential, threads: Executor) -> None:
        self._credential = credential
        self._first: Future[AccessToken] | None = threads.submit(credential.get_token, TOKEN_SCOPE)

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        first = self._first
        if first is not None:
            try:
                first.result()
            finally:
                self._first = None
        return self._credential.get_token(*scopes, **options)
