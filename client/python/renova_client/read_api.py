"""Asks the HTTP read API."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, Mapping, Optional, Union

from .errors import TokenError, unavailable
from .http_answer import Answer, age_seconds, fresh_seconds, retry_after_seconds
from .refusals import aws_error_code, clock_error_ms, signature_error
from .token import Token, fields_of, time_ms, unusable, user_agent_of
from .transport import ConnectionLost, NoAnswer, Request, Transport
from .urls import credential_url

WHAT = "The read API"


class ReadApi:
    """Asks the HTTP read API for one credential.

    Times are counted from when a request was sent, so that the clocks need not agree. Both requests are idempotent:
    one that dies before its answer is sent once more. Raises TokenError for a URL that cannot be used.
    """

    def __init__(self, credential: str, url: str, transport: Transport, now_ms: Callable[[], int]) -> None:
        self._base = credential_url(url, credential)
        self._transport = transport
        self._now_ms = now_ms

    def ask(self, held: Optional[Token], min_ttl_seconds: float) -> Union[Token, TokenError]:
        """The current token. ``held`` is the one that the caller has, and trusts."""
        query = f"?min_ttl={-int(-min_ttl_seconds // 1)}" if min_ttl_seconds > 0 else ""
        headers = {"accept": "application/json"}
        if held:
            headers["if-none-match"] = f'"{held.generation}"'
        return self._request(Request("GET", self._base + query, headers), held)

    def refused(self, token: Token) -> Union[Token, TokenError]:
        """The current token, after the provider answered 401 to this one; replaced first if need be."""
        headers = {"accept": "application/json", "content-type": "application/json"}
        body = json.dumps({"generation": token.generation})
        return self._request(Request("POST", f"{self._base}/refused", headers, body), None)

    def _request(self, request: Request, held: Optional[Token]) -> Union[Token, TokenError]:
        try:
            asked_at_ms = self._now_ms()
            try:
                answer = self._transport(request)
            except ConnectionLost:
                asked_at_ms = self._now_ms()
                answer = self._transport(request)
        except ConnectionLost as error:
            return unavailable(WHAT, str(error))
        except NoAnswer as error:
            return unavailable(WHAT, error.why)
        except TokenError as error:
            return error
        if answer.status == 200:
            return token_of(answer, asked_at_ms)
        if answer.status == 304 and held:
            return confirmed(held, answer, asked_at_ms)
        now_ms = self._now_ms()
        corrected_ms = now_ms + getattr(self._transport, "correction_ms", 0)
        return problem_of(answer, now_ms, clock_error_ms(answer, corrected_ms))


def token_of(answer: Answer, asked_at_ms: int) -> Union[Token, TokenError]:
    """The token of an answer that was asked for at that time."""
    members = parsed(answer.body)
    access_token, generation, expires_in = (
        members.get(name) for name in ("access_token", "generation", "expires_in")
    )
    if not isinstance(access_token, str) or not is_number(generation) or not is_number(expires_in):
        return unavailable(WHAT)
    if expires_in <= 0:
        return TokenError("no-live-token", f"{WHAT} has no token that lives.", is_temporary=True)
    expires_at_ms = asked_at_ms - age_seconds(answer) * 1000 + int(expires_in * 1000)
    return unusable(access_token) or Token(
        access_token=access_token,
        token_type=str(members.get("token_type") or "Bearer"),
        scope=str(members.get("scope") or ""),
        generation=int(generation),
        expires_at_ms=expires_at_ms,
        hold_until_ms=min(asked_at_ms + fresh_seconds(answer) * 1000, expires_at_ms),
        issued_at_ms=time_ms(members.get("issued_at")),
        user_agent=user_agent_of(members),
        fields=fields_of(members),
    )


def confirmed(held: Token, answer: Answer, asked_at_ms: int) -> Token:
    """The held token, which a 304 says is the current one."""
    members: Dict[str, Any] = {name: getattr(held, name) for name in held.__dataclass_fields__}
    members["hold_until_ms"] = min(asked_at_ms + fresh_seconds(answer) * 1000, held.expires_at_ms)
    return Token(**members)


def problem_of(answer: Answer, now_ms: int, off_ms: Optional[int]) -> TokenError:
    """The error of a problem document (RFC 9457), or of an answer that is none, such as the gateway's own."""
    status = answer.status
    if 300 <= status < 400 and status != 304:
        message = f"{WHAT} redirects, and a token is not asked for elsewhere: give the URL of the API itself."
        return TokenError("redirected", message)
    members = parsed(answer.body)
    code = members.get("code")
    is_temporary = status >= 500 or status == 429
    retry_after = retry_after_seconds(answer, now_ms)
    if isinstance(code, str):
        message = str(members.get("detail") or code)
        return TokenError(code, message, is_temporary=is_temporary, retry_after_seconds=retry_after)
    if status in (401, 403):
        return signature_error(WHAT, aws_error_code(answer), off_ms) or TokenError(
            "forbidden",
            f"{WHAT} refuses the caller (HTTP {status}): check its IAM policy, and that its requests are signed.",
        )
    message = f"{WHAT} answers HTTP {status}."
    return TokenError("unavailable", message, is_temporary=is_temporary, retry_after_seconds=retry_after)


def parsed(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15
