"""A small web server for the drawing page, made of the standard library alone.

It serves three files and reads drawings. It closes each connection after one request,
takes no body without a stated length or above a limit, gives a client a limited time
for its whole request, and answers a limited number of clients at once: the next ones
wait. It refuses requests that other sites make through the user's
browser: by their Origin header, and by a Host header that is no name of this machine;
a site sends one if it made its own name resolve to this machine (DNS rebinding).
"""

import io
import ipaddress
import socket
import sys
import threading
import time
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any
from urllib.parse import urlsplit

from ._page import LARGEST_PNG, DrawingPage, read_asset

SECONDS_FOR_A_REQUEST = 20.0
MAXIMUM_CONNECTIONS = 64

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _TimedSocket(io.RawIOBase):
    """Reads from a socket until a deadline, however slowly the bytes come."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._deadline = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request took too long")
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


def _names_of_this_machine(host: str) -> frozenset[str]:
    """List the names under which a browser may ask for the page, in lower case."""
    name = socket.gethostname().lower()
    return frozenset({"localhost", name, f"{name}.local", host.lower()})


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class _RefusedError(Exception):
    """A request that is not answered, with the status and the reason."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    """Answers one request and closes the connection."""

    server_version, sys_version = "sk-mnist", ""

    def __init__(
        self, page: DrawingPage, own_names: frozenset[str], *args: Any
    ) -> None:
        self.page = page
        self.own_names = own_names
        super().__init__(*args)  # answers the request, too

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self.rfile = io.BufferedReader(
            _TimedSocket(self.connection, SECONDS_FOR_A_REQUEST)
        )

    def do_GET(self) -> None:
        self._answer(self._get_file)

    def do_POST(self) -> None:
        self._answer(self._read_drawing)

    def _answer(self, make_content: Any) -> None:
        try:
            self._check_host_and_origin()
            kind, content = make_content()
        except _RefusedError as error:
            self._send(error.status, "text/plain", str(error).encode())
        else:
            self._send(HTTPStatus.OK, kind, content)

    def _check_host_and_origin(self) -> None:
        host = self.headers.get("Host", "")
        name = (urlsplit(f"//{host}").hostname or "").lower()
        # No foreign site has a bare address for a name.
        if name not in self.own_names and not _is_address(name):
            raise _RefusedError(
                HTTPStatus.FORBIDDEN,
                f"The page is not at {host!r}. If it should be: sk-mnist draw --host.",
            )
        origin = self.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            raise _RefusedError(
                HTTPStatus.FORBIDDEN, "Other sites may not send drawings."
            )

    def _get_file(self) -> tuple[str, bytes]:
        match urlsplit(self.path).path:
            case "/":
                return "text/html; charset=utf-8", self.page.html.encode()
            case "/pad.js":
                return "text/javascript; charset=utf-8", read_asset("pad.js")
            case "/page.css":
                return "text/css; charset=utf-8", read_asset("page.css")
        raise _RefusedError(HTTPStatus.NOT_FOUND, "There is no such page.")

    def _read_drawing(self) -> tuple[str, bytes]:
        if self.path != "/read":
            raise _RefusedError(HTTPStatus.NOT_FOUND, "Drawings go to /read.")
        return "application/json", self.page.answer_json(self._read_body())

    def _read_body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            raise _RefusedError(HTTPStatus.LENGTH_REQUIRED, "State the length.")
        if int(length) > LARGEST_PNG:
            raise _RefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The drawing is too large."
            )
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "The drawing is incomplete.")
        return body

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(content))}
        for name, value in (headers | _HEADERS).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Keep no log."""


class DrawingServer(ThreadingTCPServer):
    """Serves a drawing page until it is interrupted, each request in a thread.

    Parameters
    ----------
    listener : socket.socket
        Listens already; closed with the server.
    page : DrawingPage
        The page to serve.
    host : str
        The name by which the user calls this machine.
    """

    daemon_threads = True

    def __init__(self, listener: socket.socket, page: DrawingPage, host: str) -> None:
        handler = partial(_Handler, page, _names_of_this_machine(host))
        super().__init__(listener.getsockname(), handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self._free_connections = threading.Semaphore(MAXIMUM_CONNECTIONS)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a request in a thread, as soon as there are few enough of them."""
        self._free_connections.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free_connections.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report an error of ours; a client that went away is none."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)
