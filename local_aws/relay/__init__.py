# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The tasks' network, and the container in it through which they reach their role's credentials, metadata, the API, and
other services by Service Connect.

As on AWS it answers at 169.254.170.2, a link-local address that every task reaches:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import itertools
import json
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

from docker.errors import DockerException, NotFound

from local_aws import base_image, settings
from local_aws.relay import inside

LOGGER = logging.getLogger(__name__)

ADDRESS = "169.254.170.2"
"""The task metadata and credentials endpoints, as on AWS."""
API_PORT = 4566
"""The API's port for tasks, whatever its port outside."""
FURTHER = tuple(f"169.254.171.{number}" for number in range(1, 129))
"""One for each name of Service Connect that is in use."""
READY_TIMEOUT = 60.0

Target = tuple[str, int]
Route = Callable[[], Target | None]


class RelayError(RuntimeError):
    """There is no relay; the text has the cause."""


def name() -> str:
    """Return the name of the network, and of the relay's container in it: one of each per local AWS."""
    return f"local-aws-{settings.gateway_port()}"


def task_addresses() -> Iterator[str]:
    """Return link-local addresses for tasks, without the blocks that have a meaning in tasks."""
    blocks = [block for block in range(1, 255) if block not in (169, 170, 171)]
    return (f"169.254.{block}.{host}" for block in itertools.cycle(blocks) for host in range(1, 255))


