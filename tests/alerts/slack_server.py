"""A small Slack: a real HTTP server with the Web API methods that are used. It checks, fails on command, records."""

import json
import random
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlparse

from tests.alerts.block_kit import faults

TOKEN = "xoxb-test"  # noqa: S105  of this test server
APP_TOKEN = "xapp-test"  # noqa: S105  of this test server
TOKENS = (f"Bearer {TOKEN}", f"Bearer {APP_TOKEN}")
SCOPES_OF = {
    "auth.test": (),
    "apps.connections.open": (),
    "views.open": (),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": ("channels:history", "groups:history"),
    "conversations.replies": ("channels:history", "groups:history"),
    "conversations.list": ("channels:read", "groups:read"),
    "files.getUploadURLExternal": ("files:write",),
    "files.completeUploadExternal": ("files:write",),
}
"""What each method needs of a bot that is in public and private channels, by Slack's reference."""
SCOPES = frozenset(scope for scopes in SCOPES_OF.values() for scope in scopes)
Json = dict[str, Any]


@dataclass(frozen=True)
class Failure:
    """What goes wrong with one call; `is_taken`: Slack does what it was asked, only the answer is lost."""

    status: int = 0
    error: str = ""
    retry_after: int | None = None
    is_taken: bool = False


RATE_LIMITED = Failure(429, "ratelimited", retry_after=0)
BROKEN = Failure(500)
BROKEN_BUT_TAKEN = Failure(500, is_taken=True)
DROPPED = Failure()
DROPPED_BUT_TAKEN = Failure(is_taken=True)


def refused(error: str) -> Failure:
    """Return a proper answer that says no."""
    return Failure(200, error)


@dataclass
class Workspace:
    """What people would see, and what was asked."""

    channels: dict[str, str]
    messages: dict[str, list[Json]] = field(default_factory=lambda: defaultdict(list))
    calls: list[tuple[str, Json]] = field(default_factory=list)
    failures: dict[str, deque[Failure]] = field(default_factory=lambda: defaultdict(deque))
    archived: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    is_revoked: bool = False
    scopes: frozenset[str] = SCOPES
    socket_url: str = ""
    clock: int = 1_774_000_000
    chaos: random.Random | None = None
    """With it, every third call fails in some way."""

    def fail_next(self, method: str, *failures: Failure) -> None:
        """Let the next calls of a method fail."""
        self.failures[method].extend(failures)

    def next_failure(self, method: str) -> Failure | None:
        """Return how this call fails, if it does."""
        if self.failures[method]:
            return self.failures[method].popleft()
        kinds = (RATE_LIMITED, BROKEN, BROKEN_BUT_TAKEN, DROPPED, DROPPED_BUT_TAKEN)
        if self.chaos is not None and self.chaos.random() < 1 / 3:
            return self.chaos.choice(kinds)
        return None

    def posts(self, channel: str) -> list[Json]:
        """Return what stands in '#name', oldest first."""
        return self.messages[self.channels[channel.lstrip("#")]]

    def threads(self, channel: str) -> list[list[Json]]:
        """Return the threads of '#name': head first."""
        posts = self.posts(channel)
        heads = [p for p in posts if "thread_ts" not in p]
        return [[head, *(p for p in posts if p.get("thread_ts") == head["ts"])] for head in heads]

    def asked(self, method: str) -> list[Json]:
        """Return the arguments of each call of a method."""
        return [arguments for name, arguments in self.calls if name == method]

    def answer(self, method: str, arguments: Json) -> Json:
        """Return what Slack would answer."""
        known: dict[str, Callable[[Json], Json]] = {
            "auth.test": self._auth,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "conversations.list": self._list,
            "files.getUploadURLExternal": self._upload_url,
            "files.completeUploadExternal": self._uploaded,
            "views.open": self._form,
            "apps.connections.open": self._socket,
        }
        if method not in known:
            return {"ok": False, "error": "unknown_method"}
        if missing := set(SCOPES_OF[method]) - self.scopes:
            return {"ok": False, "error": "missing_scope", "needed": sorted(missing)[0]}
        return known[method](arguments)

    def _socket(self, _: Json) -> Json:
        return {"ok": True, "url": self.socket_url}

    def _form(self, _: Json) -> Json:
        return {"ok": True, "view": {}}

    def _auth(self, _: Json) -> Json:
        return {"ok": True, "team": "Partnership", "user": "nte", "user_id": "U1", "team_id": "T1"}

    def _channel(self, name: str) -> str | None:
        return self.channels.get(name.lstrip("#")) or (name if name in self.channels.values() else None)

    def _post(self, arguments: Json) -> Json:
        channel = self._channel(arguments["channel"])
        if channel is None:
            return {"ok": False, "error": "channel_not_found"}
        if channel in self.archived:
            return {"ok": False, "error": "is_archived"}
        thread = arguments.get("thread_ts")
        if thread and not any(m["ts"] == thread for m in self.messages[channel]):
            return {"ok": False, "error": "thread_not_found"}
        if refusal := self._check(arguments):
            return refusal
        self.clock += 1
        message = {
            "ts": f"{self.clock}.000100",
            "text": arguments["text"],
            "blocks": arguments["blocks"],
            "metadata": arguments["metadata"],
        }
        self.messages[channel].append(message | ({"thread_ts": thread} if thread else {}))
        return {"ok": True, "channel": channel, "ts": message["ts"], "message": message}

    def _update(self, arguments: Json) -> Json:
        for message in self.messages[arguments["channel"]]:
            if message["ts"] == arguments["ts"]:
                if refusal := self._check(arguments):
                    return refusal
                message.update({k: arguments[k] for k in ("text", "blocks", "metadata")}, edited=True)
                return {"ok": True, "channel": arguments["channel"], "ts": arguments["ts"]}
        return {"ok": False, "error": "message_not_found"}

    def _check(self, arguments: Json) -> Json | None:
        found = faults(arguments)
        unknown = [
            b["slack_file"]["id"]
            for b in arguments["blocks"]
            if b["type"] == "image" and b.get("slack_file", {}).get("id") not in self.files
        ]
        self.faults += [*found, *(f"unknown file {name}" for name in unknown)]
        return {"ok": False, "error": "invalid_blocks"} if found or unknown else None

    def _history(self, arguments: Json) -> Json:
        heads = [m for m in self.messages[arguments["channel"]] if "thread_ts" not in m]
        return self._page(list(reversed(heads)), arguments)

    def _replies(self, arguments: Json) -> Json:
        ts = arguments["ts"]
        return self._page(
            [m for m in self.messages[arguments["channel"]] if ts in (m["ts"], m.get("thread_ts"))], arguments
        )

    def _page(self, messages: list[Json], arguments: Json) -> Json:
        start, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit", 100))
        rest = start + limit < len(messages)
        shown = messages[start : start + limit]
        if arguments.get("include_all_metadata") not in (True, "1", "true"):
            shown = [{k: v for k, v in m.items() if k != "metadata"} for m in shown]
        cursor = str(start + limit) if rest else ""
        return {"ok": True, "messages": shown, "response_metadata": {"next_cursor": cursor}}

    def _list(self, _: Json) -> Json:
        listed = [
            {"id": c, "name": n, "is_member": True, "is_archived": c in self.archived}
            for n, c in self.channels.items()
        ]
        return {"ok": True, "channels": listed}

    def _upload_url(self, arguments: Json) -> Json:
        file_id = f"F{len(self.files) + 1:08d}"
        self.files[file_id] = b""
        return {"ok": True, "file_id": file_id, "upload_url": f"{arguments['_address']}/upload/{file_id}"}

    def _uploaded(self, arguments: Json) -> Json:
        return {"ok": True, "files": [{"id": f["id"]} for f in json.loads(arguments["files"])]}


