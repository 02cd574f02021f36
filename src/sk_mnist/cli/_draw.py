"""``sk-mnist draw``: a page in the browser on which you draw a digit."""

import contextlib
import ipaddress
import socket
import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer

from ._digits import Data, Digits, load
from ._errors import reason, say
from ._predict import load_model

FEW_IMAGES = 10_000


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
            f"The page cannot be at {host}, port {port}: {why}. "
            "Choose another --host or --port."
        ) from error


def url_of(listener: socket.socket) -> str:
    """Write the address of the page as a browser on this machine reaches it."""
    address, port, *_ = listener.getsockname()
    if ":" in address:
        return f"http://[{'::1' if address == '::' else address}]:{port}"
    return f"http://{'127.0.0.1' if address == '0.0.0.0' else address}:{port}"


def is_open_to_others(listener: socket.socket) -> bool:
    """Tell whether other machines can reach the page."""
    return not ipaddress.ip_address(listener.getsockname()[0]).is_loopback


def train_quickly(digits: Digits) -> Any:
    """Train the quick network, and say on what."""
    from .. import recipes
    from .._augmentation import ElasticDeformation

    typer.echo(f"No model given: training a quick one on {digits.name}.")
    parameters: dict[str, Any] = {"random_state": 0, "verbose": 1}
    if len(digits.y_train) < FEW_IMAGES:
        # So few do not show how differently people draw; deformed, they do.
        parameters |= {"augmentation": ElasticDeformation(), "epochs": 60}
    return recipes.build("fast", **parameters).fit(digits.X_train, digits.y_train)


def draw(
    model: Annotated[
        Path | None,
        typer.Argument(
            metavar="MODEL",
            exists=True,
            dir_okay=False,
            help="A model that sk-mnist train has saved, from a source that you trust. "
            "Without one, a quick one is trained first.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Where the page is. At 0.0.0.0, other machines can use it too.",
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(metavar="N", min=0, max=65535, help="Its port; 0 takes any."),
    ] = 7860,
    browser: Annotated[
        bool,
        typer.Option("--browser/--no-browser", help="Open the page in the browser."),
    ] = True,
) -> None:
    """Draw a digit in the browser, and watch the network read it.

    Needs the extra: pip install "sk-mnist[draw]". Nothing leaves this machine.
    """
    try:
        import uvicorn

        from ._drawing_page import make_page
    except ModuleNotFoundError as error:
        raise ImportError(
            f'sk-mnist draw needs its extra: pip install "sk-mnist[draw]" ({error})'
        ) from error
    from ._reading import make_reader

    with listen(host, port) as listener:
        fitted = load_model(model) if model else train_quickly(load(Data.AUTO))
        page = make_page(make_reader(fitted))
        url = url_of(listener)
        typer.echo(f"Draw at {url} (Ctrl-C ends it).")
        if is_open_to_others(listener):
            say("Warning", "whoever can reach this machine can use the page.", "yellow")
        if browser:
            webbrowser.open(url)
        settings = uvicorn.Config(
            page,
            # Logs as this process does: setting up others would close their streams.
            log_config=None,
            log_level="warning",
            timeout_graceful_shutdown=1,  # an open page listens for ever
        )
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(settings).run(sockets=[listener])
