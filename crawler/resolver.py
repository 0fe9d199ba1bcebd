"""Resolve host names, but never to an address inside our own network."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Self

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.core.addresses import is_private_literal, is_public
from crawler.core.urls import host_of
from crawler.storage.catalogue import read_catalogue


class PublicResolver(CachingThreadedResolver):
    """Refuses loopback and private addresses, for every connection and redirect.

    It runs when a connection is made, also for a host that is an address, so that
    neither an odd spelling nor a name that changes its answer gains anything. Private
    may be what the operator has written as such: the hosts of
    ``ALLOWED_PRIVATE_HOSTS``, that of ``SITE_MIRROR``, and the catalogue's feeds at
    ``localhost`` or at an address in figures. Only IPv4 is used.
    """

    allowed: frozenset[str] = frozenset()

    refused: ClassVar[dict[str, str]] = {}
    """The addresses of the hosts that were refused in this process."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Build the resolver and read which hosts may be private."""
        resolver = super().from_crawler(crawler, reactor)
        settings = crawler.settings
        catalogue = read_catalogue(Path(settings["CATALOGUE_DIR"]))
        hosts = {host_of(feed.url) for feed in catalogue.feeds}
        resolver.allowed = frozenset(
            [
                *(host for host in hosts if is_private_literal(host)),
                *(name.lower() for name in settings.getlist("ALLOWED_PRIVATE_HOSTS")),
                host_of(settings["SITE_MIRROR"]),
            ]
        )
        return resolver

    def getHostByName(  # noqa: N802 - Twisted's name
        self, name: str, timeout: Any = ()
    ) -> Deferred[str]:
        """Resolve a name to a public address, or fail as if it did not exist."""
        answer = super().getHostByName(name, timeout)
        return answer.addCallback(self._check, name.lower())

    def _check(self, address: str, name: str) -> str:
        if name not in self.allowed and not is_public(address):
            # Twisted drops the text of this error; the handler asks here.
            self.refused[name] = address
            raise DNSLookupError(f"{name} is the private address {address}")
        return address
