"""A store that archives: what it is told, and the pages behind it, before it acts.

Every change of the store is a step. Its pages and the step are appended to the
archive, synced before the commit, and settled by it: what counts in the index is in
the archive, and the steps in their order make the same store once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from crawler.core.archive import Action, Exchange, Fetched, Place
from crawler.core.changes import version_in, version_of
from crawler.core.dates import format_iso
from crawler.core.entries import Entry
from crawler.core.guard import find_loss
from crawler.core.plain import as_plain
from crawler.core.posts import Post
from crawler.core.prepared import Prepared
from crawler.core.report import RunReport
from crawler.storage.archive_calls import CALLS, Told, ToldImages
from crawler.storage.archive_index import Capture, Ledger
from crawler.storage.archive_journal import Journal
from crawler.storage.archive_sources import find_sourced
from crawler.storage.documents import Files, Written
from crawler.storage.posts import Kept, PostStore
from crawler.storage.quarantine import hold
from crawler.storage.versions import number_of

_Made = (
    tuple[dict[str, Any], Sequence[Exchange]]
    | tuple[dict[str, Any], Sequence[Exchange], tuple[Place, ...]]
)
"""The facts of a step, the exchanges it was made of, and pages of the archive."""

Reprocessed = Literal["reprocessed", "held", "same", "removed"]
"""What became of a post that today's code reads otherwise."""


class SourcedStore(PostStore):
    """A `PostStore` that knows of each version which archived pages it was made of."""

    _ledger: Ledger

    def keep_from(
        self,
        posts: Sequence[tuple[Post | Prepared, Entry | None]],
        pages: Sequence[tuple[Place, ...]],
    ) -> list[Kept]:
        """Keep posts; see `PostStore.keep_all`.

        Args:
            posts: the posts and entries.
            pages: where the pages of each lie.
        """
        self._pages = {
            _url(post): places for (post, _), places in zip(posts, pages, strict=True)
        }
        return super().keep_all(posts)

    def accept(self, identifier: str) -> dict[str, Any]:
        """Accept a version from quarantine; see `PostStore.accept`."""
        record = super().accept(identifier)
        page = self._ledger.find(record["url"])
        with self._transaction():
            number = number_of(self._index, record)
            self._ledger.link(number, [page.place] if page else [])
        return record

    def reprocess(
        self, prepared: Prepared, pages: tuple[Place, ...], facts: dict[str, Any]
    ) -> Reprocessed:
        """Make what today's code reads in an archived page a post's next revision.

        Args:
            prepared: the post as today's code reads it.
            pages: where its pages lie.
            facts: what else reading it took.

        Returns:
            ``reprocessed``; ``held`` where that would spoil the post, in quarantine;
            ``same`` where nothing differs; ``removed`` of a post that the site has
            removed, which is left as it is.

        Raises:
            PathRefused: the old document cannot be kept for its name's sake.
            StoreError: the disk or index refused; nothing was changed.
        """
        del facts  # Of use to an archive alone.
        self._check_roots()
        files: Files = {}
        with self._runs.whole_or_mended(), self._transaction():
            done, written = self._reprocess(prepared, pages, files)
            self._place(files)
        self._placing.end()
        self._runs.export([written.line] if written else [])
        return done

    def _reprocess(
        self, prepared: Prepared, pages: tuple[Place, ...], files: Files
    ) -> tuple[Reprocessed, Written | None]:
        post, now = prepared.post, self.clock()
        known = find_sourced(self._index, post.id)
        document = self.images.localised(prepared)
        if known is None or not known.differences(prepared, document):
            return "same", None
        if known.is_removed:
            return "removed", None
        loss = find_loss(version_in(known.record), version_of(post))
        if loss:
            hold(self._index, post, prepared.mark.content, loss, now)
            return "held", None
        written = self._documents.write_revision(
            prepared, now, files, status="reprocessed"
        )
        self._ledger.link(written.number, pages)
        return "reprocessed", written

    def has_post(self, identifier: str) -> bool:
        """Tell whether there is a post of an id."""
        query = "SELECT 1 FROM posts WHERE id = ?"
        return self._index.execute(query, (identifier,)).fetchone() is not None

    def _keep(
        self, prepared: Prepared, entry: Entry | None, files: Files, fresh: set[str]
    ) -> Kept:
        kept = super()._keep(prepared, entry, files, fresh)
        if kept.written and kept.written.number:
            pages = self._pages.get(_url(prepared), ())
            self._ledger.link(kept.written.number, pages)
        return kept


