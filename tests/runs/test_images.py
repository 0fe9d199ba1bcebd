"""Pictures kept by a whole run: good ones, and every kind that must not be."""

import json
import os
import shutil
import sqlite3
from contextlib import closing

import pytest

from crawler.core.frontmatter import load
from crawler.core.images import image_name, image_path
from crawler.storage.checks import CHECKS
from crawler.storage.verification import verify
from tests.core.pictures import GIF, HTML, JPG, SVG, WEBP, png
from tests.runs.conftest import PAGE, Reply, Server
from tests.runs.test_borders import LOCAL
from tests.runs.test_replay import files_of

FIRST = "https://finance.sina.com.cn/china/2023-11-15/doc-iabcdefg0000001.shtml"
SECOND = "https://finance.sina.com.cn/china/2023-11-15/doc-iabcdefg0000002.shtml"
LIMIT = 20_000
PICTURES = {
    "good.png": png(),
    "good.jpg": JPG,
    "good.gif?a=1&b=2": GIF,
    "good.webp": WEBP,
    "same.png": png(),
    "huge.png": png(400, 400) + b"\0" * LIMIT,
    "cut.jpg": JPG[:-30],
    "page.jpg": HTML,
    "drawing.svg": SVG,
    "empty.png": b"",
}
GOOD = {"png": png(), "jpg": JPG, "gif": GIF, "webp": WEBP}
ELSEWHERE = [
    "http://127.0.0.1:9/private.png",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/private.png",
    "http://10.0.0.1/private.png",
    "https://elsewhere.example/a.png",
]
REASONS = {
    "no picture": 3,
    "cut": 1,
    "too large": 1,
    "http 404": 1,
    "http 302": 1,
    "refused by our rules": 5,
}


def address(name):
    return f"https://n.sinaimg.cn/finance/{name}"


def show(names):
    escaped = (name.replace("&", "&amp;") for name in names)
    return "".join(f'<p><img src="{name}" alt="图"></p>' for name in escaped)


def serve_all(server, page):
    """Serve an article that shows every picture, and the pictures."""
    for name, data in PICTURES.items():
        server.serve_page(address(name), data, **{"Content-Type": "image/png"})
    server.replies["n.sinaimg.cn/finance/away.png"] = Reply(
        status=302, headers={"Location": "http://127.0.0.1:9/private.png"}
    )
    names = [address(name) for name in (*PICTURES, "missing.png", "away.png")]
    html = page.format(
        id="abcdefg0000001",
        title="图文稿",
        body="这家公司今日披露经营情况，各项数据见下文。" * 6,
        extra=show(names + ELSEWHERE),
    )
    server.serve_page(FIRST, html)


def fetch(crawl, url=FIRST, **settings):
    """Crawl an article with its pictures."""
    given = {"IMAGES_MIRROR": "1", "IMAGES_MAXSIZE": str(LIMIT), **settings}
    return crawl("article", "-a", f"url={url}", **given)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory, crawl_into):
    """A store with the article and its pictures, not to be changed; and its server."""
    server = Server()
    serve_all(server, PAGE)
    crawl = crawl_into(tmp_path_factory.mktemp("images"))
    crawl.mirror = server.url
    run = fetch(crawl)
    assert run.returncode == 0, run.stderr
    yield crawl, server
    server.close()


@pytest.fixture
def mirrored(crawled):
    """The store alone."""
    return crawled[0]


@pytest.fixture
def stored(mirrored, crawl_into, tmp_path):
    """A store of one test's own."""
    shutil.copytree(mirrored.output, tmp_path / "output")
    own = crawl_into(tmp_path)
    own.mirror = mirrored.mirror
    return own


def kept(crawl):
    """Every picture that is kept, by its path."""
    root = crawl.output / "images"
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def asked(server):
    return [path for path in server.asked if path.startswith("n.sinaimg.cn/finance")]


def test_good_pictures_are_kept_once_each_and_shown_from_here(mirrored):
    assert kept(mirrored) == {
        image_path(image_name(data, ending)): data for ending, data in GOOD.items()
    }
    [place] = mirrored.documents
    document = load(place.read_text("utf-8"))
    assert document.headimg == f"/images/{image_path(image_name(png(), 'png'))}"
    assert document.body.count('src="/images/') == 5
    assert f'data-original="{address("good.jpg")}"' in document.body
    assert f'src="{address("missing.png")}"' in document.body


def test_the_record_keeps_the_sites_own_addresses(mirrored):
    [record] = mirrored.records()

    urls = {image["url"] for image in record["images"]}
    assert {address(name) for name in PICTURES} <= urls
    assert "/images/" not in json.dumps(record)


