"""A report for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.table import Column, Table

from crawler.core.dates import BEIJING, format_minute
from crawler.core.overview import Overview, Trouble
from crawler.core.report import OUTCOMES

_REASONS = 15
_HOSTS = 8
_NEWEST = 10


def make_tables(
    overview: Overview,
    titles: Mapping[str, str],
    newest: Sequence[Mapping[str, Any]],
    troubles: Sequence[Trouble],
) -> Iterator[Table]:
    """Give what the page shows as tables; what is empty is left out.

    Args:
        overview: what happened.
        titles: the feeds' titles by id.
        newest: records of the newest posts, the newest first.
        troubles: what is wrong now.
    """
    yield _summary(overview)
    yield _feeds(overview, titles)
    if troubles:
        yield _troubles(troubles)
    if overview.reasons:
        yield _reasons(overview)
    if overview.hosts:
        yield _hosts(overview)
    if newest:
        yield _newest(newest, titles)


def _summary(overview: Overview) -> Table:
    since, until = (
        format_minute(time, BEIJING) for time in (overview.since, overview.until)
    )
    title = f"{since} to {until}, all times are Beijing's"
    table = Table("", "", title=title, show_header=False, min_width=len(title) + 4)
    codes: Counter[int] = Counter()
    for (_, code), count in overview.verdicts.items():
        codes[code] += count
    ended = ", ".join(f"{n} with {code}" for code, n in sorted(codes.items()))
    table.add_row("runs", f"{overview.runs}" + (f": {ended}" if ended else ""))
    if overview.unreadable:
        table.add_row("reports that cannot be read", str(overview.unreadable))
    table.add_row("posts published", str(sum(overview.posts.values())))
    for outcome in OUTCOMES:
        if overview.total(outcome):
            table.add_row(outcome, str(overview.total(outcome)))
    delay = overview.median_delay()
    if delay is not None:
        table.add_row("delay, median", f"{delay:.0f} minutes")
    return table


def _feeds(overview: Overview, titles: Mapping[str, str]) -> Table:
    names = ("feed", "title", "posts", "polls", "failed", "latest")
    table = _table("Feeds", *names)
    posts: Counter[str] = Counter()
    for (_, feed), count in overview.posts.items():
        posts[feed] += count
    polls: dict[str, Counter[str]] = {}
    for (_, feed), health in overview.health.items():
        counts = polls.setdefault(feed, Counter())
        counts["all"] += health.well + health.unwell
        counts["failed"] += health.unwell
    for feed in sorted({*posts, *polls}):
        counts = polls.get(feed, Counter())
        last = overview.feeds.get(feed)
        status = last.status if last else ""
        numbers = (posts[feed], counts["all"], counts["failed"])
        table.add_row(feed, titles.get(feed, ""), *map(str, numbers), status)
    return table


def _troubles(troubles: Sequence[Trouble]) -> Table:
    table = _table("Not well now", "feed or host", "what", "since", "more")
    for each in troubles:
        since = format_minute(each.since, BEIJING) if each.since else ""
        table.add_row(each.name, each.what, since, _plain(each.detail))
    return table


def _reasons(overview: Overview) -> Table:
    table = _table(
        "Rejected, removed or failed", "outcome", "reason", "articles", "latest example"
    )
    worst = sorted(overview.reasons.items(), key=lambda each: -each[1].count)
    for (outcome, kind), reason in worst[:_REASONS]:
        table.add_row(outcome, _plain(kind), str(reason.count), _plain(reason.url))
    return table


def _hosts(overview: Overview) -> Table:
    table = _table("Hosts", "host", "responses", "failures", "mean s", "slowest s")
    slowest = sorted(overview.hosts.items(), key=lambda each: -each[1].mean)
    for name, host in slowest[:_HOSTS]:
        times = (f"{host.mean:.2f}", f"{host.slowest:.2f}")
        table.add_row(name, str(host.responses), str(host.failures), *times)
    return table


def _newest(newest: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> Table:
    table = _table("Newest posts", "published", "feed", "title")
    for record in newest[:_NEWEST]:
        published = datetime.fromisoformat(record["published"])
        feed = titles.get(record["feed"], record["feed"])
        table.add_row(format_minute(published, BEIJING), feed, _plain(record["title"]))
    return table


def _table(title: str, *names: str) -> Table:
    # Nothing is cut: an address that lacks its end is of no use.
    return Table(*(Column(name, overflow="fold") for name in names), title=title)


def _plain(text: str) -> str:
    # What others wrote must not steer the terminal.
    return "".join(sign for sign in text if sign.isprintable())
