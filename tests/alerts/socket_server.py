"""The other half of Socket Mode: a WebSocket server for one client at a time, by the letter of RFC 6455 and no further."""

import base64
import hashlib
import json
import socket
import struct
import threading
from typing import Any

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class SocketServer:
    """Sends envelopes to the client that connects, and keeps what it answers."""

    def __init__(self, envelopes: list[dict[str, Any]]) -> None:
        self._envelopes = envelopes
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.answers: list[dict[str, Any]] = []
        self.is_answered = threading.Event()

    @property
    def url(self) -> str:
        """Return the address that apps.connections.open hands out."""
        return f"ws://127.0.0.1:{self._listener.getsockname()[1]}/link"

    def __enter__(self) -> "SocketServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._thread.join(timeout=5)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client:
                _shake_hands(client)
                _send(client, TEXT, json.dumps({"type": "hello"}).encode())
                for envelope in self._envelopes:
                    _send(client, TEXT, json.dumps(envelope).encode())
                self._listen(client)

    def _listen(self, client: socket.socket) -> None:
        while frame := _receive(client):
            kind, body = frame
            if kind == CLOSE:
                return
            if kind == PING:
                _send(client, PONG, body)
            if kind == TEXT:
                self.answers.append(json.loads(body))
                if len(self.answers) == len(self._envelopes):
                    self.is_answered.set()


def _shake_hands(client: socket.socket) -> None:
    request = b""
    while b"\r\n\r\n" not in request:
        request += client.recv(4096)
    lines = request.decode().split("\r\n")
    key = next(line.split(": ", 1)[1] for line in lines if line.lower().startswith("sec-websocket-key"))
    accept = base64.b64encode(hashlib.sha1((key + MAGIC).encode()).digest()).decode()  # noqa: S324  the protocol's
    client.sendall(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
    )


def _send(client: socket.socket, kind: int, body: bytes) -> None:
    size = bytes([len(body)]) if len(body) < 126 else b"\x7e" + struct.pack(">H", len(body))
    client.sendall(bytes([0x80 | kind]) + size + body)


def _receive(client: socket.socket) -> tuple[int, bytes] | None:
    try:
        start = _exactly(client, 2)
        size = start[1] & 0x7F
        if size == 126:
            size = struct.unpack(">H", _exactly(client, 2))[0]
        mask = _exactly(client, 4)
        body = _exactly(client, size)
    except (OSError, EOFError):
        return None
    return start[0] & 0x0F, bytes(byte ^ mask[n % 4] for n, byte in enumerate(body))


def _exactly(client: socket.socket, size: int) -> bytes:
    body = b""
    while len(body) < size:
        part = client.recv(size - len(body))
        if not part:
            raise EOFError
        body += part
    return body
