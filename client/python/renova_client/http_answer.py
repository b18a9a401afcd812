"""What the headers of an HTTP answer say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Mapping, Optional

from .token import EPOCH


@dataclass(frozen=True)
class Answer:
    """An answer. Names of headers are in lower case. Does not show its body when it is printed."""

    status: int
    headers: Mapping[str, str]
    body: str = field(repr=False)


def fresh_seconds(answer: Answer) -> int:
    """How long an answer may be used without asking: ``max-age`` less the time that it was stored (RFC 9111)."""
    directives = [one.strip() for one in answer.headers.get("cache-control", "").lower().split(",")]
    if any(re.match(r"no-(?:store|cache)\b", one) for one in directives):
        return 0
    ages = [one[len("max-age=") :] for one in directives if one.startswith("max-age=")]
    seconds = [int(found[1]) if (found := re.fullmatch(r'"?([0-9]{1,9})"?', age)) else 0 for age in ages]
    return max(0, min(seconds) - age_seconds(answer)) if seconds else 0


def age_seconds(answer: Answer) -> int:
    """How old an answer was when it came: 0 unless something on the way stored it."""
    return whole_seconds(answer.headers.get("age")) or 0


def retry_after_seconds(answer: Answer, now_ms: int) -> Optional[int]:
    """``Retry-After``, which is seconds or a date (RFC 9110 10.2.3); a date is compared with the answer's own."""
    value = answer.headers.get("retry-after")
    until_ms = http_date_ms(value)
    if until_ms is None:
        return whole_seconds(value)
    since_ms = date_ms(answer)
    left_ms = until_ms - (now_ms if since_ms is None else since_ms)
    return max(0, -(-left_ms // 1000))


def date_ms(answer: Answer) -> Optional[int]:
    """When an answer was made, by the clock of whoever made it."""
    return http_date_ms(answer.headers.get("date"))


def http_date_ms(value: Optional[str]) -> Optional[int]:
    """An HTTP date in any of its three forms (RFC 9110 5.6.7)."""
    text = (value or "").strip()
    if not re.match(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? ", text):
        return None
    try:
        date = parsedate_to_datetime(text)
        since = date - (EPOCH if date.tzinfo else EPOCH.replace(tzinfo=None))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return int(since.total_seconds()) * 1000


def whole_seconds(value: Optional[str]) -> Optional[int]:
    text = (value or "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
