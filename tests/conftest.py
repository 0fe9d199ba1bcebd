"""What every test may use: goldens, the shared folder, hypothesis made repeatable."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

PROJECT = Path(__file__).resolve().parents[1]
SITES = "tests/site/"
DATA = PROJECT / "tests" / "data"

os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", f"{gettempdir()}/hypothesis")
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, database=None, max_examples=100
)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--accept",
        action="store_true",
        help="rewrite the goldens in tests/data with what the code gives now",
    )


class Together(LoadFileScheduling):
    """Gives each file to one process, and all that looks at Hexo's sites."""

    def _split_scope(self, nodeid: str) -> str:
        return SITES if nodeid.startswith(SITES) else super()._split_scope(nodeid)


def pytest_xdist_auto_num_workers() -> int:
    """Count the processes: half as many again as cores, since whole runs often wait."""
    return (os.cpu_count() or 1) * 3 // 2


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slowest, the sites: no process waits for them at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(SITES))


@pytest.fixture
def shared() -> Path:
    """The folder of examples that developers share, or a skip where it is absent."""
    folder = PROJECT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    return folder


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file of tests/data, byte for byte."""

    def check(name: str, text: str) -> None:
        path = DATA / name
        if request.config.getoption("--accept"):
            path.write_bytes(text.encode())
        stored = path.read_bytes().decode() if path.exists() else ""
        assert text == stored, (
            f"tests/data/{name} is not what the code gives now; if the change below is"
            f" meant, run: pytest --accept '{request.node.nodeid}' and review the diff"
        )

    return check


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount a small disk in memory with options, or mount it anew with others."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(options: str) -> Path:
        again = "remount," if place.is_mount() else ""
        command = ["mount", "-t", "tmpfs", "-o", again + options, "tmpfs", str(place)]
        if shutil.which("mount") is None:
            pytest.skip("no mount here")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"not allowed to mount: {done.stderr.strip()}")
        return place

    yield mount
    if place.is_mount():
        subprocess.run(["umount", str(place)], check=True)
