"""Archives of other programs become posts: wget's, Common Crawl's, browsertrix's."""

import gzip
import os
import shutil
import socketserver
import subprocess
import urllib.error
import urllib.request
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import brotli
import pytest
from backports import zstd

from crawler.demo import DemoSite
from tests.runs.conftest import Reply
from tests.storage.others import HTML, URL, record_of


def unavailable(reason):
    """Skip, but not where everything has been installed for the tests."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; .ci/run installs what the tests need")
    pytest.skip(reason)


@pytest.fixture(scope="module")
def proxy():
    """The sample site as an HTTP proxy, so that its pages have their real hosts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            place = self.path.partition("://")[2]
            try:
                with urllib.request.urlopen(f"{site.url}/{place}") as answer:
                    status, body = answer.status, answer.read()
                    kind = answer.headers["Content-Type"]
            except urllib.error.HTTPError as error:
                status, body, kind = error.code, error.read(), "text/html"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for at in range(0, len(body), 5000):
                part = body[at : at + 5000]
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *args):
            """Stay quiet."""

    with DemoSite() as site, ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield site, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def crawled(crawl_into, proxy, tmp_path_factory):
    """Crawl the sample site; its posts and where to fetch them once more."""
    site, address = proxy
    crawl = crawl_into(tmp_path_factory.mktemp("crawled"))
    crawl.mirror = site.url
    crawl("finance")
    # What a feed carried whole has a page that says it in other words.
    records = [r for r in crawl.records() if "/7x24/" not in r["url"]]
    return {r["id"]: r for r in records}, address


@pytest.fixture
def wget(tmp_path, crawled):
    """Fetch the posts' pages, and one that is gone, with the real wget."""
    if shutil.which("wget") is None:
        unavailable("wget is missing")
    records, address = crawled
    urls = [r["url"].replace("https://", "http://") for r in records.values()]
    urls += ["http://finance.sina.com.cn/gone.shtml", "http://elsewhere.example/"]

    def fetch(*args):
        folder = tmp_path / "fetched"
        folder.mkdir()
        (folder.parent / "urls").write_text("\n".join(urls) + "\n")
        subprocess.run(
            ["wget", "-q", *args, "-i", folder.parent / "urls"],
            cwd=folder,
            env={**os.environ, "http_proxy": address, "no_proxy": ""},
            check=False,
            timeout=100,
        )
        return folder

    return fetch


def texts(records):
    return {name: (each["title"], each["text"]) for name, each in records.items()}


@pytest.fixture
def replay(crawl, crawl_into, tmp_path):
    """Replay into a fresh folder; the posts that are there then, and what was said."""

    def replayed(*args, name="into", code=0):
        run = crawl.run("replay", *map(str, args), "--into", str(tmp_path / name))
        assert run.returncode == code, run.stdout + run.stderr
        into = crawl_into(tmp_path / name)
        into.output = tmp_path / name
        return {r["id"]: r for r in into.records()}, run.stdout

    return replayed


@pytest.mark.parametrize("form", ["gzip", "plain", "whole"])
def test_what_wget_archives_becomes_the_posts_of_the_crawl(crawled, wget, replay, form):
    plain = [] if form == "gzip" else ["--no-warc-compression"]
    folder = wget("--warc-file=pages", "--delete-after", *plain)
    [file] = [path for path in folder.iterdir() if "warc" in path.name]
    if form == "whole":
        file.write_bytes(gzip.compress(file.read_bytes()))

    found, said = replay(file)

    assert texts(found) == texts(crawled[0])
    assert "1 no posts: status 404" in said
    assert "1 no posts: of no site of the catalogue" in said


@pytest.mark.parametrize("base", ["", "http://"])
def test_a_mirror_made_by_wget_becomes_the_posts_of_the_crawl(
    crawled, wget, replay, base
):
    folder = wget("--mirror", "--level=0", "--adjust-extension")

    found, _ = replay(folder, *(["--base", base] if base else []))

    assert texts(found) == texts(crawled[0])


def encoded(name, pack):
    return lambda url, body: record_of(
        "response", [HTML, ("Content-Encoding", name)], pack(body), url
    )


def chunked(url, body):
    data = b"%x;why=not\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    return record_of("response", [HTML, ("Transfer-Encoding", "chunked")], data, url)


