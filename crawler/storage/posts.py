"""The content store: posts as files, their history and look-ups in the index.

``keep`` is the one way in. It looks up, decides and writes in one transaction, in
this order: document beside its target, fsync, rename, fsync the folder, commit the
index, and only then the line in the run's exported feed. Whatever happens in
between, no reader sees half a post, and what was not acknowledged is fetched again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from crawler.core.archive import Fetched
from crawler.core.changes import version_in, version_of
from crawler.core.counters import MEMORY
from crawler.core.dates import format_iso
from crawler.core.dedup import (
    Decision,
    Duplicate,
    Fingerprint,
    New,
    Poorer,
    Revision,
    Unchanged,
    decide,
)
from crawler.core.entries import Entry
from crawler.core.errors import OptionError, StoreError
from crawler.core.guard import judge
from crawler.core.paths import DEFAULT_PATH, check_path
from crawler.core.posts import Post
from crawler.core.prepared import Prepared, prepare
from crawler.core.records import record_line
from crawler.core.report import RunReport
from crawler.core.urls import DOCUMENT_ID
from crawler.storage.adoption import has_stand_in
from crawler.storage.documents import DocumentWriter, Files, Written
from crawler.storage.files import place_durably
from crawler.storage.images import Images
from crawler.storage.index import IndexConnection, open_index, transaction
from crawler.storage.known import find_fresh, find_known, find_twin, is_completed
from crawler.storage.links import link_alias, link_duplicate, link_reprint, unlink_post
from crawler.storage.listings import Listings
from crawler.storage.lock import StoreLock
from crawler.storage.placing import Placing
from crawler.storage.quarantine import drop, find_waiting, hold, let_pass, take
from crawler.storage.rejections import forget_rejection, note_rejection
from crawler.storage.removals import announce, take_back
from crawler.storage.runs import RunLog, now_iso
from crawler.storage.schedules import Schedules
from crawler.storage.sketches import Sketches
from crawler.storage.symlinks import refuse_links
from crawler.storage.versions import latest_records, see_again
from crawler.storage.visits import Visits

MAX_REJECTED = 2 * 2**20
"""How many bytes of a rejected page are kept for study."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store did with one post."""

    decision: Decision
    """New, revision, duplicate, unchanged or poorer, with its reason."""

    written: Written | None
    """What was written of it, if anything was."""

    back: bool = False
    """Whether its page had been removed and is there again."""

    @property
    def record(self) -> dict[str, Any] | None:
        """The record that was exported for it; ``None`` when nothing was written."""
        return self.written.record if self.written else None


