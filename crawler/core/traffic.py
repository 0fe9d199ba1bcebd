"""Count what a run asked for and what came of each request, host by host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

_HOSTS = 50
"""How many hosts a report names; their requests are all counted."""


@dataclass(slots=True)
class HostTally:
    """What one host did with the requests that were sent to it."""

    responses: int = 0
    """How many it answered, with whatever status."""

    failures: int = 0
    """How many it did not: a timeout, a closed port, a cut body."""

    timed: int = 0
    """For how many of the responses the time is known."""

    seconds: float = 0.0
    """How long it took for the first bytes of those, all together."""

    slowest: float = 0.0
    """The longest of these times."""

    def as_dict(self) -> dict[str, Any]:
        """Give the counts, the mean and the longest time in seconds, for JSON."""
        return {
            "responses": self.responses,
            "failures": self.failures,
            "mean_seconds": round(self.seconds / max(self.timed, 1), 3),
            "slowest_seconds": round(self.slowest, 3),
        }


class Traffic:
    """Follows every request from the moment it is asked for to its one end.

    A request ends as a response, as a failure, or dropped: asked for before, forbidden
    by a rule of ours or by robots.txt, or still waiting when the run stopped. So the
    three add up to the requests. A retry and a redirect are requests of their own.

    Requests are told apart by identity or equality, whichever their class has.
    """

    def __init__(self) -> None:
        self.responses = 0
        self.failures = 0
        self.size = 0
        self.statuses: Counter[int] = Counter()
        self.hosts: dict[str, HostTally] = {}
        self._requests = 0
        self._dropped = 0
        self._waiting: set[Hashable] = set()
        self._sent: set[Hashable] = set()

    def schedule(self, request: Hashable) -> None:
        """Note a request that will wait for its turn."""
        self._requests += 1
        self._waiting.add(request)

    def drop(self, request: Hashable) -> None:
        """Note that a scheduled request was turned away."""
        self._waiting.discard(request)
        self._dropped += 1

    def send(self, request: Hashable) -> None:
        """Note that it is a request's turn, scheduled or not (as for robots.txt)."""
        if request in self._waiting:
            self._waiting.remove(request)
        else:
            self._requests += 1
        self._sent.add(request)

    def answer(
        self,
        request: Hashable,
        host: str,
        status: int,
        size: int,
        seconds: float | None,
    ) -> None:
        """Note the response to a request that was sent; ``size`` in bytes."""
        self._sent.discard(request)
        self.responses += 1
        self.size += size
        self.statuses[status] += 1
        tally = self._host(host)
        tally.responses += 1
        if seconds is not None:
            tally.timed += 1
            tally.seconds += seconds
            tally.slowest = max(tally.slowest, seconds)

    def leave(self, request: Hashable, host: str) -> None:
        """Note that a request came back: it failed, unless it has been answered."""
        if request in self._sent:
            self._sent.remove(request)
            self.failures += 1
            self._host(host).failures += 1

    def totals(self) -> dict[str, Any]:
        """Give the counts for JSON; what has not ended by now is dropped."""
        return {
            "requests": self._requests,
            "responses": self.responses,
            "failures": self.failures,
            "dropped": self._dropped + len(self._waiting) + len(self._sent),
            "bytes": self.size,
            "statuses": {
                str(code): self.statuses[code] for code in sorted(self.statuses)
            },
        }

    def busiest(self) -> dict[str, dict[str, Any]]:
        """Give the hosts that were asked most, for JSON."""
        hosts = sorted(self.hosts, key=self._asked, reverse=True)
        return {host: self.hosts[host].as_dict() for host in hosts[:_HOSTS]}

    def _host(self, name: str) -> HostTally:
        return self.hosts.setdefault(name, HostTally())

    def _asked(self, name: str) -> int:
        return self.hosts[name].responses + self.hosts[name].failures
