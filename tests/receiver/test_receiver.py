"""The receiver against a real space: real signalling, ICE, DTLS, SRTP, VP8."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from sw_notebook import CallEnded, CallInProgressError, CallTimeoutError, DestinationError
from sw_notebook.exceptions import CallError, ReceiverError
from sw_notebook.receiver.receiver import NAME, Receiver
from sw_notebook.space import LoopbackSpace

from .reading import children, read, until

pytestmark = pytest.mark.usefixtures("nothing_left")


def test_every_frame_of_a_call_is_right_and_in_order(space: LoopbackSpace) -> None:
    """None is missing, none comes twice, none is broken."""
    with Receiver("/public/bars", space=space) as rx:
        frames = rx.video.frames(policy="bounded", limit=1000)
        seen = [next(frames).copy() for _ in range(60)]
        stats = rx.stats()
    strips = [read(frame) for frame in seen]
    first = strips[0].frame
    assert [strip.frame for strip in strips] == list(range(first, first + 60))
    assert [frame.index for frame in seen] == list(range(1, 61))
    assert seen[0].key
    assert seen[0].pts == 0
    # 25 a second; the space's clock of the media moves on where a busy machine made it wait
    assert float(seen[-1].pts * seen[-1].time_base) >= 59 / 25 - 0.001
    assert all(a.pts < b.pts for a, b in itertools.pairwise(seen))
    assert stats.video["lost"] == stats.video["decode_errors"] == 0
    assert stats.video["keyframes_asked"] == 1
    assert stats.connection["ways"] == ["socket", "socket"]
    assert stats.connection["undecryptable"] == stats.connection["malformed"] == 0
    assert (rx.status, rx.end_reason) == ("destroyed", "hung up")


async def test_in_a_coroutine(space: LoopbackSpace) -> None:
    """The same with ``async``, and the newest and the next frame."""
    async with Receiver("/public/bars", space=space) as rx:
        assert rx.video.latest() is None
        frame = await rx.video.next()
        latest = rx.video.latest()
        assert latest is not None
        assert latest.index >= frame.index
        strips = []
        async for frame in rx.video.frames(max_fps=10):
            strips.append(read(frame).frame)
            if len(strips) == 10:
                break
        assert strips == sorted(set(strips))
        assert strips[-1] - strips[0] >= 18
        assert rx.call_id in [leg["call_id"] for leg in space.legs()]
        assert rx.media_directions == {"audio": "recvonly", "video": "recvonly"}
    statuses = [change.status for change in rx.history]
    assert statuses == [
        "new",
        "trying",
        "connecting",
        "connected",
        "disconnecting",
        "destroyed",
    ]
    assert await rx.wait_for("ended") == "destroyed"
    assert re.fullmatch(
        r"<Receiver /public/bars destroyed after 00:\d\d closed \(loopback space\)>", repr(rx)
    )


def test_it_is_a_member_with_a_name(space: LoopbackSpace) -> None:
    """People in a room shall know what looks at them."""
    with Receiver("/public/bars", space=space):
        (leg,) = space.legs()
        assert leg["member"] == NAME
        assert leg["directions"] == {"audio": "sendonly", "video": "sendonly"}
    with Receiver("/public/bars", space=space, name="camera 2"):
        assert space.legs()[0]["member"] == "camera 2"


def test_nothing_is_decoded_for_nobody(space: LoopbackSpace) -> None:
    """Packets come, and that is all; the first who looks gets a keyframe."""
    with Receiver("/public/bars", space=space) as rx:
        until(lambda: rx.stats().video.get("received", 0) > 60)
        assert rx.stats().video["decoded"] == rx.stats().video["keyframes_asked"] == 0
        with rx.video.frames() as frames:
            assert next(frames).key
            next(frames)
        decoded = rx.stats().video["decoded"]
        received = rx.stats().video["received"]
        until(lambda: rx.stats().video["received"] > received + 60)
        assert rx.stats().video["decoded"] <= decoded + 2
        with rx.video.frames() as frames:
            assert next(frames).key
        assert rx.stats().video["keyframes_asked"] == 2


@pytest.mark.parametrize(
    ("destination", "kind", "words"),
    [
        ("/public/@nobody", "destination", "no such destination: /public/@nobody"),
        ("/public/forbidden", "destination", "refuses calls"),
        ("/public/busy", "call", "the other side is busy (USER_BUSY 17)"),
    ],
)
def test_a_call_that_fails_says_why(
    space: LoopbackSpace, destination: str, kind: str, words: str
) -> None:
    """In one sentence with the next step, and nothing is left of it."""
    rx = Receiver(destination, space=space)
    with pytest.raises(CallEnded) as caught, rx:
        pass
    assert caught.value.kind == kind
    assert words in str(caught.value)
    assert caught.value.advice
    assert rx.status == "failed"
    assert [error.fatal for error in rx.errors] == [True]
    assert rx.messages[-1].text == "Status: failed"
    with pytest.raises(CallEnded):
        next(rx.video.frames())


async def test_hanging_up_at_every_moment(space: LoopbackSpace) -> None:
    """Whatever it was at, it ends, and can dial again."""
    rx = Receiver("/public/slow", space=space)
    for status in ("new", "trying", "ringing"):
        rx.dial()
        await rx.wait_for(status)
        rx.hangup()
        rx.hangup()
        assert await rx.wait_for("ended") == "destroyed"
        assert rx.end_reason == "hung up"
    assert [change.attempt for change in rx.history if change.status == "destroyed"] == [1, 2, 3]
    rx.close()
    rx.close()
    with pytest.raises(CallError, match="this receiver is closed"):
        rx.dial()


async def test_one_call_at_a_time(space: LoopbackSpace) -> None:
    """A second dial says that the first is up."""
    rx = Receiver("/public/no-answer", space=space)
    dialing = rx.dial()
    assert repr(dialing) == "<Dialing /public/no-answer new>"
    with pytest.raises(CallInProgressError):
        rx.dial()
    with pytest.raises(CallTimeoutError):
        await dialing.within(0.01)
    with pytest.raises(CallTimeoutError):
        rx.wait("connected", 0.01)
    await rx.wait_for("ringing")
    with pytest.raises(ValueError, match="did you mean 'connected'"):
        rx.wait("conected")  # type: ignore[arg-type]
    await asyncio.to_thread(rx.close)


def test_the_far_side_hangs_up(space: LoopbackSpace) -> None:
    """The iteration ends after the last frame; no error."""
    with Receiver("/public/drop", space=space) as rx:
        frames = list(rx.video.frames(policy="bounded"))
        assert len(frames) > 25
        assert rx.status == "destroyed"
        assert rx.end_reason == "the far side hung up (NORMAL_CLEARING 16)"
        assert len(rx.errors) == 0
        assert read(frames[-1])
        assert rx.stats().video["decoded"] >= len(frames)


def test_a_call_without_video_has_no_frames(space: LoopbackSpace) -> None:
    """To wait for them would be for ever."""
    with (
        Receiver("/public/silence", space=space) as rx,
        pytest.raises(ReceiverError, match="the far side of /public/silence sends no video"),
    ):
        next(rx.video.frames())
    with (
        Receiver("/public/bars", space=space, video=False) as rx,
        pytest.raises(ReceiverError, match="made with video=False"),
    ):
        next(rx.video.frames())


def test_what_cannot_be_called_is_refused_at_once() -> None:
    """Before anything is started."""
    for destination, whom in (
        ("/private/ada", "person"),
        ("+15551234567", "phone number"),
        ("sip:ada@example.com", "SIP address"),
    ):
        with pytest.raises(DestinationError, match=f"would ring this {whom} again"):
            Receiver(destination, space="loopback")
        assert Receiver(destination, space="loopback", allow_ringing=True).status == "idle"
    with pytest.raises(DestinationError, match="the destination is empty"):
        Receiver("", space="loopback")
    with pytest.raises(ValueError, match="receives nothing"):
        Receiver("/public/bars", space="loopback", audio=False, video=False)
    with pytest.raises(TypeError, match="exclude each other"):
        Receiver("/public/bars", space="loopback", token="x")
    with pytest.raises(ValueError, match="urls"):
        Receiver("/public/bars", space="loopback", ice_servers=[{"url": "turn:x"}])


def test_a_token_does(space: LoopbackSpace) -> None:
    """The name is then the token's; nobody sees the token."""
    token = space.token("ada")
    secret = token.reveal()
    with Receiver("/public/bars", token=token) as rx:
        next(rx.video.frames())
        assert space.legs()[0]["member"] == "ada"
        (child,) = children()
        said = [repr(rx), repr(rx.messages), repr(rx.errors), repr(rx.stats()), repr(vars(rx))]
        said += [" ".join(child.cmdline()), repr(child.environ())]
    for text in said:
        assert secret not in text
        assert secret.rpartition(".")[2] not in text


