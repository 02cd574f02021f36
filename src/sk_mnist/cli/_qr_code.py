"""The address of the drawing page as a QR code, for the camera of a phone."""

import io
import sys

import typer


def draw_in_terminal(url: str) -> None:
    """Draw a QR code if segno is installed and standard output is a terminal for it."""
    try:
        import segno
    except ImportError:
        return
    if not sys.stdout.isatty() or sys.stdout.encoding.lower() != "utf-8":
        return
    drawn = io.StringIO()
    segno.make(url, micro=False).terminal(drawn, compact=True)
    for line in drawn.getvalue().splitlines():
        # Cameras expect dark on light, whatever the colors of the terminal.
        typer.secho(line, fg="bright_white", bg="black")
