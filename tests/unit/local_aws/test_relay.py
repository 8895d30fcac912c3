# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How the relay of the tasks parses the output of its container, and the addresses of tasks."""

from __future__ import annotations

import ipaddress
import itertools

import pytest

from local_aws import relay
from local_aws.relay import inside


def piece(text: bytes, stream: int = 1) -> bytes:
    """Return a piece of an attached stream, as the engine sends it."""
    return bytes([stream, 0, 0, 0]) + len(text).to_bytes(4, "big") + text


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", (b"", b"")),
        (piece(b"one") + piece(b"two"), (b"onetwo", b"")),
        (piece(b"said") + piece(b"Traceback", stream=2), (b"said", b"")),
        (piece(b"one") + piece(b"two")[:9], (b"one", piece(b"two")[:9])),
        (piece(b"one")[:5], (b"", piece(b"one")[:5])),
    ],
)
def test_output_is_taken_out_of_the_pieces(data: bytes, expected: tuple[bytes, bytes]) -> None:
    assert relay.output_of(data) == expected


@pytest.mark.parametrize("size", [1, 7, 100])
def test_frames_are_whole_wherever_they_were_cut(size: int) -> None:
    sent = [(b"O", 1, b"[]"), (b"D", 1, b"GET /"), (b"E", 1, b""), (b"D", 2, bytes(30))]
    stream = b"".join(inside.HEADER.pack(kind, channel, len(data)) + data for kind, channel, data in sent)
    frames = relay.Frames()
    taken = [frame for at in range(0, len(stream), size) for frame in frames.take(stream[at : at + size])]
    assert taken == sent


def test_tasks_get_link_local_addresses_that_mean_nothing_else() -> None:
    given = list(itertools.islice(relay.task_addresses(), 70_000))
    assert all(ipaddress.ip_address(one).is_link_local for one in given)
    assert len(set(given)) == 251 * 254
    # those of instance metadata, ECS and EKS, and ours
    assert not {"169.254.169.254", relay.ADDRESS, "169.254.170.23", *relay.FURTHER} & set(given)
