"""One address and one identity for each article, however a feed writes its link.

Sina gives most articles 14 characters, 7 letters and 7 digits: ``mcwiwss8570247`` in
``doc-imcwiwss8570247.shtml`` (the URL puts an ``i`` before them), ``comos:…`` in the
roll API. Measured on 638,456 URLs of three years: all of them have this form, and one
id practically never has two addresses. Pages without one get an id made from their
canonical URL.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from urllib.parse import unquote, unquote_plus, urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

DOCUMENT_ID = re.compile(r"[a-z]{7}\d{7}|u[0-9a-f]{15}")
"""What a document id looks like: Sina's 14 characters, or ours for other pages."""

MAX_LENGTH = 2083
"""Characters of an article's address; some servers and browsers take no more."""

NO_ADDRESS = f"is no http(s) address of up to {MAX_LENGTH} characters"
"""What is wrong with a text that `canonical` refuses."""

_SINA_ID = re.compile(r"(?:doc-i|detail-i|comos(?:[:-]|%3[Aa]))([a-z]{7}\d{7})\b")
_SINA_HOST = re.compile(r"(?:^|\.)(?:sina\.com\.cn|sina\.cn|sinaimg\.cn)$")
_ARTICLE_PATH = re.compile(r"\.(?:s?html?)$")
_CLEAN_URL = re.compile(r"https?://[a-z0-9.-]+(?::\d+)?/[A-Za-z0-9._~/%=&?,;:@+-]*")
_QUOTED_URL = re.compile(r"https?://[A-Za-z0-9._:\[\]@%~+-]+(?:[/?#][!-~]*)?")
_ENCODED = re.compile(r"https?%3a", re.IGNORECASE)
_MOBILE = re.compile(r"(?<=\.)sina\.cn$")
_TRACKING = re.compile(
    r"utm_.*|from|finpagefr|cre|mod|loc|r|rfunc|tj|tr|wm|vt|pos|autocallup|spm|_"
)
_BREAKS = re.compile(r"[\t\r\n]+")
_EDGES = "".join(map(chr, (*range(0x21), *range(0x7F, 0xA1), *range(0x200B, 0x2010))))
_EDGES += "\u3000\ufeff"
_LAYERS = 8
# What opens a wrapper, and whether the address inside is percent-encoded.
_WRAPPERS = (
    (
        re.compile(r"https?://go\.rss\.sina\.com\.cn/redirect\.php\?(?:.*?&)?url="),
        False,
    ),
    (
        re.compile(
            r"https?://cj\.sina\.(?:com\.)?cn/article/norm_detail\?(?:.*?&)?url="
        ),
        True,
    ),
)


def unwrap(url: str) -> str:
    """Take an article's address out of Sina's redirect links.

    The RSS wrapper holds it raw, so it is cut, not decoded (some readers write it
    encoded all the same, which its first letters show); the ``cj.sina.cn`` one
    holds it percent-encoded. Anything else comes back as it is.

    >>> unwrap("http://go.rss.sina.com.cn/redirect.php?url=http://a.sina.cn/b?c=%41")
    'http://a.sina.cn/b?c=%41'
    """
    for opening, encoded in _WRAPPERS:
        match = opening.match(url)
        if match:
            inner = url[match.end() :]
            if encoded or _ENCODED.match(inner):
                return unquote(inner.split("&", 1)[0])
            return inner
    return url


def absolute(url: str, base: str = "") -> str:
    """Make a link found in a page or feed an absolute http(s) URL, or ``""``.

    White space and controls go, as browsers do; ``//host`` gets ``https``, and so
    does a Sina host; quotes and angle brackets are percent-encoded. Whatever is
    empty, not http(s), has no host or cannot be read as a URL is refused with ``""``.

    >>> absolute("//n.sinaimg.cn/a.png")
    'https://n.sinaimg.cn/a.png'
    >>> absolute("java\\tscript:alert(1)", "https://finance.sina.com.cn/")
    ''
    """
    url = _BREAKS.sub("", url.strip(_EDGES))
    if url.startswith("//"):
        url = "https:" + url
    if not url:
        return ""
    try:
        joined = urljoin(base, url) if base and "://" not in url[:8] else url
        parts = urlsplit(joined)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host:
        return ""
    if parts.scheme == "http" and port in {None, 80} and _SINA_HOST.search(host):
        bare = parts.netloc.removesuffix(":80")
        joined = "https" + joined[4:].replace(parts.netloc, bare, 1)
    return joined if _CLEAN_URL.fullmatch(joined) else _quote(joined)