WHOLE = {
    "as it is": lambda url, body: record_of("response", [HTML], body, url),
    "http": lambda url, body: record_of(
        "response", [HTML], body, url.replace("https", "http")
    ),
    "brackets": lambda url, body: record_of("response", [HTML], body, f"<{url}>"),
    "mobile": lambda url, body: record_of(
        "response", [HTML], body, url.replace(".com.cn", ".cn") + "?from=wap"
    ),
    "no type": lambda url, body: record_of("response", [], body, url),
    "resource": lambda url, body: record_of(
        "resource", [], body, url, **{"Content-Type": "text/html"}
    ),
    "chunked": chunked,
    "joined chunks": lambda url, body: record_of(
        "response", [HTML, ("Transfer-Encoding", "chunked")], body, url
    ),
    "gzip": encoded("gzip", gzip.compress),
    "unpacked gzip": encoded("gzip", bytes),
    "deflate": encoded("deflate", zlib.compress),
    "unpacked deflate": encoded("deflate", bytes),
    "br": encoded("br", brotli.compress),
    "unpacked br": encoded("br", bytes),
    "zstd": encoded("zstd", zstd.compress),
    "crawl headers": lambda url, body: record_of(
        "response", [HTML, ("X-Crawl-Content-Encoding", "gzip")], body, url
    ),
}
LEFT_OUT = {
    "status 404": lambda url, body: record_of(
        "response", [HTML], body, url, status="404 Not Found"
    ),
    "no HTML page": lambda url, body: record_of(
        "response", [("Content-Type", "image/png")], body, url
    ),
    "of no site of the catalogue": lambda url, body: record_of(
        "response", [HTML], body, "https://elsewhere.example/a.html"
    ),
    "unchanged since an earlier record": lambda url, body: record_of(
        "revisit", [], b"", url
    ),
    "cut when it was archived": lambda url, body: record_of(
        "response", [HTML], body, url, **{"WARC-Truncated": "length"}
    ),
    "its compressed body is damaged": encoded("br", lambda body: b"\xff" * 99),
    "its compressed body is cut, or too large": encoded(
        "zstd", lambda body: zstd.compress(body)[:-20]
    ),
    "no body: layout changed?": lambda url, body: record_of(
        "response", [HTML], b"<html><p>nothing</p></html>", url
    ),
}


def test_a_page_is_a_post_however_it_was_archived(replay, page, tmp_path):
    file = tmp_path / "others.warc.gz"
    parts, due = [], {}
    for number, (name, write) in enumerate([*WHOLE.items(), *LEFT_OUT.items()]):
        html = page(f"naaaaa{number:07}", f"第{number}篇：{name}").encode()
        parts.append(write(URL.format(number), html))
        if name in WHOLE:
            due[f"naaaaaa{number:07}"[:14]] = f"第{number}篇：{name}"
    file.write_bytes(b"".join(parts))

    found, said = replay(file)

    titles = sorted(record["title"] for record in found.values())
    assert titles == sorted(due.values())
    for reason in LEFT_OUT:
        assert f"1 no posts: {reason}" in said, said
    assert {each["fetched"] for each in found.values()} == {"2026-11-02T05:06:07+00:00"}


@pytest.mark.parametrize("spoil", ["cut", "garbage"])
def test_a_damaged_file_gives_what_comes_before_and_ends_with_1(
    replay, page, tmp_path, spoil
):
    file = tmp_path / "others.warc.gz"
    pages = [page(f"naaaaaa{n:07}", f"第{n}篇").encode() for n in range(3)]
    parts = [WHOLE["as it is"](URL.format(n), html) for n, html in enumerate(pages)]
    parts[2] = parts[2][:-300] if spoil == "cut" else b"\xa5" * 300
    file.write_bytes(b"".join(parts))

    found, said = replay(file, code=1)

    assert [record["title"] for record in found.values()] == ["第0篇", "第1篇"]
    assert "others.warc.gz: " in said


