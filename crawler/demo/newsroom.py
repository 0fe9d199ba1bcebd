"""The articles of the news site, those with pictures, and those of the RSS feed."""

from dataclasses import replace

from crawler.demo.story import (
    NEWS_HOST,
    Case,
    Picture,
    Raw,
    Story,
    Strong,
    Symbol,
    Table,
    Template,
    prose,
)

_NEWS = (
    Story(
        id="nkqpdef3301846",
        path="c",
        title="云泽省首条无人配送专用道开放 限速每小时三十公里",
        created="2026-11-16 20:30:12",
        feeds=(1686,),
        keywords=("无人配送", "云泽"),
        body=(
            Picture(
                url="//n.sinaimg.cn/spider20261116/600/w900h600/20261116/5f1d-demo000101.jpg",
                caption="配送车驶入专用道。",
            ),
            *prose(
                """
                原标题：无人车有了自己的路

                一条两米四宽的绿色车道16日在临溪新区开放，只供无人配送车通行，限速每小
                时三十公里，全长六点八公里。

                车道沿线设有十四处换电点与三处人工接管岗。交警部门说，试运行两个月共发
                生五起剐蹭，责任均不在配送车一方。

                下一步，专用道将接入两所大学和一家医院，药品配送可以做到二十分钟送达。
                """
            ),
        ),
    ),
    Story(
        id="nkqpghk8845190",
        path="c",
        title="一座煤城的第二条命：矿坑里养出了三文鱼",
        created="2026-11-17 11:12:36",
        feeds=(1688, 1686),
        keywords=("资源型城市", "转型"),
        body=(
            *prose(
                """
                榆关市最后一座井工矿关闭六年后，三百米深的矿坑灌满了地下水，水温常年十
                二度，正好养冷水鱼。

                投资这门生意的是七名下岗矿工。他们凑了四百万元，请来水产专家宋知微，头
                两年亏得血本无归，第三年总算出了第一批鱼。
                """
            ),
            Strong("“下井靠胆子，养鱼靠日子”"),
            *prose(
                """
                领头人说，矿工最不缺的是值夜班的本事，溶氧仪凌晨三点报警，谁都爬得起
                来。去年基地产鱼九百吨，产值七千万元。

                当地正在评估另外四座矿坑的水质，其中一座因为重金属超标已被排除。
                """
            ),
        ),
    ),
    Story(
        id="nkqpmnp1190527",
        path="c",
        title="前十个月中小企业发展指数回升 用工预期连续四月改善",
        created="2026-11-18 08:00:01",
        feeds=(1687, 1686),
        keywords=("中小企业", "指数"),
        body=(
            *prose(
                """
                示例研究院18日发布的报告显示，前十个月中小企业发展指数为90.6，比上季度
                回升0.8个点，其中用工预期分项连续四个月改善。

                分行业看，住宿餐饮与社会服务回升最快，建筑业仍在下行。东部、中部与西部
                的差距缩小到两个点以内。

                课题组走访三千家企业后认为，账款拖欠仍是最突出的难题，平均回款周期为一
                百零三天。
                """
            ),
        ),
    ),
    Story(
        id="nkqqrst4462719",
        path="c",
        title="主管部门：明年起快递包装不得使用二次胶带缠绕",
        created="2026-11-19 07:45:55",
        feeds=(1689, 1686),
        keywords=("快递包装", "绿色"),
        body=(
            *prose(
                """
                邮政主管部门19日通报，自明年1月1日起，快递包装不得使用二次胶带缠绕，单
                件胶带用量不得超过箱体周长的一点五倍。

                相关负责人介绍，标准在三个城市试行半年，平均每件少用胶带八十一厘米，破
                损率没有明显变化。

                对拒不执行的网点，将先约谈、后通报，情节严重的暂停新增业务。
                """
            ),
        ),
    ),
    Story(
        id="nkqrzab7753340",
        path="c",
        title="今冬首场寒潮来袭 六省启动蔬菜应急投放",
        created="2026-11-20 07:30:20",
        feeds=(1686, 3231),
        keywords=("寒潮", "保供"),
        body=(
            *prose(
                """
                受寒潮影响，六个省份从20日起投放应急储备蔬菜，首批共计十一万吨，以白
                菜、萝卜和土豆为主，价格低于市场两成。

                气象部门预计，本轮降温将持续到23日，北部局地最低气温零下二十一度，设施
                大棚需要防范积雪压塌。

                各地物流企业在高速服务区设置了一百七十处热饮点，货车司机凭行驶证可以免
                费停靠六小时。

                农技人员提醒，棚内温度低于五度时应当补光增温，但不要连续使用燃油暖风
                机。
                """
            ),
        ),
    ),
)