def test_what_fails_is_counted_with_its_reason_and_fails_no_post(mirrored):
    [report] = mirrored.reports()

    images = report["images"]
    assert (report["exit_code"], report["counts"]["new"]) == (0, 1)
    assert (images["stored"], images["known"]) == (5, 0)
    assert images["reasons"] == REASONS
    assert images["failed"] == sum(REASONS.values())
    traffic = report["traffic"]
    ends = (traffic[name] for name in ("responses", "failures", "dropped"))
    assert traffic["requests"] == sum(ends)


def test_pictures_are_asked_for_as_a_page_of_the_site_does_and_no_private_ones(crawled):
    _, server = crawled

    good = server.referers["n.sinaimg.cn/finance/good.jpg"]
    assert good == "https://finance.sina.com.cn/"
    assert not [path for path in server.asked if "private" in path]


def test_a_kept_picture_is_not_fetched_again(stored, server, page):
    stored.mirror = server.url  # Which has no picture.
    shown = show([address("good.png"), address("good.jpg")])
    server.serve_page(SECOND, page("abcdefg0000002", "另一篇", extra=shown))

    fetch(stored, SECOND)

    assert asked(server) == []
    assert stored.reports()[-1]["images"] == {
        "stored": 0, "known": 2, "failed": 0, "reasons": {},
    }  # fmt: skip
    assert all('src="/images/' in each.read_text("utf-8") for each in stored.documents)


def test_an_unchanged_page_asks_for_no_picture(stored, server):
    serve_all(server, PAGE)
    stored.mirror = server.url

    fetch(stored)

    assert stored.reports()[-1]["counts"]["unchanged"] == 1
    assert asked(server) == []


def test_without_the_setting_nothing_is_fetched_or_changed(server, crawl):
    serve_all(server, PAGE)

    fetch(crawl, IMAGES_MIRROR="0")

    assert asked(server) == []
    assert kept(crawl) == {}
    assert "data-original" not in crawl.documents[0].read_text("utf-8")
    assert crawl.reports()[0]["images"] == {}


def test_an_allowed_host_at_a_private_address_is_not_connected_to(
    server, crawl, page, tmp_path
):
    port = server.url.rpartition(":")[2]
    (tmp_path / "a.yaml").write_text(
        "{name: 甲, categories: [乙], hosts: [sina.example],"
        " placeholder: 'https://a.cn/b', feeds: [{id: a, title: 丙,"
        " url: 'https://a.cn/', format: rss}]}",
        "utf-8",
    )
    shown = show([f"http://pictures.sina.example:{port}/private.png"])
    server.serve_page("http://news/1.shtml", page("abcdefg0000001", "稿", extra=shown))
    server.replies["1.shtml"] = server.replies["news/1.shtml"]

    run = fetch(
        crawl,
        f"http://news.sina.example:{port}/1.shtml",
        SITE_MIRROR="",
        CATALOGUE_DIR=str(tmp_path),
        TWISTED_DNS_RESOLVER=LOCAL,
        ALLOWED_PRIVATE_HOSTS="news.sina.example",
        IMAGES_HOSTS="sina.example",
    )

    assert run.returncode == 0, run.stderr
    assert crawl.reports()[0]["images"]["reasons"] == {"private": 1}
    assert "private.png" not in server.asked


def test_a_wrong_prefix_is_told_in_one_line(crawl):
    run = fetch(crawl, IMAGES_URL="pictures")

    assert run.returncode == 2
    assert "IMAGES_URL=pictures: must be like /images/" in run.stderr


REFUSALS = {
    "banned": Reply(b"no", 403),
    "throttled": Reply(b"no", 429),
    "captcha": Reply("<p>请输入验证码</p>".encode()),
    "gate": Reply(status=302, headers={"Location": "https://passport.sina.cn/visit"}),
}


def serve_pictures(server, page, replies, host="n.sinaimg.cn", url=FIRST, **more):
    """Serve an article that shows a picture for each reply, in this order."""
    # Their own for each article: an address is asked for, and counted, once a run.
    folder = f"https://{host}/finance/{url[-20:-6]}"
    addresses = [f"{folder}/{n}.png" for n in range(len(replies))]
    for each, reply in zip(addresses, replies, strict=True):
        server.replies[each.partition("://")[2]] = reply
    shown = show([*addresses, *more.get("others", ())])
    server.serve_page(url, page(url[-20:-6], f"{len(replies)}图", extra=shown))


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_a_host_that_refuses_three_in_a_row_is_asked_for_no_more(
    server, crawl, page, refusal
):
    good = "https://k.sinaimg.cn/good.jpg"
    server.serve_page(good, JPG)
    serve_pictures(server, page, [refusal] * 9, others=[good])

    run = fetch(crawl, CONCURRENT_REQUESTS_PER_DOMAIN="1")

    assert run.returncode == 0, run.stderr
    assert len(asked(server)) == 3
    images = crawl.reports()[0]["images"]
    assert (images["stored"], images["failed"]) == (1, 9)
    assert images["reasons"]["left alone"] == 6
    assert run.stderr.count("No more pictures of n.sinaimg.cn in this run: ") == 1


