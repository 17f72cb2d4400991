"""PgBouncer in transaction mode before the tests' PostgreSQL: each transaction may run on another session."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from psycopg.conninfo import conninfo_to_dict

from bot.model.database import DatabaseUrl

SETTINGS = """
[databases]
* = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 100
"""


@contextmanager
def behind_pgbouncer(url: DatabaseUrl) -> Iterator[DatabaseUrl]:
    """URL of the same database through PgBouncer, with fewer sessions than one process has connections."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed: apt-get install pgbouncer")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    given = {name: value for name, value in conninfo_to_dict(url.reveal()).items() if name != "dbname"}
    server = " ".join(f"{name}='{value}'" for name, value in given.items())
    with TemporaryDirectory() as folder:
        settings = Path(folder, "pgbouncer.ini")
        settings.write_text(SETTINGS.format(server=server, port=port))
        command = [program, "--quiet", str(settings)]
        if os.getuid() == 0:  # it refuses to run as root, and takes the name of another user: who may open the socket
            host = str(given.get("host", ""))
            owner = pwd.getpwnam(Path(host).owner() if host.startswith("/") else "nobody")
            for path in (folder, settings):
                os.chown(path, owner.pw_uid, owner.pw_gid)
            command[1:1] = ["--user", owner.pw_name]
        with subprocess.Popen(command) as process:
            try:
                _wait(process, port)
                yield DatabaseUrl(f"postgresql://anybody@127.0.0.1:{port}/{conninfo_to_dict(url.reveal())['dbname']}")
            finally:
                process.terminate()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(1_000):
        assert process.poll() is None, "pgbouncer did not start"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.01)
    raise AssertionError("pgbouncer does not listen")
