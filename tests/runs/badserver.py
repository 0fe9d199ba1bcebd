"""A raw-socket web server whose every path misbehaves in another way.

``/HOST/NAME.shtml`` does what ``NAME`` says, so that one crawl can meet all of it.
"""

import gzip
import io
import json
import socket
import struct
import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from socketserver import StreamRequestHandler, ThreadingTCPServer
from ssl import SSLContext
from threading import Event, Thread
from time import time
from typing import Self

import brotli
from backports import zstd

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
MEBIBYTE = 2**20
BOMBS = ("gzip", "br", "zstd")


def page(title: str) -> bytes:
    """Make an article that would be kept if it came whole."""
    line = f"<p>　　{title}：这一段话若被存下，就是把残缺的页面当成了完整的文章。</p>"
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>'
        f'</head><body><h1 class="main-title">{title}</h1><div class="date-source">'
        '<span class="date">2023年11月15日 06:13</span></div>'
        f'<div class="article" id="artibody">{line * 80}</div></body></html>'
    ).encode()


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Make a well-formed answer."""
    lines = [
        f"HTTP/1.1 {status}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def packed(body: bytes, encoding: str = "gzip") -> bytes:
    """Make an answer that says its body is compressed."""
    return answer(body, f"Content-Encoding: {encoding}")


def to(address: str) -> bytes:
    """Make a redirect."""
    return answer(b"", f"Location: {address}", status="302 Found")


def zeros(pack: Callable[[bytes], bytes]) -> bytes:
    """Compress 256 MiB of zeros without ever holding them."""
    return b"".join(pack(bytes(MEBIBYTE)) for _ in range(256))


@cache
def bomb(encoding: str) -> bytes:
    """Make a small body that unpacks to 256 MiB."""
    if encoding == "gzip":
        one = zlib.compressobj(9, zlib.DEFLATED, 31)
        return zeros(one.compress) + one.flush()
    if encoding == "zstd":
        two = zstd.ZstdCompressor()
        return zeros(two.compress) + two.flush()
    three = brotli.Compressor(quality=1)
    return zeros(three.process) + three.finish()


GOOD = page("好的一篇")
GZIP = gzip.compress(GOOD)
HALF = len(GZIP) // 2
LENGTH = b"Content-Length: %d\r\n" % len(GOOD)
CHUNK = b"%x\r\n" % len(GOOD) + GOOD + b"\r\n"
HEADERS = b"".join(b"X-%d: %s\r\n" % (n, b"x" * 100) for n in range(100_000))
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

SENT: dict[str, bytes] = {
    "good": answer(GOOD),
    "good-chunked": CHUNKED + CHUNK + b"0\r\n\r\n",
    "good-closed": OK + b"\r\n" + GOOD,
    "good-closed-gzip": OK + b"Content-Encoding: gzip\r\n\r\n" + GZIP,
    "good-members": packed(gzip.compress(GOOD[:999]) + gzip.compress(GOOD[999:])),
    "empty": b"",
    "cl-long": OK + b"Content-Length: 99999\r\n\r\n" + GOOD,
    "chunk-cut": CHUNKED + CHUNK,
    "chunk-half": CHUNKED + CHUNK[: len(CHUNK) // 2],
    "chunk-bad": CHUNKED + CHUNK + b"zz\r\n",
    "closed-cut": OK + b"\r\n" + GOOD[: len(GOOD) // 2],
    "closed-gzip-cut": OK + b"Content-Encoding: gzip\r\n\r\n" + GZIP[:HALF],
    "gzip-half": packed(GZIP[:HALF]),
    "gzip-crc": packed(GZIP[:-8] + b"\0\0\0\0" + GZIP[-4:]),
    "gzip-garbage": packed(b"\x1f\x8b" + b"garbage" * 400),
    "gzip-plain": packed(GOOD),
    "gzip-twice": packed(gzip.compress(GZIP)),
    "gzip-unsaid": answer(GZIP),
    "gzip-said-twice": packed(gzip.compress(GZIP), "gzip, gzip"),
    "gzip-parts": packed(gzip.compress(b"") * 300_000),
    "deflate-bad": packed(b"\x78\x9c" + b"garbage" * 400, "deflate"),
    "cl-huge": OK + b"Content-Length: 99999999999\r\n\r\n" + GOOD,
    "many-headers": OK + HEADERS + LENGTH + b"\r\n" + GOOD,
    "long-header": OK + b"X: " + bytes(10 * MEBIBYTE) + b"\r\n" + LENGTH,
    "continues": b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000 + answer(GOOD),
    "cl-two": OK + b"Content-Length: 10\r\n" + LENGTH + b"\r\n" + GOOD,
    "cl-negative": OK + b"Content-Length: -1\r\n\r\n" + GOOD,
    "cl-word": OK + b"Content-Length: NaN\r\n\r\n" + GOOD,
    "bad-status": b"HTTP/1.1 abc OK\r\n\r\n" + GOOD,
    "http-old": GOOD + b"\r\n",
    "garbage": bytes(range(256)) * 40,
    "bad-encoding": OK + b"Transfer-Encoding: morse\r\n\r\n" + GOOD,
    "to-file": to("file:///etc/passwd"),
    "to-data": to("data:text/html,<p>hello</p>"),
    "to-s3": to("s3://bucket/page.html"),
    "to-ftp": to("ftp://bad.example/page.html"),
    "to-nowhere": to("http://[bad"),
    "to-foreign": to("https://elsewhere.example/page.shtml"),
    "to-good": to("https://www.bad.example/good-target.shtml"),
    "good-target": answer(page("搬了家的一篇")),
    "error-403": answer(b"forbidden", status="403 Forbidden"),
    "error-429": answer(b"", "Retry-After: 120", status="429 Too Many Requests"),
    "error-503": answer(b"", "Retry-After: 120", status="503 Service Unavailable"),
    "error-page": answer("<html><body>系统繁忙，请稍后再试</body></html>".encode()),
    "empty-200": answer(b""),
    "json-cut": answer(b'{"result": {"status": {"code": 0}, "data": [{"title": "'),
    "json-nan": answer(b'{"result": {"status": {"code": 0}, "data": [NaN, Infinity]}}'),
    "json-deep": answer(b"[" * 100_000 + b"]" * 100_000),
    "json-keys": answer(b'{"result": {"status": {"code": 7}}, "result": {"data": 5}}'),
    "json-digits": answer(
        b'{"result": {"status": {"code": 0}, "data": [{"title": "x", "url":'
        b' "https://bad.example/x.shtml", "ctime": ' + b"9" * 100_000 + b"}]}}"
    ),
    "captcha": answer("<html><body>请输入验证码</body></html>".encode()),
    "meta-file": answer(b'<meta http-equiv="refresh" content="0;url=file:///etc/passwd">'),
    "not-here": answer(b"", status="404 Not Found"),
    "not-here-half": answer(
        GZIP[:HALF], "Content-Encoding: gzip", status="404 Not Found"
    ),
}  # fmt: skip
"""What is sent at once, before the connection is closed."""


class BadServer:
    """A loopback server that does what the last part of a path says.

    Args:
        context: where given, all is said over TLS.
        answers: further answers by name, which come before those above.
    """

    def __init__(self, context: SSLContext | None = None, **answers: bytes) -> None:
        bombs = {f"{name}-bomb": packed(bomb(name), name) for name in BOMBS}
        self.answers = {**SENT, **bombs, **answers}
        self.asked: Counter[str] = Counter()
        self.stop = Event()
        bad = self

        class Handler(StreamRequestHandler):
            def handle(self) -> None:
                with suppress(OSError):
                    bad.converse(self.connection, self.rfile)

        class Quiet(ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 128

            def get_request(self) -> tuple[socket.socket, object]:
                connection, address = super().get_request()
                if context:
                    # A client that refuses the certificate is none: an OSError.
                    connection = context.wrap_socket(connection, server_side=True)
                return connection, address

        self._server = Quiet(("127.0.0.1", 0), Handler)
        scheme = "https" if context else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}"
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        self._server.shutdown()
        self._server.server_close()

    def converse(self, connection: socket.socket, request: io.BufferedIOBase) -> None:
        """Read one request and answer it as its path says."""
        path = request.readline().split(b" ")[1].decode()
        while request.readline().strip():
            pass
        name = path.rpartition("/")[2].partition(".")[0].partition("?")[0]
        self.asked[path.lstrip("/").partition("?")[0]] += 1
        act = getattr(self, "do_" + name.replace("-", "_"), None)
        if act and name not in self.answers:
            act(connection, path)
        else:
            connection.sendall(self.answers.get(name, SENT["not-here"]))

    def do_reset(self, connection: socket.socket, path: str) -> None:
        connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        connection.close()

    def do_hang(self, connection: socket.socket, path: str) -> None:
        self.stop.wait()

    def do_hang_after_head(self, connection: socket.socket, path: str) -> None:
        connection.sendall(OK + LENGTH + b"\r\n" + GOOD[:100])
        self.stop.wait()

    def do_drip_body(self, connection: socket.socket, path: str) -> None:
        connection.sendall(OK + LENGTH + b"\r\n")
        self._drip(connection, GOOD)

    def do_drip_head(self, connection: socket.socket, path: str) -> None:
        self._drip(connection, answer(GOOD))

    def do_endless(self, connection: socket.socket, path: str) -> None:
        connection.sendall(OK + b"\r\n")
        self._pour(connection, b"x" * 65536)

    def do_endless_chunks(self, connection: socket.socket, path: str) -> None:
        connection.sendall(CHUNKED)
        self._pour(connection, b"10000\r\n" + b"x" * 65536 + b"\r\n")

    def do_endless_head(self, connection: socket.socket, path: str) -> None:
        connection.sendall(OK)
        self._pour(connection, b"X: x\r\n" * 10_000)

    def do_far(self, connection: socket.socket, path: str) -> None:
        step = self.asked.total()
        connection.sendall(to(f"https:/{path.partition('?')[0]}?step={step}"))

    def do_loop(self, connection: socket.socket, path: str) -> None:
        connection.sendall(to(f"https:/{path}"))

    def do_endless_pages(self, connection: socket.socket, path: str) -> None:
        name = f"not-here-{self.url.rpartition(':')[2]}-{path.rpartition('=')[2]}"
        address = f"https://bad.example/{name}.shtml"
        connection.sendall(answer(roll([address], time=int(time()))))

    def do_page_for_ever(self, connection: socket.socket, path: str) -> None:
        connection.sendall(answer(roll(["https://bad.example/not-here.shtml"])))

    def _drip(self, connection: socket.socket, data: bytes) -> None:
        for number in range(len(data)):
            connection.sendall(data[number : number + 1])
            if self.stop.wait(0.05):
                return

    def _pour(self, connection: socket.socket, data: bytes) -> None:
        while not self.stop.is_set():
            connection.sendall(data)


def roll(addresses: list[str], word: str = "篇", time: int = 1_700_000_000) -> bytes:
    """Make the answer of a feed that lists articles."""
    items = [
        {"title": f"第{number}{word}", "url": url, "ctime": str(time)}
        for number, url in enumerate(addresses, 1)
    ]
    return json.dumps({"result": {"status": {"code": 0}, "data": items}}).encode()