def test_a_host_that_refuses_now_and_then_is_asked_for_all(server, crawl, page):
    replies = [Reply(png() if number % 3 == 2 else b"no") for number in range(9)]
    for reply in replies:
        reply.status = 200 if reply.body == png() else 403
    serve_pictures(server, page, replies)

    run = fetch(crawl, CONCURRENT_REQUESTS_PER_DOMAIN="1")

    assert run.returncode == 0, run.stderr
    assert len(asked(server)) == 9
    assert crawl.reports()[0]["images"]["reasons"] == {"http 403": 6}


def test_missing_pictures_are_no_refusal(server, crawl, page):
    serve_pictures(server, page, [Reply(b"none", 404)] * 5)

    fetch(crawl, CONCURRENT_REQUESTS_PER_DOMAIN="1")

    assert len(asked(server)) == 5


def test_pages_of_a_host_that_refuses_pictures_are_asked_for_all_the_same(
    server, crawl, page, tmp_path
):
    for url in (FIRST, SECOND):
        serve_pictures(
            server, page, [Reply(b"no", 403)] * 5, host="finance.sina.com.cn", url=url
        )
    urls = tmp_path / "urls.txt"
    urls.write_text(f"{FIRST}\n{SECOND}\n")

    run = crawl("article", "-a", f"urls={urls}", IMAGES_MIRROR="1")
    again = crawl("finance", "-a", "feeds=china")

    assert run.returncode == 0, run.stderr
    assert crawl.reports()[0]["counts"]["new"] == 2
    assert crawl.reports()[0]["images"]["failed"] == 10
    assert "left alone" not in again.stderr


def test_what_mirrored_pictures_look_like_from_here_is_no_change(stored):
    runs = [
        stored.run("replay", what, IMAGES_MIRROR="1") for what in ("--diff", "--apply")
    ]

    assert [run.stdout for run in runs] == [
        "0 of 1 posts would change\n",
        "0 of 1 posts would change\ndone: nothing\n",
    ]


def test_a_replay_brings_the_pictures_back(crawl, server, page, tmp_path):
    serve_all(server, PAGE)
    fetch(crawl)
    shown = show([address("good.png"), address("new.gif")])
    server.serve_page(SECOND, page("abcdefg0000002", "另一篇", extra=shown))
    server.serve_page(address("new.gif"), GIF, **{"Content-Encoding": "gzip"})
    fetch(crawl, SECOND)
    there = files_of(crawl.output)

    into = tmp_path / "into"
    run = crawl.run("replay", "--workers", "2", "--into", str(into))

    assert run.returncode == 0, run.stdout + run.stderr
    found = files_of(into)
    assert [path for path in there if found.get(path) != there[path]] == []
    assert sorted(found) == sorted(there)
    assert len([path for path in there if path.startswith("images/")]) == 4


def test_a_replay_of_one_post_brings_back_its_pictures(stored, tmp_path):
    run = stored.run("replay", "--id", "abcdefg0000001", "--into", str(tmp_path / "a"))

    assert run.returncode == 0, run.stdout + run.stderr
    found = files_of(tmp_path / "a")
    assert found.keys() >= {f"images/{path}" for path in kept(stored)}


def test_a_picture_that_has_changed_in_the_archive_is_found(stored):
    [file] = (stored.output / "archive").iterdir()
    data = file.read_bytes()
    at = data.index(JPG)
    file.write_bytes(data[:at] + b"\0" + data[at + 1 :])

    assert any("archive/" in line and "damaged" in line
               for line in examine(stored, full=True))  # fmt: skip


def test_pictures_shown_from_elsewhere_are_one_revision(stored):
    runs = [
        stored.run("replay", "--apply", IMAGES_MIRROR="1", IMAGES_URL="/pictures/")
        for _ in range(2)
    ]

    assert [run.stdout.splitlines()[-1] for run in runs] == [
        "done: 1 reprocessed",
        "done: nothing",
    ]


# The store


def examine(crawl, *, full=False, repair=False):
    """Verify a store; the lines told."""
    verdicts = verify(crawl.output, CHECKS, full=full, repair=repair)
    return [verdict.line for verdict in verdicts]


def repair(crawl):
    """Mend a store; the lines told."""
    return examine(crawl, full=True, repair=True)


def test_a_store_with_pictures_is_right(mirrored):
    assert examine(mirrored, full=True) == []


SPOILT = pytest.mark.parametrize(
    ("spoil", "told", "full"),
    [
        (os.remove, "missing", False),
        (lambda path: path.write_bytes(b"x"), "cut or changed", False),
        (
            lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x"),
            "damaged: its hash is not its name",
            True,
        ),
        (lambda path: path.rename(path.with_name("a.png")), "missing", False),
    ],
    ids=["missing", "cut", "changed", "renamed"],
)