class PostStore:
    """One folder of posts with its index, held by this process while it is open.

    Not for several threads at once; `crawler.storage.writer` gives it one of its own.

    Args:
        folder: the output folder: ``posts/``, ``revisions/``, ``feeds/``, ``runs/``
            and ``index.sqlite`` live in it.
        run: the run's name, which names its exported feed.
        spider: what the run is of, for its report.
        path_template: where documents go (``POST_PATH``).
        extra_fields: front-matter keys beyond the seven (``POST_EXTRA_FIELDS``).
        link_reprints: make no second post of a reprint (``NEAR_DUPLICATES``).
        clock: tells the present instant, ISO 8601 UTC.
        images_url: where documents show the pictures that are kept here
            (``IMAGES_URL``); ``""`` for where the site has them.

    Raises:
        StoreLocked: another run holds the folder.
        StoreError: the folder or index cannot be used.
    """

    def __init__(  # noqa: PLR0913 - each a setting of the run
        self,
        folder: Path,
        run: str,
        *,
        spider: str = "",
        path_template: str = DEFAULT_PATH,
        extra_fields: Sequence[str] = (),
        link_reprints: bool = True,
        clock: Callable[[], str] = now_iso,
        images_url: str = "",
    ) -> None:
        self.folder = folder
        self.run = run
        self._roots = (folder / "posts", folder / "revisions")
        self.clock = clock
        """Tells the time with which the store stamps what it learns."""
        check_path(path_template)
        self._link_reprints = link_reprints
        self._extra_fields = tuple(extra_fields)
        self._lock = StoreLock(folder)
        self._index_path = folder / "index.sqlite"
        self._index = self._open_index()
        self._listings = Listings(self._index, self._index_path, self._now)
        self._sketches = Sketches(self._index)
        self.images = Images(
            *(folder, self._index, self._index_path, self._now), images_url
        )
        """The pictures that are kept."""
        self._documents = DocumentWriter(
            *(folder, self._index, run, self._sketches, self.images),
            path_template=path_template,
        )
        self._runs = RunLog(folder, self._index, self._index_path, run, self._now)
        self._placing = Placing(folder, self._index, self._index_path, run)
        self.visits = Visits(folder, self._index, self._index_path, self._runs)
        """The later visits to stored posts, and what was removed."""
        self.schedules = Schedules(self._index, self._index_path)
        """When each feed is to be polled next, and which hosts are left alone."""
        try:
            self._begin(spider)
        except BaseException:
            self._let_go()
            raise

    @property
    def feed_path(self) -> Path:
        """The run's exported feed."""
        return self._runs.feed_path(self.run)

    def keep(self, post: Post | Prepared, entry: Entry | None = None) -> Kept:
        """Keep one post; see `keep_all`."""
        return self.keep_all([(post, entry)])[0]

    def keep_all(
        self, posts: Sequence[tuple[Post | Prepared, Entry | None]]
    ) -> list[Kept]:
        """Keep posts in one transaction, each decided upon after those before it.

        Args:
            posts: the posts, prepared or not, each with the entry that led to it, if
                any; from then on the entry's version of the article counts as known.

        Returns:
            What was done with each; all of it is durable.

        Raises:
            PathRefused: one of the posts cannot be placed; nothing is acknowledged.
            StoreError: the disk or index refused; nothing is acknowledged, and the
                next fetch of the same articles mends what was begun.
        """
        self._check_roots()
        ready = [(self._prepared(post), entry) for post, entry in posts]
        files: Files = {}
        with self._runs.whole_or_mended(), self._transaction():
            fresh = find_fresh(self._index, [post.post.id for post, _ in ready])
            kept = [self._keep(post, entry, files, fresh) for post, entry in ready]
            self._place(files)
        self._placing.end()
        self._runs.export([done.written.line for done in kept if done.written])
        return kept

    def sift(
        self,
        entries: Sequence[Entry],
        *,
        force: bool = False,
        answer: Fetched | None = None,  # noqa: ARG002 - of use to an archive alone
    ) -> list[Entry]:
        """Record a page of listings and return the entries whose article is wanted.

        Args:
            entries: what one page of one feed lists.
            force: want every article, known or not.
            answer: the feed's answer, for a store that archives.

        Returns:
            Those the store does not know, or knows in another version: another title
            than this feed last had, or another ``mtime``.
        """
        return self._listings.sift(entries, force=force)

    def feed_of(self, identifier: str) -> str:
        """Name the feed that first listed an article, or ``""``."""
        return self._listings.feed_of(identifier)

    def reject(
        self,
        identifier: str,
        url: str,
        reason: str,
        entry: Entry | None,
        page: bytes = b"",
    ) -> None:
        """Note that a page was no article, so that it is not fetched for ever.

        Args:
            identifier: the article's id.
            url: its address.
            reason: why it is none.
            entry: the entry that led to it, if any.
            page: the page itself, where somebody should look at it: kept as
                ``rejected/<id>.html``, the last one of each article, up to 2 MB.
        """
        with self._transaction():
            note_rejection(self._index, identifier, url, reason, self.clock(), entry)
        if page and DOCUMENT_ID.fullmatch(identifier):
            path = self.folder / "rejected" / f"{identifier}.html"
            place_durably([(path, page[:MAX_REJECTED])], store=self.folder)

    def accept(self, identifier: str) -> dict[str, Any]:
        """Make the newest version that waits in quarantine a post's next revision.

        Returns:
            Its record, as it was exported.

        Raises:
            OptionError: nothing waits there for this post.
            StoreError: the disk or index refused; it waits on.
        """
        self._check_roots()
        files: Files = {}
        with self._runs.whole_or_mended(), self._transaction():
            post = take(self._index, identifier) or _refuse(identifier)
            prepared = self._prepared(post)
            written = self._documents.write_revision(prepared, self.clock(), files)
            self._place(files)
        self._placing.end()
        self._runs.export([written.line])
        return written.record

    def drop(self, identifier: str) -> None:
        """Drop what waits in quarantine of a post; the same never comes back.

        Raises:
            OptionError: nothing waits there for this post.
            StoreError: the index refused.
        """
        with self._transaction():
            if not find_waiting(self._index, identifier):
                _refuse(identifier)
            drop(self._index, identifier)

    def close(self, report: RunReport | None = None) -> None:
        """End the run: write its report, note what is known of its feeds, let go.

        Raises:
            StoreError: the disk or index refused; the next run mends what is missing.
        """
        try:
            self._runs.end(report)
        finally:
            self._let_go()

    def _open_index(self) -> IndexConnection:
        try:
            return open_index(self._index_path, writable=True)
        except BaseException:
            self._lock.release()
            raise

    def _place(self, files: Files) -> None:
        refuse_links(self.folder, files)
        self._placing.begin(files)
        place_durably(files.items(), store=None)  # It has just been looked at.

    def _check_roots(self) -> None:
        for root in self._roots:
            if root.exists() and not root.is_dir():
                raise StoreError(root, "is no folder; move it away")

    # -- one post ------------------------------------------------------------------

    def _prepared(self, post: Post | Prepared) -> Prepared:
        return prepare(post, self._extra_fields) if isinstance(post, Post) else post

    def _keep(
        self, prepared: Prepared, entry: Entry | None, files: Files, fresh: set[str]
    ) -> Kept:
        post, now = prepared.post, self.clock()
        is_fresh = post.id in fresh
        fresh -= {post.id, entry.id if entry else ""}  # From now on there is something.
        decision = self._decide(prepared, now, is_fresh=is_fresh)
        back = not is_fresh and self._is_back(post, decision)
        if entry:
            link_alias(self._index, entry, post, getattr(decision, "of", post.id), now)
            self._listings.settle(entry)
        if not is_fresh:
            forget_rejection(self._index, post.id)
        written = self._carry_out(decision, prepared, now, files, is_fresh=is_fresh)
        if back and not written:
            notice = announce(self._index, self.run, post.id, "restored")
            written = Written(0, notice, record_line(notice))
        return Kept(decision, written, back)

    def _carry_out(
        self,
        decision: Decision,
        prepared: Prepared,
        now: str,
        files: Files,
        *,
        is_fresh: bool,
    ) -> Written | None:
        post = prepared.post
        if isinstance(decision, New):
            if not is_fresh:
                unlink_post(self._index, post.id, now)
            if decision.like:
                link_reprint(self._index, post, decision.like, now)
            return self._documents.write_new(prepared, now, files, is_fresh=is_fresh)
        if isinstance(decision, Revision):
            return self._documents.write_revision(prepared, now, files)
        if isinstance(decision, Duplicate):
            link_duplicate(self._index, post, decision, now)
        return None

    def _is_back(self, post: Post, decision: Decision) -> bool:
        is_new = isinstance(decision, New) and not has_stand_in(self._index, post.id)
        if is_new or isinstance(decision, Duplicate | Poorer):
            return False
        seen = format_iso(post.fetched)
        return take_back(self._index, self.folder, post.id, seen)

    def _decide(self, prepared: Prepared, now: str, *, is_fresh: bool) -> Decision:
        post, mark = prepared.post, prepared.mark
        known = None if is_fresh else find_known(self._index, post.id)
        if known is None:
            twin = find_twin(self._index, post.id, mark.story)
            like = None if twin else self._sketches.find(prepared)
            return decide(mark, None, twin, like, link=self._link_reprints)
        if is_completed(self._index, prepared, known):
            let_pass(self._index, post.id)
            return New()
        decision = decide(mark, known, None)
        return self._judge(decision, known.revision, post, mark, now)

    def _judge(
        self, decision: Decision, number: int, post: Post, mark: Fingerprint, now: str
    ) -> Decision:
        records = latest_records(self._index, post.id, MEMORY)
        versions = [version_in(record) for record in records]
        judged = judge(decision, number, versions, version_of(post))
        if isinstance(judged, Poorer):
            content = mark.content
            if hold(self._index, post, content, judged.why, now):
                return judged
            return Unchanged(f"dropped from quarantine: {judged.why}")
        let_pass(self._index, post.id)
        if has_stand_in(self._index, post.id):
            return decision  # Idle or not: the post is to be whole.
        if isinstance(judged, Unchanged):
            see_again(self._index, post.id, now)
        return judged

    def _begin(self, spider: str) -> None:
        self._sketches.draw_missing(self._index_path)
        self._placing.take_back()
        self._runs.begin(spider)

    def _now(self) -> str:
        return self.clock()  # Which may be set to another after the store was opened.

    def _let_go(self) -> None:
        self._index.close()
        self._lock.release()

    def _transaction(self) -> AbstractContextManager[None]:
        return transaction(self._index, self._index_path)


def _refuse(identifier: str) -> NoReturn:
    raise OptionError("id", identifier, "has nothing waiting in quarantine")
