"""Stories as feed answers: the roll API, the 7x24 API and an RSS feed.

Everything is a function of its arguments: the same poll, parameters and ``by``, by
which all times are moved, give the same bytes.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from typing import Any, TypeVar

from crawler.demo.flashes import FLASHES, Flash
from crawler.demo.pages import body, mobile_url
from crawler.demo.stories import FEEDS, NOT_MOVED, listed, syndicated
from crawler.demo.story import BEIJING, NEWS_HOST, Picture, Story

Parameters = Mapping[str, str]
"""The query of a request, each name once."""

CLOCK = {
    1: datetime(2026, 11, 20, 18, 0, tzinfo=BEIJING),
    2: datetime(2026, 11, 20, 18, 30, tzinfo=BEIJING),
}
"""What the sample's clock says at each poll; nothing listed is younger."""

Item = TypeVar("Item")

_CALLBACK = re.compile(r"[A-Za-z_$][\w$.]*", re.ASCII)
_SIZE = re.compile(r"/w(\d+)h(\d+)/")


def roll(parameters: Parameters, poll: int, by: timedelta = NOT_MOVED) -> bytes:
    """Return the roll API's answer: ``num`` items of ``page`` of a list.

    ``etime`` and ``stime`` are the bounds of a day, as at Sina the wrong way round by
    name. A page past the end has no data and status 0; a pair of ``pageid`` and ``lid``
    that is no feed has a status that is not 0.
    """
    lid = _number(parameters, "lid", 0)
    known = (_number(parameters, "pageid", 0), lid)
    if known not in {(feed.pageid, feed.lid) for feed in FEEDS}:
        failure = {"status": {"code": 1, "msg": "param error"}, "data": []}
        return _json({"result": failure}, parameters)
    everything = _within_day(listed(lid, poll, by), parameters)
    stories = _slice(everything, parameters, "num", 50)
    clock = CLOCK[poll] + by
    result = {
        "status": {"code": 0, "msg": "succ"},
        "timestamp": _timestamp(clock),
        "total": len(everything),
        "lid": lid,
        "rtime": int(clock.timestamp()),
        "start": _seconds(stories[0]) if stories else 0,
        "end": _seconds(stories[-1]) if stories else 0,
        "data": [_roll_item(story, by) for story in stories],
    }
    return _json({"result": result}, parameters)


def _within_day(stories: Sequence[Story], parameters: Parameters) -> Sequence[Story]:
    """Keep what lies in the day that ``etime`` and ``stime`` name, if they do."""
    start, end = _number(parameters, "etime", 0), _number(parameters, "stime", 0)
    if not end:
        return stories
    return [story for story in stories if start <= _seconds(story) < end]


def live(parameters: Parameters, poll: int, by: timedelta = NOT_MOVED) -> bytes:
    """Return the 7x24 API's answer: ``page_size`` flashes of ``page``, newest first.

    ``tag_id`` other than 0 keeps the flashes that carry the tag.
    """
    tag = parameters.get("tag_id", "0")
    flashes = [
        flash.later(by)
        for flash in reversed(FLASHES)
        if flash.since <= poll and (tag in {"", "0"} or tag in dict(flash.tags))
    ]
    shown = _slice(flashes, parameters, "page_size", 20)
    feed = {
        "list": [_live_item(flash) for flash in shown],
        "html": "",
        "page_info": _page_info(len(flashes), parameters),
        "maxid": max((flash.number for flash in shown), default=0),
        "min_id": min((flash.number for flash in shown), default=0),
        "survey_id": [],
    }
    result = {
        "status": {"code": 0, "msg": "OK"},
        "timestamp": _timestamp(CLOCK[poll] + by),
        "data": {"zhibo": [], "focus": [], "top": [], "feed": feed},
    }
    return _json({"result": result}, parameters)


def rss(poll: int, by: timedelta = NOT_MOVED) -> bytes:
    """Return the RSS feed: Sina's shape, and whole bodies in ``content:encoded``."""
    items = "\n".join(_rss_item(story) for story in syndicated(poll, by))
    return f"""\
<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel>
<title>{_cdata("财经要闻汇总-新浪财经")}</title>
<link>https://finance.sina.com.cn/</link>
<language>zh-cn</language>
<generator>WWW.SINA.COM.CN</generator>
<pubDate>{_gmt(CLOCK[poll] + by)}</pubDate>
{items}
</channel>
</rss>
""".encode()


def _roll_item(story: Story, by: timedelta) -> dict[str, Any]:
    images = [_image(picture) for picture in story.pictures]
    return {
        "docid": f"comos:{story.id}",
        "oid": f"3-1-{int(story.id[7:])}",
        "lids": ",".join(str(lid) for lid in story.lids),
        "title": story.feed_title or story.title,
        "stitle": "",
        "intro": "",
        "summary": "",
        "wapsummary": "",
        "keywords": ",".join(story.keywords),
        "url": story.url,
        "wapurl": mobile_url(story),
        "urls": json.dumps([story.url]).replace("/", "\\/"),
        "media_name": story.source,
        "author": "0",
        "ctime": str(_seconds(story)),
        "mtime": str(int(story.mtime.timestamp())),
        "intime": str(int(_entered(story, by).timestamp())),
        "img": images[0] if images else [],
        "images": images,
    }


