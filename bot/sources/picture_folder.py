"""A folder of pictures of bounded size; those that were not read for the longest time are deleted. It may be lost."""

from __future__ import annotations

import logging
import os
import re
from contextlib import suppress
from pathlib import Path

log = logging.getLogger("paperboy.pictures")

MAX_BYTES = 64 * 2**20
"""Of all files: about 5,000 pictures."""
_OURS = re.compile(r"[0-9.]+\.webp(\.[0-9]+)?")
"""Names of the files that may be deleted: pictures, and those that a killed process was writing."""


class PictureFolder:
    """WebP files by paper id. Several processes may share the folder."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self._path, self._max_bytes = path, max_bytes

    def read(self, paper_id: str) -> bytes | None:
        """A picture; None if it is not here. Its file's time of change is when it was read last."""
        file = self._path / f"{paper_id}.webp"
        try:
            picture = file.read_bytes()
        except OSError:
            return None
        with suppress(OSError):
            os.utime(file)
        return picture

    def keep(self, paper_id: str, picture: bytes) -> None:
        """Write a picture in one step, and delete others where there are too many."""
        file = self._path / f"{paper_id}.webp"
        written = file.with_name(f"{file.name}.{os.getpid()}")
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            written.write_bytes(picture)
            written.replace(file)
            self._delete_oldest()
        except OSError as fault:  # a full or read-only disk: the picture is shown all the same
            log.warning("a picture is not kept reason=%s", fault)

    def _delete_oldest(self) -> None:
        with os.scandir(self._path) as entries:
            files = [(each.stat(), each.path) for each in entries if _OURS.fullmatch(each.name)]
        size = 0
        for stat, path in sorted(files, key=lambda each: -each[0].st_mtime_ns):
            size += stat.st_size
            if size > self._max_bytes:
                Path(path).unlink(missing_ok=True)
