"""nginx on a free port of the loopback interface, serving one folder."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Self

_CONFIGURATION = Template("""\
daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
error_log error.log error;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  types { text/html shtml; application/json json; }
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  open_file_cache max=10000;
  gzip_static on;
  server {
    listen 127.0.0.1:$port;
    root "$folder";
    location = $list_path { rewrite ^ $list_path.$$arg_page.json break; }
  }
}
""")
# Without a master there is no worker that changes its user, and one process to stop.


class NginxMissingError(Exception):
    """nginx is not installed."""


class NginxServer:
    """Serve a folder of ``.gz`` files as gzip, in a ``with`` statement.

    The files are compressed already, so the server costs next to nothing; as on the
    real site, ``Content-Type`` names no charset.

    Args:
        folder: holds ``HOST/PATH.gz``.
        list_path: where ``?page=N`` stands for the file ``list_path.N.json.gz``.
        scratch: an empty folder for nginx's own files.

    Raises:
        NginxMissingError: there is no nginx.
    """

    def __init__(self, folder: Path, list_path: str, scratch: Path) -> None:
        program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
        program = program or shutil.which("nginx")
        if program is None:
            raise NginxMissingError("nginx is missing: apt-get install nginx-light")
        self._program = program
        self._folder = folder
        self._list_path = list_path
        self._scratch = scratch
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the folder's root, without a slash at its end."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        """Start nginx and wait until it answers."""
        self._port = _free_port()
        configuration = self._scratch / "nginx.conf"
        text = _CONFIGURATION.substitute(
            port=self._port, folder=self._folder, list_path=self._list_path
        )
        configuration.write_text(text, encoding="utf-8")
        log = self._scratch / "error.log"
        command = [self._program, "-p", f"{self._scratch}/", "-c", str(configuration)]
        self._process = subprocess.Popen(
            [*command, "-e", str(log)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._wait()
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop nginx."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait()

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        log = self._scratch / "error.log"
        reason = log.read_text(encoding="utf-8") if log.is_file() else ""
        raise RuntimeError(f"nginx does not answer: {reason.strip()[-300:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
