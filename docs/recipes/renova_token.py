"""The current access token of a credential from its published secrets, held as long as Renova promises.

    tokens = RenovaTokens("prd", "acme")
    requests.get(url, headers={"Authorization": "Bearer " + tokens.current()})
"""

import json
import os
import threading
import time
from datetime import datetime

import boto3
from botocore.exceptions import BotoCoreError, ClientError

NOTHING = {"generation": -1, "lanes": 1, "expires_at": "1970-01-01T00:00:00Z"}


class RenovaTokens:
    def __init__(self, env, credential, client=None, day_seconds=86_400):
        self._prefix = f"renova/{env}/{credential}/token/"
        self._secrets = client or boto3.client("secretsmanager")
        self._day_seconds = day_seconds
        self._lock = threading.Lock()
        self._lanes = None
        self._held = NOTHING

    def current(self, refused=None):
        """The access token; `refused` is the one that the provider answered 401 to."""
        with self._lock:
            held = self._held
            is_held = held["generation"] > 0 and time.time() < seconds(held["refresh_after"])
            if not is_held or held["access_token"] == refused:
                try:
                    self._held = max(self._read(), held, key=lambda value: value["generation"])
                except (BotoCoreError, ClientError):
                    # A token that lives serves on while Secrets Manager is away.
                    if refused is not None or time.time() >= seconds(held["expires_at"]):
                        raise
            if time.time() >= seconds(self._held["expires_at"]):
                raise LookupError(f"no valid token in {self._prefix}: renova status")
            return self._held["access_token"]

    def _read(self):
        lanes = self._lanes or self._lane(0)["lanes"]
        slot = int(time.time() % self._day_seconds * lanes / self._day_seconds)
        value = self._newest({slot, (slot - 1) % lanes})
        if time.time() >= seconds(value["expires_at"]):
            value = self._newest(range(20))
        self._lanes = max(lanes, value["lanes"])
        return value

    def _newest(self, lanes):
        return max((self._lane(lane) for lane in lanes), key=lambda value: value["generation"])

    def _lane(self, lane):
        try:
            answer = self._secrets.get_secret_value(SecretId=f"{self._prefix}{lane}")
        except self._secrets.exceptions.ResourceNotFoundException:
            return NOTHING
        return json.loads(answer["SecretString"])


def seconds(time_stamp):
    return datetime.fromisoformat(time_stamp.replace("Z", "+00:00")).timestamp()


if __name__ == "__main__":
    import sys

    day = int(os.environ.get("RENOVA_DAY_SECONDS", 86_400))
    print(RenovaTokens(sys.argv[1], sys.argv[2], day_seconds=day).current())