_PICTURED = (
    Story(
        id="nkqpstu5027461",
        path="stock/usstock/c",
        title="泊岸出行三季度订单创新高 自动驾驶里程破两亿",
        created="2026-11-18 05:40:18",
        feeds=(2672, 2673),
        keywords=("泊岸出行", "财报"),
        symbols=(
            Symbol(market="us", code="BOAN", name="泊岸出行"),
            Symbol(market="us", code="XGLI", name="星砾智能"),
        ),
        note=Case.PICTURES,
        body=(
            Picture(
                url="//n.sinaimg.cn/finance/crawl/116/w550h366/20261118/632d-demo000201.jpg"
            ),
            *prose(
                """
                泊岸出行美股盘前公布三季度业绩：订单数3.94亿单，同比增长26%；营收折
                合11.2亿美元，调整后利润率首次达到两位数。

                公司的自动驾驶车队累计里程突破两亿公里，算力平台由星砾智能提供，双方的
                合作协议续签到2030年。
                """
            ),
            Strong("分项数据"),
            Table(
                (
                    ("项目", "三季度", "去年同期", "增幅"),
                    ("订单（亿单）", "3.94", "3.13", "26%"),
                    ("营收（亿美元）", "11.2", "9.1", "23%"),
                    ("活跃司机（万人）", "208", "187", "11%"),
                )
            ),
            Picture(
                url="https://n.sinaimg.cn/finance/790/w900h690/20261118/9d0a-demo000202.png",
                caption="泊岸出行近八个季度的订单数",
                lazy="data-src",
            ),
            *prose(
                """
                首席财务官邵同舟说，补贴占交易额的比例降到了3.1%，节省下来的钱大部分投
                到了夜间安全与司机保险上。

                公司预计四季度订单在4.05亿到4.15亿单之间，高于分析师平均预期的3.98亿
                单。
                """
            ),
        ),
    ),
    Story(
        id="nkqqvwx2280593",
        path="world",
        title="北方三国联合铺设海底电缆 电价差有望收窄一半",
        created="2026-11-18 23:05:09",
        feeds=(2676,),
        source="环海通讯",
        keywords=("海底电缆", "电价"),
        note=Case.PICTURES,
        body=(
            Picture(
                url="http://n.sinaimg.cn/translate/118/w600h318/20261118/tE6Y-demo000203.jpg",
                caption="铺缆船离港。",
                lazy="data-original",
            ),
            *prose(
                """
                三个北方国家18日同时宣布，联合铺设的海底电缆正式开工，全长四百七十公
                里，输电能力一百四十万千瓦，总造价折合九亿欧元。

                电缆建成后，水电充裕的一方可以在夜间送电，风电充裕的一方在午间回送，批
                发电价的差距有望收窄一半。
                """
            ),
            Picture(
                url="http://k.sinaimg.cn/n/finance/w720h405/20261118/demo000204.jpg/w700d1q75cms.jpg"
            ),
            *prose(
                """
                渔民组织对施工噪声表示担忧。开发商承诺在产卵季停工七周，并设立两千万欧
                元的补偿基金。

                工程计划在2029年春天通电，运维中心设在其中最小的一个国家。
                """
            ),
        ),
    ),
    Story(
        id="nkqruvw9938205",
        path="stock/quanshang",
        title="券商分支机构“退街上楼”：一年裁撤九十七家临街营业部",
        created="2026-11-19 10:20:42",
        feeds=(1746,),
        keywords=("券商", "营业部"),
        note=Case.PICTURES,
        body=(
            *prose(
                """
                临街营业部正在变少。记者根据公开批复统计，今年以来十八家券商裁撤临街网
                点九十七家，另有六十一家搬进了写字楼的高层。

                原因不难理解：一楼的租金是十楼的三倍，而来现场办理业务的客户九成已经超
                过六十岁。
                """
            ),
            Raw(
                '<p cms-style="font-L">　　也有人反其道而行。<font cms-style="font-L '
                'strong-Bold color210">北屿证券在县城菜场旁边开了二十家“小店”</font>，'
                "每家两个人，只做开户和讲课。</p>"
            ),
            *prose(
                """
                一位营业部负责人说，大厅里的行情屏幕去年就关了，省下的电费正好够请一个
                兼职的银发讲师。
                """
            ),
        ),
    ),
)

