"""One run per store: a lock that the system frees when its holder dies."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from crawler.core.errors import StoreError, StoreLocked


class StoreLock:
    """Holds a store for this process until it is released or the process ends.

    A ``flock``, never a file with a process id: nothing stale can be left behind.

    Args:
        folder: the store's folder; made when missing.
        writable: ``False`` for reading alone: nothing is made or written.

    Raises:
        StoreLocked: another process holds it.
        StoreError: the folder cannot be made or written.
    """

    def __init__(self, folder: Path, *, writable: bool = True) -> None:
        path = folder / ".lock"
        try:
            if writable:
                folder.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = path.open("ab" if writable else "rb")
        except OSError as error:
            advice = "cannot be written; check the folder's owner and OUTPUT_DIR"
            raise StoreError(folder, f"{advice} ({error.strerror})") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise StoreLocked(
                folder, "another run holds it; wait for its end"
            ) from error
        except OSError as error:
            self._file.close()
            raise StoreError(path, f"cannot be locked: {error.strerror}") from error

    def release(self) -> None:
        """Let the store go."""
        self._file.close()
