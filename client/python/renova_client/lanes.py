"""Reads the published secrets: one token, spread over K lanes by the time of day."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Callable, Iterable, List, Optional, Set, Union

from .errors import TokenError
from .secrets import SecretReader, SecretText
from .token import Token, fields_of, is_newer, time_ms, unusable, user_agent_of

DAY_MS = 24 * 60 * 60 * 1000
MAX_LANES = 20
"""No credential ever has more."""
CLOCK_SKEW_MS = 2000
"""Near the turn of a slot the publisher's clock may be in the next one already."""
LOOK_AGAIN_SECONDS = 0.25
MOST_LOOKS = 4
MOST_AT_ONCE = 8


def lane_at(at_ms: int, lanes: int, day_ms: float) -> int:
    """The lane of the slot that a time falls into: the (UTC) day is divided into so many equal slots."""
    return int(at_ms % day_ms * lanes / day_ms)


def lane_before(lane: int, lanes: int) -> int:
    return (lane + lanes - 1) % lanes


def slot_before_start_ms(at_ms: int, lanes: int, day_ms: float) -> float:
    """When the slot before began. The lane of a token that was issued earlier may have been left by its slot."""
    return at_ms - at_ms % day_ms + (lane_at(at_ms, lanes, day_ms) - 1) * day_ms / lanes


@dataclass(frozen=True)
class Published:
    """A published value."""

    token: Token
    lanes: int
    """How many lanes the credential had when this was written."""


Outcome = Union[Token, TokenError]


@dataclass
class Lanes:
    """Reads the lane of the slot and the one before; the newer token wins.

    When that has expired, was issued before the slot before this one began, or tells of another number of lanes, all
    lanes are read: its successor may lie in a lane that its slot has left, or in one that another number leads to. The first
    question costs one read more, which tells how many lanes there are.
    """

    credential: str
    env: str
    reader: SecretReader
    now_ms: Callable[[], int]
    day_ms: float = DAY_MS
    report: Optional[Callable[[Token], Outcome]] = None
    """What to do about a token that the provider refused. Without it, the lanes are only read again."""
    _lanes: Optional[int] = field(default=None, init=False)

    def ask(self, held: Optional[Token], min_ttl_seconds: float) -> Outcome:
        try:
            return self._given(self._current(), min_ttl_seconds)
        except TokenError as error:
            return error

    def refused(self, token: Token) -> Outcome:
        if self.report:
            return self.report(token)
        # The provider may have replaced the token a moment ago, and the next one is still being published.
        found = self.ask(None, 0)
        looks = 1
        while looks < MOST_LOOKS and isinstance(found, Token) and is_same_secret(found, token):
            time.sleep(LOOK_AGAIN_SECONDS)
            found = self._anywhere() if looks == 1 else self.ask(None, 0)
            looks += 1
        return found

    def _anywhere(self) -> Outcome:
        try:
            return self._given(self._newest(range(MAX_LANES)), 0)
        except TokenError as error:
            return error

    def _current(self) -> Optional[Published]:
        known = self._known()
        at_ms = self.now_ms()
        near = near_lanes(at_ms, known, self.day_ms)
        values = [value for value in self._values(list(near)) if value]
        best = self._best(values)
        # One that is newer and has expired: its successor lies elsewhere.
        if best and (
            best.lanes != known
            or any(value is not best and is_newer(value.token, best.token) for value in values)
        ):
            return self._newest(range(MAX_LANES))
        if best and self._lives(best):
            issued_at_ms = best.token.issued_at_ms
            start_ms = slot_before_start_ms(at_ms, known, self.day_ms)
            if issued_at_ms is None or issued_at_ms >= start_ms or len(near) == known:
                return best
        best = self._newest(range(known))
        # Nothing was published for long, or the lanes became more: those beyond the known ones may be there.
        return best if best and self._lives(best) else self._newest(range(known, MAX_LANES))

    def _known(self) -> int:
        """The number of lanes, as the newest value says: they become more with shorter lives of tokens, and fewer
        with a new registration."""
        if self._lanes is not None:
            return self._lanes
        text = self._read(0)
        if text is None:
            message = f'{self.credential} publishes no token here: check its id, the environment, the region, and its "publish".'
            raise TokenError("unknown-credential", message)
        value = published(text)
        return value.lanes if value else MAX_LANES

    def _newest(self, lanes: Iterable[int]) -> Optional[Published]:
        return self._best(self._values(list(lanes)))

    def _best(self, values: Iterable[Optional[Published]]) -> Optional[Published]:
        best = None
        for value in values:
            if value:
                best = self._better(best, value) if best else value
        if best:
            self._lanes = best.lanes
        return best

    def _values(self, lanes: List[int]) -> List[Optional[Published]]:
        def value(lane: int) -> Optional[Published]:
            text = self._read(lane)
            return text and published(text)

        if len(lanes) < MOST_LOOKS:
            return [value(lane) for lane in lanes]
        with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
            return list(pool.map(value, lanes))

    def _read(self, lane: int) -> Optional[SecretText]:
        text = self.reader.read(f"renova/{self.env}/{self.credential}/token/{lane}")
        if isinstance(text, TokenError):
            raise text
        return text

    def _better(self, one: Published, other: Published) -> Published:
        """One that lives, whatever its generation; of two that do or do not, the newer."""
        if self._lives(one) != self._lives(other):
            return one if self._lives(one) else other
        return other if is_newer(other.token, one.token) else one

    def _lives(self, value: Published) -> bool:
        return value.token.access_token != "" and self.now_ms() < value.token.expires_at_ms

    def _given(self, value: Optional[Published], min_ttl_seconds: float) -> Token:
        if value and self._lives(value):
            if value.token.expires_at_ms - self.now_ms() >= min_ttl_seconds * 1000:
                error = unusable(value.token.access_token)
                if error:
                    raise error
                return value.token
        message = (
            f"No token of {self.credential} that lives is published: it is on-demand, failing or lapsed."
            " Ask the read API."
        )
        raise TokenError("no-live-token", message, is_temporary=True)


