"""Signs requests to an API Gateway with IAM authorization."""

from __future__ import annotations

from typing import Callable, Optional

from .aws_credentials import CredentialsProvider, default_credentials, region_of
from .http_answer import Answer
from .refusals import clock_error_ms
from .signature import sign
from .transport import Request, Transport, send


class SignedTransport:
    """Signs and sends requests.

    When they are refused and the answer's ``Date`` tells that the clock is wrong, they are signed once more by the
    right time, and so are all that follow.
    """

    def __init__(
        self,
        *,
        now_ms: Callable[[], int],
        region: Optional[str] = None,
        credentials: Optional[CredentialsProvider] = None,
        transport: Transport = send,
    ) -> None:
        self._now_ms = now_ms
        self._region = region
        self._credentials = credentials
        self._transport = transport
        self.correction_ms = 0
        """How far signatures are from the caller's clock."""

    def __call__(self, request: Request) -> Answer:
        answer = self._send(request)
        if answer.status not in (401, 403):
            return answer
        off_ms = clock_error_ms(answer, self._now_ms() + self.correction_ms)
        if off_ms is None:
            return answer
        self.correction_ms += off_ms
        return self._send(request)

    def _send(self, request: Request) -> Answer:
        if self._credentials is None:
            self._credentials = default_credentials()
        if self._region is None:
            self._region = region_of(request.url)
        headers = sign(
            request.method,
            request.url,
            request.headers,
            request.body,
            credentials=self._credentials(),
            region=self._region,
            service="execute-api",
            now_ms=self._now_ms() + self.correction_ms,
        )
        return self._transport(Request(request.method, request.url, headers, request.body))
