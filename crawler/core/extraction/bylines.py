"""Find who wrote an article where only its text says so.

Sina's pages seldom have a place for the author; the desks' texts have:
``（记者 某某）`` after the dateline, ``(某某)`` after the last sentence,
``文/某某`` above the first. Only these forms count, and a bare name in brackets only
when it begins with a known surname: no author is better than a wrong one.
"""

from __future__ import annotations

import re
from functools import cache

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于"
    "蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛"
    "闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞"
    "颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂"
    "成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪"
    "简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇"
    "栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储"
    "原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆"
    "巴丰支卿国狄平计索宣晋相初门云容敬来"
)
_NAME = r"[\u4e00-\u9fa5](?:[ \u3000]?[\u4e00-\u9fa5]){1,3}"
_NAMES = rf"({_NAME}(?:[ \u3000、，,]+{_NAME}){{0,2}})"
# Each form with a word that it cannot do without.
_FORMS = (
    ("记者", rf"[（(][^（）()。]{{0,8}}?记者[\s:：]*{_NAMES}\s*[）)]"),
    ("通讯员", rf"[（(][^（）()。]{{0,8}}?通讯员[\s:：]*{_NAMES}\s*[）)]"),
    ("电", rf"[电讯][（(]{_NAMES}[）)]"),
    ("文", rf"^文\s*[/／丨|]\s*{_NAMES}$"),
    (
        "撰稿",
        r"^.{0,24}撰稿[/／丨|\s]*(?:\S{0,6}记者)?\s*([\u4e00-\u9fa5]{2,4}?)(?=\s|摄影|编辑|$)",
    ),
)
_BARE_AT_END = rf"[。！？”][（(]{_NAMES}[）)]$"
_SEPARATORS = re.compile(r"[ \u3000、，,]+")


@cache
def _compiled(form: str) -> re.Pattern[str]:
    # These take long to compile, and most commands read no page.
    return re.compile(form, re.MULTILINE)


def find_byline(text: str) -> str:
    """Return the author's name, several parted by a space, or ``""``.

    >>> find_byline("临溪11月2日电（记者 闻小满）今天，")
    '闻小满'
    >>> find_byline("开盘价为三元。(完)")
    ''
    """
    if "（" not in text and "(" not in text and "文" not in text and "撰" not in text:
        return ""
    for word, form in _FORMS:
        match = _compiled(form).search(text) if word in text else None
        if match:
            return _joined(match[1])
    for match in _compiled(_BARE_AT_END).finditer(text):
        names = _joined(match[1]).split(" ")
        if all(name[0] in _SURNAMES and len(name) <= 3 for name in names):
            return " ".join(names)
    return ""


def _joined(names: str) -> str:
    # A name of two letters is often set with a space between them: 吴 浩.
    found: list[str] = []
    for part in _SEPARATORS.split(names.strip()):
        if found and len(part) == 1 and len(found[-1]) == 1:
            found[-1] += part
        else:
            found.append(part)
    return " ".join(found)
