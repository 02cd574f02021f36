"""The page on which you draw a digit and watch how it is read.

Gradio carries the page and what goes back and forth. Its own sketch pad asks for a tool
before it draws, sends only finished strokes and needs WebGL, so the pad is a plain
canvas in an HTML component: ``_drawing_page.js`` works it and ``_drawing_page.css``
dresses the page. The pad takes photos too, which the browser shrinks before it sends
them.

The page loads nothing from elsewhere, and nothing drawn or uploaded is kept.
"""

import base64
import io
from html import escape
from pathlib import Path

import gradio as gr
import numpy as np
from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from numpy.typing import NDArray
from PIL import Image
from starlette.middleware.base import RequestResponseEndpoint

from .._percent import percent
from ._reading import Reader, Reading, UnreadableImageError

LONGEST_SIDE = (
    1024  # pixels of what the pad sends; _drawing_page.js shrinks photos to it
)
# Bytes: 5.6 million in base64 if all four channels are noise that nothing compresses.
LARGEST_REQUEST = 6_000_000

_HEADER = """
<h1>Draw a digit</h1>
<p>The network reads along.</p>
"""

_PAD = """
<div class="paper">
    <canvas width="560" height="560" role="img" aria-label="Pad to draw on"></canvas>
    <p class="hint" role="status">Draw here</p>
</div>
<div class="buttons">
    <button type="button" class="clear">Clear</button>
    <button type="button" class="upload">Read a photo</button>
    <input type="file" accept="image/*" hidden>
</div>
"""


def open_drawing(drawing: str) -> Image.Image:
    """Open what the pad sends: a PNG in a data URL.

    Raises
    ------
    UnreadableImageError
        If it is larger than anything that the pad sends, or is no such image.
    """
    try:
        png = base64.b64decode(drawing.partition(",")[2], validate=True)
        image = Image.open(io.BytesIO(png), formats=["PNG"])
        if max(image.size) > LONGEST_SIDE:  # a small file may unfold to gigabytes
            raise UnreadableImageError("The image is too large.")
        image.load()
    except UnreadableImageError:
        raise
    except Exception as error:  # damaged files raise a dozen kinds
        raise UnreadableImageError("This is not an image.") from error
    return image


def as_data_url(pixels: NDArray[np.uint8]) -> str:
    """Write an image so that a page can hold it."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def render(reading: Reading, answer: str, remark: str) -> str:
    """Write a reading as HTML, always with the same elements: the page changes them."""
    height, width = reading.framed.shape
    probabilities = dict(
        zip(map(str, reading.labels), reading.probabilities.tolist(), strict=True)
    )
    bars = "".join(
        f'<li class="{"best" if label == answer else ""}"><b>{escape(label)}</b>'
        f'<i><u style="width: {100 * probability:.1f}%"></u></i>'
        f"<span>{percent(probability)}</span></li>"
        for label, probability in sorted(probabilities.items())
    )
    return f"""
<div class="answer" role="status">
    <output>{escape(answer)}</output>
    <p>{escape(remark)}</p>
</div>
<figure>
    <img src="{as_data_url(reading.framed)}" alt="{width} x {height} pixels">
    <figcaption>what it sees</figcaption>
</figure>
<ol>{bars}</ol>
"""


def render_nothing(reader: Reader, remark: str) -> str:
    """Write as HTML that nothing was read."""
    labels = reader.classifier.classes_
    nothing = Reading(
        framed=np.zeros((28, 28), np.uint8),
        labels=labels,
        probabilities=np.zeros(len(labels), np.float32),
    )
    return render(nothing, "", remark)


def read_drawing(reader: Reader, drawing: str | None) -> str:
    """Read what the pad sends, and write as HTML what was read."""
    if not drawing:
        return render_nothing(reader, "")
    try:
        reading = reader.read(open_drawing(drawing))
    except UnreadableImageError as error:
        reason = str(error)
        return render_nothing(reader, reason[:1].upper() + reason[1:])
    sure = percent(float(reading.probabilities[0]))
    return render(reading, str(reading.labels[0]), f"{sure} sure")


async def admit_drawings_only(
    request: Request, call_next: RequestResponseEndpoint
) -> Response:
    """Refuse whatever the pad does not send: Gradio would take files and keep them."""
    if request.method not in ("GET", "HEAD"):
        is_drawing = request.url.path.startswith("/gradio_api/run/")
        size = request.headers.get("content-length", "inf")
        if not is_drawing or float(size) > LARGEST_REQUEST:
            return PlainTextResponse("The page takes drawings only.", 413)
    return await call_next(request)


def make_page(reader: Reader) -> FastAPI:
    """Make the page, as an application that a web server can run.

    Parameters
    ----------
    reader : Reader
        What reads the drawings.

    Returns
    -------
    fastapi.FastAPI
        The application. It keeps no history and reports to nobody.
    """
    here = Path(__file__)
    with gr.Blocks(title="Draw a digit", analytics_enabled=False) as page:
        gr.HTML(_HEADER, apply_default_css=False, elem_id="header")
        with gr.Row(elem_id="desk"):
            pad = gr.HTML(
                "",
                html_template=_PAD,
                js_on_load=here.with_suffix(".js").read_text("utf-8"),
                apply_default_css=False,
                elem_id="pad",
            )
            result = gr.HTML(
                render_nothing(reader, ""), apply_default_css=False, elem_id="result"
            )
        pad.input(
            lambda drawing: read_drawing(reader, drawing),
            inputs=pad,
            outputs=result,
            queue=False,  # one request and its answer, of which no record is kept
            # While one drawing is read, only the newest of those that follow waits.
            trigger_mode="always_last",
            show_progress="hidden",
            api_visibility="private",
        )
    app = FastAPI()
    app.middleware("http")(admit_drawings_only)
    return gr.mount_gradio_app(
        app,
        page,
        path="/",
        footer_links=[],
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        enable_monitoring=False,
        theme=gr.themes.Base(font="system-ui", font_mono="monospace"),
        css_paths=here.with_suffix(".css"),
    )