@SPOILT
def test_a_spoilt_picture_is_restored_from_the_archive(stored, spoil, told, full):
    path = image_path(image_name(JPG, "jpg"))
    spoil(stored.output / "images" / path)

    assert f"images/{path}: {told}" in examine(stored, full=full)
    assert any("restored from the archive" in line for line in repair(stored))
    assert (stored.output / "images" / path).read_bytes() == JPG
    assert examine(stored, full=True) == []


def test_a_wrong_size_in_the_index_is_put_right_once(stored):
    name = image_name(JPG, "jpg")
    with closing(sqlite3.connect(stored.output / "index.sqlite")) as index, index:
        index.execute("UPDATE images SET size = size + 1 WHERE name = ?", (name,))

    assert f"images/{image_path(name)}: cut or changed; its size noted anew" in repair(
        stored
    )
    assert (stored.output / "images" / image_path(name)).read_bytes() == JPG
    assert examine(stored, full=True) == []


@pytest.mark.parametrize(
    "spoil",
    ["offset = -5", "file = x'00'", "file = '..'", "offset = 1000000", "file = ''"],
)
def test_a_row_that_leads_to_no_picture_is_passed_over(stored, spoil):
    path = image_path(image_name(JPG, "jpg"))
    (stored.output / "images" / path).unlink()
    with closing(sqlite3.connect(stored.output / "index.sqlite")) as index, index:
        index.execute(
            f"UPDATE captures SET {spoil} WHERE url = ?", [address("good.jpg")]
        )

    assert any(line.startswith(f"images/{path}: missing; ") for line in repair(stored))


def test_a_picture_that_came_compressed_is_restored(server, crawl, page):
    url = address("new.gif")
    server.serve_page(url, GIF, **{"Content-Encoding": "gzip"})
    server.serve_page(FIRST, page("abcdefg0000001", "一篇", extra=show([url])))
    fetch(crawl)
    path = crawl.output / "images" / image_path(image_name(GIF, "gif"))
    path.unlink()

    assert any("restored from the archive" in line for line in repair(crawl))
    assert path.read_bytes() == GIF


def test_what_a_damaged_archive_has_again_is_restored(stored):
    [warc] = (stored.output / "archive").glob("*.warc.gz")
    whole = warc.read_bytes()
    warc.write_bytes(whole[: len(whole) // 2])
    repair(stored)
    warc.write_bytes(whole)
    path = stored.output / "images" / image_path(image_name(JPG, "jpg"))
    path.unlink()

    repair(stored)

    assert path.read_bytes() == JPG
    assert examine(stored, full=True) == []


@SPOILT
def test_a_spoilt_picture_that_no_archive_has_is_forgotten(stored, spoil, told, full):
    path = image_path(image_name(JPG, "jpg"))
    shutil.rmtree(stored.output / "archive")
    spoil(stored.output / "images" / path)

    assert f"images/{path}: {told}" in examine(stored, full=full)
    repair(stored)
    # Nobody but the site has it any more: a whole check says so until it is back.
    assert examine(stored) == []
    [line] = examine(stored, full=True)
    assert line.startswith(f"images/{path}: missing, but shown by posts/")


def test_a_lost_index_is_rebuilt_with_the_sites_addresses(stored):
    before = stored.records()[0]["images"]
    (stored.output / "index.sqlite").unlink()
    shutil.rmtree(stored.output / "feeds")

    examine(stored, repair=True)
    exported = json.loads(stored.run("export").stdout)

    assert exported["images"] == before
    assert exported["headimg"] == address("good.png")
    assert examine(stored, full=True) == []


def test_an_export_for_hexo_takes_the_pictures_along(mirrored, tmp_path):
    posts = tmp_path / "blog" / "source" / "_posts"

    run = mirrored.run("export", "--posts", str(posts))

    assert run.returncode == 0, run.stderr
    assert f"4 pictures in {posts.parent}/images" in run.stderr
    root = posts.parent / "images"
    files = {path for path in root.rglob("*") if path.is_file()}
    found = {path.relative_to(root).as_posix() for path in files}
    assert found == {*kept(mirrored), ".exported.json"}

    mirrored.run("export", "--posts", str(posts), "--until", "2000-01-01")

    assert [path.name for path in root.rglob("*")] == [".exported.json"]


def test_pictures_go_where_they_are_wanted(mirrored, tmp_path):
    target = tmp_path / "static"

    mirrored.run(
        "export", "--posts", str(tmp_path / "content"), "--images", str(target)
    )
    refused = mirrored.run("export", "--images", str(target))

    assert len(list(target.rglob("*.jpg"))) == 1
    assert refused.returncode == 2
    assert "goes with --posts only" in refused.stderr
