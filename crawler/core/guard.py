"""Decide whether a version just fetched may follow the one that is stored.

A page that comes back cut, emptied or replaced by a notice is not news, and must never
take the place of a good one. What is held back is told with its reason, and somebody
decides: the publisher may have meant it.
"""

from __future__ import annotations

from collections.abc import Sequence

from crawler.core.changes import Version
from crawler.core.counters import find_idleness
from crawler.core.dedup import Decision, Poorer, Revision, Unchanged
from crawler.core.extraction import find_notice
from crawler.core.extraction.generic import TEMPLATE as GENERIC
from crawler.core.posts import ADOPTED
from crawler.core.text import fingerprint_form

MIN_LOSS = 20
"""Characters; a text that lost fewer is not called much shorter: a sentence that was
corrected to half of its length is no loss, a flash of which a third is left is one."""

MIN_IMAGES = 3
"""Pictures; only so many that all went are called a loss."""


def judge(
    decision: Decision, number: int, versions: Sequence[Version], new: Version
) -> Decision:
    """Judge what marks alone decided, with the versions at hand.

    Args:
        decision: what `crawler.core.dedup.decide` made of the new version.
        number: the last stored version's number.
        versions: the stored versions of the same id, oldest first, at least the last
            `crawler.core.counters.MEMORY` or all.
        new: the version just fetched.

    Returns:
        ``Poorer`` for a version that would spoil the post, ``Unchanged`` where only a
        clock or counter moved, a ``Revision`` where the medium's name alone was
        replaced by another; else the decision as it was. A page that names no medium
        says nothing about it.
    """
    old = versions[-1]
    if isinstance(decision, Unchanged):
        known = old.source and new.source
        if known and fingerprint_form(old.source) != fingerprint_form(new.source):
            return Revision(number + 1, "source")
        return decision
    if not isinstance(decision, Revision):
        return decision
    loss = find_loss(old, new)
    if loss:
        return Poorer(loss)
    idle = find_idleness(versions, new)
    return Unchanged(idle) if idle else decision


def find_loss(old: Version, new: Version) -> str:
    """Tell what a new version lacks that the old one has, or ``""``.

    A version read by a real template may be any shorter than one that was guessed; of
    one that was taken from a document nobody knows how it was read.
    """
    before, after = (len(fingerprint_form(one.text)) for one in (old, new))
    notice = find_notice(new.text)
    if before and not after:
        return f"no text where {before} characters were"
    if notice and notice != find_notice(old.text):
        return f"a notice instead of the article: {notice}"
    if old.template != ADOPTED and new.template == GENERIC != old.template:
        return f"read by guessing where template {old.template} matched before"
    if old.template == GENERIC != new.template:
        return ""
    if before - after >= MIN_LOSS and after * 2 < before:
        return f"{after} characters where {before} were"
    if old.images >= MIN_IMAGES and not new.images:
        return f"no picture where {old.images} were"
    return ""
