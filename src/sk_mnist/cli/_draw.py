"""``sk-mnist draw``: a page in the browser on which you draw a digit."""

import contextlib
import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer

from ._default_network import parameters_for
from ._digits import Data, Digits, load
from ._errors import say
from ._model_files import load_model
from ._qr_code import draw_in_terminal
from ._quiet import teller


def train_quickly(digits: Digits, quiet: bool = False) -> Any:
    """Train the default network, and say on what."""
    from .. import recipes

    teller(quiet)(f"No model given: training a quick one on {digits.name}.")
    network = recipes.build(
        recipes.DEFAULT_RECIPE,
        **parameters_for(digits),
        random_state=0,
        verbose=0 if quiet else 1,
    )
    return network.fit(digits.X_train, digits.y_train)


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
            help="Address of the page. At 0.0.0.0 other machines can use it, too.",
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, max=65535, help="Port of the page; 0 takes a free one."
        ),
    ] = 7860,
    browser: Annotated[
        bool,
        typer.Option("--browser/--no-browser", help="Open the page in the browser."),
    ] = True,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet",
            "-q",
            help="Print nothing but the address of the page, warnings and errors.",
        ),
    ] = False,
) -> None:
    """Draw a digit in the browser, and watch the network read it.

    Nothing leaves this machine, and nothing is kept.
    """
    from ._drawing_page._address import (
        is_open_to_others,
        listen,
        url_for_others,
        url_of,
    )
    from ._drawing_page._page import DrawingPage
    from ._drawing_page._server import DrawingServer
    from ._reading import make_reader

    with listen(host, port) as listener:
        if model:
            fitted, name = load_model(model), model.name
        else:
            digits = load(Data.AUTO, quiet)
            fitted = train_quickly(digits, quiet)
            name = f"a quick network, {digits.name}"
        page = DrawingPage(make_reader(fitted), name)
        url = url_of(listener)
        typer.echo(f"Draw at {url} (Ctrl-C ends it).")
        if is_open_to_others(listener):
            others = url_for_others(listener)
            typer.echo(f"From a phone in the same network: {others}")
            if not quiet:
                draw_in_terminal(others)
            say(
                "Warning",
                "everybody who can reach this machine can use the page.",
                "yellow",
            )
        if browser:
            webbrowser.open(url)
        with contextlib.suppress(KeyboardInterrupt):
            DrawingServer(listener, page, host).serve_forever()
