"""One call after another, and what can go wrong around a call of a receiver."""

from __future__ import annotations

import gc
import itertools
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sw_notebook import CallEnded, Receiver, StaleFrameError
from sw_notebook.exceptions import ReceiverError
from sw_notebook.receiver import memory as memory_module
from sw_notebook.receiver.pipe import Message
from sw_notebook.space import LoopbackSpace
from sw_notebook.tokens import Token

from .peer import peering
from .reading import children, read, until

pytestmark = pytest.mark.usefixtures("nothing_left")


def open_files() -> int:
    """How many descriptors this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_the_second_call_begins_at_once(space: LoopbackSpace) -> None:
    """Though the first one had more frames."""
    rx = Receiver("/public/bars", space=space)
    await rx.dial()
    for frame in itertools.islice(rx.video.frames(), 100):
        assert read(frame)
    frames = rx.video.frames()
    blocks = rx.audio.blocks(0.1)
    for _ in range(20):
        next(blocks)
    rx.hangup()
    await rx.wait_for("ended")
    dialing = rx.dial()
    early = rx.audio.blocks(0.1)
    await dialing
    fresh = await rx.video.next()
    # four seconds of pictures, which no machine needs for these lines
    assert fresh.index < 100
    assert (await anext(rx.video.frames())).index < 100
    assert (await anext(frames)).index < 100
    first = await anext(early)
    assert first.samples.shape == (2, 4800)
    # with what the next call began with, and not where the one before had come to
    begun = [await anext(blocks) for _ in range(2)]
    assert [block.samples.shape for block in begun] == [(2, 4800)] * 2
    assert begun[0].pts == first.pts
    assert begun[1].pts - begun[0].pts == 4800
    rx.close()


def test_calls_leave_no_descriptor(space: LoopbackSpace) -> None:
    """Neither of their lines nor of their memory."""

    def call() -> None:
        with Receiver("/public/bars", space=space) as rx:
            next(rx.video.frames())
            rx.audio.window(0.1)
            rx.video.window(1)

    call()
    gc.collect()
    before = open_files()
    for _ in range(3):
        call()
    gc.collect()
    assert open_files() <= before


def test_a_failing_token_is_said_at_once(space: LoopbackSpace) -> None:
    """The process that was started for the call is not waited for."""

    def broken() -> str:
        raise OSError

    rx = Receiver("/public/bars", token=broken)
    with pytest.raises(CallEnded, match="raised OSError") as caught, rx:
        pass
    assert caught.value.kind == "token"
    assert rx.status == "failed"


def test_hanging_up_while_the_token_is_on_its_way(space: LoopbackSpace) -> None:
    """Nobody is called any more, and nothing is waited for."""
    asked, go_on = threading.Event(), threading.Event()

    def slow() -> Token:
        asked.set()
        go_on.wait(30)
        return space.token()

    rx = Receiver("/public/bars", token=slow)
    rx.dial()
    assert asked.wait(30)
    rx.hangup()
    assert rx.wait("ended", 5) == "destroyed"
    assert rx.end_reason == "hung up"
    go_on.set()
    until(lambda: not children())
    assert space.legs() == []


def test_a_receiver_that_is_closed_before_it_called(space: LoopbackSpace) -> None:
    """Calls nobody."""
    rx = Receiver("/public/bars", space=space)
    rx.dial()
    rx.close()
    assert rx.status == "destroyed"
    until(lambda: not children())
    until(lambda: not {t.name for t in threading.enumerate()} & {"dial"})
    assert space.legs() == []


def test_an_interrupted_loop_wants_nothing(space: LoopbackSpace) -> None:
    """Though its traceback keeps it; it can go on later."""
    with Receiver("/public/bars", space=space) as rx:
        frames = rx.video.frames()
        before = next(frames).index
        look = frames._look
        frames._look = lambda: (_ for _ in ()).throw(KeyboardInterrupt)  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt) as kept:
            next(frames)
        assert kept.tb is not None
        assert not rx.video.wanted
        frames._look = look  # type: ignore[method-assign]
        assert next(frames).index > before
        assert rx.video.wanted


def test_one_frame_of_a_window_does_not_keep_the_others(space: LoopbackSpace) -> None:
    """A copy is its own."""
    with Receiver("/public/bars", space=space) as rx:
        until(lambda: rx.video.latest() is not None and len(rx.video.window(2)) > 5)
        frames = rx.video.window(2)
        copy = frames[-1].copy()
        assert copy._owned is not None
        assert copy._owned.base is None
        assert copy.copy() is copy
        assert (copy.rgb() == frames[-1].rgb()).all()


def test_a_fork_does_not_touch_the_frames(space: LoopbackSpace) -> None:
    """They are its parent's."""
    with Receiver("/public/bars", space=space) as rx:
        frames = rx.video.frames()
        frame = next(frames)
        view = frame.y
        fork = os.fork()
        if fork == 0:
            status = 1
            try:
                del view
                gc.collect()
                frame.y  # noqa: B018
            except StaleFrameError:
                status = 0
            os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) == 0
        before = view.copy()
        for _ in range(20):
            next(frames)
        assert (view == before).all()