def _entered(story: Story, by: timedelta) -> datetime:
    """Return when an article came into its lists, which may be late."""
    if story.since == 1:
        return story.ctime
    return max(story.ctime, CLOCK[story.since - 1] + by + timedelta(minutes=2))


def _image(picture: Picture) -> dict[str, str | int]:
    url = re.sub(r"^(https?:)?//", "https://", picture.url)
    size = _SIZE.search(url)
    width, height = size.groups() if size else ("550", "366")
    return {"u": url, "w": width, "h": int(height)}


def _live_extra(flash: Flash) -> dict[str, Any]:
    stocks = [
        {
            "market": "cn" if symbol.market in {"sh", "sz"} else symbol.market,
            "symbol": symbol.market + symbol.code,
            "key": symbol.name,
        }
        for symbol in flash.symbols
    ]
    return {
        "stocks": stocks,
        "needPushWB": False,
        "needCMSLink": True,
        "needCalender": False,
        "docurl": flash.story.url,
        "docid": flash.id,
    }


def _live_item(flash: Flash) -> dict[str, Any]:
    return {
        "id": flash.number,
        "zhibo_id": 152,
        "type": 0,
        "rich_text": flash.text,
        "multimedia": "",
        "commentid": f"live:finance-152-{flash.number}:0",
        "compere_id": 0,
        "creator": "someone@staff.example",
        "mender": "someone@staff.example",
        "create_time": flash.created,
        "update_time": flash.created,
        "is_need_check": "0",
        "check_time": "1970-01-01 08:00:01",
        "check_status": "1",
        "check_user": "",
        "is_delete": 0,
        "top_value": 0,
        "is_focus": 0,
        "source_content_id": "",
        "anchor_image_url": "",
        "anchor": "",
        "ext": json.dumps(_live_extra(flash), ensure_ascii=False),
        "old_live_cid": "0",
        "tab": "",
        "is_repeat": "0",
        "tag": [{"id": id_, "name": name} for id_, name in flash.tags],
        "like_nums": 0,
        "comment_list": {
            "list": [],
            "total": 0,
            "thread_show": 0,
            "qreply": 0,
            "qreply_show": 0,
            "show": 0,
        },
        "docurl": mobile_url(flash.story).replace(".cn/", ".cn/7x24/", 1),
        "rich_text_nick_to_url": [],
        "compere_info": "",
    }


def _page_info(total: int, parameters: Parameters) -> dict[str, int | str]:
    size = max(1, _number(parameters, "page_size", 20))
    page = max(1, _number(parameters, "page", 1))
    last = max(1, -(-total // size))
    return {
        "totalPage": last,
        "pageSize": size,
        "prePage": max(1, page - 1),
        "nextPage": min(last, page + 1),
        "firstPage": 1,
        "lastPage": last,
        "totalNum": total,
        "pName": "page",
        "page": page,
    }


def _rss_item(story: Story) -> str:
    link = f"http://go.rss.sina.com.cn/redirect.php?url={story.url}"
    teaser = f"&nbsp;&nbsp;{escape(story.paragraphs[0][:40])}...."
    comments = f"http://{NEWS_HOST}/comment/?newsid=comos-{story.id}"
    return f"""\
<item>
<title>{_cdata(story.title)}</title>
<link>{link}</link>
<author>WWW.SINA.COM.CN</author>
<guid>{link}</guid>
<category>{_cdata("财经要闻")}</category>
<pubDate>{_gmt(story.ctime)}</pubDate>
<comments>{comments}</comments>
<description>{_cdata(teaser)}</description>
<content:encoded>{_cdata(body(story))}</content:encoded>
</item>"""


def _cdata(text: str) -> str:
    """Return a text as Sina's RSS has it: in CDATA, among line ends and tabs."""
    return f"\n\t\t<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>\n\t\t"


def _json(value: dict[str, Any], parameters: Parameters) -> bytes:
    """Return a value as JSON, or as JSONP where a ``callback`` is named."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    callback = parameters.get("callback", "")
    if _CALLBACK.fullmatch(callback):
        text = f"try{{{callback}({text});}}catch(e){{}};"
    return text.encode()


def _slice(
    items: Sequence[Item], parameters: Parameters, size: str, default: int
) -> Sequence[Item]:
    count = max(1, _number(parameters, size, default))
    start = (max(1, _number(parameters, "page", 1)) - 1) * count
    return items[start : start + count]


def _number(parameters: Parameters, name: str, default: int) -> int:
    value = parameters.get(name, "")
    return int(value) if value.isascii() and value.isdigit() else default


def _seconds(story: Story) -> int:
    return int(story.ctime.timestamp())


def _timestamp(moment: datetime) -> str:
    return moment.strftime("%a %b %d %H:%M:%S %z %Y")


def _gmt(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)
