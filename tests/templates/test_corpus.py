"""Real pages of 2005 to 2024: each field against what is known of the page."""

from functools import cache
from pathlib import Path

import pytest

from benchmarks.extraction_facts import FIELDS, judge, read_facts
from benchmarks.extraction_rivals import ours

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "pages"
FACTS = {page.stem: (page, facts) for page, facts in read_facts([FOLDER])}

pytestmark = pytest.mark.skipif(not FACTS, reason=f"{FOLDER} is not here")


@cache
def verdicts(name):
    page, facts = FACTS[name]
    return judge(ours(page.read_bytes(), facts["url"]), facts)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("name", sorted(FACTS))
def test_a_field_of_a_real_page_is_right(name, field):
    assert verdicts(name)[field] is not False
