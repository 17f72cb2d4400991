"""A way to a PostgreSQL server that breaks at a COMMIT, like a network that fails at the worst moment."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self


class CommitCutter:
    """Forwards connections on loopback to a server's socket; once `armed`, the next COMMIT breaks all of them.

    `delivered`: whether the server still gets that COMMIT.
    """

    def __init__(self, server: str, *, delivered: bool) -> None:
        self._server, self._delivered = server, delivered
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        self.armed = self._is_committing = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._listener.close()
        self._break()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._sockets += [client, server]
                threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
                threading.Thread(target=self._forward, args=(server, client), daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while part := source.recv(65_536):
                if self._is_committing:  # the server's answer, which nobody gets
                    return self._break()
                if self.armed and b"COMMIT\0" in part and source in self._sockets[::2]:
                    self.armed = False
                    if not self._delivered:
                        return self._break()
                    self._is_committing = True
                target.sendall(part)
        return None

    def _break(self) -> None:
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._sockets.clear()
        self._is_committing = False