def test_memory_that_is_not_there_ends_the_call_in_words(
    space: LoopbackSpace, in_the_process: Callable[[str], None]
) -> None:
    """And no loop waits for what cannot come."""
    in_the_process("import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))")
    rx = Receiver("/public/bars", space=space)
    with pytest.raises((CallEnded, ReceiverError), match="of shared memory for the frames"), rx:
        next(rx.video.frames())
    assert memory_module.MOST == 1 << 30


def test_a_far_side_that_sends_nothing_is_said() -> None:
    """Where media is connected, but neither sound nor picture was agreed on."""

    def silent(text: str) -> str:
        return text.replace("a=sendonly", "a=inactive")

    with peering(answer=silent, tracks=list) as peer:
        rx = Receiver("/public/any", space=peer)
        rx.dial()
        with pytest.raises((ReceiverError, CallEnded)):
            next(rx.video.frames())
        rx.close()


def test_a_space_that_does_not_take_one_back_is_asked_no_more(space: LoopbackSpace) -> None:
    """The call goes on without signalling, and says so once."""
    with peering() as peer, Receiver("/public/any", space=peer) as rx:
        frames = rx.video.frames()
        next(frames)
        peer.refuses = True
        peer.cut()
        until(lambda: len(rx.errors) == 2)
        assert [error.name for error in rx.errors] == ["SignalingLost", "SignalingLost"]
        assert "does not take this call up again" in rx.errors[1].message
        opened = peer.opened
        began = time.monotonic()
        while time.monotonic() - began < 1:
            next(frames)
        assert peer.opened == opened
        assert rx.status == "connected"
        peer.do(lambda pc: pc.close())
        rx.wait("ended", 30)


def test_a_receiver_hangs_up_though_its_line_is_just_coming_back() -> None:
    """The bye waits a moment for it."""
    with peering() as peer, Receiver("/public/any", space=peer) as rx:
        next(rx.video.frames())
        peer.cut()
        rx.hangup()
        assert rx.wait("ended", 30) == "destroyed"
        until(lambda: "verto.bye" in peer.heard)


def test_stray_answers_are_let_go_of(space: LoopbackSpace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody waits for them any more."""
    with Receiver("/public/bars", space=space) as rx:
        until(lambda: rx.video.latest() is not None)
        answered, files = rx._questions.answered, list[int | None]()

        def watch(message: Message) -> None:
            answered(message)
            files.append(message.fd)

        monkeypatch.setattr(rx._questions, "answered", watch)
        before = open_files()
        with monkeypatch.context() as patched:
            patched.setattr("sw_notebook.receiver.calling.WINDOW_SECONDS", 0.0)
            with pytest.raises(ReceiverError, match="gave no answer"):
                rx.video.window(1)
        until(lambda: len(files) == 1)
        assert files[0] is not None
        assert rx.stats().video["decoded"] > 0
        assert rx._questions._answers == {}
        assert open_files() == before


def test_a_callback_of_the_space_that_raises_is_no_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it raises."""

    class Odd:
        url = "http://127.0.0.1:9"
        domain = "odd.loopback.invalid"

        def start(self) -> Any:
            return self

        def token(self, reference: str = "") -> Token:
            raise ZeroDivisionError

    rx = Receiver("/public/bars", space=Odd())
    with pytest.raises(CallEnded, match="ZeroDivisionError"), rx:
        pass
