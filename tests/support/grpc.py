# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A gRPC server for a container that only has Python, and a client: every call succeeds, with one message."""

from __future__ import annotations

import asyncio
import typing as t

from local_aws.corrections.http2 import Exchange

MESSAGE = bytes.fromhex("0a0571756f7465")
SERVER = """
import signal, socketserver, struct, sys
MESSAGE = bytes.fromhex("0a0571756f7465")

def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload

def field(name, value):
    # RFC 7541, 6.2.2: a literal that is not indexed, with a name of its own, neither coded by Huffman
    return b"\\0" + b"".join(bytes([len(text)]) + text.encode() for text in (name, value))

def answer(stream):
    # 0x88 is :status 200, 4 END_HEADERS, 5 that and END_STREAM
    head = b"\\x88" + field("content-type", "application/grpc")
    message = b"\\0" + struct.pack(">I", len(MESSAGE)) + MESSAGE
    return frame(1, 4, stream, head) + frame(0, 0, stream, message) + frame(1, 5, stream, field("grpc-status", "0"))

class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        if self.rfile.read(24) != b"PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n":
            return
        self.wfile.write(frame(4, 0, 0))
        while len(head := self.rfile.read(9)) == 9:
            kind, flags, stream = head[3], head[4], struct.unpack(">I", head[5:])[0]
            payload = self.rfile.read(int.from_bytes(head[:3], "big"))
            if kind in (4, 6) and not flags & 1:
                self.wfile.write(frame(kind, 1, 0, payload if kind == 6 else b""))
            elif kind in (0, 1) and flags & 1:
                self.wfile.write(answer(stream))

class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
Server(("", int(sys.argv[1])), Handler).serve_forever()
"""


class Called(t.NamedTuple):
    """The result of a call: the HTTP status, the message without its five-byte prefix, and C(grpc-status)."""

    status: int
    message: bytes
    grpc_status: str


def call(port: int, authority: str, method: str) -> Called:
    """Call a method without arguments of a server on this machine, with I(authority) as its name."""
    return asyncio.run(_call(port, authority, method))


async def _call(port: int, authority: str, method: str) -> Called:
    exchange = Exchange("127.0.0.1", port, 10)
    try:
        await exchange.open(10)
        fields = {"host": authority, "content-type": "application/grpc", "te": "trailers"}
        await exchange.send("POST", method, fields, bytes(5))
        status, _headers = await exchange.response()
        body = b"".join([piece async for piece in exchange.body()])
        return Called(status, body[5:], dict(exchange.trailers).get("grpc-status", ""))
    finally:
        await exchange.close()
