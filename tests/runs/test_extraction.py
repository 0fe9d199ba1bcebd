"""What a run makes of articles of several pages and of pages nobody can read."""

from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parents[1] / "data" / "templates"
FIRST = "https://finance.sina.com.cn/it/2012-06-01/08007000001.shtml"
OTHERS = [FIRST.replace(".shtml", f"_{number}.shtml") for number in (2, 3)]


def body_of(number):
    body = (PAGES / f"pages-{number}.html").read_bytes()
    return body.replace(b"tech.sina.com.cn", b"finance.sina.com.cn")


def test_an_article_of_three_pages_is_one_post_in_order(server, crawl):
    for number, url in enumerate((FIRST, *OTHERS), 1):
        server.serve_page(url, body_of(number))

    done = crawl("article", "-a", f"url={FIRST}")

    assert done.returncode == 0, done.stderr
    (record,) = crawl.records()
    assert [line[:3] for line in record["text"].split("\n")] == [
        "第一页",
        "第二页",
        "第三页",
    ]
    assert len(record["images"]) == 3


@pytest.mark.parametrize("served", [1, 2])
def test_an_article_that_lacks_a_page_fails_and_is_not_kept(server, crawl, served):
    for number, url in enumerate((FIRST, *OTHERS)[:served], 1):
        server.serve_page(url, body_of(number))

    done = crawl("article", "-a", f"url={FIRST}")

    assert done.returncode != 0
    assert crawl.documents == []
    (failure,) = crawl.reports()[0]["failures"]
    assert failure["outcome"] == "failed"
    assert failure["reason"].startswith(f"incomplete: page {served + 1} of ")
    assert "http 404" in failure["reason"]


def test_a_missing_page_is_asked_for_again_in_the_next_run(server, crawl):
    server.serve_page(FIRST, body_of(1))
    crawl("article", "-a", f"url={FIRST}")
    for number, url in enumerate(OTHERS, 2):
        server.serve_page(url, body_of(number))

    assert crawl("article", "-a", f"url={FIRST}").returncode == 0
    assert len(crawl.documents) == 1


def test_pages_that_lead_in_a_circle_end(server, crawl):
    back = f'<a href="{OTHERS[0]}">下一页</a></p>\n</div>'.encode()
    server.serve_page(FIRST, body_of(1))
    server.serve_page(OTHERS[0], body_of(2))
    server.serve_page(OTHERS[1], body_of(3).replace(b"</p>\n</div>", back))

    done = crawl("article", "-a", f"url={FIRST}")

    assert done.returncode != 0
    assert crawl.documents == []
    assert "in a circle" in crawl.reports()[0]["failures"][0]["reason"]


def test_a_saved_page_of_several_is_not_a_whole_article(crawl):
    done = crawl.run("post", str(PAGES / "pages-1.html"))

    assert (done.returncode, done.stdout) == (1, "")
    assert "incomplete: page 2 of 2 or more" in done.stderr


def test_a_page_nobody_can_read_is_kept_for_study(server, crawl):
    url = "https://finance.sina.com.cn/china/2026-11-20/doc-inkqaaaa1234567.shtml"
    page = "<html><body><div class=c-2027>一个没有见过的版式</div></body></html>"
    server.serve_page(url, page)

    done = crawl("article", "-a", f"url={url}")

    assert done.returncode == 1
    (failure,) = crawl.reports()[0]["failures"]
    assert failure["reason"] == "no body: layout changed?"
    kept = crawl.output / "rejected" / "nkqaaaa1234567.html"
    assert kept.read_text("utf-8") == page


def test_a_removed_page_is_not_kept(server, crawl):
    url = "https://finance.sina.com.cn/china/2026-11-20/doc-inkqaaaa1234567.shtml"
    server.serve_page(url, "<title>页面没有找到</title><p>页面没有找到</p>")

    crawl("article", "-a", f"url={url}")

    assert not (crawl.output / "rejected").exists()
