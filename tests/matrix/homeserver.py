"""A real homeserver for the tests: Synapse, installed once into an environment of its own, started as a program.

Synapse is AGPL: it is never imported, is in no extra, and is reached over HTTP alone. Its environment is in the folder
that PAPERBOY_TEST_SYNAPSE names, else in the user's cache; it is made the first time, which takes about a minute.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from filelock import FileLock

RELEASE = "matrix-synapse==1.163.2"
STARTED_WITHIN = 180.0
"""Seconds, with a machine that does much else."""
NO_LIMIT = {"per_second": 10_000, "burst_count": 10_000}
Json = dict[str, Any]


@cache
def _python() -> str:
    """The interpreter of Synapse's environment; skips the test with the reason if it cannot be had."""
    above = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "paperboy-tests"
    folder = Path(os.environ.get("PAPERBOY_TEST_SYNAPSE", above / RELEASE.replace("==", "-")))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        python, done = folder / "bin" / "python", folder / "installed"
        if not done.exists():
            venv.create(folder, with_pip=True, clear=True)
            command = [str(python), "-m", "pip", "install", "--quiet", "--only-binary=:all:", RELEASE]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            if result.returncode:
                pytest.skip(f"{RELEASE} cannot be installed: {(result.stderr.strip() or 'no reason')[-300:]}")
            done.touch()
    return str(python)


class Homeserver:
    """Client of the running program as its operator."""

    def __init__(self, url: str, secret: str) -> None:
        self.url, self._secret = url, secret

    def register(self, name: str, *, admin: bool = False) -> tuple[str, str]:
        """Make an account; its name and access token."""
        path = f"{self.url}/_synapse/admin/v1/register"
        nonce = httpx.get(path, timeout=60).json()["nonce"]
        parts = [nonce, name, "password", "admin" if admin else "notadmin"]
        mac = hmac.new(self._secret.encode(), "\0".join(parts).encode(), hashlib.sha1).hexdigest()
        account = {"nonce": nonce, "username": name, "password": "password", "admin": admin, "mac": mac}
        made = httpx.post(path, json=account, timeout=60).raise_for_status().json()
        return made["user_id"], made["access_token"]

    def limit(self, user: str, limit: Json) -> None:
        """Limit how fast an account sends; an empty limit is none."""
        _, token = self.register(f"operator{time.monotonic_ns()}", admin=True)
        path = f"{self.url}/_synapse/admin/v1/users/{user}/override_ratelimit"
        headers = {"Authorization": f"Bearer {token}"}
        httpx.post(path, json=limit, headers=headers, timeout=60).raise_for_status()


@contextmanager
def homeserver(folder: Path) -> Iterator[Homeserver]:
    """Start Synapse on a free port of 127.0.0.1 with its database in a folder; it is ended by its process."""
    python = _python()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secret = os.urandom(16).hex()
    (folder / "signing.key").write_text(f"ed25519 a_1 {base64.b64encode(os.urandom(32)).decode().rstrip('=')}\n")
    (folder / "log.json").write_text(json.dumps(_LOG | {"handlers": _handlers(folder / "log")}))
    resource = {"names": ["client", "media"]}
    config = {
        "server_name": "example.org",
        "listeners": [{"port": port, "bind_addresses": ["127.0.0.1"], "type": "http", "resources": [resource]}],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "log_config": str(folder / "log.json"),
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "registration_shared_secret": secret,
        "macaroon_secret_key": secret,
        "form_secret": secret,
        "trusted_key_servers": [],
        "report_stats": False,
        "bcrypt_rounds": 4,
        "presence": {"enabled": False},
        **_LIMITS,
    }
    (folder / "homeserver.json").write_text(json.dumps(config))  # JSON is YAML
    command = [python, "-m", "synapse.app.homeserver", "--config-path", str(folder / "homeserver.json")]
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)
    try:
        _wait(f"http://127.0.0.1:{port}", process, folder)
        yield Homeserver(f"http://127.0.0.1:{port}", secret)
    finally:
        process.kill()  # nothing of it is kept
        process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}/health").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.05)
        assert process.poll() is None, (folder / "output").read_text()
    raise TimeoutError((folder / "output").read_text())


def _handlers(path: Path) -> Json:
    return {"file": {"class": "logging.FileHandler", "filename": str(path)}}


_LOG: Json = {"version": 1, "root": {"level": "WARNING", "handlers": ["file"]}, "disable_existing_loggers": False}
_LIMITS: Json = {
    "rc_message": NO_LIMIT,
    "rc_login": {"address": NO_LIMIT, "account": NO_LIMIT},
    "rc_joins": {"local": NO_LIMIT, "remote": NO_LIMIT},
    "rc_joins_per_room": NO_LIMIT,
    "rc_invites": {"per_room": NO_LIMIT, "per_user": NO_LIMIT, "per_issuer": NO_LIMIT},
    "rc_room_creation": NO_LIMIT,
    "rc_admin_redaction": NO_LIMIT,
}


if __name__ == "__main__":
    with homeserver(Path(sys.argv[1])) as started:
        print(started.url, started.register("paperboy"))
        input()
