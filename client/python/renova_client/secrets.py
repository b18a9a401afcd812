"""Reads secrets of Secrets Manager by boto3, which is imported when the first one is read."""

from __future__ import annotations

import threading
from typing import Any, Union

from .errors import TokenError, no_credentials, unavailable
from .refusals import signature_error

WHAT = "Secrets Manager"

NOT_THERE = {"ResourceNotFoundException", "InvalidRequestException"}
"""The latter is for one that waits for its deletion: its credential was removed, or publishes no more."""

NO_CREDENTIALS = {
    "NoCredentialsError",
    "PartialCredentialsError",
    "CredentialRetrievalError",
    "ProfileNotFound",
    "TokenRetrievalError",
    "SSOTokenLoadError",
    "UnauthorizedSSOTokenError",
}
"""Errors of botocore, which finds no credentials for its client."""


class SecretText:
    """The text of a secret. Does not show it when it is printed."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return "SecretText([redacted])"


class SecretReader:
    def __init__(self, client: Any = None) -> None:
        self._client = client
        self._lock = threading.Lock()

    def read(self, name: str) -> Union[SecretText, TokenError, None]:
        """The secret of this name; None if there is none; an error if it cannot be had."""
        try:
            answer = self._loaded().get_secret_value(SecretId=name)
            text = answer.get("SecretString")
            return None if text is None else SecretText(text)
        except TokenError as error:
            return error
        except Exception as error:  # pylint: disable=broad-except
            code = code_of(error)
        if code in NOT_THERE:
            return None
        return failure(name, code)

    def _loaded(self) -> Any:
        # Clients of boto3 may be used by several threads, its default session may not.
        with self._lock:
            if self._client is None:
                self._client = new_client()
            return self._client


def new_client() -> Any:
    try:
        import boto3
    except ImportError:
        message = "Reading published secrets needs boto3: pip install 'renova-client[boto3]'."
        raise TokenError("invalid-option", message) from None
    return boto3.session.Session().client("secretsmanager")


def code_of(error: Exception) -> str:
    """AWS's code of an error, or the name of botocore's own."""
    response = getattr(error, "response", None)
    if isinstance(response, dict) and isinstance(response.get("Error"), dict):
        return str(response["Error"].get("Code", ""))
    return type(error).__name__


def failure(name: str, code: str) -> TokenError:
    if code == "AccessDeniedException":
        return TokenError("forbidden", f"IAM refuses {name}: allow secretsmanager:GetSecretValue on it.")
    if code in NO_CREDENTIALS:
        return no_credentials(code)
    if code == "NoRegionError":
        message = "No AWS region is set: set AWS_DEFAULT_REGION, or give a client."
        return TokenError("unavailable", message)
    return signature_error(WHAT, code) or unavailable(WHAT, code)

