"""What AWS has against a caller's signature."""

from __future__ import annotations

from typing import Optional

from .errors import TokenError
from .http_answer import Answer, date_ms

MOST_SKEW_MS = 290_000
"""AWS takes a signature whose time is five minutes off; ``Date`` has whole seconds, and an answer takes some."""

BAD_CREDENTIALS = {"ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidClientTokenId"}
"""Codes of AWS for credentials that were good once, or never."""

BAD_SIGNATURE = {
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignatureException",
    "RequestTimeTooSkewed",
    "RequestExpired",
    "RequestInTheFuture",
}
"""Codes of AWS for a signature that is wrong, by its time or by its key."""


def clock_error_ms(answer: Answer, now_ms: int) -> Optional[int]:
    """How far this machine's clock is behind that of an answer, if that is more than a signature may be off."""
    made_at_ms = date_ms(answer)
    off_ms = 0 if made_at_ms is None else made_at_ms - now_ms
    return off_ms if abs(off_ms) > MOST_SKEW_MS else None


def aws_error_code(answer: Answer) -> str:
    """The code that AWS gives a refusal, without what may follow it (``ExpiredTokenException:http://...``)."""
    return answer.headers.get("x-amzn-errortype", "").split(":")[0].strip()


def signature_error(what: str, code: str, off_ms: Optional[int] = None) -> Optional[TokenError]:
    """What AWS has against the signature, as an error; None if it has nothing against it: the caller has no right."""
    if code in BAD_CREDENTIALS:
        message = (
            f"{what} does not take the AWS credentials ({code}): they have expired, or are no longer valid."
            " Get new ones."
        )
        return TokenError("expired-credentials", message, is_temporary=True)
    if off_ms is not None:
        minutes = round(abs(off_ms) / 60_000)
        message = (
            f"{what} refuses the signature: the clock of this machine is {minutes} minutes"
            f" {'slow' if off_ms > 0 else 'fast'}. Set it."
        )
        return TokenError("wrong-clock", message, is_temporary=True)
    if code not in BAD_SIGNATURE:
        return None
    message = (
        f"{what} refuses the signature ({code}): check the clock of this machine, the secret access key and the region."
    )
    return TokenError("signature-refused", message, is_temporary=True)
