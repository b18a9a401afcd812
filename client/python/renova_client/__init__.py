"""The current OAuth 2 access token of a credential that Renova keeps alive.

    from renova_client import RequestsAuth, TokenSource

    source = TokenSource("acme", via="secrets-manager", env="prd")
    response = requests.get(url, auth=RequestsAuth(source))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .aws_credentials import AwsCredentials
from .errors import TokenError
from .source import AsyncTokenSource, TokenSource
from .token import Token
from .version import __version__

if TYPE_CHECKING:
    from .httpx_auth import HttpxAuth
    from .requests_auth import RequestsAuth

__all__ = [
    "AsyncTokenSource",
    "AwsCredentials",
    "HttpxAuth",
    "RequestsAuth",
    "Token",
    "TokenError",
    "TokenSource",
    "__version__",
]


def __getattr__(name: str) -> Any:
    """Imports requests and httpx only for those who use them."""
    if name == "RequestsAuth":
        from .requests_auth import RequestsAuth

        return RequestsAuth
    if name == "HttpxAuth":
        from .httpx_auth import HttpxAuth

        return HttpxAuth
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
