"""Where a crawl may go: addresses, redirects and certificates, with real servers."""

import ssl
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import succeed

from crawler.resolver import PublicResolver
from tests.runs.badserver import BadServer, answer, roll, to

SITE = """
name: 样本站
categories: [金融, 样本站]
hosts: [sample.example]
placeholder: https://sample.example/logo.png
feeds:
"""
FEED = "  - {{id: {0}, title: {0}, format: roll, url: '{1}'}}\n"
LISTED = answer(
    roll([]).replace(b"[]", b'[{"title": "x", "url": "https://x.example/"}]')
)

SPELLINGS = {
    "short": "127.1",
    "number": "2130706433",
    "hex": "0x7f000001",
    "octal": "0177.0.0.1",
    "padded": "127.000.000.001",
    "circled": "①②⑦.⓪.⓪.①",
    "dotted": "localhost.",
    "below": "any.localhost",
}
"""Ways to write 127.0.0.1 that a filter of texts does not know."""


class Local(CachingThreadedResolver):
    """Finds every name on this machine."""

    def getHostByName(self, name, timeout=()):
        return succeed("127.0.0.1")


class LocalNames(PublicResolver, Local):
    """Finds every name on this machine, and then asks whether it may."""


LOCAL = "tests.runs.test_borders.LocalNames"


@pytest.fixture
def poll(tmp_path, crawl):
    """Poll feeds at these addresses, each under its name; return the report's feeds."""

    def run(addresses: dict[str, str], **settings: str) -> dict[str, dict]:
        feeds = "".join(FEED.format(*each) for each in addresses.items())
        (tmp_path / "site.yaml").write_text(SITE + feeds, encoding="utf-8")
        own = {"SITE_MIRROR": "", "CATALOGUE_DIR": str(tmp_path)}
        done = crawl("finance", "-a", "force=1", **{**own, **settings})
        assert "Traceback" not in done.stderr, done.stderr
        return crawl.reports()[-1]["feeds"]

    return run


def problem(feed: dict) -> str:
    return feed["problems"][0].removeprefix("page 1: ")


def test_no_spelling_of_a_private_address_is_connected_to(poll):
    with BadServer() as server:
        port = server.url.rpartition(":")[2]
        feeds = poll(
            {name: f"http://{host}:{port}/" for name, host in SPELLINGS.items()}
        )

        assert server.asked.total() == 0
    told = {name: problem(feed).partition(":")[0] for name, feed in feeds.items()}
    # What no resolver takes for an address is not found, which is as well.
    assert set(told.values()) <= {"private", "dns"}, feeds
    assert told["short"] == told["number"] == "private"


def test_a_name_of_the_local_network_is_refused_until_it_is_allowed(poll):
    with BadServer(feed=LISTED) as server:
        address = server.url.replace("127.0.0.1", "Hub.Example") + "/feed"

        (refused,) = poll({"hub": address}, TWISTED_DNS_RESOLVER=LOCAL).values()
        assert server.asked.total() == 0
        allowed = {"ALLOWED_PRIVATE_HOSTS": "other.lan,hub.example"}
        (read,) = poll({"hub": address}, TWISTED_DNS_RESOLVER=LOCAL, **allowed).values()

    assert problem(refused).startswith("private: hub.example is at 127.0.0.1")
    assert "ALLOWED_PRIVATE_HOSTS" in problem(refused)
    assert (read["status"], read["listed"]) == ("ok", 1)


def test_a_dead_name_and_a_closed_port_do_not_stop_the_other_feeds(poll):
    with BadServer(feed=LISTED) as server:
        feeds = poll(
            {
                "dead": "http://no-such-name.invalid/feed",
                "closed": "http://127.0.0.2:9/feed",
                "well": f"{server.url}/feed",
            }
        )

    assert feeds["well"]["status"] == "ok"
    assert problem(feeds["dead"]).startswith("dns: no-such-name.invalid ")
    assert problem(feeds["closed"]).startswith("refused: 127.0.0.2 ")