class ArchivedStore(SourcedStore):
    """A `PostStore` that writes everything into ``archive/`` first.

    Args:
        folder: the output folder.
        run: the run's name.
        about: the settings of the run, as plain data, that a replay needs.
        wall: tells the present instant, ISO 8601 UTC.
        options: those of `PostStore`.

    Raises:
        StoreLocked: another run holds the folder.
        StoreError: the folder, archive or index cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        run: str,
        *,
        about: dict[str, Any] | None = None,
        wall: Callable[[], str] = lambda: format_iso(datetime.now(UTC)),
        **options: Any,
    ) -> None:
        self._wall = wall
        self._fixed = ""
        self._about = {"run": run, "settings": about or {}}
        self._held: dict[str, Fetched] = {}
        super().__init__(folder, run, clock=self._tell, **options)
        for name in (each for each in CALLS if "." not in each):
            setattr(self, name, Told(getattr(self, name), name, self._step))
        self.images: Any = ToldImages(self.images, self._step)

    @property
    def mended(self) -> tuple[str, ...]:
        """What had been left by a crash and was mended, in sentences."""
        return self._journal.mended

    def hold(self, url: str, exchange: Exchange, facts: dict[str, Any]) -> None:
        """Take in a page of an article, until the article is kept or rejected.

        It may be called from another thread.

        Args:
            url: the article's address.
            exchange: the page; after others of the same article, its next one.
            facts: what else reading the article takes.
        """
        known = self._held.get(url)
        before = known.exchanges if known else ()
        pages = (*before, exchange)
        self._held[url] = Fetched(exchanges=pages, facts={**facts, "url": url})

    def is_holding(self, url: str) -> bool:
        """Tell whether pages of an article are held."""
        return url in self._held

    def leave(self, what: Exchange | str) -> None:
        """Archive what nothing came of.

        Args:
            what: an exchange, or the address of an article whose pages are held.

        Raises:
            StoreError: the disk refused.
        """
        exchanges: Sequence[Exchange] = ()
        if isinstance(what, Exchange):
            exchanges = [what]
        elif held := self._held.pop(what, None):
            exchanges = held.exchanges
        for exchange in exchanges:
            self._journal.keep(exchange)
        self._journal.write()

    def keep_all(
        self, posts: Sequence[tuple[Post | Prepared, Entry | None]]
    ) -> list[Kept]:
        """Keep posts; see `PostStore.keep_all`."""
        made = [self._reading(_url(post), entry) for post, entry in posts]
        with self._step("read", *made) as pages:
            kept = self.keep_from(posts, pages)
        for post, _ in posts:
            self._held.pop(_url(post), None)
        return kept

    def sift(
        self,
        entries: Sequence[Entry],
        *,
        force: bool = False,
        answer: Fetched | None = None,
    ) -> list[Entry]:
        """Record a page of listings; see `PostStore.sift`."""
        if answer is None:
            return super().sift(entries, force=force)
        facts = {**answer.facts, "force": force}
        with self._step("list", (facts, answer.exchanges)):
            return super().sift(entries, force=force)

    def reject(
        self,
        identifier: str,
        url: str,
        reason: str,
        entry: Entry | None,
        page: bytes = b"",
    ) -> None:
        """Note that a page was no article; see `PostStore.reject`."""
        facts, exchanges = self._reading(url, entry)
        do: Action = "read"
        if not exchanges:
            do = "reject"
            facts = {"id": identifier, "url": url, "reason": reason}
            facts["entry"] = as_plain(entry)
        with self._step(do, (facts, exchanges)):
            super().reject(identifier, url, reason, entry, page)
        self._held.pop(url, None)

    def reprocess(
        self, prepared: Prepared, pages: tuple[Place, ...], facts: dict[str, Any]
    ) -> Reprocessed:
        """Make what today's code reads a revision; see `SourcedStore.reprocess`."""
        with self._step("reprocess", (facts, (), pages)):
            return super().reprocess(prepared, pages, facts)

    def keep_archived(
        self, prepared: Prepared, pages: tuple[Place, ...], facts: dict[str, Any]
    ) -> Kept:
        """Keep a post of pages that are archived already; see `PostStore.keep`."""
        facts = {**facts, "settles": False}
        with self._step("read", (facts, (), pages)):
            return self.keep_from([(prepared, None)], [pages])[0]

    def accept(self, identifier: str) -> dict[str, Any]:
        """Accept a version from quarantine; see `PostStore.accept`."""
        with self._step("accept", ({"id": identifier}, ())):
            return super().accept(identifier)

    def drop(self, identifier: str) -> None:
        """Drop a version from quarantine; see `PostStore.drop`."""
        with self._step("drop", ({"id": identifier}, ())):
            super().drop(identifier)

    def close(self, report: RunReport | None = None) -> None:
        """End the run; see `PostStore.close`."""
        facts = {"report": as_plain(report)}
        try:
            for url in list(self._held):
                self.leave(url)
            with self._step("end", (facts, ())):
                self._runs.end(report)
            self._journal.sync()
        finally:
            self._let_go()

    # -- how -----------------------------------------------------------------------

    def _begin(self, spider: str) -> None:
        now = self._wall()
        self._journal = Journal(self.folder, self._index, now)
        self._ledger = self._journal.ledger
        with self._step("begin", ({**self._about, "spider": spider}, ())):
            super()._begin(spider)

    @contextmanager
    def _step(self, do: Action, *made: _Made) -> Iterator[list[tuple[Place, ...]]]:
        """Archive steps of one commit, then let the store carry them out."""
        now = self._fixed = self._wall()
        start = self._journal.end
        try:
            pages = [self._journal.note(do, now, *each) for each in made]
            self._journal.write()
            yield pages
        except BaseException:
            self._journal.void(start, now)
            raise
        finally:
            self._fixed = ""

    def _reading(
        self, url: str, entry: Entry | None
    ) -> tuple[dict[str, Any], Sequence[Exchange]]:
        held = self._held.get(url)
        if held is None:
            return {"url": url}, ()
        return {**held.facts, "settles": entry is not None}, held.exchanges

    def _tell(self) -> str:
        return self._fixed or self._wall()


