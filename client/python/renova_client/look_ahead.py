"""Looks for the next token before anybody asks for it."""

from __future__ import annotations

import os
import threading
from typing import Any, Callable, Optional

from .held import HeldToken
from .token import Token

LOOK_AGAIN_SECONDS = 1.0


class Timer(threading.Timer):
    """A timer that keeps no process alive."""

    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        super().__init__(seconds, action)
        self.daemon = True


class LookAhead:
    """Asks at the end of the promise, and then each second until there is a later token or none that lives.

    The next call begins it again: a source that nobody uses asks nothing. May be used by several threads.
    """

    def __init__(
        self, held: HeldToken, now_ms: Callable[[], int], timer: Callable[[float, Callable[[], None]], Any] = Timer
    ) -> None:
        self._held = held
        self._now_ms = now_ms
        self._new_timer = timer
        self._is_stopped = False
        self._forget()

    def look(self) -> None:
        if self._pid != os.getpid():
            # The timer of the parent does not live in a fork.
            self._forget()
        with self._lock:
            token = self._held.token
            if self._timer or self._is_stopped or token is None or self._now_ms() >= token.expires_at_ms:
                return
            wait_ms = token.hold_until_ms - self._now_ms()
            seconds = wait_ms / 1000 if wait_ms > 0 else LOOK_AGAIN_SECONDS
            self._timer = self._new_timer(min(seconds, threading.TIMEOUT_MAX), lambda: self._wake(token))
            self._timer.start()

    def stop(self) -> None:
        with self._lock:
            self._is_stopped = True
            if self._timer:
                self._timer.cancel()

    def _wake(self, seen: Token) -> None:
        is_held = self._is_held()
        if not is_held:
            self._held.get(0)
        with self._lock:
            self._timer = None
        token = self._held.token
        if is_held or (token is not None and token.generation == seen.generation):
            self.look()

    def _is_held(self) -> bool:
        """True while the promise lasts: it is longer than a timer, or somebody has got another token meanwhile."""
        token = self._held.token
        return token is not None and self._now_ms() < token.hold_until_ms

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._timer: Optional[Any] = None
