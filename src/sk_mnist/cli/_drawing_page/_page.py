"""The content of the drawing page, and its answer to a drawing.

``page.html`` is filled in with the model's name and labels; ``pad.js`` sends drawings
and photos as PNG and shows the answer, a JSON object:

- ``best``: index of the most probable label among the page's rows;
- ``remark``: how sure the model is of it;
- ``shares``, ``percents``: the probability of each label, as a number and as text;
- ``framed``: data URL of the image that the network saw;

or, if nothing could be read, only ``error``: the reason.
"""

import base64
import io
import json
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..._confidence import SURE_CONFIDENCE
from ..._percent import percent
from .._reading import Reader, UnreadableImageError

LONGEST_SIDE = 1024  # pixels of an image that the page sends; pad.js shrinks photos
LARGEST_PNG = 4_500_000  # bytes; four channels of noise, which does not compress


def read_asset(name: str) -> bytes:
    """Read a file that lies beside this one."""
    return files(__package__).joinpath(name).read_bytes()


def open_drawing(png: bytes) -> Image.Image:
    """Open the PNG that the page sends.

    Raises
    ------
    UnreadableImageError
        If it is not an image, or is larger than the page's.
    """
    try:
        image = Image.open(io.BytesIO(png), formats=["PNG"])
        if max(image.size) > LONGEST_SIDE:  # a small file may unpack to gigabytes
            raise UnreadableImageError("The image is too large.")
        image.load()
    except UnreadableImageError:
        raise
    except Exception as error:  # damaged files raise many kinds of errors
        raise UnreadableImageError("This is not an image.") from error
    return image


def as_data_url(pixels: NDArray[np.uint8]) -> str:
    """Write an image as a URL that holds it."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def how_sure(confidence: float) -> str:
    """Say how sure the model is, and below which confidence it is not.

    >>> how_sure(0.93), how_sure(0.41)
    ('93% sure', 'not sure: 41%')
    """
    if confidence < SURE_CONFIDENCE:
        return f"not sure: {percent(confidence)}"
    return f"{percent(confidence)} sure"


class DrawingPage:
    """A page on which one draws a digit that a model reads.

    Parameters
    ----------
    reader : Reader
        Reads the drawings.
    model_name : str
        Name of the model on the page.
    """

    def __init__(self, reader: Reader, model_name: str) -> None:
        self.reader = reader
        self.labels = reader.classifier.classes_.tolist()
        rows = "\n".join(
            f"<li><b>{escape(str(label))}</b><i><u></u></i><span>0%</span></li>"
            for label in self.labels
        )
        self.html = Template(read_asset("page.html").decode()).substitute(
            model=escape(model_name),
            rows=rows,
            blank=as_data_url(np.zeros((28, 28), np.uint8)),
        )

    def answer(self, png: bytes) -> dict[str, Any]:
        """Read a drawing and answer as the module's docstring says."""
        try:
            reading = self.reader.read(open_drawing(png))
        except UnreadableImageError as error:
            reason = str(error)
            return {"error": reason[:1].upper() + reason[1:]}
        by_label = dict(
            zip(reading.labels.tolist(), reading.probabilities.tolist(), strict=True)
        )
        shares = [by_label[label] for label in self.labels]
        return {
            "best": self.labels.index(reading.labels.tolist()[0]),
            "remark": how_sure(max(shares)),
            "shares": shares,
            "percents": [percent(share) for share in shares],
            "framed": as_data_url(reading.framed),
        }

    def answer_json(self, png: bytes) -> bytes:
        """Read a drawing and answer in JSON."""
        return json.dumps(self.answer(png)).encode()