def test_an_interrupt_is_for_the_cell(space: LoopbackSpace) -> None:
    """The call goes on."""
    with Receiver("/public/bars", space=space) as rx:
        frames = rx.video.frames()
        next(frames)
        (child,) = children()
        assert os.getsid(child.pid) == child.pid
        main = threading.main_thread().ident
        assert main is not None
        # What runs in the background of a shell is started with interrupts ignored.
        before_it = signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Timer(0.2, signal.pthread_kill, (main, signal.SIGINT)).start()
        try:
            with pytest.raises(KeyboardInterrupt):
                rx.wait("ended")
        finally:
            signal.signal(signal.SIGINT, before_it)
        before = rx.stats().video["received"]
        next(frames)
        until(lambda: rx.stats().video["received"] > before)
        assert rx.status == "connected"


def test_a_process_that_is_killed_is_an_error_that_says_so(space: LoopbackSpace) -> None:
    """And the next call works."""
    rx = Receiver("/public/bars", space=space)
    rx.dial()
    rx.wait("connected")
    frames = rx.video.frames()
    kept = next(frames)
    children()[0].kill()
    assert rx.wait("ended", 10) == "failed"
    with pytest.raises(ReceiverError, match=r"no more video comes: .* ended \(signal 9\)"):
        for _ in frames:
            pass
    assert read(kept)
    (leg,) = space.legs()
    space.hangup(leg["call_id"])
    rx.dial()
    rx.wait("connected")
    assert read(next(rx.video.frames()))
    rx.close()


