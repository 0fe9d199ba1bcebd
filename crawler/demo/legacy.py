"""The articles of the older template, written in gb2312."""

from crawler.demo.story import Case, Story, Template, prose

LEGACY: tuple[Story, ...] = (
    Story(
        id="fxkniqx3691119",
        path="stock/y",
        title="老牌缫丝厂谋转型：机器停了，仓库火了",
        created="2015-11-06 01:00:00",
        feeds=(1693, 2671),
        source="临溪商报",
        editor="梁又青 SF031",
        keywords=("缫丝", "转型"),
        template=Template.LEGACY,
        note=Case.GB2312,
        body=prose(
            """
            在临溪老城西门外，运转了三十七年的青檀缫丝厂停下了最后一台机器。厂长郭守田
            没有遣散工人，而是把四座库房改成了电商仓。

            “蚕茧收购价一年跌了三成，开工就亏。”郭守田说，改造花了四百六十万元，当年租
            金收入就有一百八十万元。

            如今厂里留下的九十名工人，有一多半学会了扫码枪和叉车。当地商务局打算把这个
            办法推广到另外六家停产的老厂。
            """
        ),
    ),
    Story(
        id="fxqswxu0447283",
        path="money/bank/bank_hydt",
        title="县城里的第一家社区银行：柜台只有一米八",
        created="2016-07-19 09:25:00",
        feeds=(1690,),
        source="沄川晚报",
        editor="杜微澜 SF114",
        keywords=("社区银行", "县域"),
        template=Template.LEGACY,
        note=Case.GB2312,
        body=prose(
            """
            柜台只有一米八宽，营业时间却到晚上八点。开业四十天，这家社区银行收到的存款
            超过了六千万元，户均不到三万元。

            负责人阮喆原来是菜市场的管理员，附近摊主她都叫得出名字。有人凌晨进货缺钱，
            一个电话，第二天中午贷款就到账。

            不过，成本同样惊人。按照该行测算，单个网点每年至少需要一亿两千万元存款才能
            保本，而周边三公里只有九千户居民。
            """
        ),
    ),
)
"""The articles of this module; one name needs the wider gbk, as some do."""
