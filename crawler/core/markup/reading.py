"""Make the reading version of a body: the site's junk out, structure kept.

The junk is data: selectors seen in real pages of 2005 to 2026 and in the filters of
several other crawlers. A selector matches whole class names or Sina's own prefixes,
because one like ``[class*=ad]`` would also take ``lead`` and ``shadow``.
"""

from __future__ import annotations

import html as html_entities
import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.core.markup.safety import escape_for_generator, sanitise_reading

JUNK = (
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
    ".ecode_weixin",
    ".wx-qr",
    ".weibo_info",
    ".look_sub",
    ".j_article_wbreco",
    ".blk-wxfollow",
    '[data-sudaclick="suda_1028_guba"]',
    ".live-finance-banner-wrap",
    # advertisement
    "#left_hzh_ad",
    'div[id^="ad_"]',
    "ins.sinaads",
    ".otherContent_01",
    # quotes and charts that a script fills
    'span[id^="quote_"]',
    ".ct_hqimg",
    ".hqimg_wrapper",
    ".hqimg_related",
    # lead boxes
    ".new_style_article",
    ".tech-quotation",
    # related links, comments, notices
    ".corrTxt_01",
    ".blkComment",
    "#relatedNewsWrap",
    'div[id^="PublicRelation"]',
    ".article-notice",
    ".wap_special",
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
_BOLD = re.compile(r"strong-bold|^\s*bold", re.IGNORECASE)
_DISCLAIMER = re.compile(r"^\s*(?:免责声明|新浪声明|特别声明)[：:]")
_BLANK = re.compile(r"^[\s\u200b\ufeff]*$")


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of an article's body."""

    url: str
    """Its https address."""

    caption: str = ""
    """What stands below it, else its ``alt`` text."""


def read_body(document: str) -> tuple[str, str, tuple[Image, ...]]:
    """Make the reading HTML, the text and the images of a document body.

    Args:
        document: a body that has already been made safe.

    Returns:
        The reading HTML, the plain text (one paragraph a line, cells of a table row
        parted by tabs, captions left out) and the images in order.
    """
    tree = LexborHTMLParser(document, is_fragment=True)
    for node in tree.css(",".join(JUNK)):
        node.decompose()
    _drop_disclaimers(tree)
    for font in tree.css(
        'font[cms-style*="strong-Bold"], span[cms-style*="strong-Bold"]'
    ):
        _rename(tree, font, "strong")
    images = tuple(_make_figure(tree, image) for image in tree.css("img"))
    _drop_blank(tree)
    html = sanitise_reading(tree.html or "")
    clean = escape_for_generator(re.sub(r"\s*\n\s*", "\n", html).strip())
    return clean, plain_text(clean), images


def plain_text(clean: str) -> str:
    """Read the text of a reading version, one paragraph a line.

    >>> plain_text("<p>　　甲</p><p>乙<br>丙</p>")
    '甲\\n乙\\n丙'
    """
    text = _FIGCAPTION.sub("", clean).replace("\n", " ")
    text = _BLOCK.sub("\n", _CELL_END.sub("\t", text))
    text = html_entities.unescape(_ANY_TAG.sub("", text))
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _drop_disclaimers(tree: LexborHTMLParser) -> None:
    for span in tree.css('[style*="KaiTi"]'):
        if _DISCLAIMER.match(span.text()):
            span.decompose()


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
    caption = (image.attributes.get("alt") or "").strip()
    wrapper = image.parent
    if wrapper is None or "img_wrapper" not in (wrapper.attributes.get("class") or ""):
        return Image(url, caption)
    description = wrapper.css_first(".img_descr")
    written = description.text().strip() if description else ""
    if description:
        description.decompose()
    if written:
        below = tree.create_node("figcaption")
        below.insert_child(written)
        wrapper.insert_child(below)
    _rename(tree, wrapper, "figure")
    return Image(url, written or caption)


def _drop_blank(tree: LexborHTMLParser) -> None:
    for node in tree.css("p, span, strong, font, div, section, blockquote"):
        if _BLANK.match(node.text()) and not node.css_first("img, br, hr, table"):
            node.decompose()
