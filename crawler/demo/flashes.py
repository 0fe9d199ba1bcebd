"""The flashes of the 7x24 live feed."""

from dataclasses import dataclass, replace
from datetime import timedelta

from crawler.demo.story import Story, Symbol, moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """A flash: one text, with a headline in ``【】`` or without."""

    number: int
    """Its id in the live feed."""
    id: str
    """The document id of its page."""
    created: str
    """``YYYY-MM-DD HH:MM:SS``, Beijing time."""
    text: str
    tags: tuple[tuple[str, str], ...] = ()
    """Pairs of tag id and name."""
    symbols: tuple[Symbol, ...] = ()
    since: int = 1
    """The first poll at which it is there."""

    def later(self, by: timedelta) -> "Flash":
        """Return the flash with its time moved."""
        return replace(self, created=moved(self.created, by))

    @property
    def headline(self) -> str:
        """What stands in ``【】``, else the first sentence."""
        if self.text.startswith("【"):
            return self.text[1:].partition("】")[0]
        return self.text.partition("。")[0]

    @property
    def story(self) -> Story:
        """The flash as an article, which is what its page shows."""
        return Story(
            id=self.id,
            path="7x24",
            title=self.headline,
            created=self.created,
            symbols=self.symbols,
            since=self.since,
            body=(self.text.partition("】")[2] or self.text,),
        )


_MACRO, _COMPANY, _DATA, _MARKET, _BANK, _ASHARES, _WORLD = (
    ("1", "宏观"),
    ("3", "公司"),
    ("4", "数据"),
    ("5", "市场"),
    ("7", "央行"),
    ("10", "A股"),
    ("102", "国际"),
)

FLASHES: tuple[Flash, ...] = (
    Flash(
        number=4500101,
        id="nkqtzaa1000101",
        created="2026-11-20 09:30:05",
        text="【三大股指小幅高开 锂电隔膜板块领涨】三大股指集体小幅高开，"
        "锂电隔膜板块领涨，澜渡新材涨逾4%。（示例财经）",
        tags=(_MARKET, _ASHARES),
        symbols=(Symbol(market="sh", code="609027", name="澜渡新材"),),
    ),
    Flash(
        number=4500102,
        id="nkqtzab1000102",
        created="2026-11-20 10:02:41",
        text="印度靛青航空<INGL.NS>股价盘初跌近6%，该公司宣布取消下周的"
        "一百四十个航班。飞行员排班新规将于12月生效。",
        tags=(_COMPANY, _WORLD),
    ),
    Flash(
        number=4500103,
        id="nkqtzac1000103",
        created="2026-11-20 11:15:30",
        text="【云泽省前十个月进出口增长7.3%】云泽省海关20日公布，"
        "前十个月全省进出口总值2716亿元，同比增长7.3%，其中农机出口翻番。",
        tags=(_MACRO, _DATA),
    ),
    Flash(
        number=4500104,
        id="nkqtzad1000104",
        created="2026-11-20 12:40:12",
        text="【关于印发<冷链物流服务规范>的通知发布】主管部门印发"
        "<冷链物流服务规范>，明确断链赔付责任。\n规范自明年3月1日起施行。",
        tags=(_MACRO,),
    ),
    Flash(
        number=4500105,
        id="nkqtzae1000105",
        created="2026-11-20 13:58:47",
        text="【白榆航空：10月货邮周转量同比增长31%】白榆航空公告，"
        "10月货邮周转量同比增长31%，客座率为82.4%。",
        tags=(_COMPANY, _ASHARES),
        symbols=(Symbol(market="sh", code="609158", name="白榆航空"),),
    ),
    Flash(
        number=4500106,
        id="nkqtzaf1000106",
        created="2026-11-20 15:00:09",
        text="【收评：两市成交9120亿元 上涨个股逾三千家】两市全天成交9120亿元，"
        "较上日放量210亿元，上涨个股超过三千家，白酒与券商跌幅居前。",
        tags=(_MARKET, _ASHARES),
    ),
    Flash(
        number=4500107,
        id="nkqtzag1000107",
        created="2026-11-20 16:31:55",
        text="【科洛尼亚10月失业率降至3.6%】科洛尼亚10月失业率3.6%，"
        "预期3.8%，前值3.9%。（环海通讯） 详见 http://t.cn/A6demo01",
        tags=(_DATA, _WORLD),
    ),
    Flash(
        number=4500108,
        id="nkqtzah1000108",
        created="2026-11-20 17:45:33",
        text="【远浦物流澄清：未丢失全部生鲜订单】远浦物流晚间澄清，"
        "转出的订单仅涉及两个城市，其余合同照常履行。",
        tags=(_COMPANY,),
        symbols=(Symbol(market="hk", code="09882", name="远浦物流"),),
    ),
    Flash(
        number=4500109,
        id="nkqwzai1000109",
        created="2026-11-20 18:11:02",
        text="【科洛尼亚央行维持基准利率不变】科洛尼亚央行维持基准利率在4.25%，"
        "此前市场预期下调25个基点。",
        tags=(_BANK, _WORLD),
        since=2,
    ),
)
"""Every flash of the sample, the oldest first."""