SCRIPT = """
import sys
from sw_notebook import Receiver
from sw_notebook.space import LoopbackSpace
space = LoopbackSpace(private=True)
with Receiver("/public/bars", space=space) as rx:
    for number, frame in enumerate(rx.video.frames()):
        if number == 3:
            break
    print(frame.rgb().shape, flush=True)
    {more}
"""


def run(tmp_path: Path, more: str = "pass") -> subprocess.Popen[str]:
    """Start a script without a guard."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(more=more))
    (tmp_path / "numpy.py").write_text("raise SystemExit('taken for numpy')")
    return subprocess.Popen(
        [sys.executable, "-P", str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
    )


def test_a_script_without_a_guard(tmp_path: Path) -> None:
    """Its process does not run the script again."""
    process = run(tmp_path)
    output, _ = process.communicate(timeout=60)
    assert output == "(360, 640, 3)\n"
    assert process.returncode == 0


@pytest.mark.parametrize("way", ["kill", "exit", "stop"])
def test_nothing_outlives_the_kernel(tmp_path: Path, way: str) -> None:
    """However it ends: process and memory are gone within five seconds."""
    more = {
        "kill": "sys.stdin.read(); import time; time.sleep(60)",
        "exit": "import os; os._exit(3)",
        "stop": "import time; time.sleep(60)",
    }[way]
    before = set(Path("/dev/shm").iterdir())
    process = run(tmp_path, more)
    assert process.stdout is not None
    assert process.stdout.readline() == "(360, 640, 3)\n"
    started = psutil.Process(process.pid).children(recursive=True)
    if way == "kill":
        process.kill()
    elif way == "stop":
        process.terminate()
    process.wait()
    process.stdout.close()
    receivers = [p for p in started if p.is_running() and "sw_notebook.receiver" in _command(p)]
    _, alive = psutil.wait_procs(receivers, timeout=5)
    assert not alive
    assert set(Path("/dev/shm").iterdir()) <= before


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def test_a_receiver_that_is_let_go_of_hangs_up(space: LoopbackSpace) -> None:
    """As when a cell that made it runs again."""
    rx = Receiver("/public/bars", space=space)
    rx.dial()
    rx.wait("connected")
    assert len(children()) == 1
    del rx
    gc.collect()
    until(lambda: not space.legs())
    until(lambda: not children())


def test_a_fork_does_not_hold_the_call(space: LoopbackSpace) -> None:
    """The process ends with the one that made it."""
    rx = Receiver("/public/bars", space=space)
    rx.dial()
    rx.wait("connected")
    fork = os.fork()
    if fork == 0:
        signal.pause()
        os._exit(0)
    try:
        rx.close()
        assert rx.status == "destroyed"
        assert not children()
    finally:
        os.kill(fork, signal.SIGKILL)
        os.waitpid(fork, 0)


def test_two_at_once(space: LoopbackSpace) -> None:
    """Each has its own process and its own frames."""
    with (
        Receiver("/public/bars", space=space, name="one") as one,
        Receiver("/public/bars", space=space, name="two") as two,
    ):
        first, second = read(next(one.video.frames())), read(next(two.video.frames()))
        assert abs(first.frame - second.frame) < 250
        assert len(children()) == 2
        one.close()
        assert read(next(two.video.frames()))


def test_the_network_fails_for_a_while(space: LoopbackSpace) -> None:
    """Then frames go on, and none that came is wrong."""
    with Receiver("/public/bars", space=space) as rx:
        frames = rx.video.frames(policy="bounded", limit=1000)
        numbers = [read(next(frames)).frame]
        assert rx.call_id is not None
        space.interrupt(rx.call_id, 2.5)
        numbers += [read(next(frames)).frame for _ in range(50)]
        assert numbers == sorted(set(numbers))
        gap = max(b - a for a, b in itertools.pairwise(numbers))
        assert gap > 10
        stats = rx.stats().video
        assert stats["lost"] > 0
        assert stats["keyframes_asked"] >= 2
        assert rx.status == "connected"


def test_the_signalling_is_lost_and_comes_back(space: LoopbackSpace) -> None:
    """Media goes on all the while, and the call can be hung up after it."""
    with Receiver("/public/bars", space=space) as rx:
        frames = rx.video.frames()
        next(frames)
        assert rx.call_id is not None
        space.disconnect(rx.call_id, 0.3)
        until(lambda: "The connection to the space is back" in [m.text for m in rx.messages])
        assert [error.name for error in rx.errors] == ["SignalingLost"]
        assert not rx.errors[0].fatal
        assert read(next(frames))
        assert rx.status == "connected"
    assert rx.end_reason == "hung up"


def test_numbers_are_a_table(space: LoopbackSpace) -> None:
    """In a cell, and after the call, too; before there are none."""
    rx = Receiver("/public/bars", space=space)
    assert rx.stats().video == {}
    assert repr(rx.stats()) == ""
    with rx:
        frames = rx.video.frames()
        next(frames)
        next(rx.audio.blocks(0.1))
        until(lambda: all((rx.stats().video["bitrate"], rx.stats().audio["bitrate"])))
        stats = rx.stats()
    assert (stats.audio["delivered"], stats.audio["overrun"]) == (1, 0)
    assert re.search(r"^audio +bitrate +[\d,]+$", repr(stats), re.MULTILINE)
    assert stats.video["codec"] == "vp8"
    assert (stats.video["width"], stats.video["height"]) == (640, 360)
    assert 0 <= stats.video["age"] < 10
    assert "<td>decode_ms</td>" in stats._repr_html_()
    assert re.search(r"^video +codec +vp8$", repr(stats), re.MULTILINE)
    assert rx.stats().video["decoded"] >= stats.video["decoded"]


def test_plain_aiortc_takes_over_where_it_must(space: LoopbackSpace) -> None:
    """In the same process, with the same frames, sound and end; the numbers say so."""
    with Receiver("/public/bars", space=space, plain=True) as rx:
        strips = [read(frame).frame for frame, _ in zip(rx.video.frames(), range(20), strict=False)]
        assert strips == sorted(set(strips))
        block = next(rx.audio.blocks(0.1))
        assert block.samples.shape == (2, 4800)
        assert block.level > -20
        stats = rx.stats()
        assert stats.connection["path"] == "plain"
        assert stats.video["decoded"] >= stats.video["delivered"] >= 20
        # nobody counted them, so it is not known how many were lost
        assert stats.video["missing"] is stats.audio["received"] is None
        assert stats.connection["bytes"] is None
        with pytest.raises(ReceiverError, match=r"keeps no frames.* take them as they come"):
            rx.video.window(5)
    assert rx.end_reason == "hung up"


def test_an_aiortc_that_lacks_a_name_receives_by_itself(
    space: LoopbackSpace, in_the_process: Callable[[str], None]
) -> None:
    """A version of it in which a private name that the fast path needs is another one."""
    in_the_process(
        "from aiortc import RTCDtlsTransport\n"
        "from sw_notebook.receiver.child import hooks\n"
        "hooks._NAMES += ((RTCDtlsTransport, '_as_it_was_called'),)"
    )
    with Receiver("/public/bars", space=space) as rx:
        assert read(next(rx.video.frames())).frame >= 0
        assert rx.stats().connection["path"] == "plain"


def test_a_call_in_which_nothing_is_ever_sent(space: LoopbackSpace) -> None:
    """An echo has nothing to return: the call stays up, empty, and ends as any other."""
    with Receiver("/public/echo", space=space) as rx:
        sound = threading.Thread(target=lambda: list(rx.audio.blocks()))
        picture = threading.Thread(target=lambda: list(rx.video.frames()))
        sound.start()
        picture.start()
        assert rx.stats().video["received"] == rx.stats().audio["received"] == 0
        assert rx.video.latest() is None
        assert rx.video.window(1) == []
        assert rx.audio.latest() is None
        assert rx.audio.window(1).samples.shape[1] == 0
        assert rx.status == "connected"
        rx.hangup()
        rx.wait("ended")
        # loops end with the call
        sound.join(10)
        picture.join(10)
        assert not sound.is_alive()
        assert not picture.is_alive()
    assert [rx.end_reason, len(rx.errors)] == ["hung up", 0]


def test_a_cell_looks_back_at_all_that_it_missed(space: LoopbackSpace) -> None:
    """Every frame of the last seconds, though nobody took one while they came."""
    with Receiver("/public/bars", space=space) as rx:
        assert rx.video.window(1) == []
        until(lambda: rx.stats().video.get("decoded", 0) > 60)
        frames = rx.video.window(1.6)
        numbers = [read(frame).frame for frame in frames]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert 20 <= len(numbers) <= 60
        assert [frame.index for frame in frames] == sorted(frame.index for frame in frames)
        assert all(a.monotonic < b.monotonic for a, b in itertools.pairwise(frames))
        everything = rx.video.window(60)
        assert everything[0].key
        assert len(everything) > len(frames)
    assert read(everything[0])
    for seconds in (0, -1, 61, float("nan")):
        with pytest.raises(ValueError, match="more than 0 and up to 60"):
            rx.video.window(seconds)
    with pytest.raises(ReceiverError, match="there is no call"):
        rx.video.window(1)


async def test_sound_is_heard_without_a_gap(space: LoopbackSpace) -> None:
    """A loop that begins late gets all of it, and a busy one loses nothing."""
    async with Receiver("/public/bars", space=space) as rx:
        await rx.video.next()
        window = await asyncio.to_thread(rx.audio.window, 0.2)
        assert 0 < window.samples.shape[1] <= 9600
        blocks = []
        async for block in rx.audio.blocks(0.05, mono=True):
            blocks.append(block)
            if len(blocks) == 1:
                time.sleep(0.7)  # noqa: ASYNC251 - a cell that holds the loop
            if len(blocks) == 20:
                break
        assert all(block.samples.shape == (1, 2400) for block in blocks)
        assert [b.pts - a.pts for a, b in itertools.pairwise(blocks)] == [2400] * 19
        assert not any(block.gaps.any() for block in blocks)
        assert all(-20 < block.level < -10 for block in blocks)
        assert rx.stats().audio["lost"] == 0
        video, sound = await rx.video.next(), await asyncio.to_thread(rx.audio.latest)
        assert sound is not None
        assert abs(video.time - sound.time) < 2


async def test_a_person_without_sound_is_told(space: LoopbackSpace) -> None:
    """Waiting for it would be for ever."""
    async with Receiver("/public/bars", space=space, audio=False) as rx:
        with pytest.raises(ReceiverError, match="made with audio=False"):
            await anext(rx.audio.blocks())
