"""Tell what a medium adds to a reprint from the story itself.

Source lines, editor lines, disclaimers and calls to follow an account stand in
paragraphs of their own, or in brackets at the very end. They are known by how they
begin, and only where they are short: a paragraph of the story that begins with
"记者" or "来源" is longer, or goes on otherwise.
"""

from __future__ import annotations

import re

_MAX_LINE = 160

_NOTICE = re.compile(
    r"[\s\u3000（(【\[●■▲*—-]*(?:"
    r"(?:文章|稿件|新闻|信息|图片|数据|内容)?来源(?:于|自)?\s*[：:|/]"
    r"|(?:原标题|原题|责任编辑|责编|编辑|主编|校对|审核|审读|编审|统筹|监制|值班编委|值班编辑"
    r"|作者|记者|文|图|撰文|文字|撰稿|通讯员|实习生|见习记者|本报记者|编译|出品|排版|视觉)\s*[：:|/丨｜]"
    r"|(?:免责声明|郑重声明|特别声明|特别提示|风险提示|风险警示|重要提示|重要声明|版权声明|声明|提示|注)"
    r"\s*[：:]"
    r"|(?:海量资讯|新浪声明|新浪财经声明|以上内容|以上信息|以上观点|本文仅|本文不构成|文中观点|本内容)"
    r"|本文(?:来源|转自|转载|首发|作者|系|为|由)|转载(?:请|自|须)|未经(?:授权|许可|书面|本报|本网)"
    r"|(?:投资有风险|股市有风险|市场有风险|据此操作|入市须谨慎)"
    r"|(?:更多|欢迎|敬请|点击|扫描|扫码|长按|关注|下载|打开|添加).{0,30}"
    r"(?:关注|公众号|二维码|客户端|APP|App|app|链接|查看|阅读|加入|下载)"
    r"|版权(?:所有|归)|(?:新闻|举报|爆料|联系|服务)(?:热线|电话|邮箱)"
    r")"
)
_CLOSING = re.compile(
    r"[\s\u3000]*[（(【\[][^（()）【】\[\]\n]{0,8}"
    r"(?:编辑|责编|记者|作者|来源|校对|转自|完)[^（()）【】\[\]\n]{0,40}[)）】\]][\s\u3000]*$"
)
_LEAD = re.compile(
    r"[\s\u3000]*[（(【\[]?(?:"
    r"(?:[^\s，。、：:,0-9（(【】\[\]]{0,12}"
    r"(?:社|报|网|台|财经|新闻|周刊|快讯|科技|APP|App|AI|汇|金融界|氪|e公司|本刊))"
    r"[^\s，。、：:,0-9（(【】\[\]]{0,6}"
    r"(?:[\s\u3000]?(?:\d{4}年)?\d{1,2}月\d{1,2}日)?(?:[上下中]午)?"
    r"[\s\u3000]?(?:电|讯|消息|报道|获悉|快讯|[丨｜|])"
    r"|(?:本报|本网)?(?:记者|通讯员)[\s\u3000][^。，]{1,20}报道"
    r")[】\])）]?[\s\u3000]*"
    r"(?:[（(][^（）()]{0,4}(?:记者|通讯员|编辑)[^（）()]{0,30}[)）])?[\s\u3000，,：:丨]*"
)


def drop_boilerplate(text: str) -> str:
    """Return a plain text without its source, editor, disclaimer and follow-us lines.

    Args:
        text: one paragraph a line, as a record's ``text``.

    Returns:
        The other paragraphs, unchanged; the text itself where nothing would be left.

    >>> drop_boilerplate("来源：镜湖晚报\\n风筝厂昨日开工。\\n（责任编辑：闻小满）")
    '风筝厂昨日开工。'
    """
    lines = text.split("\n")
    kept = [line for line in lines if len(line) > _MAX_LINE or not _NOTICE.match(line)]
    if kept:
        kept[-1] = _CLOSING.sub("", kept[-1])
    rest = "\n".join(line for line in kept if line)
    return rest or text


def split_lead(text: str) -> tuple[str, str]:
    """Divide a text into the words that say who reports when, and the rest.

    >>> split_lead("财联社3月28日电，风筝厂开工。")
    ('财联社3月28日电，', '风筝厂开工。')
    >>> split_lead("镜湖风筝厂3月28日开工。")
    ('', '镜湖风筝厂3月28日开工。')
    """
    lead = _LEAD.match(text)
    return (lead[0], text[lead.end() :]) if lead else ("", text)
