"""Other sources: given pages, a feed of full bodies, the live feed."""

import json

import pytest

ONE = "https://finance.sina.com.cn/china/2023-11-15/doc-inaaaaaa1000001.shtml"
TWO = "https://finance.sina.com.cn/china/2023-11-15/doc-inaaaaaa1000002.shtml"


def test_given_pages_become_posts(server, page, crawl, tmp_path):
    server.serve_page(ONE, page("naaaaaa1000001", "第一篇"))
    server.serve_page(TWO, page("naaaaaa1000002", "第二篇"))
    listed = tmp_path / "urls.txt"
    listed.write_text(f"# two pages\n{ONE}\n\n{TWO} # the second\n", encoding="utf-8")

    run = crawl("article", "-a", f"urls={listed}")

    assert run.returncode == 0, run.stderr
    assert {record["url"] for record in crawl.records()} == {ONE, TWO}


def test_a_given_page_is_filed_under_the_feed_that_was_named(server, page, crawl):
    server.serve_page(ONE, page("naaaaaa1000001", "第一篇"))

    crawl("article", "-a", f"url={ONE}", "-a", "feed=china")

    assert crawl.records()[0]["categories"] == ["金融", "新浪财经", "新浪财经－国內"]


def test_a_given_page_keeps_the_feed_that_listed_it(server, page, item, crawl):
    server.serve_page(ONE, page("naaaaaa1000001", "第一篇"))
    server.serve_roll([item(ONE, "第一篇")])
    crawl("finance", "-a", "feeds=china")
    server.serve_page(ONE, page("naaaaaa1000001", "改了标题"))

    crawl("article", "-a", f"url={ONE}")

    assert [record["feed"] for record in crawl.records()] == ["china", "china"]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        pytest.param([], "-a url", id="none"),
        pytest.param(["-a", "url=ftp://x/y"], "ftp://x/y", id="scheme"),
        pytest.param(["-a", "urls=/nowhere"], "/nowhere", id="file"),
        pytest.param(["-a", f"url={ONE}", "-a", "feed=nope"], "nope", id="feed"),
    ],
)
def test_a_wrong_address_is_code_2(crawl, option, words):
    run = crawl("article", *option, "-L", "ERROR")

    assert run.returncode == 2
    assert words in run.stderr


CATALOGUE = """
name: 样本站
categories: [金融, 样本站]
hosts: [sample.example]
placeholder: https://sample.example/logo.png
feeds:
  - id: hub
    title: 样本站－全文
    url: {url}/sina/finance
    format: rss
    content: entry
"""
RSS = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>
<title>全文</title><item><title>自建服务的全文条目</title>
<link>https://finance.sina.com.cn/china/2023-11-15/doc-inaaaaaa1000007.shtml</link>
<pubDate>Wed, 15 Nov 2023 06:13:20 GMT</pubDate><author>某记者</author>
<description><![CDATA[<p>第一段。</p><script>alert(1)</script><p>第二段。</p>
<img src="//n.sinaimg.cn/a/1.png" onerror="x()">]]></description></item>
</channel></rss>"""


def test_a_feed_of_full_bodies_works_by_catalogue_alone(server, crawl, tmp_path):
    (tmp_path / "feeds").mkdir()
    catalogue = CATALOGUE.format(url=server.url)
    (tmp_path / "feeds" / "hub.yaml").write_text(catalogue, encoding="utf-8")
    server.serve_page("x://sina/finance", RSS, **{"Content-Type": "text/xml"})

    run = crawl("finance", CATALOGUE_DIR=str(tmp_path / "feeds"), SITE_MIRROR="")

    assert run.returncode == 0, run.stderr
    (record,) = crawl.records()
    assert record["id"] == "naaaaaa1000007"
    assert record["text"] == "第一段。\n第二段。"
    assert "script" not in crawl.documents[0].read_text("utf-8")


def test_a_redirect_to_a_private_address_is_refused(server, crawl, tmp_path, page):
    server.serve_page("x://secret", page("naaaaaa1000009", "内网"))
    (tmp_path / "feeds").mkdir()
    private = server.url.replace("127.0.0.1", "127.0.0.2")
    catalogue = CATALOGUE.format(url=server.url).replace("content: entry", "")
    (tmp_path / "feeds" / "hub.yaml").write_text(catalogue, encoding="utf-8")
    server.serve_page("x://sina/finance", b"", Location=f"{private}/secret")
    server.replies["sina/finance"].status = 302

    run = crawl("finance", CATALOGUE_DIR=str(tmp_path / "feeds"), SITE_MIRROR="")

    assert run.returncode == 4
    assert "secret" not in server.asked


def test_a_flash_becomes_a_post_without_a_page(server, crawl):
    flash = {
        "id": 7,
        "rich_text": "【样本】样本公司公告，全年营收<增长>三成。",
        "create_time": "2023-11-15 06:13:20",
        "creator": "somebody@staff.example",
        "ext": json.dumps({"stocks": [{"market": "cn", "symbol": "sh600999"}]}),
    }
    for number, items in ((1, [flash]), (2, [])):
        answer = {"result": {"status": {"code": 0}, "data": {"feed": {"list": items}}}}
        query = f"zhibo_id=152&id=&tag_id=0&page={number}&page_size=30&type=0"
        url = f"https://zhibo.sina.com.cn/api/zhibo/feed?{query}"
        server.serve_page(url, json.dumps(answer))

    run = crawl("finance", "-a", "feeds=live")

    assert run.returncode == 0, run.stderr
    (record,) = crawl.records()
    assert (record["title"], record["symbols"][0]["code"]) == ("样本", "600999")
    assert record["text"] == "样本公司公告，全年营收<增长>三成。"
    assert "@" not in crawl.documents[0].read_text("utf-8")
