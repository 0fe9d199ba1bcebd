"""Do a fault to one system call of a process that stores, with strace.

A child is forked from a process that has everything imported, stops itself, and is
let go on once strace holds it: some 50 ms a fault, where a fresh interpreter takes a
second.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.storing import Key

CHANGING = (
    "openat",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "link",
    "unlink",
    "mkdir",
    "ftruncate",
)
"""The system calls by which a store changes."""

UNCLEAN = 70
"""The exit code of a child that met an exception nobody foresaw."""

_CALL = re.compile(r"^(?:\d+ +)?(\w+)\(")
_PR_SET_PTRACER = 0x59616D61
_ANY = ctypes.c_ulong(-1)


class StraceMissingError(Exception):
    """There is no strace, or it may not trace."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended."""

    code: int
    """Its exit code, or minus the signal that killed it."""

    error: str
    """The last line it had to say."""

    acknowledged: list[Key]
    """Everything it was told is kept."""

    trace: list[str]
    """The system calls it made, as strace writes them."""

    @property
    def calls(self) -> Counter[str]:
        """How often each system call was made."""
        found = (_CALL.match(line) for line in self.trace)
        return Counter(call[1] for call in found if call)


Work = Callable[[Callable[[Key], None]], tuple[int, str]]
"""What a child does: it is given where to acknowledge, and gives its code and error."""


def trace(work: Work, scratch: Path, *, inject: str = "", paths: bool = False) -> Ended:
    """Carry out work in a child under strace.

    Args:
        work: what the child does.
        scratch: a folder for the trace.
        inject: what strace shall do, such as ``fsync:error=EIO:when=3``.
        paths: name the file of each descriptor in the trace.

    Raises:
        StraceMissingError: there is no strace, or it is not allowed to trace.
    """
    ours, its = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        _be_child(work, its)
    its.close()
    os.waitpid(child, os.WUNTRACED)
    output = scratch / "trace"
    command = ["strace", "-q", "-o", str(output), "-e", f"trace={','.join(CHANGING)}"]
    command += ["-y"] * paths + (["-e", f"inject={inject}"] if inject else [])
    try:
        tracer = _attach([*command, "-p", str(child)], child)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        ours.close()
        raise
    with tracer, ours, ours.makefile("rb") as said:
        os.kill(child, signal.SIGCONT)
        lines = [json.loads(line) for line in said if line.endswith(b"\n")]
        _, status = os.waitpid(child, 0)
    acknowledged = [(line[0], line[1]) for line in lines if len(line) == 2]
    error = next((line[0] for line in lines if len(line) == 1), "")
    text = output.read_text(encoding="utf-8", errors="replace")
    code = os.waitstatus_to_exitcode(status)
    return Ended(code, error, acknowledged, text.splitlines())


def faults(calls: Counter[str], done: str, names: Iterable[str]) -> list[str]:
    """List one injection for each time that each system call was made.

    Args:
        calls: how often each is made when nothing fails.
        done: what strace does to it, such as ``signal=SIGKILL`` or ``error=EIO``.
        names: which system calls.
    """
    return [
        f"{name}:{done}:when={number}"
        for name in names
        for number in range(1, calls[name] + 1)
    ]


def _attach(command: list[str], child: int) -> subprocess.Popen[bytes]:
    if shutil.which("strace") is None:
        raise StraceMissingError("strace is missing: apt-get install strace")
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE)
    status = Path(f"/proc/{child}/status")
    while f"TracerPid:\t{tracer.pid}\n" not in status.read_text(encoding="utf-8"):
        if tracer.poll() is not None:
            problem = tracer.communicate()[1].decode().strip()
            raise StraceMissingError(f"strace may not trace here: {problem}")
        os.sched_yield()
    return tracer


def _be_child(work: Work, said: socket.socket) -> None:
    """Be the child: stop, work once somebody lets it, say how it went, end."""
    code = UNCLEAN
    try:
        # Where only ancestors may trace, strace is none.
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANY, 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        # sendall is no system call that faults are done to.
        code, error = work(lambda key: said.sendall(json.dumps(key).encode() + b"\n"))
        said.sendall(json.dumps([error]).encode() + b"\n")
    except BaseException:  # noqa: BLE001 - whatever it was, the parent is to know
        problem = traceback.format_exc()
        said.sendall(json.dumps([problem]).encode() + b"\n")
    finally:
        os._exit(code)
