"""Resolve host names, but never to an address inside our own network."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.core.urls import host_of
from crawler.storage.catalogue import read_catalogue


class PublicResolver(CachingThreadedResolver):
    """Refuses loopback and private addresses, for every connection and redirect.

    It runs when a connection is made, so a name that changes its answer in between
    gains nothing. The hosts the operator wrote into the catalogue or ``SITE_MIRROR``
    are free to be private: a feed generator often runs on the same machine.
    """

    trusted: frozenset[str] = frozenset()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Build the resolver and read which hosts the operator trusts."""
        resolver = super().from_crawler(crawler, reactor)
        settings = crawler.settings
        catalogue = read_catalogue(Path(settings["CATALOGUE_DIR"]))
        urls = [feed.url for feed in catalogue.feeds] + [settings["SITE_MIRROR"]]
        resolver.trusted = frozenset(host_of(url) for url in urls if url)
        return resolver

    def getHostByName(  # noqa: N802 - Twisted's name
        self, name: str, timeout: Any = ()
    ) -> Deferred[str]:
        """Resolve a name to a public address, or fail as if it did not exist."""
        answer = super().getHostByName(name, timeout)
        return answer.addCallback(self._check, name)

    def _check(self, address: str, name: str) -> str:
        if name not in self.trusted and not ipaddress.ip_address(address).is_global:
            raise DNSLookupError(f"{name} is the private address {address}: refused")
        return address
