"""Why there is no token."""

from __future__ import annotations

import re
from typing import Any, Optional


class TokenError(Exception):
    """Why there is no token.

    ``code`` is the one of the read API (``credential-lapsed``, ``refresh-pending``, ...), or

    - ``unavailable``: no answer that can be understood
    - ``forbidden``: IAM refuses
    - ``expired-credentials``, ``signature-refused``, ``wrong-clock``: AWS does not take the caller's signature
    - ``no-live-token``: nothing that lives is to be had
    - ``unusable-token``: the provider issued a token that no HTTP header can hold
    - ``redirected``: the read API redirects; a token is not asked for elsewhere
    - ``insecure-url``: neither https nor this machine
    - ``invalid-option``: an option of the source cannot be used

    Neither the message nor any attribute holds a token.
    """

    code: str
    is_temporary: bool
    """True if asking again may help, after ``retry_after_seconds`` if that is known."""
    retry_after_seconds: Optional[int]

    def __init__(
        self,
        code: str,
        message: str,
        *,
        is_temporary: bool = False,
        retry_after_seconds: Optional[int] = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.is_temporary = is_temporary
        self.retry_after_seconds = retry_after_seconds

    @property
    def message(self) -> str:
        return str(self.args[0])

    def __repr__(self) -> str:
        return f"TokenError({self.code!r}, {self.message!r})"

    def __reduce__(self) -> Any:
        return rebuilt, (self.code, self.message, self.is_temporary, self.retry_after_seconds)

    def copy(self) -> TokenError:
        """The same error without traceback and cause: their frames may hold a token, and one error serves many callers."""
        return rebuilt(self.code, self.message, self.is_temporary, self.retry_after_seconds)


def rebuilt(code: str, message: str, is_temporary: bool, retry_after_seconds: Optional[int]) -> TokenError:
    return TokenError(code, message, is_temporary=is_temporary, retry_after_seconds=retry_after_seconds)


def unavailable(what: str, why: Optional[str] = None) -> TokenError:
    """There is no answer, or none that can be understood; ``why`` is a code or the name of an error."""
    known = f" ({why})" if why and re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{1,63}", why) else ""
    return TokenError("unavailable", f"{what} does not answer{known}. Try again.", is_temporary=True)


def no_credentials(why: str) -> TokenError:
    """The caller's own AWS credentials cannot be had."""
    message = f"The AWS credentials cannot be loaded ({why}): sign in, or check the role."
    return TokenError("expired-credentials", message, is_temporary=True)
