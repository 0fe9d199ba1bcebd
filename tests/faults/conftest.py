"""Faults done to real processes; where they cannot be, CI fails and others skip."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.injection import StraceMissingError
from benchmarks.sweeping import Sweep


def unavailable(reason: str) -> None:
    """Skip, but not where everything has been installed for the tests."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; .ci/run installs what the tests need")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def memory() -> Iterator[Path]:
    """A folder whose fsync costs nothing, where there is one."""
    shm = Path("/dev/shm")
    place = shm if os.access(shm, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def sweep(memory: Path) -> Sweep:
    """A store to do faults to, one copy for each."""
    (memory / "sweep").mkdir()
    return Sweep(memory / "sweep")


@pytest.fixture(scope="session")
def observed(sweep: Sweep):
    """The system calls of a run that stores while nothing fails."""
    try:
        return sweep.observe()
    except StraceMissingError as error:
        unavailable(str(error))
