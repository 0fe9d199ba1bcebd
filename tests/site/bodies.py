"""Bodies that try to run a script, to break the generator or to leave their place.

In each, ``@@`` stands for the script that says it has run. They are this project's
own: built from the rules of HTML, of the generator's template language and of what
generators, themes and their scripts do to a finished page with regular expressions.
"""

from itertools import product
from random import Random

from tests.site.payloads import LINKS

_WRAPPED = (
    "<script>@@</script>",
    "<scr<script>ipt>@@</scr</script>ipt>",
    "<script>@@",
    "<script src=//evil.example/x.js></script>",
    "<script type=module>@@</script>",
    '<script type="text/x-template">{{ @@ }}</script>',
    "<img src=x onerror=@@>",
    "<img src=x onerror='@@'//",
    "<img/src=x/onerror=@@>",
    '<img src="x" title="a"onerror="@@">',
    "<img src=//evil.example/a.png onload=@@ onerror=@@>",
    "<video><source onerror=@@></video>",
    "<audio src=x onerror=@@>",
    "<svg onload=@@>",
    "<svg><script>@@</script></svg>",
    "<svg><animate onbegin=@@ attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:@@'><text y=9>甲</text></a></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=@@ />#x'/></svg>",
    "<svg><foreignObject><body onload=@@></foreignObject></svg>",
    "<math><maction actiontype='statusline#' xlink:href='javascript:@@'>甲</maction>",
    "<iframe src='javascript:@@'></iframe>",
    "<iframe srcdoc='&lt;script&gt;parent.@@&lt;/script&gt;'></iframe>",
    "<object data='javascript:@@'></object>",
    "<embed src='javascript:@@'>",
    "<body onload=@@>",
    "<details open ontoggle=@@>甲</details>",
    "<input autofocus onfocus=@@>",
    "<select autofocus onfocus=@@></select>",
    "<textarea autofocus onfocus=@@></textarea>",
    "<a tabindex=0 autofocus onfocus=@@ href=#>甲</a>",
    "<p contenteditable tabindex=0 autofocus onfocus=@@>甲</p>",
    "<marquee onstart=@@>甲</marquee>",
    "<style>@keyframes x{}</style><p style='animation:x 1s' onanimationstart=@@>",
    "<p style='background:url(javascript:@@)'>甲</p>",
    "<link rel=stylesheet href='//evil.example/x.css' onload=@@ onerror=@@>",
    "<meta http-equiv=refresh content='0;url=javascript:@@'>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<base href=//evil.example/>",
    "<form action='javascript:@@'><button autofocus onfocus=@@>甲</button></form>",
    "<isindex action='javascript:@@' type=image>",
    "<template><script>@@</script></template>",
    "<xss onpointerover=@@ style=position:fixed;inset:0>甲</xss>",
    "<custom-tag is=x onclick=@@>甲</custom-tag>",
    "<dialog open onclose=@@>甲</dialog>",
    "<portal src='javascript:@@'>",
    "<hexoPostRenderCodeBlock><img src=x onerror=@@></hexoPostRenderCodeBlock>",
    "<hexoPostRenderEscape><img src=x onerror=@@></hexoPostRenderEscape>",
)

_CONTEXTS = (
    "<svg><style>{}</style></svg>",
    "<svg><desc>{}</desc></svg>",
    "<svg><title>{}</title></svg>",
    "<math><mtext>{}</mtext></math>",
    "<math><mtext><table><mglyph><style><!--</style>{}</table></mtext></math>",
    "<math><mtext><mglyph><svg><mtext><style><path id='</style>{}'>",
    "<math><annotation-xml encoding='text/html'>{}</annotation-xml></math>",
    "<svg></p><style><a id='</style>{}'>",
    "<form><math><mtext></form><form><mglyph><style></math>{}",
    "<noscript><p title='</noscript>{}'>",
    "<textarea></textarea x>{}</textarea>",
    "<title></title>{}",
    "<xmp></xmp>{}<xmp>",
    "<noembed></noembed>{}",
    "<plaintext>{}",
    "<select><option>{}",
    "<table><tr><td><select>{}</table>",
    "<table>{}<tr><td>甲</table>",
    "<a href='https://x.cn/'><table>{}</a></table>",
    "<p><marquee><p>{}</marquee>",
    "<!--{}-->",
    "<!-->{}-->",
    "<!--->{}-->",
    "<!--a--!>{}-->",
    "<![CDATA[{}]]>",
    "<?php {} ?>",
    "<!DOCTYPE x [<!ENTITY y '{}'>]>",
    "</p {}>",
    "<div><a><b></div>{}</b></a></div></div></article>",
    "<style>.a{{color:red}}</style{}>",
)
_INNER = ("<img src=x onerror=@@>", "<svg onload=@@></svg>", "<script>@@</script>")

