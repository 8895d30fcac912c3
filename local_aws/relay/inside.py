# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The program of the relay's container: passes its connections to the local AWS over its standard streams.

So nothing of this machine listens beyond loopback. It needs only Python's standard library, because it is passed to
``python3 -c`` as text.

A frame is its kind, a channel, a length, and that many bytes. ``O`` (out): a connection, and the address that it was
made to; ``D`` (both ways): data; ``E`` (both ways): end of data of one side; ``C`` (both ways): closed; ``L``
(in): an address to listen on; ``R`` (out): listening there now, or the error.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
from typing import Any

HEADER = struct.Struct("!cII")
CHUNK = 64 * 1024


class Inside:
    """The relay's end in the container."""

    def __init__(self) -> None:
        self.channels: dict[int, asyncio.StreamWriter] = {}
        self.last = 0
        self.servers: list[asyncio.Server] = []

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        self.commands = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(self.commands), sys.stdin)
        transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout)
        self.out = asyncio.StreamWriter(transport, protocol, None, loop)
        self.tell(b"R", 0, json.dumps({"ready": True}).encode())
        try:
            while True:
                kind, channel, length = HEADER.unpack(await self.commands.readexactly(HEADER.size))
                await self.obey(kind, channel, await self.commands.readexactly(length))
        except asyncio.IncompleteReadError:
            return

    def tell(self, kind: bytes, channel: int, data: bytes = b"") -> None:
        self.out.write(HEADER.pack(kind, channel, len(data)) + data)

    async def obey(self, kind: bytes, channel: int, data: bytes) -> None:
        if kind == b"L":
            await self.listen(channel, *json.loads(data))
            return
        writer = self.channels.get(channel)
        if writer is None:
            return
        if kind == b"D":
            writer.write(data)
        elif kind == b"E" and writer.can_write_eof():
            writer.write_eof()
        elif kind == b"C":
            self.channels.pop(channel).close()

    async def listen(self, asked: int, address: str, port: int) -> None:
        try:
            self.servers.append(await asyncio.start_server(self.accept, address, port))
            said: dict[str, Any] = {"address": address, "port": port}
        except OSError as error:
            said = {"error": str(error)}
        self.tell(b"R", asked, json.dumps(said).encode())

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.last += 1
        channel = self.last
        self.channels[channel] = writer
        self.tell(b"O", channel, json.dumps(writer.get_extra_info("sockname")[:2]).encode())
        try:
            while data := await reader.read(CHUNK):
                self.tell(b"D", channel, data)
                await self.out.drain()
            self.tell(b"E", channel)
        except OSError:
            self.tell(b"C", channel)
            self.channels.pop(channel, None)


if __name__ == "__main__":
    asyncio.run(Inside().run())
