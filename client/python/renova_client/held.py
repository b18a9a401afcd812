"""The latest token, asked for by one caller at a time."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from typing import Callable, Dict, NamedTuple, Optional, Union

from .errors import TokenError, unavailable
from .token import Token, is_newer, is_same

IN_VAIN_MS = 30_000
"""A 401 that a new token does not fix has another reason: it is not reported again for so long."""
LONGEST_RETRY_AFTER_SECONDS = 3600
"""A longer ``Retry-After`` is told to the caller; the source asks again after this."""

Outcome = Union[Token, TokenError]


class Door:
    """How a source gets tokens."""

    def ask(self, held: Optional[Token], min_ttl_seconds: float) -> Outcome:
        """The current token. ``held`` is the one that the caller has, and trusts."""
        raise NotImplementedError

    def refused(self, token: Token) -> Outcome:
        """The current token, after the provider answered 401 to this one; replaced first if need be."""
        raise NotImplementedError


class Trouble(NamedTuple):
    """Why nobody who wants a token that lives so long asks before that time."""

    error: TokenError
    until_ms: int
    min_ttl_seconds: float


class Report(NamedTuple):
    token: Token
    answer: "Future[Outcome]"


class InVain(NamedTuple):
    """The token whose report changed nothing, or was put off: it is not reported again before that time."""

    token: Token
    until_ms: int


class HeldToken:
    """Holds the latest token. May be used by several threads: they share one question.

    Failures are returned, not raised: an exception keeps the frames that it passed, and these hold tokens.
    """

    def __init__(self, door: Door, now_ms: Callable[[], int], grace_ms: float) -> None:
        self._door = door
        self._now_ms = now_ms
        self._grace_ms = grace_ms
        self._token: Optional[Token] = None
        self._confirmed_at_ms: float = float("-inf")
        self._is_doubted = False
        """The provider refused the held token, or an event speaks of another one: it loses to any token that lives."""
        self._trouble: Optional[Trouble] = None
        self._in_vain: Optional[InVain] = None
        self._forget_questions()

    @property
    def token(self) -> Optional[Token]:
        """The held token, whether its promise lasts or not."""
        with self._lock:
            return self._token

    def current(self, min_ttl_seconds: float) -> Optional[Token]:
        """The held token while its promise (or the grace) lasts; None when it takes a question."""
        if self._pid != os.getpid():
            # The threads of the parent, whose answers others would wait for, do not live in a fork.
            self._forget_questions()
        with self._lock:
            token = self._token
            if token is None or self._is_doubted or not self._lives(token, min_ttl_seconds):
                return None
            until_ms = max(token.hold_until_ms, self._confirmed_at_ms + self._grace_ms)
            return token if self._now_ms() < until_ms else None

    def get(self, min_ttl_seconds: float) -> Outcome:
        """The held token while its promise lasts, else the one that the door has now.

        While the door fails, a held token that lives serves on.
        """
        held = self.current(min_ttl_seconds)
        if held:
            return held
        outcome = self._ask_once(min_ttl_seconds)
        if isinstance(outcome, TokenError) and outcome.is_temporary:
            with self._lock:
                if self._token and self._lives(self._token, min_ttl_seconds):
                    return self._token
        return outcome

    def replaced(self, refused: Token) -> Optional[Token]:
        """Another token than the refused one; None if there is none, or nobody can tell."""
        self.current(0)
        with self._lock:
            if self._token and not is_same(self._token, refused) and self._lives(self._token):
                return self._token
            in_vain = self._in_vain
            if in_vain and is_same(in_vain.token, refused) and self._now_ms() < in_vain.until_ms:
                return None
            self._is_doubted = True
        outcome = self._report_once(refused)
        is_other = isinstance(outcome, Token) and not is_same(outcome, refused)
        return outcome if is_other and self._lives(outcome) else None  # type: ignore[arg-type,return-value]

    def drop(self, generation: int) -> None:
        """Takes an event's word that this generation was issued.

        An older held token is dead. A later one is doubted: the event came late, or the ledger was restored or made
        anew.
        """
        with self._lock:
            if self._token is None or self._token.generation == generation:
                return
            if self._token.generation < generation:
                self._token = None
            self._is_doubted = True

    def _forget_questions(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._asking: Dict[float, "Future[Outcome]"] = {}
        """By the least time to live: who asks for too much fails nobody else."""
        self._reporting: Optional[Report] = None

    def _ask_once(self, min_ttl_seconds: float) -> Outcome:
        with self._lock:
            trouble = self._trouble
            if trouble and min_ttl_seconds >= trouble.min_ttl_seconds and self._now_ms() < trouble.until_ms:
                return trouble.error
            asking = self._asking.get(min_ttl_seconds)
            if asking is None:
                question = self._asking[min_ttl_seconds] = Future()
        if asking is not None:
            return asking.result()

        def end() -> None:
            self._asking.pop(min_ttl_seconds, None)

        return self._answer(question, lambda: self._from_door(min_ttl_seconds), end)

    def _report_once(self, token: Token) -> Outcome:
        with self._lock:
            reporting = self._reporting
            if reporting is None or not is_same(reporting.token, token):
                reporting = None
                report = self._reporting = Report(token, Future())
        if reporting is not None:
            return reporting.answer.result()

        def end() -> None:
            if self._reporting is report:
                self._reporting = None

        return self._answer(report.answer, lambda: self._from_report(token), end)

    def _answer(
        self, question: "Future[Outcome]", work: Callable[[], Outcome], end: Callable[[], None]
    ) -> Outcome:
        """Does the work for all who wait for it. An interruption is the caller's own, and no answer for the others."""
        outcome: Outcome = unavailable("Renova", "interrupted")
        try:
            outcome = work()
            return outcome
        finally:
            with self._lock:
                end()
            question.set_result(outcome)

    def _from_door(self, min_ttl_seconds: float) -> Outcome:
        asked_at_ms = self._now_ms()
        with self._lock:
            # A ledger that begins again may have another token of the same generation: only one that is trusted is named.
            is_trusted = self._token and not self._is_doubted and self._lives(self._token)
            held = self._token if is_trusted else None
        outcome = self._door.ask(held, min_ttl_seconds)
        with self._lock:
            if isinstance(outcome, Token):
                self._trouble = None
                return self._keep(outcome, asked_at_ms)
            until_ms = self._retry_at_ms(outcome)
            if until_ms is not None:
                self._trouble = Trouble(outcome, until_ms, min_ttl_seconds)
            return outcome

    def _from_report(self, refused: Token) -> Outcome:
        outcome = self._door.refused(refused)
        with self._lock:
            if isinstance(outcome, Token):
                token = self._keep(outcome, self._now_ms())
                if is_same(token, refused):
                    self._in_vain = InVain(refused, self._now_ms() + IN_VAIN_MS)
                return token
            until_ms = self._retry_at_ms(outcome)
            if until_ms is not None:
                self._in_vain = InVain(refused, until_ms)
            return outcome

    def _keep(self, token: Token, asked_at_ms: int) -> Token:
        """Holds the answer, or what is held if that is better.

        A token that lives and is not doubted loses only to a newer one that lives, because reads may be behind each
        other. Any other held token loses to every answer.
        """
        held = self._token
        if held and not self._is_doubted and self._lives(held):
            is_better = token.generation == held.generation or is_newer(token, held)
            if not is_better or not self._lives(token):
                return held
        self._token = token
        self._is_doubted = False
        self._confirmed_at_ms = asked_at_ms
        return token

    def _retry_at_ms(self, error: TokenError) -> Optional[int]:
        seconds = error.retry_after_seconds
        return None if seconds is None else self._now_ms() + min(seconds, LONGEST_RETRY_AFTER_SECONDS) * 1000

    def _lives(self, token: Token, min_ttl_seconds: float = 0) -> bool:
        ttl_ms = token.expires_at_ms - self._now_ms()
        return ttl_ms > 0 and ttl_ms >= min_ttl_seconds * 1000
