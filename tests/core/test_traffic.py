"""Every request ends once."""

from hypothesis import given
from hypothesis import strategies as st

from crawler.core.traffic import Traffic

STEPS = ("schedule", "send", "answer", "leave", "drop")


class Request:
    """Told apart by identity, as Scrapy's are."""


def play(lives: list[tuple[str, ...]]) -> Traffic:
    """Follow requests through the steps of their lives."""
    traffic = Traffic()
    for steps in lives:
        request = Request()
        for step in steps:
            if step == "answer":
                traffic.answer(request, "a.cn", 200, 10, 0.5)
            elif step == "leave":
                traffic.leave(request, "a.cn")
            else:
                getattr(traffic, step)(request)
    return traffic


LIVES = {
    "responses": ("schedule", "send", "answer", "leave"),
    "failures": ("schedule", "send", "leave"),
    "dropped": ("schedule", "drop"),
}
UNFINISHED = [("schedule",), ("schedule", "send"), ("send",)]
UNSCHEDULED = {"responses": ("send", "answer", "leave"), "failures": ("send", "leave")}


@given(st.lists(st.sampled_from([*LIVES.values(), *UNFINISHED, *UNSCHEDULED.values()])))
def test_responses_failures_and_dropped_add_up_to_the_requests(lives):
    totals = play(lives).totals()

    assert totals["requests"] == len(lives)
    for name, life in LIVES.items():
        ends = lives.count(life) + lives.count(UNSCHEDULED.get(name))
        waiting = sum(life in UNFINISHED for life in lives) if name == "dropped" else 0
        assert totals[name] == ends + waiting


def test_a_host_has_its_mean_and_its_slowest_time():
    traffic = Traffic()
    for seconds in (0.1, 0.3, None):
        request = Request()
        traffic.send(request)
        traffic.answer(request, "a.cn", 200, 1000, seconds)

    assert traffic.busiest() == {
        "a.cn": {
            "responses": 3,
            "failures": 0,
            "mean_seconds": 0.2,
            "slowest_seconds": 0.3,
        }
    }
    assert traffic.totals()["bytes"] == 3000


def test_the_busiest_hosts_come_first_and_are_not_without_end():
    traffic = Traffic()
    for number in range(80):
        for _ in range(number + 1):
            request = Request()
            traffic.send(request)
            traffic.leave(request, f"{number}.cn")

    assert next(iter(traffic.busiest())) == "79.cn"
    assert len(traffic.busiest()) == 50
    assert traffic.totals()["failures"] == 80 * 81 / 2
