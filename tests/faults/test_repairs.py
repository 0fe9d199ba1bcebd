"""A repair that was killed at any system call, and the repair after it."""

import pytest

from benchmarks.injection import StraceMissingError
from benchmarks.repairing import DAMAGES, RepairSweep, make_store
from benchmarks.storing import Figures
from tests.faults.conftest import unavailable

NAMES = ("rename", "link")
"""The system calls by which files come into their places: killed at each of them."""

STEP = 6
"""The short sweep does every so manieth kill; benchmarks/faults.py does them all."""


@pytest.fixture(scope="module")
def base(memory):
    """A store whose index knows what nothing else tells."""
    make_store(memory / "repaired")
    return memory / "repaired"


@pytest.mark.parametrize("spoil", DAMAGES.values(), ids=DAMAGES)
def test_a_repair_killed_at_any_system_call_is_finished_by_the_next(
    memory, base, spoil
):
    scratch = memory / f"repairs {spoil.__name__}"
    scratch.mkdir()
    sweep = RepairSweep(scratch, base, spoil)
    try:
        every = sweep.kills(sweep.observe())
    except StraceMissingError as error:
        unavailable(str(error))

    names = [each for each in every if each.startswith(NAMES)]
    kills = [*names, *[each for each in every if each not in names][::STEP]]
    total, wrong = Figures(), {}
    for injection in kills:
        found = sweep.one(injection)
        total.add(found)
        if found.wrong:
            wrong[injection] = found

    assert wrong == {}
    assert total == Figures(rounds=len(kills))
    assert total.rounds > 20, "the repair that is killed hardly mends anything"
