"""Make the reading version of a body: the site's junk out, structure kept.

The junk is data: selectors seen in real pages of 2005 to 2026 and in the filters of
several other crawlers. A selector matches whole class names or Sina's own prefixes,
because one like ``[class*=ad]`` would also take ``lead`` and ``shadow``.
"""

from __future__ import annotations

import html as html_entities
import re
from dataclasses import dataclass
from functools import cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.core.markup.safety import escape_for_generator, sanitise_reading
from crawler.core.markup.tails import drop_pasted_tail
from crawler.core.text import one_line

WIDGETS = (
    # quote charts with their links, the same on every page
    ".ct_hqimg",
    ".hqimg_wrapper",
    ".hqimg_related",
    ".hqimg_client",
    "#finance_quote",
    ".finance_quote",
)
"""The template's own widgets: what they name is not what the article names."""

JUNK = (
    *WIDGETS,
    # promotion: app and account-opening codes, fans' pages, forums
    ".appendQr_wrap",
    ".app-kaihu-qr",
    ".app-qihuo-kaihu-qr",
    "#app-kaihu-stock",
    "[class*=kaihu]",
    ".finance_app_sina",
    ".xb_new_finance_app",
    ".finance_app_zqtg",
    ".finance_lcsds_ds_cls",
    'p[class^="finance_web"]',
    ".fin_art_weixin",
    ".news_weixin_ercode",
    ".ecode_weixin",
    ".wx-qr",
    "#wx_pic",
    ".weibo_info",
    ".look_sub",
    ".j_article_wbreco",
    ".blk-wxfollow",
    '[data-sudaclick="suda_1028_guba"]',
    ".live-finance-banner-wrap",
    ".article-bottom-tg",
    # advertisement
    "#left_hzh_ad",
    'div[id^="ad_"]',
    "ins.sinaads",
    "ins.sinaere",
    ".otherContent_01",
    ".goods-card",
    ".img_ad",
    # quotes that a script fills
    'span[id^="quote_"]',
    # players, whose pictures and titles are those of the videos
    ".artical-player-wrap",
    ".contentPlayer",
    ".blk-video",
    ".vedio-list",
    ".a-p-hd",
    # lead boxes
    ".new_style_article",
    ".tech-quotation",
    # related links, comments, notices, pagers
    ".corrTxt_01",
    ".blkComment",
    ".blk-comment",
    "#relatedNewsWrap",
    ".blk-related",
    'div[id^="PublicRelation"]',
    ".article-notice",
    ".wap_special",
    ".content_label_list",
    ".art_keywords",
    ".article-keywords",
    "p.page",
    ".pagebox",
    # the editor's line
    ".article-editor",
    ".show_author",
    "style",
)
"""What the reading version leaves out, with all it holds."""

_BLOCK = re.compile(
    r"</?(?:p|div|li|ul|ol|h[1-6]|tr|table|thead|tbody|tfoot|caption|blockquote|figure"
    r"|dl|dt|dd|pre|section|article|hr|br|center)\b[^<>]*>"
)
_FIGCAPTION = re.compile(r"<figcaption>.*?</figcaption>", re.DOTALL)
_CELL_END = re.compile(r"</t[dh]>(?=\s*<t[dh])")
_ANY_TAG = re.compile(r"<[^<>]*>")
_SPACES = re.compile(r"[^\S\n\t]+")
_BLANK = re.compile(r"^[\s\u200b\ufeff]*$")
_BOILERPLATE = re.compile(
    r"\s*(?:"
    r"(?:免责声明|新浪声明|特别声明|风险提示|郑重声明)[：:]"
    r".*(?:不代表|仅代表|仅供|登载此文|综合提供|不构成|自行承担|版权)"
    r"|炒股就看金麒麟|海量资讯、精准解读|24小时滚动播报|进入【新浪财经股吧】"
    r"|更多(?:猛料|粉丝福利).{0,20}(?:二维码|关注)|安装新浪财经客户端第一时间"
    r"|[（(]?责任编辑\s*[：:]\s*[^。，]{2,16}$"
    r")",
    re.DOTALL,
)
_NOTICE_LENGTH = 400


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of an article's body."""

    url: str
    """Its https address."""

    caption: str = ""
    """What stands below it, else its ``alt`` text."""


