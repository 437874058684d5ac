from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sw_notebook.rtp.assembly import HISTORY, JUMP, STRAY, Assembler
from sw_notebook.rtp.repair import GIVE_UP_MOST, REPEAT

from .streams import Playing, Sent, frame_data, shuffled, stream, vp8_payload


def playing(**options: float | None) -> Playing:
    """Return a player with a new assembler of VP8."""
    return Playing(Assembler("vp8"), **options)  # type: ignore[arg-type]


def test_frames_come_in_order_as_soon_as_their_marker_does() -> None:
    """No frame waits for the next one."""
    player = playing()
    for number, packet in enumerate(stream(10)):
        player.play([packet])
        assert player.numbers == list(range((number + 1) // 3))
    assert player.assembler.deadline is None
    assert player.asked == player.keyframes[1:] == []


def test_sequence_numbers_wrap() -> None:
    """After 65535 comes 0, with and without a gap there."""
    for lost in (set(), {2}, {3}):
        player = playing()
        player.play(stream(4, first=65533), lost)
        player.wait(0.2)
        assert player.numbers == [0, 1, 2, 3]


@pytest.mark.parametrize("first", [True, False])
def test_a_lost_packet_is_asked_for_at_once_and_holds_up_what_follows(first: bool) -> None:
    """It is asked for again in the pace of the answers, and nothing is lost in the end."""
    player = playing(answers=0.04)
    packets = stream(12)
    player.play(packets, {9 if first else 10})
    assert player.asked == [packets[9 if first else 10].sequence]
    player.wait(0.2)
    assert player.numbers == list(range(12))
    counts = player.assembler.counts
    assert (counts.recovered, counts.lost, counts.incomplete, counts.undecodable) == (1, 0, 0, 0)
    assert player.assembler.trip.seconds == pytest.approx(0.04, abs=0.006)


@pytest.mark.parametrize("answers", [0.12, 0.15, 0.2])
def test_a_long_way_is_learnt_too(answers: float) -> None:
    """Of two requests nobody knows which was answered, but it was no earlier than the first."""
    player = playing(answers=answers)
    player.play(stream(200), set(range(10, 600, 60)))
    player.wait(0.5)
    assert player.numbers == list(range(200))
    assert player.assembler.counts.lost == 0
    assert player.assembler.trip.seconds == pytest.approx(answers, abs=0.03)
    assert len(player.asked) <= (12 if answers == 0.12 else 20)


def test_each_frame_that_is_left_out_is_counted() -> None:
    """Also those that waited for a packet when a keyframe made it needless."""
    assembler = Assembler("vp8")

    def push(number: int, key: bool = False) -> list[bytes]:
        payload = vp8_payload(frame_data(number, key=key, packets=1), starts=True)
        frames = assembler.push(number, 3000 * number, True, payload, number / 30)
        return [frame.data for frame in frames]

    assert push(0, key=True)
    assert not push(2)
    assert not push(3)
    assembler.spoil()
    assert push(4, key=True)
    counts = assembler.counts
    assert (counts.lost, counts.incomplete, counts.undecodable) == (1, 0, 2)


def test_what_is_not_sent_again_is_given_up_and_a_keyframe_asked_for() -> None:
    """Nothing is handed out that refers to what was lost; the freeze is short."""
    player = playing(answers=None)
    packets = stream(60, keys=(0, 40))
    player.play(packets[:90], {30})
    assert player.numbers == list(range(10))
    counts = player.assembler.counts
    assert (counts.lost, counts.incomplete) == (1, 1)
    assert counts.undecodable == 19
    assert len(player.keyframes) == 2
    lost_at = 31 * player.apart
    assert player.keyframes[1] - lost_at <= GIVE_UP_MOST + player.apart + 1e-9
    player.play(packets[90:])
    assert player.numbers == [*range(10), *range(40, 60)]
    assert counts.frames + counts.incomplete + counts.undecodable == 60


def test_a_keyframe_ends_the_wait_for_what_came_before_it() -> None:
    """While nothing can be decoded, a gap in front of a keyframe delays nobody."""
    player = playing(answers=None)
    packets = stream(20, keys=(0, 12))
    player.assembler.spoil()
    player.play(packets[3:36], {20})
    player.play(packets[36:39])
    assert player.numbers == [12]


def test_a_lost_part_of_the_keyframe_itself_is_waited_for() -> None:
    """It is what everything waits for, so it is asked for like any other packet."""
    player = playing()
    player.play(stream(10), {1})
    player.wait(0.2)
    assert player.numbers == list(range(10))


def test_a_burst_is_given_up_at_once() -> None:
    """The sender keeps no more than its last hundred packets."""
    player = playing()
    packets = stream(120, keys=(0, 80))
    lost = set(range(30, 30 + HISTORY + 3))
    player.play(packets, lost)
    player.wait(0.3)
    assert not player.asked
    assert player.numbers == [*range(10), *range(80, 120)]
    counts = player.assembler.counts
    assert counts.lost == len(lost)


def test_keyframes_are_asked_for_at_start_and_then_once_a_second() -> None:
    """Each request costs a whole room several keyframes."""
    player = playing(apart=0.01)
    player.play(stream(110, keys=()))
    assert player.frames == []
    assert len(player.keyframes) == 4
    gaps = [b - a for a, b in zip(player.keyframes, player.keyframes[1:], strict=False)]
    assert min(gaps) >= REPEAT - 1e-9


def test_a_new_need_does_not_wait_for_the_second_to_be_over() -> None:
    """A loss right after a keyframe is another one."""
    player = playing(answers=None)
    player.play(stream(40, keys=(0, 20)), {15, 66})
    player.wait(0.4)
    assert len(player.keyframes) == 3
    assert 0.25 <= player.keyframes[2] - player.keyframes[1] < REPEAT


def test_a_frame_without_marker_ends_with_the_next_time_stamp() -> None:
    """A server that switches its source in mid-frame leaves the marker out."""
    player = playing()
    packets = [p._replace(marker=False) if p.timestamp == 6000 else p for p in stream(5)]
    player.play(packets)
    assert player.numbers == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("later", [-4500, 1920, 90_000_000])
def test_only_sequence_numbers_tell_of_a_loss(later: int) -> None:
    """Time stamps slip, and where a server changes its source picture numbers jump, too."""
    player = playing()
    before, after = stream(6)[:9], stream(6)[9:]
    player.play(before)
    for packet in after:
        payload = packet.payload[:2] + b"\xf1\x23" + packet.payload[4:]
        stamp = packet.timestamp + later & 0xFFFFFFFF
        player.play([packet._replace(timestamp=stamp, payload=payload)])
    assert player.numbers == [0, 1, 2, 3, 4, 5]
    assert player.asked == player.keyframes[1:] == []


def test_a_stream_joined_in_the_middle_of_a_frame_begins_with_the_next_keyframe() -> None:
    """What is there of the first frame is no frame."""
    player = playing()
    player.play(stream(6, keys=(0, 3))[1:])
    assert player.numbers == [3, 4, 5]
    assert player.assembler.counts.incomplete == 1


def test_duplicates_and_latecomers_are_counted_and_dropped() -> None:
    """They change nothing else."""
    player = playing(answers=None)
    packets = stream(6)
    player.play([packets[0], packets[0], packets[2], packets[2], packets[1], *packets[3:]])
    assert player.numbers == list(range(6))
    counts = player.assembler.counts
    assert (counts.duplicate, counts.late, counts.lost) == (1, 1, 0)


@pytest.mark.parametrize("jump", [JUMP, 20_000, -JUMP])
def test_a_stream_that_begins_anew_far_off_is_followed(jump: int) -> None:
    """Also where its sequence numbers went back."""
    player = playing()
    player.play(stream(5, first=30_000))
    player.play(stream(5, first=30_000 + jump))
    assert player.numbers == [0, 1, 2, 3, 4] * 2


def test_a_stream_that_begins_anew_not_far_behind_is_followed_in_the_end() -> None:
    """So many packets in a row are not late."""
    player = playing()
    player.play(stream(5, first=2000))
    player.play(stream(40, first=1800, keys=(0, 30)))
    assert player.numbers == [*range(5), *range(30, 40)]
    assert player.assembler.counts.late == STRAY


def test_malformed_payloads_spoil_their_frame_only_until_a_keyframe() -> None:
    """They are counted, and nothing broken is handed out."""
    player = playing()
    packets = stream(9, keys=(0, 6))
    packets[10] = packets[10]._replace(payload=b"\x90")
    player.play(packets)
    assert player.numbers == [0, 1, 2, 6, 7, 8]
    counts = player.assembler.counts
    assert (counts.malformed, counts.incomplete, counts.undecodable) == (1, 1, 2)


def test_padding_is_no_frame() -> None:
    """Browsers probe the network with packets that hold nothing."""
    player = playing()
    packets = stream(4)
    after = [Sent(12 + i, 9000, False, b"") for i in range(5)]
    player.play(
        [*packets, *after, Sent(17, 12000, True, vp8_payload(b"\x01\0\0\0\4", starts=True))]
    )
    assert player.numbers == [0, 1, 2, 3, 4]


def test_h264_parameters_of_their_own_reach_the_decoder_before_the_keyframe() -> None:
    """Where a sender gives them a time stamp or a marker of their own, too."""
    assembler = Assembler("h264")
    frames = [
        *assembler.push(1, 0, True, b"\x67sps", 0.0),
        *assembler.push(2, 0, True, b"\x68pps", 0.0),
        *assembler.push(3, 0, False, b"\x7c\x85begin", 0.0),
        *assembler.push(4, 0, True, b"\x7c\x45end", 0.0),
        *assembler.push(5, 3000, True, b"\x61delta", 0.0),
    ]
    start = b"\0\0\0\1"
    key, delta = (frame.data for frame in frames)
    assert key == start + b"\x67sps" + start + b"\x68pps" + start + b"\x65beginend"
    assert delta == start + b"\x61delta"
    assert [frame.key for frame in frames] == [True, False]
    assert assembler.counts.frames == 2


@given(
    lost=st.sets(st.integers(3, 170)),
    seed=st.integers(0, 1000),
    first=st.integers(0, 65535),
    answers=st.sampled_from([None, 0.0, 0.03, 0.1, 0.4]),
)
def test_whatever_the_network_does_no_frame_is_wrong(
    lost: set[int], seed: int, first: int, answers: float | None
) -> None:
    """Each frame is whole, comes once and in order, after a keyframe, and the rest is counted."""
    keys = (0, 20, 40)
    player = playing(answers=answers)
    packets = stream(60, first=first, keys=keys)
    # What comes first is where it begins.
    player.play([packets[0], *shuffled(packets[1:], seed)], lost)
    player.wait(0.5)
    player.play(
        [
            p._replace(sequence=(first + 180 + i) & 0xFFFF, timestamp=180_000 + p.timestamp)
            for i, p in enumerate(stream(2))
        ]
    )
    player.wait(0.5)
    numbers = player.numbers[:-2]
    assert player.numbers[-2:] == [0, 1]
    assert numbers == sorted(set(numbers))
    for before, number in zip([-1, *numbers], numbers, strict=False):
        assert number == before + 1 or number in keys
    counts = player.assembler.counts
    assert counts.frames == len(player.numbers)
    if answers in (0.0, 0.03) and len(lost) < 20:
        assert numbers == list(range(60))
    assert player.assembler.deadline is None