class SlackServer:
    """Serves one workspace on a free port of loopback."""

    def __init__(self, channels: list[str]) -> None:
        self.workspace = Workspace({name.lstrip("#"): f"C{n:08d}" for n, name in enumerate(channels, 1)})
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer.serve(self)

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, daemon=True, kwargs={"poll_interval": 0.02}
        )

    @property
    def address(self) -> str:
        """Return the server's address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def base_url(self) -> str:
        """Return what stands in the place of https://slack.com/api/."""
        return f"{self.address}/api/"

    def __enter__(self) -> "SlackServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request, or fail as commanded."""
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        path = urlparse(request.path)
        if path.path.startswith("/upload/"):
            self.workspace.files[path.path.rsplit("/", 1)[1]] = body
            return _send(request, 200, b"OK")
        method = path.path.removeprefix("/api/")
        if request.headers.get_content_type() == "application/json":
            arguments = json.loads(body or b"{}")
        else:
            arguments = dict(parse_qsl(body.decode() or path.query))
        with self._lock:
            return self._answer(request, method, arguments)

    def _answer(self, request: BaseHTTPRequestHandler, method: str, arguments: Json) -> None:
        self.workspace.calls.append((method, arguments))
        if self.workspace.is_revoked or request.headers.get("Authorization") not in TOKENS:
            error = "token_revoked" if self.workspace.is_revoked else "invalid_auth"
            return _send(request, 200, json.dumps({"ok": False, "error": error}).encode())
        failure = self.workspace.next_failure(method)
        answer: Json = {}
        if failure is None or failure.is_taken:
            answer = self.workspace.answer(method, arguments | {"_address": self.address})
        if failure is None:
            scopes = {"X-OAuth-Scopes": ",".join(sorted(self.workspace.scopes))}
            return _send(request, 200, json.dumps(answer).encode(), scopes)
        if failure.status == 0:
            request.close_connection = True
            request.connection.close()
            return None
        headers = {} if failure.retry_after is None else {"Retry-After": str(failure.retry_after)}
        body = json.dumps({"ok": False, "error": failure.error}).encode() if failure.error else b"broken"
        return _send(request, failure.status, body, headers)


def _send(
    request: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None
) -> None:
    request.send_response(status)
    for name, value in (headers or {}).items():
        request.send_header(name, value)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