class Relay:
    """This side of the relay: its container, and the destinations of connections from there."""

    def __init__(self, engine: Any, labels: dict[str, str], api: Target) -> None:
        self.engine = engine
        self.labels = labels
        self.routes: dict[Target, Route] = {(ADDRESS, 80): lambda: api, (ADDRESS, API_PORT): lambda: api}
        self.addresses = task_addresses()
        self.alive = False
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._asked = itertools.count(1)
        self._channels: dict[int, asyncio.Queue[tuple[bytes, bytes]]] = {}
        self._out: asyncio.Queue[bytes] = asyncio.Queue()

    def start(self) -> None:
        """Create network and container, and return once both endpoints answer.

        :raises RelayError: if that fails.
        """
        try:
            self.network = self._make_network()
            stream = self._make_container()
        except DockerException as error:
            raise RelayError(str(getattr(error, "explanation", None) or error)) from error
        self.loop = asyncio.new_event_loop()
        self.alive = True
        self._ready = self.loop.create_future()
        threading.Thread(target=self._serve, args=(stream,), daemon=True, name="relay").start()
        for address, port in list(self.routes):
            self.listen(address, port, self.routes[(address, port)])

    def listen(self, address: str, port: int, route: Route) -> None:
        """Send connections to an address of the relay to what ``route`` returns for each."""
        self.routes[(address, port)] = route
        asked = asyncio.run_coroutine_threadsafe(self._listen(address, port), self.loop)
        said = asked.result(READY_TIMEOUT)
        if "error" in said:
            raise RelayError(said["error"])

    def _make_network(self) -> Any:
        for left in self.engine.networks.list(names=[name()]):
            if left.name == name():
                return left
        return self.engine.networks.create(name(), labels=self.labels)

    def _make_container(self) -> Any:
        api = self.engine.api
        with contextlib.suppress(NotFound):
            api.remove_container(name(), force=True)
        own = api.create_endpoint_config(link_local_ips=[ADDRESS, *FURTHER])
        made = api.create_container(
            base_image.IMAGE,
            ["python3", "-c", inspect.getsource(inside)],
            name=name(),
            labels=self.labels,
            stdin_open=True,
            # the engine need not keep what it relays
            host_config=api.create_host_config(network_mode=name(), log_config={"Type": "none"}),
            networking_config=api.create_networking_config({name(): own}),
        )
        stream = api.attach_socket(made["Id"], {"stdin": 1, "stdout": 1, "stream": 1})
        api.start(made["Id"])
        return stream

    # The following runs in the relay's own thread.

    def _serve(self, stream: Any) -> None:
        asyncio.set_event_loop(self.loop)
        raw = getattr(stream, "_sock", stream)
        raw.settimeout(None)
        threading.Thread(target=self._read, args=(stream,), daemon=True, name="relay-read").start()
        self.loop.run_until_complete(self._write(raw))

    def _read(self, stream: Any) -> None:
        """Read frames from the container's output, which the engine cuts into pieces with their own headers."""
        frames, rest = Frames(), b""
        with contextlib.suppress(OSError, ValueError):
            while piece := stream.read(64 * 1024):
                rest += piece
                output, rest = output_of(rest)
                for frame in frames.take(output):
                    self.loop.call_soon_threadsafe(self._obey, *frame)
        self.alive = False
        LOGGER.warning("the relay of the tasks has ended")

    async def _write(self, raw: Any) -> None:
        while True:
            frame = await self._out.get()
            await self.loop.run_in_executor(None, raw.sendall, frame)

    def _tell(self, kind: bytes, channel: int, data: bytes = b"") -> None:
        self._out.put_nowait(inside.HEADER.pack(kind, channel, len(data)) + data)

    async def _listen(self, address: str, port: int) -> dict[str, Any]:
        await asyncio.wait_for(asyncio.shield(self._ready), READY_TIMEOUT)
        asked = next(self._asked)
        answer = self._answers[asked] = self.loop.create_future()
        self._tell(b"L", asked, json.dumps([address, port]).encode())
        return await asyncio.wait_for(answer, READY_TIMEOUT)

    def _obey(self, kind: bytes, channel: int, data: bytes) -> None:
        if kind == b"R" and not channel:
            self._ready.set_result(True)
        elif kind == b"R":
            self._answers.pop(channel).set_result(json.loads(data))
        elif kind == b"O":
            self._channels[channel] = asyncio.Queue()
            address, port = json.loads(data)
            self.loop.create_task(self._connect(channel, self.routes.get((address, port))))
        elif channel in self._channels:
            self._channels[channel].put_nowait((kind, data))

    async def _connect(self, channel: int, route: Route | None) -> None:
        target = route() if route else None
        try:
            if target is None:
                raise ConnectionRefusedError
            reader, writer = await asyncio.open_connection(*target)
        except OSError:
            self._channels.pop(channel, None)
            self._tell(b"C", channel)
            return
        back = self.loop.create_task(self._back(channel, reader))
        await self._forth(channel, writer)
        await back
        self._channels.pop(channel, None)
        writer.close()

    async def _forth(self, channel: int, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while True:
                kind, data = await self._channels[channel].get()
                if kind == b"D":
                    writer.write(data)
                    await writer.drain()
                elif kind == b"E":
                    writer.write_eof()
                    return
                else:
                    writer.transport.abort()
                    return

    async def _back(self, channel: int, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(inside.CHUNK):
                self._tell(b"D", channel, data)
        self._tell(b"C", channel)


def output_of(data: bytes) -> tuple[bytes, bytes]:
    """Return the standard output in the pieces of an attached stream, and the incomplete last piece.

    A piece has a header of eight bytes: the stream, three zeros, and its length.
    """
    output = b""
    while len(data) >= 8:
        end = 8 + int.from_bytes(data[4:8], "big")
        if len(data) < end:
            break
        output += data[8:end] if data[0] == 1 else b""
        data = data[end:]
    return output, data


class Frames:
    """Join frames, wherever they were cut."""

    def __init__(self) -> None:
        self.rest = b""

    def take(self, data: bytes) -> Iterator[tuple[bytes, int, bytes]]:
        """Return the frames that ``data`` completes: kind, channel and content."""
        self.rest += data
        size = inside.HEADER.size
        while len(self.rest) >= size:
            kind, channel, length = inside.HEADER.unpack(self.rest[:size])
            if len(self.rest) < size + length:
                return
            carried, self.rest = self.rest[size : size + length], self.rest[size + length :]
            yield kind, channel, carried
