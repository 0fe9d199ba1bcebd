"""The invented companies and the kinds of story told about them."""

from dataclasses import dataclass

from crawler.demo.story import Symbol, prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of story: where it is filed, and its frame."""

    path: str
    feeds: tuple[int, ...]
    title: str
    frame: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """An invented company."""

    name: str
    city: str
    chief: str
    symbol: Symbol | None = None


def _company(
    name: str, city: str, chief: str, market: str = "", code: str = ""
) -> Company:
    symbol = Symbol(market=market, code=code, name=name) if market else None
    return Company(name=name, city=city, chief=chief, symbol=symbol)


COMPANIES: dict[str, Company] = {
    company.name: company
    for company in (
        _company("砚山湖药业", "砚山", "温如许", "sh", "609315"),
        _company("南垣建工", "南垣", "向北辰", "sz", "009536"),
        _company("青檀酒业", "临溪", "鲁长庚", "sh", "609577"),
        _company("澄沙光电", "澄州", "秦暮云", "sz", "009612"),
        _company("禾木机器人", "榆关", "柏思齐"),
        _company("汀兰生物", "澄州", "姚静好"),
        _company("蓝桅海事", "榆关", "骆一帆"),
        _company("远浦物流", "澄州", "岑夏", "hk", "09882"),
        _company("松果文娱", "临溪", "贺兰庭", "hk", "09893"),
        _company("鲸落游戏", "澄州", "简安", "hk", "09904"),
        _company("星砾智能", "澄州", "钟离", "us", "XGLI"),
        _company("稻香网", "南垣", "阮星河", "us", "DXNG"),
        _company("溯源电池", "榆关", "狄秋", "us", "SYBT"),
        _company("砚山农商行", "砚山", "伍德昭"),
        _company("临溪信用联社", "临溪", "车映雪"),
        _company("南垣村镇银行", "南垣", "卓不群"),
        _company("拾光乳业", "临溪", "殷照晚", "sz", "009748"),
    )
}

KINDS: dict[str, Kind] = {
    "results": Kind(
        path="chanjing/gsnews",
        feeds=(1693, 1694),
        title="{name}前三季度营收{0}亿元 {1}成最大变量",
        frame=prose(
            """
            {name}披露的三季度报告显示，前三季度营业收入{0}亿元，同比变动{2}，其
            中{1}一项的影响最为明显。

            公司管理层在{city}的业绩说明会上回答了{3}个问题，掌门人{chief}把全年目标定
            为{4}。
            """
        ),
    ),
    "rating": Kind(
        path="stock/marketresearch",
        feeds=(2675,),
        title="研报精读：首予{name}“{0}”评级 目标价{1}元",
        frame=prose(
            """
            一份覆盖{name}的首次评级报告给出“{0}”，目标价{1}元，对应明年{2}倍市盈率。
            报告的核心判断是：{3}。

            风险提示部分列出了{4}。
            """
        ),
    ),
    "holders": Kind(
        path="stock/relnews/cn",
        feeds=(2671,),
        title="{name}：{0}拟{1}不超过{2}的股份",
        frame=prose(
            """
            {name}公告称，{0}计划自公告之日起十五个交易日后的{3}内，{1}不超过公司总股
            本{2}的股份。

            按最新收盘价{4}元计算，涉及市值可观。公司称控制权不会因此变化。
            """
        ),
    ),
    "listing": Kind(
        path="stock/newstock",
        feeds=(1789,),
        title="新股观察｜{name}冲刺上市：拟募资{0}亿元投向{1}",
        frame=prose(
            """
            总部位于{city}的{name}更新招股书，拟募资{0}亿元，主要投向{1}。公司创始
            人{chief}直接持股{2}。

            报告期内毛利率分别为{3}，发审问询集中在{4}。
            """
        ),
    ),
    "hongkong": Kind(
        path="stock/hkstock/ggscyd",
        feeds=(2674,),
        title="港股异动：{name}{0} 成交{1}港元",
        frame=prose(
            """
            {name}盘中{0}，截至发稿报{2}港元，成交{1}港元。消息面上，{3}。

            沽空数据显示，该股前一日沽空占比为{4}。
            """
        ),
    ),
    "wallstreet": Kind(
        path="stock/usstock/c",
        feeds=(2672, 2673),
        title="美股盘前：{name}{0} 因{1}",
        frame=prose(
            """
            {name}美股盘前{0}，报{2}美元。触发行情的是{1}。

            该公司下一份财报定于{3}公布，市场预期每股收益{4}美元。
            """
        ),
    ),
    "lending": Kind(
        path="money/bank/dfdt",
        feeds=(1690, 1688),
        title="{name}推出“{0}” 户均{1}万元",
        frame=prose(
            """
            {name}近日在{city}推出名为“{0}”的贷款，户均授信{1}万元，年化利率{2}，最
            快{3}到账。

            负责人{chief}说，截至上月底该产品余额{4}亿元。
            """
        ),
    ),
    "consume": Kind(
        path="consume/xfsh",
        feeds=(1703, 1695),
        title="{0}卖到{1}一份，{name}们赚的是谁的钱？",
        frame=prose(
            """
            一份{0}卖到{1}，在{city}的商圈里仍要排队{2}。站在这门生意背后的，是包
            括{name}在内的{3}。

            业内测算的单店回本周期为{4}。
            """
        ),
    ),
}