_ATTRIBUTES = (
    "title",
    "class",
    "id",
    "style",
    "cms-style",
    "align",
    "data-link",
    "alt",
)
_SMUGGLED = (
    "href=x onfocus=@@ autofocus tabindex=1 x=",
    "甲 href=&quot;x&quot; onfocus=@@ autofocus tabindex=1",
    "rel='a' onfocus=@@ autofocus tabindex=1 x=",
    "rel=&quot;a&quot; onfocus=@@ autofocus tabindex=1 x=",
    "target= rel= href= onfocus=@@ autofocus tabindex=1 x=",
    "甲 src=",
    "甲 class=",
    "onerror=@@ onfocus=@@ autofocus tabindex=1 src=",
    " onerror=@@ class= onfocus=@@ autofocus tabindex=1 ",
    "$&#39;",
    "&#96;onerror=@@ $&#96;",
    "$&amp; onfocus=@@ $$ $1",
    "https://n.sinaimg.cn/a.png",
    "&lt;img src=x onerror=@@&gt;",
    "&amp;lt;img src=x onerror=@@&amp;gt;",
    "&quot; onerror=@@ onfocus=@@ autofocus tabindex=1 x=&quot;",
    "&#39; onerror=@@ onfocus=@@ autofocus tabindex=1 x=&#39;",
    "&quot;&gt;&lt;img src=x onerror=@@&gt;",
    "&lt;a href=&#39;https://x.cn/&#39; onfocus=@@ autofocus&gt;",
    "&lt;img src=&quot;https://x.cn/a&quot;&gt;",
    "&lt;!-- more --&gt; --&gt; &lt;!--",
    "{{ 7*7 }} {% raw %} {# x #}",
    "\n```js\n@@\n```\n",
    "data-srcset no-lazy",
    "]]&gt; ]]>",
    "\x00\x08\ufffc\ufffe甲",
    "background:url(javascript:@@);color:red}</style><script>@@</script>",
)
_ELEMENTS = (
    ('<a {} href="https://evil.example/b">乙</a>', "<p {}>乙</p>"),
    ('<a href="https://evil.example/b" {}>乙</a>',),
    ('<img {} src="https://n.sinaimg.cn/a.png">',),
    ('<img src="https://n.sinaimg.cn/a.png" {}>',),
)

_GENERATOR = (
    "{{ 7*7 }}",
    "{{ }}",
    "{{ a b }}",
    "{{ \"it's }} {{ 1 }}",
    "{{ config }} {{ site.posts }} {{ page.content }}",
    "{{ constructor.constructor('@@')() }}",
    "{{ range.constructor(\"return process.mainModule.require('fs')\")() }}",
    "{% raw %}甲",
    "{% endraw %}{{ 7*7 }}{% raw %}",
    "{% if %}",
    "{% for i in range(30000000) %}甲{% endfor %}",
    "{% include '../../../_config.yml' %}",
    "{% extends 'layout' %}",
    "{% unknown 甲 %}",
    "{% post_link a %}{% asset_img x.png %}",
    "{% codeblock lang:js %}@@{% endcodeblock %}",
    "{% iframe javascript:@@ %}",
    "{# 甲 #} {# 乙",
    "{{ 甲",
    "{% 甲",
    "}} 甲 {{",
    "{&#123; 7*7 }&#125;",
    "&#123;&#123; 7*7 &#125;&#125;",
    "&amp;#123;&amp;#123; 7*7 &amp;#125;&amp;#125;",
    "&lbrace;&lcub; 7*7 &rcub;&rbrace;",
    "<b>{</b>{ 7*7 }<b>}</b>",
    "{<!-- x -->{ 7*7 }}",
    "{\u200b{ 7*7 }\u200b}",
    "{\x00{ 7*7 }\x00}",
    "<p title='{{ 7*7 }}' class='{% raw %}'>甲</p>",
    "<code>{{ 7*7 }}</code><pre>{% raw %}</pre>",
    "<!-- {{ 7*7 }} {% raw %} -->",
    "<style>.a{{color:red}}</style>",
    "<style>.a{color:red}.b{{ 7*7 }}</style>",
    "<%= 7*7 %><%- @@ %>",
    "<!-- more -->甲",
    "<!--more-->甲",
    "<!--  MORE  -->甲",
    "&lt;!-- more --&gt;甲",
    "<!--swig\ufffc0-->",
    "&lt;!--swig\ufffc0--&gt;",
    "&lt;!--code\ufffc1--&gt; <!--comment\ufffc2-->",
    "<!--swig&#65532;0--> &#xFFFC; &amp;#65532;",
    "<!--\x01swig\x02\ufffc\x030-->",
    "\n```js\n@@\n```\n",
    "\n~~~\n<img src=x onerror=@@>\n~~~\n",
    "<p>\n``` js 甲 javascript:@@ 乙\n{{ 7*7 }}\n```\n</p>",
    "\n&#96;&#96;&#96;js\n{{ 7*7 }}\n&#96;&#96;&#96;\n",
    "\n`<b></b>``js\n甲\n```\n",
    "\n`\u200b``js\n甲\n`\u200b``\n",
    '\n> ```html "><img src=x onerror=@@>\n> 甲\n> ```\n',
    "\n---\ntitle: 乙\npermalink: ../../escaped.html\n---\n",
    "---\n",
    ";;;\n{}\n;;;\n",
    "]]> ]]&gt; ]<b></b>]>",
    "]]\x00> ]]\u200b>",
    "甲\x00\x01\x08\x0b\x0c\x1b\x7f\x84\x9f\ufffe\uffff\ufdd0乙",
    "&#0;&#1;&#8;&#27;&#127;&#x9f;&#xfffe;&#xffff;&#xd800;&#x1fffe;",
    "甲\ud800乙\udfff丙",
    "\u202e\u2066\u200b\u00ad\ufeff\u2028\u2029\u0085甲",
    "<p>" + "长" * 5000 + "</p>",
    "w" * 5000,
    "&" * 300,
    "<" * 300,
    "{" * 300 + "}" * 300,
    "{{ " * 300,
)

