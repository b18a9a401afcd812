"""An access token and what Renova says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Mapping, Optional

from .errors import TokenError

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
CLOCK_SKEW_MS = 10_000
"""The clocks of two functions that issue tokens of one chain may differ by so much."""

USABLE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
"""What a header can hold, and a token may hold (RFC 6749 A.12): visible ASCII, and spaces inside."""


@dataclass(frozen=True)
class Token:
    """An access token and what Renova says of it. Does not show the token itself when it is printed."""

    access_token: str = field(repr=False)
    token_type: str
    """As the provider named it, ``Bearer`` as a rule."""
    scope: str
    generation: int
    """Grows with every new token of the credential."""
    expires_at_ms: int
    """Unix milliseconds by this machine's clock."""
    hold_until_ms: int
    """The promise: nobody replaces the token before this, so it may be used until then without asking."""
    issued_at_ms: Optional[int] = None
    """When the provider issued it, by Renova's clock; None if Renova does not say."""
    chain: Optional[str] = None
    """The login that the token descends from; only the published secrets say it."""
    user_agent: Optional[str] = None
    """What API calls must send as ``User-Agent``, where one is registered."""
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)
    """Further members of the provider's answer that are registered to be published."""

    @property
    def expires_at(self) -> datetime:
        return EPOCH + timedelta(milliseconds=self.expires_at_ms)

    @property
    def hold_until(self) -> datetime:
        return EPOCH + timedelta(milliseconds=self.hold_until_ms)

    @property
    def authorization(self) -> str:
        """The value of the header ``Authorization``."""
        return f"{auth_scheme(self.token_type)} {self.access_token}"


def unusable(access_token: str) -> Optional[TokenError]:
    """The error of a token that no request can hold; None for one that can be used."""
    if USABLE.fullmatch(access_token):
        return None
    return TokenError(
        "unusable-token",
        "The provider issued an access token that no HTTP header can hold: expected printable ASCII."
        " Tell its operator.",
    )


def user_agent_of(members: Mapping[str, Any]) -> Optional[str]:
    """``user_agent`` as the read API and the published secrets name it; None for one that no header can hold."""
    value = members.get("user_agent")
    return value if isinstance(value, str) and USABLE.fullmatch(value) else None


def fields_of(members: Mapping[str, Any]) -> Mapping[str, Any]:
    value = members.get("fields")
    return value if isinstance(value, dict) else {}


def time_ms(value: Any) -> Optional[int]:
    """Unix milliseconds of an RFC 3339 time; None if it is none."""
    try:
        text = re.sub(r"\.(\d+)", lambda found: f".{found[1]:0<6.6}", str(value).replace("Z", "+00:00"))
        time = datetime.fromisoformat(text)
        return (time - EPOCH) // timedelta(milliseconds=1)
    except (TypeError, ValueError, OverflowError):
        return None


def is_same(one: Token, other: Token) -> bool:
    return one.generation == other.generation and one.access_token == other.access_token


def is_newer(one: Token, other: Token) -> bool:
    """True if ``one`` was issued after ``other``.

    Generations say so, but those of a ledger that was restored or made anew begin again: where the times of issue
    contradict them, the times are right.
    """
    if one.issued_at_ms is not None and other.issued_at_ms is not None:
        is_other_chain = one.chain is not None and other.chain is not None and one.chain != other.chain
        later_ms = one.issued_at_ms - other.issued_at_ms
        if abs(later_ms) > (0 if is_other_chain else CLOCK_SKEW_MS):
            return later_ms > 0
    return one.generation > other.generation


REGISTERED_SCHEMES = {
    scheme.lower(): scheme
    for scheme in (
        "Basic Bearer Concealed Digest DPoP GNAP HOBA Mutual Negotiate OAuth PrivateToken SCRAM-SHA-1 SCRAM-SHA-256"
        " vapid"
    ).split()
}
"""IANA's HTTP Authentication Schemes (2026-11), https://www.iana.org/assignments/http-authschemes"""


def auth_scheme(token_type: str) -> str:
    """The scheme of ``Authorization``: ``Bearer`` for all that is no registered scheme (RFC 6750 2.1)."""
    return REGISTERED_SCHEMES.get(token_type.lower(), "Bearer")