def test_an_address_of_ipv6_is_not_taken_for_a_name_that_is_not_found(poll):
    feeds = poll({"local": "http://[::1]:9/feed", "far": "http://[2001:db8::1]/feed"})

    assert (
        problem(feeds["local"])
        == "dns: ::1 is an address of IPv6, and only IPv4 is used"
    )
    assert "2001:db8::1 is an address of IPv6" in problem(feeds["far"])


def test_a_feed_on_this_machine_leads_to_no_other_port_or_host_of_it(poll):
    with BadServer(secret=LISTED) as other:
        port = other.url.rpartition(":")[2]
        hosts = {"port": "127.0.0.1", "host": "127.0.0.2", "name": "localhost"}
        leads = {name: f"http://{host}:{port}/secret" for name, host in hosts.items()}
        with BadServer(**{name: to(url) for name, url in leads.items()}) as server:
            feeds = poll({name: f"{server.url}/{name}" for name in leads})

        assert other.asked.total() == 0
    assert {problem(feed).partition(":")[0] for feed in feeds.values()} == {"redirect"}


def test_a_name_that_changes_its_answer_gains_nothing():
    answers = iter(["203.0.114.5", "127.0.0.1", "203.0.114.5", "10.0.0.7"])

    class Alternating(CachingThreadedResolver):
        def getHostByName(self, name, timeout=()):
            return succeed(next(answers))

    class Guarded(PublicResolver, Alternating):
        pass

    resolver = Guarded(None, 0, 1)
    found: list[object] = []
    for _ in range(4):
        resolver.getHostByName("rebind.example").addBoth(found.append)

    assert [str(getattr(one, "value", one)) for one in found] == [
        "203.0.114.5",
        "DNS lookup failed: rebind.example is the private address 127.0.0.1.",
        "203.0.114.5",
        "DNS lookup failed: rebind.example is the private address 10.0.0.7.",
    ]


NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def certify(folder, name: str, host: str, ends: datetime, issuer=None):
    """Write a certificate with its key; one without an issuer signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    signer = issuer[1] if issuer else key
    maker = x509.CertificateBuilder(
        issuer_name=issuer[0] if issuer else subject,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=NOW - 9 * DAY,
        not_valid_after=ends,
    ).add_extension(x509.BasicConstraints(ca=not issuer, path_length=None), True)
    names = [x509.IPAddress(ip_address(host))] if host else [x509.DNSName("x.example")]
    made = maker.add_extension(x509.SubjectAlternativeName(names), False)
    pem = serialization.Encoding.PEM
    (folder / f"{name}.pem").write_bytes(
        key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.sign(signer, hashes.SHA256()).public_bytes(pem)
    )
    return subject, key


def serve_tls(folder, name: str) -> BadServer:
    """Serve a good feed under a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem")
    return BadServer(context, feed=LISTED)


def test_a_certificate_that_proves_nothing_is_refused(poll, tmp_path, monkeypatch):
    root = certify(tmp_path, "root", "", NOW + DAY)
    certify(tmp_path, "good", "127.0.0.1", NOW + DAY, root)
    certify(tmp_path, "expired", "127.0.0.1", NOW - DAY, root)
    certify(tmp_path, "other-host", "127.0.0.2", NOW + DAY, root)
    certify(tmp_path, "other-name", "", NOW + DAY, root)
    certify(tmp_path, "self-signed", "127.0.0.1", NOW + DAY)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    with ExitStack() as stack:
        names = ["good", "expired", "other-host", "other-name", "self-signed"]
        servers = {
            name: stack.enter_context(serve_tls(tmp_path, name)) for name in names
        }
        feeds = poll({name: f"{each.url}/feed" for name, each in servers.items()})
        asked = [name for name, server in servers.items() if server.asked.total()]

    assert feeds.pop("good")["status"] == "ok"
    assert asked == ["good"]
    for name, feed in feeds.items():
        assert problem(feed).startswith("tls: "), (name, feed)
