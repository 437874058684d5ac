from __future__ import annotations

import gc
import threading
import weakref

from sw_notebook.receiver.wanted import Wanted


def test_the_first_and_the_last_are_told() -> None:
    """Nobody in between, and nobody twice."""
    told: list[bool] = []
    wanted = Wanted(told.append)
    one, two = wanted.hold(), wanted.hold()
    assert wanted.now
    one()
    one()
    assert told == [True]
    two()
    assert told == [True, False]
    assert not wanted.now


def test_a_glance_lasts_a_while() -> None:
    """Another one within that time goes on with it."""
    told: list[bool] = []
    over = threading.Event()

    def tell(want: bool) -> None:
        told.append(want)
        if not want:
            over.set()

    wanted = Wanted(tell)
    wanted.glance(60)
    wanted.glance(0.01)
    assert over.wait(30)
    assert told == [True, False]


def test_a_glance_and_a_loop_together() -> None:
    """Both have to be over."""
    told: list[bool] = []
    wanted = Wanted(told.append)
    wanted.glance(60)
    wanted.hold()()
    assert told == [True]
    wanted.close()
    wanted.close()
    wanted.hold()()
    assert told == [True, False]


def test_the_garbage_collector_may_let_go_in_the_middle() -> None:
    """Of one while another is taken."""
    told: list[bool] = []
    wanted = Wanted(told.append)

    class Loop:
        pass

    for _ in range(200):
        loop = Loop()
        loop.cycle = loop  # type: ignore[attr-defined]
        weakref.finalize(loop, wanted.hold())
        del loop
    gc.collect()
    assert told[-1] is False
    assert not wanted.now
