"""What a bad network does, decided without one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.space.media.impairment import Counts, Impairment, Impairments

probability = st.floats(0, 1)
late = st.floats(0, 2)
bursts = st.none() | st.tuples(st.floats(0.5, 10), st.floats(0.01, 0.4))
wishes = st.builds(
    Impairments,
    loss=probability,
    delay=late,
    jitter=late,
    duplicate=probability,
    reorder=probability,
    burst=bursts,
    seed=st.integers(),
    nack=st.booleans(),
)


def run(
    asked: Impairments, packets: int = 200, stream: str = "video", counts: Counts | None = None
) -> list[list[tuple[float, int]]]:
    """Return what is sent for each packet; they are 10 ms apart."""
    impairment = Impairment[int](asked, stream, counts)
    return [impairment.take(number, number / 100) for number in range(packets)]


def order(sent: list[list[tuple[float, int]]]) -> list[int]:
    """Return the packets as they leave."""
    return [packet for copies in sent for _, packet in copies]


@given(wishes)
def test_a_seed_repeats_it(asked: Impairments) -> None:
    """All of it, in each process."""
    assert run(asked) == run(asked)


def test_a_seed_means_the_same_everywhere() -> None:
    """Whoever wrote one down finds it again."""
    assert order(run(Impairments(loss=0.5, seed=1), 12)) == [0, 1, 2, 5, 6, 7, 9, 10, 11]


@given(wishes)
def test_every_packet_is_accounted_for(asked: Impairments) -> None:
    """It was lost, or it is sent, once or twice, or it is being held back."""
    counts = Counts()
    impairment = Impairment[int](asked, "audio", counts)
    sent = [impairment.take(number, number / 100) for number in range(100)]
    sent.append(impairment.release())
    left = order(sent)
    assert len(left) == 100 - counts.lost + counts.duplicated
    assert len(set(left)) == 100 - counts.lost
    assert all(
        asked.delay <= seconds <= asked.delay + asked.jitter
        for copies in sent
        for seconds, _ in copies
    )
    assert impairment.release() == []


@given(wishes, wishes)
def test_what_is_lost_depends_on_the_seed_alone(one: Impairments, other: Impairments) -> None:
    """And on how likely it is: delays and the like do not change which packets they are."""
    alike = Impairments(**{**other.dump(), "loss": one.loss, "seed": one.seed, "burst": None})
    plain = Impairments(loss=one.loss, seed=one.seed)
    counts = Counts()
    impairment = Impairment[int](alike, "video", counts)
    sent = [impairment.take(number, 0.0) for number in range(200)]
    assert {*order(sent), *order([impairment.release()])} == set(order(run(plain)))


@given(st.integers(), st.lists(st.integers(0, 99)))
def test_sending_again_does_not_change_the_rest(seed: int, again: list[int]) -> None:
    """Requests come at other times in each run; the packets themselves do not care."""
    asked = Impairments(loss=0.3, seed=seed)
    impairment = Impairment[int](asked, "video")
    left: list[int] = []
    for number in range(100):
        left += order([impairment.take(number, 0.0)])
        for _ in range(again.count(number)):
            impairment.take(-1, 0.0, again=True)
    assert left == order(run(asked, 100))


@given(st.integers(), st.floats(0.01, 1), late)
def test_one_to_three_overtake(seed: int, reorder: float, delay: float) -> None:
    """One that is held back comes right after the last of them, as late as that or later."""
    counts = Counts()
    asked = Impairments(reorder=reorder, delay=delay, seed=seed)
    sent = run(asked, counts=counts)
    held = [number for number, copies in enumerate(sent) if not copies]
    assert len(held) == counts.reordered
    for number in held:
        after = next((n for n, copies in enumerate(sent) if number in order([copies])), None)
        if after is None:
            assert number == held[-1]
        else:
            assert 1 <= after - number <= 3
            assert sent[after] == [(delay, after), (delay, number)]


def test_streams_have_luck_of_their_own() -> None:
    """So have seeds."""
    asked = Impairments(loss=0.5)
    assert run(asked) != run(asked, stream="audio")
    assert run(asked) != run(Impairments(loss=0.5, seed=1))


def test_likelihoods_are_kept() -> None:
    """About; the seed is what makes this no matter of luck."""
    counts = Counts()
    run(Impairments(loss=0.1, duplicate=0.2, jitter=0.1, reorder=0.1), 10_000, counts=counts)
    assert 900 < counts.lost < 1100
    assert 1700 < counts.duplicated < 1900
    assert counts.delayed == 10_000 - counts.lost
    assert 600 < counts.reordered < 900


def test_bursts_come_at_regular_intervals() -> None:
    """Not at once, and everything in them is lost."""
    sent = run(Impairments(burst=(0.5, 0.04)), 110)
    lost = [number for number, copies in enumerate(sent) if not copies]
    assert lost == [50, 51, 52, 53, 100, 101, 102, 103]


def test_nothing_asked_for_is_nothing_done() -> None:
    """Each packet leaves at once."""
    counts = Counts()
    assert run(Impairments(), 5, counts=counts) == [[(0, number)] for number in range(5)]
    assert counts == Counts()


@given(wishes)
def test_wishes_cross_the_wire(asked: Impairments) -> None:
    """As JSON, which knows no tuples."""
    assert Impairments.read(json.loads(json.dumps(asked.dump()))) == asked


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"loss": 1.1}, "loss is 1.1; give a probability from 0 to 1"),
        ({"loss": float("nan")}, "loss is nan"),
        ({"duplicate": -0.1}, "duplicate is -0.1"),
        ({"reorder": "often"}, "reorder is 'often'"),
        ({"loss": True}, "loss is True"),
        ({"delay": 2.1}, "delay is 2.1; give seconds from 0 to 2"),
        ({"jitter": None}, "jitter is None"),
        ({"burst": 5}, "burst is 5; give how often and how long"),
        ({"burst": [0.2, 5]}, r"burst is \(0.2, 5\)"),
        ({"burst": [5, 0]}, "burst is"),
        ({"burst": [5]}, "burst is"),
        ({"burst": [5, "x"]}, "burst is"),
        ({"burst": [3601, 1]}, "at most 3600"),
        ({"seed": 1.5}, "seed is 1.5; give a whole number"),
        ({"seed": True}, "seed is True"),
        ({"nack": 1}, "nack is 1; give True or False"),
        ({"rain": 1}, "there is no impairment 'rain'; use"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any], words: str) -> None:
    """In one sentence."""
    with pytest.raises(ValueError, match=words):
        Impairments.read(wrong)