def test_a_bad_byte_costs_one_post_and_is_told_where(replay, page, tmp_path):
    file = tmp_path / "others.warc.gz"
    pages = [page(f"naaaaa{n:07}", f"第{n}篇").encode() for n in range(10)]
    parts = [WHOLE["as it is"](URL.format(n), html) for n, html in enumerate(pages)]
    start, size = sum(map(len, parts[:3])), len(parts[3])
    data = bytearray(b"".join(parts))
    data[start + size // 2] ^= 0x55
    file.write_bytes(data)

    found, said = replay(file, code=1)

    assert len(found) == 9
    assert f"others.warc.gz: {size} bytes at {start}: damaged" in said


@pytest.fixture
def namesakes(page, tmp_path):
    """Two files of one name, with a page each."""
    files = []
    for number, folder in enumerate("ab"):
        html = page(f"naaaaa{number:07}", f"第{number}篇").encode()
        files.append(tmp_path / folder / "w.warc.gz")
        files[-1].parent.mkdir()
        files[-1].write_bytes(WHOLE["as it is"](URL.format(number), html))
    return files


def test_files_of_one_name_make_a_sound_store(crawl, replay, namesakes, tmp_path):
    found, _ = replay(*namesakes)

    assert len(found) == 2
    crawl.output = tmp_path / "into"
    verified = crawl.run("verify", "--full")
    assert verified.returncode == 0, verified.stdout


@pytest.mark.parametrize("name", ["a", "*/", "a/w.*", "[ab]/w.warc.gz"])
def test_warc_files_are_found_in_folders_and_by_patterns(
    replay, namesakes, tmp_path, name
):
    (tmp_path / "a" / "notes.txt").write_text("no page")

    found, said = replay(f"{tmp_path}/{name}")

    assert len(found) == (2 if name[0] in "*[" else 1)
    assert "no posts" not in said


def test_what_is_no_file_in_a_folder_of_pages_is_counted(replay, page, tmp_path):
    folder = tmp_path / "finance.sina.com.cn"
    folder.mkdir()
    (folder / "doc-inaaaaa0000001.shtml").write_text(page("naaaaa0000001", "第一篇"))
    (folder / "gone.html").symlink_to("nowhere.html")
    (folder / "odd.html").symlink_to("/proc/self/mem")

    found, said = replay(tmp_path, code=1)

    assert len(found) == 1, said
    assert "1 no posts: no file" in said
    assert "finance.sina.com.cn/odd.html: 0 bytes at 0: cannot be read" in said


@pytest.mark.parametrize("option", ["--into", "--base"])
def test_a_bar_tells_how_far_others_files_were_read(crawl, namesakes, tmp_path, option):
    args = [str(namesakes[0])] if option == "--into" else [str(tmp_path / "a")]
    args += ["--base", "https://a.cn/"] if option == "--base" else []

    run = crawl.run("replay", *args, "--into", str(tmp_path / "into"), PROGRESS="on")

    # A WARC file among pages is none of them.
    assert run.returncode == (1 if option == "--base" else 0), run.stderr
    assert "100%" in run.stderr


def test_pages_saved_by_hand_tell_their_addresses(replay, page, tmp_path):
    folder = tmp_path / "saved"
    folder.mkdir()
    url = URL.format(1)
    html = page("naaaaa0000001", "第一篇").replace(
        "<head>", f'<head><link rel="canonical" href="{url}">'
    )
    (folder / "第一篇_新浪财经.html").write_text(html, encoding="utf-8")
    (folder / "kite.png").write_bytes(b"\x89PNG")

    found, said = replay(folder)

    assert [record["url"] for record in found.values()] == [url]
    assert "1 no posts: no HTML page" in said


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["missing.warc.gz"], "is no file"),
        (["missing.warc.gz", "--base", "https://a.cn/"], "goes with a folder"),
        (["s3x://bucket/a.warc.gz"], "s3x"),
        (["--workers", "0"], "is no number of processes"),
        (["nowhere*/*.warc.gz"], "names no file"),
        (["tests", "tests"], "holds no *.warc"),
        (["/dev/null/*"], "names no file"),
    ],
)
def test_what_cannot_be_replayed_is_said_in_one_line(crawl, tmp_path, args, words):
    run = crawl.run("replay", *args, "--into", str(tmp_path / "into"))

    assert run.returncode == 2
    [line] = run.stderr.splitlines()
    assert words in line
    assert not (tmp_path / "into").exists()


@pytest.mark.parametrize("folder", ["/proc/nope", "/dev/null/nope"])
def test_a_folder_that_cannot_be_made_is_said_in_one_line(crawl, namesakes, folder):
    run = crawl.run("replay", str(namesakes[0]), "--into", folder)

    assert run.returncode == 2
    [line] = run.stderr.splitlines()
    assert "cannot be made" in line


def test_why_a_place_cannot_be_reached_is_said_in_one_line(crawl, tmp_path):
    with socketserver.TCPServer(("127.0.0.1", 0), None) as closed:
        port = closed.server_address[1]
    address = f"http://127.0.0.1:{port}/a.warc.gz"

    run = crawl.run("replay", address, "--into", str(tmp_path / "into"))

    assert run.returncode == 3
    [line] = run.stderr.splitlines()
    assert f"{address}: cannot be reached: " in line


def test_a_place_that_fails_while_it_is_read_is_said_in_one_line(
    crawl, server, tmp_path
):
    parts = [WHOLE["as it is"](URL.format(n), os.urandom(60_000)) for n in range(200)]
    server.replies["a.warc.gz"] = Reply(b"".join(parts))  # And it knows no ranges.

    address = f"{server.url}/a.warc.gz"
    run = crawl.run("replay", address, "--into", str(tmp_path / "into"))

    assert run.returncode == 3, run.stdout
    [line] = run.stderr.splitlines()
    assert f"{address}: cannot be read: " in line
