"""Records as WARC files of other programs have them."""

import gzip
import uuid

URL = "https://finance.sina.com.cn/china/2026-11-02/doc-inaaaaa{:07}.shtml"


def record_of(
    kind, headers, body, url, *, status="200 OK", pack=gzip.compress, **named
):
    """Write one record as a WARC file of others has it."""
    content_type = "application/http; msgtype=response"
    if kind != "resource":
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {told}" for name, told in headers)]
        body = "\r\n".join([*lines, "", ""]).encode() + body
    told = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid4()}>",
        "WARC-Date": "2026-11-02T05:06:07Z",
        "WARC-Target-URI": url,
        "Content-Type": content_type,
        "Content-Length": len(body),
        **named,
    }
    head = ["WARC/1.0", *(f"{name}: {value}" for name, value in told.items())]
    return pack("\r\n".join([*head, "", ""]).encode() + body + b"\r\n\r\n")


HTML = ("Content-Type", "text/html; charset=utf-8")