class ReplayedStore(SourcedStore):
    """A `PostStore` that is made once more from an archive.

    Args:
        folder: the output folder.
        run: the run's name.
        now: when the run began, ISO 8601 UTC.
        before: notes what the archive holds, before the run begins.
        options: those of `PostStore`.

    Raises:
        StoreLocked: a run holds the folder.
        StoreError: the folder or index cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        run: str,
        *,
        now: str,
        before: Callable[[ReplayedStore], None],
        **options: Any,
    ) -> None:
        self.now = now
        """The instant that the store takes for the present one."""
        self._before = before
        super().__init__(folder, run, clock=lambda: self.now, **options)

    def take(self, url: str, place: Place, digest: str, at: str) -> None:
        """Note a full answer of the archive; see `Ledger.add`."""
        self._ledger.add(url, place, digest, at)

    def advance(self, end: Place) -> None:
        """Note where the step ends that is taken next; see `Ledger.advance`."""
        self._ledger.advance(end)

    def unsettled(self) -> list[Capture]:
        """Give the answers that were noted and not committed."""
        return self._ledger.unsettled()

    def abandon(self) -> None:
        """Let the store go as a killed run does."""
        self._let_go()

    def _begin(self, spider: str) -> None:
        self._ledger = Ledger(self._index)
        self._index.attendant = self._ledger
        self._before(self)
        super()._begin(spider)


def _url(post: Post | Prepared) -> str:
    return post.url if isinstance(post, Post) else post.post.url