_UNCLOSED = (
    "<div>",
    "</div></div></div></article></section></main></body></html>",
    "<!--",
    "<!-- 甲 --!",
    "<textarea>",
    "<title>",
    "<style>",
    "<script>",
    "<xmp>",
    "<plaintext>",
    "<noscript>",
    "<iframe>",
    "<select>",
    "<svg>",
    "<math>",
    "<template>",
    "<frameset>",
    "<a href='",
    '<a href="https://x.cn/',
    "<img src='x' onerror='",
    '<p title="甲 <b>乙</b>',
    "<table><tr><td>",
    "<b><i><u>" * 50,
    "<p" + " a" * 500,
    "<![CDATA[",
    "<?xml",
    "<!DOCTYPE",
    "&lt",
    "&#",
)

_TEXTS = (
    "&lt;script&gt;@@&lt;/script&gt;",
    "&lt;img src=x onerror=@@&gt;",
    "&amp;lt;img src=x onerror=@@&amp;gt;",
    "&amp;amp;lt;img src=x onerror=@@&amp;amp;gt;",
    "&lt;/script&gt;&lt;script&gt;@@&lt;/script&gt;",
    "&lt;/textarea&gt;&lt;/title&gt;&lt;/style&gt;&lt;img src=x onerror=@@&gt;",
    "&lt;a href=&quot;https://x.cn/&quot; onfocus=@@ autofocus&gt;",
    "&lt;!-- &lt;script&gt; @@",
    "\\u003cimg src=x onerror=@@\\u003e \\x3c",
    "\"';@@;// `${@@}`",
    "[甲](javascript:@@) ![乙](x) <javascript:@@>",
    "javascript:@@",
    "甲" * 195 + "&lt;img src=x onerror=@@&gt;",
    "甲" * 198 + "&lt;img src=x onerror=@@&gt;",
)


def bodies() -> list[str]:
    """Give every body, the plain tables first, then what is combined of them."""
    links = [f'<a href="{link}">甲</a>' for link in LINKS]
    pictures = [f'<img src="{link}" alt="甲">' for link in LINKS]
    nested = [
        context.replace("{}", inner) for context, inner in product(_CONTEXTS, _INNER)
    ]
    return [
        *_WRAPPED,
        *links,
        *pictures,
        *nested,
        *_attributes(),
        *_GENERATOR,
        *_UNCLOSED,
        *_TEXTS,
        *_mixtures(60),
    ]


def _attributes() -> list[str]:
    """Put each smuggled value into each attribute, alone and into all of them."""
    made = []
    for elements, value in product(_ELEMENTS, _SMUGGLED):
        pairs = [f'{name}="{value}"' for name in _ATTRIBUTES]
        made.append(
            "".join(
                element.replace("{}", attributes)
                for element in elements
                for attributes in (*pairs, " ".join(pairs))
            )
        )
    return made


def _mixtures(count: int) -> list[str]:
    """Mix the tables: what stands whole in one may be broken by another's piece."""
    random = Random(20261123)
    pool = [*_WRAPPED, *_GENERATOR[:60], *_UNCLOSED, *_TEXTS, *_CONTEXTS]
    made = []
    for _ in range(count):
        pieces = random.choices(pool, k=4)
        made.append("".join(piece[: random.randint(1, 200)] for piece in pieces))
    return made