_FULL_BODY = (
    Story(
        id="nkqpxyz6107733",
        path="tech/it",
        title="澄州超算中心上线绿色调度：算力跟着风走",
        created="2026-11-17 18:22:05",
        in_rss=True,
        keywords=("算力",),
        note=Case.FULL_BODY,
        body=prose(
            """
            澄州超算中心17日启用绿色调度系统，把不急的计算任务挪到风电充足的夜里，预计
            全年少用电三千一百万度。

            系统按照每十五分钟一次的风电预报排队，用户可以选择“今晚之前”“三天之内”等档
            位，最便宜的一档价格只有即时算力的四成。

            首批试用的是气象、制药与动画渲染三类用户。
            """
        ),
    ),
    Story(
        id="nkqqklm8824016",
        path="tech/it",
        title="二手手机检测机器人进社区：四分钟出报告",
        created="2026-11-18 12:36:50",
        in_rss=True,
        keywords=("二手手机",),
        note=Case.FULL_BODY,
        body=(
            Picture(
                url="//n.sinaimg.cn/tech/crawl/200/w640h360/20261118/77aa-demo000301.jpg",
                caption="检测机器人的机械臂。",
            ),
            *prose(
                """
                把旧手机放进舱门，四分钟后打印出一份三十六项的检测报告，价格与维修记录
                一目了然。这样的机器人已经走进二百个社区。

                开发团队说，最难的是识别换过的屏幕，他们为此拍了八十万张照片做训练。

                每台机器的造价不到两万元，检测一次收费九块九，若当场卖出则免收。
                """
            ),
        ),
    ),
    Story(
        id="nkqrnpq3579248",
        path="tech/internet",
        title="地方戏剧院线上票房首超线下 A&B两种票价并行",
        created="2026-11-19 20:15:33",
        in_rss=True,
        keywords=("戏剧", "票房"),
        note=Case.FULL_BODY,
        body=prose(
            """
            云泽省梆子剧院的线上票房首次超过线下。剧院推出A、B两种票：A票三元看单机
            位，B票十八元可以切换五个机位并与演员连线。

            院长戚怀玉说，线上观众平均年龄三十一岁，比剧场里年轻了近三十岁，其中两成后
            来买了现场票。

            剧院打算把票房分成的一部分存入青年演员基金。
            """
        ),
    ),
)

NEWSROOM: tuple[Story, ...] = (
    *(
        replace(
            story,
            source="示例新闻网",
            editor="祝南星",
            host=NEWS_HOST,
            template=Template.NEWS,
            note=Case.NEWS,
        )
        for story in _NEWS
    ),
    *_PICTURED,
    *_FULL_BODY,
)
"""The articles of this module."""
