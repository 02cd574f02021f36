"""The content of the drawing page, and its answer to a drawing.

``page.html`` is filled in with the model's name and labels; ``pad.js`` sends drawings
and photos as PNG and shows the answer, a JSON object:

- ``text``: the most probable label, or the number if there are several digits;
- ``remark``: how sure the model is of it, or between which labels it is not sure, and
  how many other shapes were left out;
- ``framed``: data URL of the image that the network saw, or of all side by side;
- of one digit ``best``: index of its label among the page's rows, and ``shares``,
  ``percents``: the probability of each label, as a number and as text;

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
from ..._number import NumberReading
from ..._percent import percent
from .._reading import Reader, Reading, UnreadableImageError
from .._records import (
    as_number_record,
    as_record,
    describe_digits,
    describe_left_out,
    two_best,
)

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


class DrawingPage:
    """A page on which one draws a digit or a number that a model reads.

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
        if isinstance(reading, Reading):
            return self._answer_digit(reading)
        return self._answer_number(reading)

    def _answer_digit(self, reading: Reading) -> dict[str, Any]:
        record = as_record("", reading)
        by_label = dict(
            zip(reading.labels.tolist(), reading.probabilities.tolist(), strict=True)
        )
        shares = [by_label[label] for label in self.labels]
        if reading.probabilities[0] >= SURE_CONFIDENCE:
            remark = f"{percent(max(shares))} sure"
        else:
            remark = f"not sure: {two_best(record)}"
        return {
            "text": str(record["digit"]),
            "remark": remark + describe_left_out(record, "; "),
            "framed": as_data_url(reading.framed),
            "best": self.labels.index(record["digit"]),
            "shares": shares,
            "percents": [percent(share) for share in shares],
        }

    def _answer_number(self, number: NumberReading) -> dict[str, Any]:
        record = as_number_record("", number, scale=1)
        sure = f"{percent(number.confidence)} sure"
        remark = "not sure" if number.is_doubtful else sure
        return {
            "text": number.text,
            "remark": f"{remark}: {describe_digits(record)}"
            + describe_left_out(record, "; "),
            "framed": as_data_url(self.reader.frame_digits(number)),
        }

    def answer_json(self, png: bytes) -> bytes:
        """Read a drawing and answer in JSON."""
        return json.dumps(self.answer(png)).encode()
