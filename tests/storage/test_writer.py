"""A store in a thread of its own."""

import threading
from concurrent.futures import CancelledError, wait

import pytest

from crawler.core.errors import PathRefused, StoreError
from crawler.storage import writer as writing
from crawler.storage.writer import StoreWriter

TIMEOUT = 30


@pytest.fixture
def writer(open_store):
    writer = StoreWriter(open_store)
    yield writer
    writer._thread.shutdown()


@pytest.fixture
def held(writer):
    """Keep the thread busy until this is called."""
    go = threading.Event()
    writer.call(go.wait, TIMEOUT)
    yield go.set
    go.set()


@pytest.fixture
def commits(writer):
    """Every COMMIT of the store from now on."""
    seen = []

    def note(statement):
        if statement == "COMMIT":
            seen.append(statement)

    writer.call(writer.store._index.set_trace_callback, note)
    return seen


def results(futures):
    return [future.result(TIMEOUT) for future in futures]


def test_a_post_is_kept_when_its_future_resolves(writer, make_post, exported):
    kept = writer.keep(make_post(), None).result(TIMEOUT)

    assert exported() == [kept.record]


def test_posts_that_wait_share_a_commit(writer, held, make_post, commits):
    futures = [writer.keep(make_post(number), None) for number in range(20)]
    held()

    assert len(results(futures)) == 20
    assert len(commits) == 1


def test_many_waiting_posts_are_split_among_commits(writer, held, make_post, commits):
    futures = [writer.keep(make_post(number), None) for number in range(130)]
    held()

    kept = results(futures)

    assert [each.record["id"] for each in kept] == [
        make_post(number).id for number in range(130)
    ]
    assert len(commits) == 3


@pytest.fixture
def patient(monkeypatch):
    """A commit that waits for more posts for longer than any test."""
    monkeypatch.setattr(writing, "_LINGER", 10 * TIMEOUT)


def test_a_post_that_comes_a_moment_later_shares_the_commit(
    patient, writer, make_post, commits
):
    first = writer.keep(make_post(0), None)
    assert wait([first], 0.01).not_done
    second = writer.keep(make_post(1), None)
    writer.call(len, "")

    assert len(results([first, second])) == 2
    assert len(commits) == 1


def test_a_call_ends_the_wait_for_more_posts(patient, writer, make_post):
    kept = writer.keep(make_post(0), None)

    assert writer.call(len, "abc").result(TIMEOUT) == 3
    assert kept.done()


def test_a_batch_that_is_full_waits_no_more(patient, writer, make_post):
    futures = [writer.keep(make_post(n), None) for n in range(writing._BATCH)]

    assert len(results(futures)) == writing._BATCH


def test_calls_and_posts_are_carried_out_in_the_order_they_were_made(
    writer, held, make_post, rows
):
    count = "SELECT count(*) FROM versions"
    futures = []
    for number in range(3):
        writer.keep(make_post(number), None)
        futures.append(writer.call(rows, writer.store, count))
    held()

    assert results(futures) == [[1], [2], [3]]


def test_an_error_reaches_everybody_who_waits(writer, held, make_post, output):
    (output / "posts").write_text("in the way")
    futures = [writer.keep(make_post(number), None) for number in range(3)]
    held()

    assert [type(future.exception(TIMEOUT)) for future in futures] == [StoreError] * 3


def test_the_writer_goes_on_after_an_error(writer, make_post, output):
    (output / "posts").write_text("in the way")
    assert writer.keep(make_post(), None).exception(TIMEOUT)
    (output / "posts").unlink()

    assert writer.keep(make_post(), None).result(TIMEOUT).record["revision"] == 1


POISONS = [
    pytest.param(({"categories": ("长" * 33,) * 60}, PathRefused), id="path too long"),
    pytest.param(({"categories": ("堵",)}, PathRefused), id="file in the way"),
    pytest.param(({"categories": ("链",)}, PathRefused), id="symbolic link"),
    pytest.param(({"images": None}, TypeError), id="a mistake of ours"),
]


@pytest.fixture
def walls(output):
    """Put things in the way of some categories."""
    (output / "posts").mkdir(parents=True)
    (output / "posts/堵").write_text("in the way")
    (output / "posts/链").symlink_to(output)


@pytest.mark.usefixtures("walls")
@pytest.mark.parametrize("poison", POISONS)
def test_a_post_that_cannot_be_kept_takes_no_other_with_it(
    writer, held, make_post, exported, poison
):
    changes, refusal = poison
    posts = [make_post(n, **(changes if n == 5 else {})) for n in range(10)]
    futures = [writer.keep(post, None) for post in posts]
    held()

    refused = futures.pop(5).exception(TIMEOUT)

    assert isinstance(refused, refusal)
    assert [kept.record for kept in results(futures)] == exported()
    assert len(exported()) == 9


def test_an_error_of_a_call_reaches_its_caller(writer):
    with pytest.raises(ZeroDivisionError):
        writer.call(divmod, 1, 0).result(TIMEOUT)


def test_a_caller_who_gave_up_holds_up_nobody(writer, held, make_post):
    first, second, third = (writer.keep(make_post(n), None) for n in range(3))
    assert second.cancel()
    held()

    assert results([first, third])
    with pytest.raises(CancelledError):
        second.result(TIMEOUT)


def test_closing_keeps_what_waits_and_ends_the_thread(
    writer, held, make_post, exported
):
    futures = [writer.keep(make_post(number), None) for number in range(3)]
    held()

    writer.close(writer.store.close)

    assert not wait(futures, timeout=0).not_done
    assert len(exported()) == 3
    assert not [t for t in threading.enumerate() if t.name.startswith("store")]


def test_closing_tells_what_went_wrong_and_ends_the_thread(writer):
    def refuse():
        raise StoreError("here", "no")

    with pytest.raises(StoreError):
        writer.close(refuse)

    assert not [t for t in threading.enumerate() if t.name.startswith("store")]


def test_a_closed_writer_takes_no_more(writer, make_post):
    writer.close(writer.store.close)

    with pytest.raises(RuntimeError):
        writer.keep(make_post(), None)


def test_a_store_that_cannot_be_opened_leaves_no_thread(open_store, output):
    output.write_text("in the way")

    with pytest.raises(StoreError, match="OUTPUT_DIR"):
        StoreWriter(open_store)

    assert not [t for t in threading.enumerate() if t.name.startswith("store")]
