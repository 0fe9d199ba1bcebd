"""Every template reads its golden page: invented texts in the layout's real markup."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from crawler.core.extraction import Article, extract_article, find_url
from crawler.core.templates import TEMPLATES

PAGES = Path(__file__).resolve().parents[1] / "data" / "templates"
NAMED = sorted(page.stem for page in PAGES.glob("*.html"))
NO_ADDRESS = "https://finance.sina.com.cn/c/20050401/09481500001.shtml"


def read(name):
    body = (PAGES / f"{name}.html").read_bytes()
    return extract_article(body, find_url(body) or NO_ADDRESS)


@pytest.mark.parametrize("name", [name for name in NAMED if name != "generic"])
def test_a_page_gives_the_fields_of_its_golden(name, golden):
    article = read(name)

    assert isinstance(article, Article), article
    fields = asdict(article)
    fields["body"].pop("document")
    fields["findings"] = {f["field"]: f["rule"] for f in fields["findings"]}
    text = json.dumps(fields, ensure_ascii=False, indent=2, sort_keys=True, default=str)
    golden(f"templates/{name}.json", text + "\n")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_every_template_reads_a_golden_page_of_its_own(template):
    article = read(template.name)

    assert isinstance(article, Article)
    assert article.template == template.name


@pytest.mark.parametrize("name", NAMED)
def test_no_page_lets_the_site_or_its_staff_into_the_text(name):
    article = read(name)

    if isinstance(article, Article):
        body = article.body
        for words in ("意见反馈", "二维码", "责任编辑", "staff", "sinaads", "hqimg"):
            assert words not in body.text
            assert words not in body.clean


def test_no_two_templates_share_a_name_or_a_place():
    assert len({template.name for template in TEMPLATES}) == len(TEMPLATES)
    assert len({template.order for template in TEMPLATES}) == len(TEMPLATES)


def test_templates_are_tried_in_their_order():
    orders = [template.order for template in TEMPLATES]

    assert orders == sorted(orders)
