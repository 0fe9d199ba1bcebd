"""What a run was given: checked, and shown without secrets."""

import pytest

from crawler.core.errors import OptionError
from crawler.core.options import SET, check_values, disclose

DEFAULTS = {
    "DOWNLOAD_DELAY": 1.0,
    "CONCURRENT_REQUESTS": 16,
    "ROBOTSTXT_OBEY": True,
    "LOG_LEVEL": "INFO",
    "SITE_MIRROR": "",
    "POST_BODY": "document",
    "ALERT_PASSWORD": "",
    "DEFAULT_REQUEST_HEADERS": {},
}

REFUSED = {
    "a word for a number": ("DOWNLOAD_DELAY", "fast"),
    "nothing for a number": ("CONCURRENT_REQUESTS", ""),
    "a word for a switch": ("ROBOTSTXT_OBEY", "maybe"),
    "a level nobody knows": ("LOG_LEVEL", "info"),
}


@pytest.mark.parametrize(("name", "text"), REFUSED.values(), ids=REFUSED)
def test_a_value_of_the_wrong_kind_is_refused_by_name(name, text):
    with pytest.raises(OptionError, match=f"^{name}={text}: "):
        check_values({name: text}, DEFAULTS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DOWNLOAD_DELAY", "0.25"),
        ("CONCURRENT_REQUESTS", "8"),
        ("ROBOTSTXT_OBEY", "False"),
        ("LOG_LEVEL", "DEBUG"),
        ("POST_BODY", "anything: its own check says more"),
        ("UNKNOWN", "x"),
    ],
)
def test_other_values_pass(name, text):
    check_values({name: text}, DEFAULTS)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SITE_MIRRORR", "SITE_MIRROR"),
        ("POST_BOD", "POST_BODY"),
        ("ALERT_PASSWROD", "ALERT_PASSWORD"),
    ],
)
def test_a_misspelt_name_is_told_without_its_value(name, meant):
    with pytest.raises(OptionError, match=f"did you mean {meant}") as caught:
        check_values({name: "hush"}, DEFAULTS)
    assert "hush" not in str(caught.value)


SHOWN = {
    "as by default": ({"DOWNLOAD_DELAY": "1.0", "POST_BODY": "document"}, {}),
    "changed": ({"DOWNLOAD_DELAY": "2"}, {"DOWNLOAD_DELAY": "2"}),
    "a password": ({"ALERT_PASSWORD": "hush"}, {"ALERT_PASSWORD": SET}),
    "headers": (
        {"DEFAULT_REQUEST_HEADERS": {"Authorization": "hush"}},
        {"DEFAULT_REQUEST_HEADERS": SET},
    ),
    "of another program": ({"OTHER": "hush"}, {"OTHER": SET}),
    "a user in an address": (
        {"SITE_MIRROR": "http://me:hush@a.cn/"},
        {"SITE_MIRROR": SET},
    ),
    "a key in an address": (
        {"SITE_MIRROR": "http://a.cn/?key=hush"},
        {"SITE_MIRROR": SET},
    ),
    "a broken address": ({"SITE_MIRROR": "http://[hush"}, {"SITE_MIRROR": SET}),
    "an address": (
        {"SITE_MIRROR": "http://a.cn/b"},
        {"SITE_MIRROR": "http://a.cn/b"},
    ),
}


@pytest.mark.parametrize(("given", "shown"), SHOWN.values(), ids=SHOWN)
def test_what_differs_is_shown_and_no_secret(given, shown):
    assert disclose(given, DEFAULTS) == shown


def test_a_long_value_is_cut():
    assert len(disclose({"POST_BODY": "甲" * 1000}, DEFAULTS)["POST_BODY"]) == 301
