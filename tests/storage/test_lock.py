"""One run per store, in this process and in others."""

import pytest

from crawler.core.errors import StoreError, StoreLocked
from crawler.storage.lock import StoreLock


@pytest.fixture
def lock(tmp_path):
    lock = StoreLock(tmp_path)
    yield lock
    lock.release()


def test_a_store_held_by_another_process_is_refused_with_exit_code_75(
    endless_run, open_store, output
):
    endless_run().stdout.readline()

    with pytest.raises(StoreLocked, match="another run") as refusal:
        open_store("second")

    assert refusal.value.exit_code == 75
    assert str(output) in str(refusal.value)


def test_a_refused_run_leaves_no_trace_in_the_index(endless_run, open_store, rows):
    process = endless_run()
    process.stdout.readline()
    with pytest.raises(StoreLocked):
        open_store("second")
    process.kill()
    process.communicate()

    store = open_store("third")

    assert rows(store, "SELECT run FROM runs ORDER BY run") == ["killed", "third"]


def test_the_death_of_its_holder_frees_a_store(endless_run, open_store, make_post):
    process = endless_run()
    process.stdout.readline()
    process.kill()
    process.communicate()

    assert open_store("second").keep(make_post(10**6)).record


def test_a_second_lock_in_the_same_process_is_refused(lock, tmp_path):
    with pytest.raises(StoreLocked):
        StoreLock(tmp_path)


def test_a_released_store_can_be_held_again(lock, tmp_path):
    lock.release()

    StoreLock(tmp_path).release()


def test_a_store_that_could_not_be_opened_is_let_go(open_store, output):
    output.mkdir()
    (output / "index.sqlite").write_bytes(b"garbage " * 1000)
    with pytest.raises(StoreError):
        open_store()

    StoreLock(output).release()


@pytest.mark.parametrize("path", ["taken", "taken/below"])
def test_a_folder_that_cannot_be_made_is_named(tmp_path, path):
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(StoreError, match=f"{path}.*OUTPUT_DIR") as refusal:
        StoreLock(tmp_path / path)

    assert refusal.value.exit_code == 3
