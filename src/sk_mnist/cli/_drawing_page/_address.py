"""The address of the drawing page, on this machine and for others."""

import ipaddress
import socket

from .._errors import reason


def listen(host: str, port: int) -> socket.socket:
    """Take the address on which the page will be.

    Raises
    ------
    OSError
        If this machine has no such address, or the port is taken or reserved.
    """
    try:
        ((family, *_, address), *_) = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )
        return socket.create_server(address, family=family)
    except (OSError, UnicodeError) as error:
        why, _, _ = reason(error).partition(" (")  # the address once more
        raise OSError(
            f"The page cannot be served at {host}, port {port}: {why}. "
            "Choose another --host or --port."
        ) from error


def as_url(address: str, port: int) -> str:
    """Write the address of the page.

    >>> as_url("127.0.0.1", 7860), as_url("::1", 7860)
    ('http://127.0.0.1:7860', 'http://[::1]:7860')
    """
    return (
        f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"
    )


def url_of(listener: socket.socket) -> str:
    """Write the address of the page as a browser on this machine reaches it."""
    address, port, *_ = listener.getsockname()
    return as_url({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address), port)


def url_for_others(listener: socket.socket) -> str:
    """Write the address of the page as other machines in the network reach it."""
    address, port, *_ = listener.getsockname()
    if ipaddress.ip_address(address).is_unspecified:
        address = outward_address(listener.family) or socket.gethostname()
    return as_url(address, port)


def outward_address(family: socket.AddressFamily) -> str | None:
    """Find the address from which this machine would talk to others, if any.

    Nothing is sent: connecting a UDP socket only looks up the route.
    """
    far = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}[family]
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((far, 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


def is_open_to_others(listener: socket.socket) -> bool:
    """Tell whether other machines can reach the page."""
    return not ipaddress.ip_address(listener.getsockname()[0]).is_loopback
