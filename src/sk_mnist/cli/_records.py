"""Readings as plain values: what ``predict --json`` prints, and texts are made of."""

from typing import Any

from .._number import DigitReading, NumberReading
from .._percent import percent
from ._reading import Reading


def as_record(name: str, reading: Reading) -> dict[str, Any]:
    """Convert the reading of a digit."""
    labels = reading.labels.tolist()
    probabilities = [round(p, 6) for p in reading.probabilities.tolist()]
    return {
        "file": name,
        **_two_best(reading),
        "left_out": reading.n_left_out,
        "probabilities": dict(sorted(zip(labels, probabilities, strict=True))),
    }


def as_number_record(name: str, number: NumberReading, scale: float) -> dict[str, Any]:
    """Convert the reading of several digits, with boxes scaled."""
    return {
        "file": name,
        "number": number.text,
        "confidence": round(number.confidence, 6),
        "doubtful": number.is_doubtful,
        "left_out": number.n_left_out,
        "digits": [
            {
                **_two_best(digit),
                "doubtful": digit.is_doubtful,
                "box": [round(edge * scale) for edge in digit.box],
                "line": digit.crop.line,
            }
            for digit in number.digits
        ],
    }


def _two_best(reading: Reading | DigitReading) -> dict[str, Any]:
    """The two most probable labels."""
    labels = reading.labels[:2].tolist()
    probabilities = [round(p, 6) for p in reading.probabilities[:2].tolist()]
    return {
        "digit": labels[0],
        "confidence": probabilities[0],
        "runner_up": labels[1],
        "runner_up_confidence": probabilities[1],
    }


def describe_digits(record: dict[str, Any]) -> str:
    """Write each digit of a number with its confidence, and two labels if doubtful."""
    return ", ".join(
        two_best(digit) if digit["doubtful"] else _best(digit)
        for digit in record["digits"]
    )


def describe_left_out(record: dict[str, Any], separator: str) -> str:
    """Say, after a separator, how many shapes of an image were not read, if any."""
    match record["left_out"]:
        case 0:
            return ""
        case 1:
            return f"{separator}1 other shape left out"
        case n_left_out:
            return f"{separator}{n_left_out} other shapes left out"


def two_best(record: dict[str, Any]) -> str:
    """Write the two most probable labels.

    >>> two_best(
    ...     {
    ...         "digit": 3,
    ...         "confidence": 0.48,
    ...         "runner_up": 5,
    ...         "runner_up_confidence": 0.4,
    ...     }
    ... )
    '3 48% or 5 40%'
    """
    runner_up = f"{record['runner_up']} {percent(record['runner_up_confidence'])}"
    return f"{_best(record)} or {runner_up}"


def _best(record: dict[str, Any]) -> str:
    return f"{record['digit']} {percent(record['confidence'])}"