def is_same_secret(one: Token, other: Token) -> bool:
    return one.access_token == other.access_token


def near_lanes(at_ms: int, lanes: int, day_ms: float) -> Set[int]:
    """The slot's lane and the one before it, and near the turn of a slot the next one too."""
    now = lane_at(at_ms, lanes, day_ms)
    skew_ms = min(CLOCK_SKEW_MS, day_ms / lanes / 10)
    return {now, lane_before(now, lanes), lane_at(int(at_ms + skew_ms), lanes, day_ms)}


def published(secret: SecretText) -> Optional[Published]:
    """The value of a lane; None for a text that is none."""
    try:
        value = json.loads(secret.text)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    access_token, generation = value.get("access_token"), value.get("generation")
    expires_at_ms = time_ms(value.get("expires_at"))
    is_integer = isinstance(generation, int) and not isinstance(generation, bool)
    if not isinstance(access_token, str) or not is_integer or expires_at_ms is None:
        return None
    lanes, chain = value.get("lanes"), value.get("chain")
    token = Token(
        access_token=access_token,
        token_type=str(value.get("token_type") or "Bearer"),
        scope=str(value.get("scope") or ""),
        generation=int(generation or 0),
        expires_at_ms=expires_at_ms,
        hold_until_ms=min(time_ms(value.get("refresh_after")) or 0, expires_at_ms),
        issued_at_ms=time_ms(value.get("issued_at")),
        chain=chain if isinstance(chain, str) else None,
        user_agent=user_agent_of(value),
        fields=fields_of(value),
    )
    return Published(token, min(MAX_LANES, max(1, lanes if isinstance(lanes, int) else 1)))