def read_body(
    tree: LexborHTMLParser, junk: tuple[str, ...] = ()
) -> tuple[str, str, tuple[Image, ...]]:
    """Make the reading HTML, the text and the images of a body.

    Args:
        tree: the mended source tree, with the source's classes; used up by this.
        junk: selectors of what this layout has beyond `JUNK`.

    Returns:
        The reading HTML, the plain text (one paragraph a line, cells of a table row
        parted by tabs, captions left out) and the images in order; a video's poster
        stays in the HTML as a link to it, but is no image of the article.
    """
    for node in tree.css(_selector((*JUNK, *junk))):
        node.decompose()
    posters = [_make_poster(tree, box) for box in tree.css(".video-2017, .art_video")]
    drop_pasted_tail(tree)
    for font in tree.css(
        'font[cms-style*="strong-Bold"], span[cms-style*="strong-Bold"]'
    ):
        _rename(tree, font, "strong")
    images = [_make_figure(tree, image) for image in tree.css("img")]
    _drop_empty_and_notices(tree)
    html = sanitise_reading(tree.html or "")
    lines = (line.strip() for line in html.split("\n"))
    clean = escape_for_generator("\n".join(line for line in lines if line))
    pictures = tuple(image for image in images if image.url not in posters)
    return clean, plain_text(clean), pictures


@cache
def _selector(junk: tuple[str, ...]) -> str:
    return ",".join(junk)


def plain_text(clean: str) -> str:
    """Read the text of a reading version, one paragraph a line.

    >>> plain_text("<p>　　甲</p><p>乙<br>丙</p>")
    '甲\\n乙\\n丙'
    """
    text = _FIGCAPTION.sub("", clean).replace("\n", " ")
    text = _BLOCK.sub("\n", _CELL_END.sub("\t", text))
    text = html_entities.unescape(_ANY_TAG.sub("", text))
    lines = _SPACES.sub(" ", text).split("\n")
    return "\n".join(line for raw in lines if (line := raw.strip()))


def _make_poster(tree: LexborHTMLParser, box: LexborNode) -> str:
    # A player is of no use here: its poster, linked to the video's page, is.
    image, link = box.css_first("img[src]"), box.css_first("a[href]")
    links = [a.attributes.get("href") or "" for a in box.css("a[href]")]
    href = next((url for url in links if "video" in url), "")
    if image is None or link is None or not href:
        box.decompose()
        return ""
    url = image.attributes.get("src") or ""
    anchor = tree.create_node("a")
    anchor.attrs["href"] = href
    anchor.insert_child(image)
    figure = tree.create_node("figure")
    figure.insert_child(anchor)
    box.replace_with(figure)
    return url


def _rename(tree: LexborHTMLParser, node: LexborNode, tag: str) -> None:
    twin = tree.create_node(tag)
    child = node.first_child
    while child is not None:
        following = child.next
        twin.insert_child(child)
        child = following
    node.replace_with(twin)


def _make_figure(tree: LexborHTMLParser, image: LexborNode) -> Image:
    url = image.attributes.get("src") or ""
    caption = one_line(image.attributes.get("alt") or "")
    wrapper = image.parent
    if wrapper is None:
        return Image(url, caption)
    if "img_wrapper" in (wrapper.attributes.get("class") or ""):
        written = _take_text(wrapper.css_first(".img_descr"))
        if written:
            _insert_caption(tree, wrapper, written)
        _rename(tree, wrapper, "figure")
        return Image(url, written or caption)
    if wrapper.tag == "center":
        written = _take_text(_small_print_below(wrapper))
        if written:
            _insert_caption(tree, wrapper, written)
            _rename(tree, wrapper, "figure")
        return Image(url, written or caption)
    return Image(url, caption)


def _take_text(node: LexborNode | None) -> str:
    if node is None:
        return ""
    text = one_line(node.text())
    node.decompose()
    return text


def _insert_caption(tree: LexborHTMLParser, wrapper: LexborNode, text: str) -> None:
    below = tree.create_node("figcaption")
    below.insert_child(text)
    wrapper.insert_child(below)


def _small_print_below(wrapper: LexborNode) -> LexborNode | None:
    # The old layouts centre a picture, and below it its caption in 12 px.
    node = wrapper.next
    while node is not None and (node.tag == "br" or not node.text().strip()):
        node = node.next
    if node is None or node.tag != "center" or node.css_first("img"):
        return None
    small = node.css_first('font[style*="12px"], font[size="2"], [style*="12px"]')
    return node if small is not None else None


def _drop_empty_and_notices(tree: LexborHTMLParser) -> None:
    for node in tree.css("p, span, strong, font, div, section, blockquote"):
        text = node.text()
        if _BLANK.match(text):
            kept = "img, br, hr, table"
        elif len(text) <= _NOTICE_LENGTH and _BOILERPLATE.match(text):
            kept = "img, table"
        else:
            continue
        if not node.css_first(kept):
            node.decompose()