def canonical(url: str) -> str:
    """Give the one address an article is known by, or ``""`` for no web address.

    Wrappers are opened, Sina hosts become https, the fragment and tracking
    parameters go; a Sina article file keeps no query at all. The result is its own
    canonical form. One of more than `MAX_LENGTH` characters is refused.

    >>> canonical("http://finance.sina.com.cn/a/2022-03-28/doc-imcwiwss8570247.shtml?cre=1")
    'https://finance.sina.com.cn/a/2022-03-28/doc-imcwiwss8570247.shtml'
    """
    # What is left after one layer may be a wrapper again, or look like one only now.
    for _ in range(_LAYERS):
        before, url = url, _canonical_layer(url)
        if url == before:
            return url if len(url) <= MAX_LENGTH else ""
    return ""


def document_id(url: str, docid: str = "") -> str:
    """Name an article: Sina's 14 characters, else an id made from the URL.

    Neither the scheme nor the mobile or column twin of a host makes another id.

    Args:
        url: the canonical URL.
        docid: what the feed or page calls it (``comos:mcwiwss8570247``), if it does.

    >>> document_id("https://finance.sina.com.cn/x/doc-imcwiwss8570247.shtml")
    'mcwiwss8570247'
    >>> document_id("https://finance.sina.com.cn/a/20151106/010023691119.shtml")
    'u3058d32351350b4'
    """
    for text in (url, docid):
        match = _SINA_ID.search(text)
        if match:
            return match[1]
    # An id may begin with an "i" of its own.
    for name in (docid, docid.removeprefix("i")):
        if re.fullmatch(r"[a-z]{7}\d{7}", name):
            return name
    twin = _desktop_twin(url)
    return "u" + sha256(twin.encode("utf-8", "replace")).hexdigest()[:15]


def host_of(url: str) -> str:
    """Return a URL's host in lower case, or ``""`` when it has none."""
    # Each part of a run asks it of the same address; endless ones are not remembered.
    return _known_host(url) if len(url) <= MAX_LENGTH else _read_host(url)


def _read_host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


_known_host = lru_cache(maxsize=1024)(_read_host)


def is_within(host: str, domains: tuple[str, ...]) -> bool:
    """Tell whether a host is one of the domains or below one of them.

    >>> is_within("finance.sina.com.cn", ("sina.com.cn",))
    True
    >>> is_within("evilsina.com.cn", ("sina.com.cn",))
    False
    """
    return any(host == domain or host.endswith("." + domain) for domain in domains)


def mirrored(url: str, mirror: str) -> str:
    """Rewrite ``https://HOST/PATH?QUERY`` to ``MIRROR/HOST/PATH?QUERY``.

    >>> mirrored("https://finance.sina.com.cn/a?b=1", "http://127.0.0.1:8000")
    'http://127.0.0.1:8000/finance.sina.com.cn/a?b=1'
    """
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{mirror.rstrip('/')}/{parts.netloc}{parts.path or '/'}{query}"


def _canonical_layer(url: str) -> str:
    address = absolute(unwrap(url.strip()))
    if not address:
        return ""
    parts = urlsplit(address)
    query = parts.query
    if _SINA_HOST.search(parts.hostname or "") and _ARTICLE_PATH.search(parts.path):
        query = ""
    elif query:
        # Kept as they are written: decoding would break what is not UTF-8.
        query = "&".join(pair for pair in query.split("&") if not _is_tracking(pair))
    host = _host_and_port(parts.netloc, parts.scheme)
    return urlunsplit((parts.scheme, host, parts.path or "/", query, ""))


def _is_tracking(pair: str) -> bool:
    return bool(_TRACKING.fullmatch(unquote_plus(pair.partition("=")[0])))


def _desktop_twin(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if scheme not in {"http", "https"}:
        return url
    host, slash, path = rest.partition("/")
    host = _MOBILE.sub("sina.com.cn", host)
    host = "cj.sina.com.cn" if host == "t.cj.sina.com.cn" else host
    return "https" + separator + host + slash + path


def _quote(url: str) -> str:
    try:
        quoted = safe_url_string(url)
    except (ValueError, UnicodeError):
        return ""
    for mark, code in (("'", "%27"), ('"', "%22"), ("<", "%3C"), (">", "%3E")):
        quoted = quoted.replace(mark, code)
    # safe_url_string leaves a host it cannot encode as it is, and may make it empty.
    return quoted if _QUOTED_URL.fullmatch(quoted) and host_of(quoted) else ""


def _host_and_port(netloc: str, scheme: str) -> str:
    host = netloc.rpartition("@")[2].lower()
    return host.removesuffix(":443" if scheme == "https" else ":80")
