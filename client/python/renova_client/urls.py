"""Where a token, or a request for one, may be sent."""

from __future__ import annotations

import re
from typing import Optional
from urllib.parse import SplitResult, quote, urlsplit

from .errors import TokenError

LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|::1")


def is_loopback(url: SplitResult) -> bool:
    """True for this machine's own addresses."""
    return LOOPBACK.fullmatch(url.hostname or "") is not None


def assert_secure(url: str) -> None:
    """RFC 6750 5.3: tokens travel by TLS; on one's own machine they need not. Raises TokenError."""
    parts = split(url)
    if parts and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts))):
        return
    raise TokenError("insecure-url", "A token is sent by https only, or to this machine.")


def credential_url(base: str, credential: str) -> str:
    """The URL of a credential under the base URL of a read API. Raises TokenError."""
    parts = split(base)
    if not parts or parts.scheme not in ("http", "https") or re.search("[@?#]", parts.netloc + base):
        raise TokenError(
            "invalid-option",
            'url: expected the base URL of the read API, such as the stack\'s output "ReadApiUrl",'
            " without user, query and fragment.",
        )
    assert_secure(base)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/tokens/{quote(credential, safe='')}"


def split(url: object) -> Optional[SplitResult]:
    """The parts of a URL that all parsers understand alike; None for any other text."""
    if not isinstance(url, str) or re.search(r"[\\\s\x00-\x1f\x7f]", url):
        return None
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None
