"""Sign-ins that begin before anybody waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from azure.core.credentials import AccessToken

from shared.clouds.azure_pipeline import TOKEN_SCOPE
from shared.clouds.prefetch import PrefetchedToken, sign_in_to_aws
from shared.errors import Denied

DENIED = Denied("Entra identity c", "no")


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


class Held:
    """A credential that answers when it is let, and keeps its tokens as those of azure-identity do."""

    def __init__(self, *failures: Exception) -> None:
        self.let = Event()
        self.asked: list[str] = []
        self._failures = list(failures)
        self._kept: dict[str, AccessToken] = {}

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        (scope,) = scopes
        if scope not in self._kept:
            self.asked.append(scope)
            assert self.let.wait(10)
            if self._failures:
                raise self._failures.pop(0)
            self._kept[scope] = AccessToken(f"{scope} {len(self.asked)}", 4_102_444_800)
        return self._kept[scope]


def _together(credential: PrefetchedToken, held: Held, threads: Executor) -> list[Future[AccessToken]]:
    asked = [threads.submit(credential.get_token, TOKEN_SCOPE) for _ in range(2)]
    held.let.set()
    return asked


def test_a_token_is_on_its_way_before_anybody_asks(threads: Executor) -> None:
    held = Held()
    held.let.set()
    credential = PrefetchedToken(held, threads)
    threads.shutdown()
    assert held.asked == [TOKEN_SCOPE]
    assert credential.get_token(TOKEN_SCOPE).token == f"{TOKEN_SCOPE} 1"


def test_all_who_ask_meanwhile_wait_for_the_one_sign_in(threads: Executor) -> None:
    held = Held()
    told = {each.result().token for each in _together(PrefetchedToken(held, threads), held, threads)}
    assert (told, held.asked) == ({f"{TOKEN_SCOPE} 1"}, [TOKEN_SCOPE])


def test_a_sign_in_that_failed_is_told_once_and_then_tried_anew(threads: Executor) -> None:
    held = Held(DENIED)
    credential = PrefetchedToken(held, threads)
    held.let.set()
    with pytest.raises(Denied):
        credential.get_token(TOKEN_SCOPE)
    assert credential.get_token(TOKEN_SCOPE).token == f"{TOKEN_SCOPE} 2"


def test_another_scope_is_asked_for_as_ever(threads: Executor) -> None:
    held = Held()
    held.let.set()
    assert PrefetchedToken(held, threads).get_token("other").token == "other 2"


class Session:
    """Of boto3, as far as a sign-in goes. Its own credentials let one fetch go on at a time."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.fetched = 0
        self._failure = failure

    def get_credentials(self) -> Any:
        return self

    def get_frozen_credentials(self) -> str:
        self.fetched += 1
        if self._failure is not None:
            raise self._failure
        return "keys"


@pytest.mark.parametrize("failure", [None, DENIED])
def test_a_session_signs_in_before_its_first_call_and_leaves_a_refusal_to_that(
    failure: Exception | None, threads: Executor
) -> None:
    session: Any = Session(failure)
    sign_in_to_aws(session, threads)
    threads.shutdown()
    assert session.fetched == 1
