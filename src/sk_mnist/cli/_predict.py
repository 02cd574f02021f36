"""``sk-mnist predict``: a trained model reads image files, one line for each."""

import glob
import json
import mimetypes
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._files import check_writable, replacing
from ._errors import one_line, reason, say

if TYPE_CHECKING:
    from ._explanation import Explained
    from ._reading import Reading

SHOWN_AT_MOST = 50


def is_named_as_image(path: Path) -> bool:
    """Tell from a file's name whether it is meant to be an image."""
    kind, _ = mimetypes.guess_type(path.name, strict=False)
    return kind is not None and kind.startswith("image/")


def find_images(names: Iterable[str]) -> Iterator[Path]:
    """List the files that are meant by names of files, folders and by patterns.

    A name by which nothing is found stands for itself, so that its own line can say so.
    """
    for name in names:
        if os.path.isdir(name) and os.access(name, os.R_OK):
            found = [path for path in Path(name).iterdir() if is_named_as_image(path)]
            yield from sorted(found) or [Path(name)]
        elif os.path.exists(name):
            yield Path(name)
        else:
            matches = sorted(glob.glob(name, recursive=True))
            yield from find_images(matches) if matches else [Path(name)]


def load_model(path: Path) -> Any:
    """Load what ``sk-mnist train``, or joblib, has saved.

    Raises
    ------
    ValueError
        If the file holds nothing of the kind.
    """
    import joblib

    try:
        return joblib.load(path)
    except Exception as error:  # what is no pickle raises a dozen kinds
        raise ValueError(
            f"{path} cannot be loaded as a model that sk-mnist train has saved: "
            f"{reason(error)}"
        ) from error


def percent(probability: float) -> str:
    """Write a probability so that only a certainty looks like one.

    >>> percent(0.25), percent(0.99999), percent(1.0)
    ('25.0%', '>99.9%', '100.0%')
    """
    return ">99.9%" if 0.9995 <= probability < 1 else f"{probability:.1%}"


def as_record(name: str, reading: "Reading") -> dict[str, Any]:
    """Put a reading into plain values, as --json prints them."""
    labels = reading.labels.tolist()
    probabilities = [round(p, 6) for p in reading.probabilities.tolist()]
    return {
        "file": name,
        "digit": labels[0],
        "confidence": probabilities[0],
        "runner_up": labels[1],
        "runner_up_confidence": probabilities[1],
        "probabilities": dict(sorted(zip(labels, probabilities, strict=True))),
    }


def as_line(record: dict[str, Any], width: int) -> str:
    """Write a record as a line: file, digit, confidence, runner-up, or what failed."""
    name = f"{record['file']:{width}}"
    if "error" in record:
        return f"{name}  {record['error']}"
    confidence = percent(record["confidence"])
    runner_up = f"{record['runner_up']} {percent(record['runner_up_confidence']):>5}"
    return f"{name}  {record['digit']}  {confidence:>6}  then {runner_up}"


def write_picture(path: Path, explanations: "list[Explained]", n_read: int) -> None:
    """Draw what was read, as much of it as one picture holds."""
    from ._explanation import draw_explanations

    if not explanations:
        say("Warning", f"no image could be read: {path} is not written.", "yellow")
        return
    if n_read > len(explanations):
        shown = f"the first {len(explanations)} of {n_read:,} images"
        say("Warning", f"{path} shows {shown}.", "yellow")
    with replacing(path) as part:
        draw_explanations(explanations).savefig(part, format="png", dpi=150)


def predict(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL",
            exists=True,
            dir_okay=False,
            help="A model that sk-mnist train has saved. A model file can run any code "
            "when it is loaded: use one only if you trust where it comes from.",
            show_default=False,
        ),
    ],
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="IMAGE",
            help="Image files; folders, for the images in them; patterns like '*.png'.",
            show_default=False,
        ),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON list with all probabilities.")
    ] = False,
    show: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw each image as given, as framed, and its probabilities: a PNG.",
        ),
    ] = None,
) -> None:
    """Read the digits on images: file, digit, confidence and runner-up.

    Images of any size will do, dark ink on light paper or light on dark. A file that
    cannot be read gets a line that says why, and makes the exit status 1.
    """
    if show is not None:
        check_writable(show)

    from ._explanation import explain
    from ._reading import UnreadableImageError, make_reader, open_image

    reader = make_reader(load_model(model))
    paths = list(find_images(images))
    width = max(len(typer.format_filename(path)) for path in paths)
    records: list[dict[str, Any]] = []
    explanations: list[Explained] = []
    for path in paths:
        name = typer.format_filename(path)
        try:
            image = open_image(path)
            reading = reader.read(image)
            record = as_record(name, reading)
            if show is not None and len(explanations) < SHOWN_AT_MOST:
                explanations.append(
                    explain(typer.format_filename(path.name), image, reading)
                )
        except UnreadableImageError as error:
            record = {"file": name, "error": one_line(error)}
        records.append(record)
        if not as_json:
            typer.echo(as_line(record, width), err="error" in record)
    if as_json:
        typer.echo(json.dumps(records, indent=2))

    n_failed = sum("error" in record for record in records)
    if show is not None:
        write_picture(show, explanations, len(records) - n_failed)
    if n_failed:
        typer.echo(
            f"{n_failed:,} of {len(records):,} images could not be read.", err=True
        )
        raise typer.Exit(1)
