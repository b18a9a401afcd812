"""Sources of tokens, for threads and for asyncio."""

from __future__ import annotations

import asyncio
import math
import re
import time
from typing import Any, Awaitable, Callable, Dict, Hashable, Mapping, Optional

from .aws_credentials import CredentialsProvider
from .errors import TokenError
from .held import HeldToken
from .lanes import DAY_MS, Lanes
from .look_ahead import LookAhead
from .read_api import ReadApi
from .secrets import SecretReader
from .signed_transport import SignedTransport
from .token import Token
from .transport import Transport, send
from .urls import is_loopback, split


def wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


class TokenSource:
    """The current token of one credential, to be kept for as long as the process lives.

    May be used by any number of threads. Asks nothing before it is asked, and raises TokenError for an option that
    cannot be used.

    :param credential: its id
    :param via: ``read-api`` asks the HTTP read API: any credential, also on demand, and reports of refused tokens.
        ``secrets-manager`` reads the published secrets by boto3: no function of Renova has to run for it.
    :param env: with ``secrets-manager``: the environment, ``hml`` or ``prd``
    :param url: base URL of the read API: the stack's output ``ReadApiUrl``, or that of an agent or a local stack. With
        ``secrets-manager``, where refused tokens are reported; without it the secrets are only read again
    :param client: with ``secrets-manager``: your client of boto3
    :param region: of the read API, where neither its host name nor the environment says it
    :param credentials: the caller's AWS credentials, asked for at every request; where botocore or the environment
        has them unless given
    :param sign: whether requests to the read API are signed; all but those to this machine unless given
    :param grace_seconds: past the promise every call asks whether the token still is the current one. With a grace, one
        that was confirmed so many seconds ago is used without asking
    :param background: looks for the next token by itself from the end of the promise on, so that calls seldom wait
        (``close()`` ends it). Not for Lambda, whose threads stand still between invocations
    :param day_seconds: with ``secrets-manager`` and a local stack at ``--scale N``: 86400 / N
    """

    def __init__(
        self,
        credential: str,
        via: str = "secrets-manager",
        *,
        env: Optional[str] = None,
        url: Optional[str] = None,
        client: Any = None,
        region: Optional[str] = None,
        credentials: Optional[CredentialsProvider] = None,
        sign: Optional[bool] = None,
        grace_seconds: float = 0,
        background: bool = False,
        day_seconds: float = DAY_MS / 1000,
        transport: Transport = send,
        now_ms: Callable[[], int] = wall_clock_ms,
    ) -> None:
        expect("credential", is_match(r"[a-z0-9][a-z0-9._-]{0,63}", credential), "the id of a credential, such as acme")
        expect("via", via in ("read-api", "secrets-manager"), "read-api or secrets-manager")
        expect("grace_seconds", is_duration(grace_seconds), "a number of seconds, 0 or more")
        api: Optional[ReadApi] = None
        if url is not None or via == "read-api":
            parts = split(url)
            if sign is None:
                sign = parts is None or not is_loopback(parts)
            if sign:
                transport = SignedTransport(
                    now_ms=now_ms, region=region, credentials=credentials, transport=transport
                )
            api = ReadApi(credential, url or "", transport, now_ms)
        if via == "secrets-manager":
            expect("env", is_match(r"[a-z0-9-]{1,32}", env), "the environment, hml or prd")
            expect("day_seconds", is_duration(day_seconds) and day_seconds > 0, "a number of seconds, more than 0")
            report = api.refused if api else None
            door: Any = Lanes(credential, str(env), SecretReader(client), now_ms, day_seconds * 1000, report)
        else:
            door = api
        self.credential = credential
        self._held = HeldToken(door, now_ms, grace_seconds * 1000)
        self._look_ahead = LookAhead(self._held, now_ms) if background else None

    def get_token(self, *, min_ttl_seconds: float = 0) -> Token:
        """The current token: the held one as long as nobody may replace it, else what Renova has now.

        Any number of callers share one question. While Renova cannot be asked, a held token that lives serves on.
        Raises TokenError.
        """
        expect("min_ttl_seconds", is_duration(min_ttl_seconds), "a number of seconds, 0 or more")
        outcome = self._held.get(min_ttl_seconds)
        if isinstance(outcome, TokenError):
            raise outcome.copy()
        self._look()
        return outcome

    def close(self) -> None:
        """Ends the background's looking."""
        if self._look_ahead:
            self._look_ahead.stop()

    def _look(self) -> None:
        if self._look_ahead:
            self._look_ahead.look()

    def refused(self, token: Token) -> Optional[Token]:
        """Reports that the provider answered 401 to this token.

        Returns another token to try once more with; None if there is none, or nobody can tell. One report serves all
        who had the token refused. Raises nothing.
        """
        return self._held.replaced(token)

    def refreshed(self, detail: Mapping[str, Any]) -> None:
        """Takes the detail of a ``Token Refreshed`` event: the next call asks, unless the held token is of that
        generation."""
        if detail.get("credential") == self.credential:
            self._held.drop(int(detail["generation"]))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.credential!r})"


class AsyncTokenSource:
    """The same as TokenSource with coroutines, for asyncio. Takes the same options, or a TokenSource to share.

    Questions are asked in a thread; any number of tasks of one event loop share one. A cancelled task ends no question
    that others wait for.
    """

    def __init__(self, credential: Any, via: str = "secrets-manager", **options: Any) -> None:
        is_source = isinstance(credential, TokenSource)
        self._source = credential if is_source else TokenSource(credential, via, **options)
        self.credential = self._source.credential
        self._questions: Dict[Hashable, "asyncio.Task[Any]"] = {}

    async def get_token(self, *, min_ttl_seconds: float = 0) -> Token:
        """As TokenSource.get_token."""
        expect("min_ttl_seconds", is_duration(min_ttl_seconds), "a number of seconds, 0 or more")
        held = self._source._held
        token = held.current(min_ttl_seconds)
        if token:
            self._source._look()
            return token
        outcome = await self._shared(min_ttl_seconds, lambda: asyncio.to_thread(held.get, min_ttl_seconds))
        if isinstance(outcome, TokenError):
            raise outcome.copy()
        self._source._look()
        return outcome

    def close(self) -> None:
        """As TokenSource.close."""
        self._source.close()

    async def refused(self, token: Token) -> Optional[Token]:
        """As TokenSource.refused."""
        held = self._source._held
        key = (token.generation, hash(token.access_token))
        return await self._shared(key, lambda: asyncio.to_thread(held.replaced, token))

    def refreshed(self, detail: Mapping[str, Any]) -> None:
        """As TokenSource.refreshed."""
        self._source.refreshed(detail)

    async def _shared(self, key: Hashable, ask: Callable[[], Awaitable[Any]]) -> Any:
        key = (asyncio.get_running_loop(), key)
        question = self._questions.get(key)
        if question is None:
            question = self._questions[key] = asyncio.ensure_future(ask())  # type: ignore[assignment]
            question.add_done_callback(lambda _: self._questions.pop(key, None))
        return await asyncio.shield(question)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.credential!r})"


def expect(option: str, is_good: bool, expected: str) -> None:
    if not is_good:
        raise TokenError("invalid-option", f"{option}: expected {expected}.")


def is_match(pattern: str, value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def is_duration(value: object) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and value >= 0  # type: ignore[arg-type,operator]
