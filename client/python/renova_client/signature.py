"""Signature Version 4, for all services but S3, which encodes paths otherwise.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import timedelta
from typing import Dict, Mapping, Optional
from urllib.parse import parse_qsl, quote, urlsplit

from .aws_credentials import AwsCredentials
from .token import EPOCH

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = re.compile(
    "authorization|cache-control|connection|expect|from|keep-alive|max-forwards|pragma|referer|te|trailer"
    "|transfer-encoding|upgrade|user-agent|x-amzn-trace-id|proxy-.*|sec-.*"
)
"""Proxies and HTTP clients change these, or add them."""


def sign(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: Optional[str],
    *,
    credentials: AwsCredentials,
    region: str,
    service: str,
    now_ms: int,
) -> Dict[str, str]:
    """The headers of a signed request: those given, and those that the signature needs but for ``host``."""
    time = (EPOCH + timedelta(milliseconds=now_ms)).strftime("%Y%m%dT%H%M%SZ")
    sent = {**headers, "x-amz-date": time}
    if credentials.session_token:
        sent["x-amz-security-token"] = credentials.session_token
    parts = urlsplit(url)

    canonical = sorted(
        (name.lower(), " ".join(value.split()))
        for name, value in {**sent, "host": parts.netloc}.items()
        if not UNSIGNED.fullmatch(name.lower())
    )
    names = ";".join(name for name, _ in canonical)
    request = "\n".join(
        [
            method.upper(),
            canonical_path(parts.path),
            canonical_query(parts.query),
            *(f"{name}:{value}" for name, value in canonical),
            "",
            names,
            sha256(body or ""),
        ]
    )

    scope = f"{time[:8]}/{region}/{service}/aws4_request"
    key = f"AWS4{credentials.secret_access_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join([ALGORITHM, time, scope, sha256(request)])
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    sent["authorization"] = (
        f"{ALGORITHM} Credential={credentials.access_key_id}/{scope},"
        f" SignedHeaders={names}, Signature={signature}"
    )
    return sent


def canonical_path(path: str) -> str:
    """The path as it is sent, encoded once more."""
    segments = path.split("/")
    kept = [segment for at, segment in enumerate(segments) if segment or at == len(segments) - 1]
    return "/" + "/".join(quote(segment, safe="-_.~") for segment in kept)


def canonical_query(query: str) -> str:
    pairs = [(quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in parse_qsl(query, True)]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
