"""The caller's own AWS credentials and region, for signatures."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Any, Callable, Optional
from urllib.parse import urlsplit

from .errors import TokenError, no_credentials


@dataclass(frozen=True)
class AwsCredentials:
    """Credentials of a role or user; with a session token when they are temporary."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: Optional[str] = field(default=None, repr=False)


CredentialsProvider = Callable[[], AwsCredentials]


def default_credentials() -> CredentialsProvider:
    """A provider that looks where botocore looks, if it is installed; else only at the environment's variables."""
    session = botocore_session()
    return environment_credentials if session is None else botocore_provider(session)


def environment_credentials() -> AwsCredentials:
    key, secret = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    if not key or not secret:
        raise no_credentials(
            "neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set, nor is boto3 installed, which knows more"
        )
    return AwsCredentials(key, secret, os.environ.get("AWS_SESSION_TOKEN"))


def botocore_provider(session: Any) -> CredentialsProvider:
    """Asks botocore at every request, which replaces temporary credentials in time."""

    def provide() -> AwsCredentials:
        why = "there are none"
        try:
            credentials = session.get_credentials()
            frozen = credentials.get_frozen_credentials() if credentials else None
            if frozen and frozen.access_key:
                return AwsCredentials(frozen.access_key, frozen.secret_key, frozen.token)
        except Exception as error:  # pylint: disable=broad-except
            why = type(error).__name__
        raise no_credentials(why)

    return provide


def region_of(url: str) -> str:
    """The region of an API: as its own host name says, else as the environment or botocore says. Raises TokenError."""
    host = urlsplit(url).hostname or ""
    named = re.fullmatch(r"[a-z0-9-]+\.execute-api(?:-fips)?\.([a-z0-9-]+)\..+", host)
    region = named[1] if named else os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        session = botocore_session()
        region = session.get_config_variable("region") if session else None
    if not region:
        raise TokenError("invalid-option", "No AWS region is set: set AWS_REGION, or give region.")
    return region


def botocore_session() -> Any:
    try:
        import botocore.session
    except ImportError:
        return None
    return botocore.session.get_session()
