"""An auth class for requests."""

from __future__ import annotations

from typing import Any, Optional

from requests.auth import AuthBase
from requests.models import PreparedRequest, Response

from .source import TokenSource
from .token import Token
from .urls import assert_secure

DEFAULT_USER_AGENT = "python-requests/"


class RequestsAuth(AuthBase):
    """Sends the token, and once more with another one when the provider answers 401.

        requests.get(url, auth=RequestsAuth(source))

    A body that is a stream is sent again only if it can be rewound; if not, the 401 is returned, and the next call has
    the other token. An answer that comes after a redirect to another host, which the token did not follow, is returned
    as it is.
    """

    def __init__(self, source: TokenSource) -> None:
        self._source = source

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        assert_secure(r.url or "")
        token = self._source.get_token()
        authorize(r, token, DEFAULT_USER_AGENT)
        start = position(r.body)

        def retry(response: Response, **options: Any) -> Response:
            return self._retry(response, token, start, options)

        r.register_hook("response", retry)
        return r

    def _retry(self, response: Response, token: Token, start: Optional[int], options: Any) -> Response:
        request = response.request
        if response.status_code != 401 or request.headers.get("Authorization") != token.authorization:
            return response
        other = self._source.refused(token)
        if other is None or not rewind(request.body, start):
            return response
        # The body must be read for the connection to be used again.
        response.content  # pylint: disable=pointless-statement
        response.close()
        again = request.copy()
        authorize(again, other, DEFAULT_USER_AGENT)
        second = response.connection.send(again, **options)
        second.history.append(response)
        second.request = again
        return second


def authorize(request: Any, token: Token, default_user_agent: str) -> None:
    """Sets ``Authorization``, and the registered ``User-Agent`` unless the caller has set one."""
    request.headers["Authorization"] = token.authorization
    given = request.headers.get("User-Agent") or default_user_agent
    if token.user_agent is not None and given.startswith(default_user_agent):
        request.headers["User-Agent"] = token.user_agent


def position(body: Any) -> Optional[int]:
    """Where a file stands before it is sent; None for what is no file."""
    try:
        return int(body.tell())
    except (AttributeError, OSError, ValueError):
        return None


def rewind(body: Any, start: Optional[int]) -> bool:
    """True if the body can be sent once more."""
    if body is None or isinstance(body, (str, bytes)):
        return True
    try:
        body.seek(start)
        return start is not None
    except (AttributeError, OSError, TypeError, ValueError):
        return False
