"""``sk-mnist predict``: a trained model reads image files, one line for each."""

import glob
import json
import mimetypes
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._confidence import SURE_CONFIDENCE
from .._files import check_writable, replacing
from .._percent import percent
from ._errors import one_line, say
from ._model_files import load_model

if TYPE_CHECKING:
    from ._readings_figure import Row

SHOWN_AT_MOST = 50
FIGURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".pdf", ".svg")


def is_named_as_image(path: Path) -> bool:
    """Tell from a file's name whether it is meant to be an image."""
    kind, _ = mimetypes.guess_type(path.name, strict=False)
    return kind is not None and kind.startswith("image/")


def find_images(names: Iterable[str]) -> Iterator[Path]:
    """List the image files that names of files, names of folders and patterns match.

    A name that matches nothing is kept, so that the output has a line about it.
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


def why_unreadable(path: Path, error: Exception) -> str:
    """Say on one line why nothing was read from a path."""
    if isinstance(error, IsADirectoryError) and os.access(path, os.R_OK):
        return "no images in this folder"
    return one_line(error)


def as_number_line(record: dict[str, Any], width: int) -> str:
    """Write a record of several digits as a line: file, number, each confidence."""
    from ._records import describe_digits, describe_left_out

    text = record["number"].replace("\n", " ")
    doubt = "not sure: " if record["doubtful"] else ""
    sure = percent(record["confidence"])
    left_out = describe_left_out(record, "  ")
    return (
        f"{record['file']:{width}}  {doubt}{text}  {sure}  "
        f"digits: {describe_digits(record)}{left_out}"
    )


def as_line(record: dict[str, Any], width: int) -> str:
    """Write a record as a line: file, label, confidence, runner-up, or the error."""
    from ._records import describe_left_out

    name = f"{record['file']:{width}}"
    if "error" in record:
        return f"{name}  {record['error']}"
    if "number" in record:
        return as_number_line(record, width)
    label_width = max(len(str(label)) for label in record["probabilities"])
    label, runner_up = (
        f"{record[key]!s:{label_width}}  {percent(record[confidence]):>4}"
        for key, confidence in (
            ("digit", "confidence"),
            ("runner_up", "runner_up_confidence"),
        )
    )
    doubt = "" if record["confidence"] >= SURE_CONFIDENCE else "  not sure"
    left_out = describe_left_out(record, "  ")
    return f"{name}  {label}  then {runner_up}{doubt}{left_out}"


def check_figure_file(path: Path) -> None:
    """Check, before any work, that a figure can be written to a file.

    Raises
    ------
    typer.BadParameter
        If its name does not end in one of `FIGURE_SUFFIXES`.
    OSError
        If the file cannot be written.
    """
    if path.suffix.lower() not in FIGURE_SUFFIXES:
        raise typer.BadParameter(
            f"--show takes a file name that ends in {', '.join(FIGURE_SUFFIXES)}. Got "
            f"{typer.format_filename(path)!r}."
        )
    check_writable(path)


def write_figure(path: Path, rows: "list[Row]", n_read: int) -> None:
    """Write the figure of the readings, and say so if some are left out."""
    from ._readings_figure import plot_readings

    if not rows:
        say("Warning", f"no image could be read: {path} is not written.", "yellow")
        return
    if n_read > len(rows):
        shown = f"the first {len(rows)} of {n_read:,} images"
        say("Warning", f"{path} shows {shown}.", "yellow")
    with replacing(path) as part:
        plot_readings(rows).savefig(part, dpi=150)


def predict(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL",
            exists=True,
            dir_okay=False,
            help="A model that sk-mnist train has saved. A .joblib file can run any "
            "code when it is loaded: use one only if you trust where it comes from. A "
            ".skops file runs none.",
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
            help="Plot each image as given, as framed, and its probabilities. The name "
            "chooses the format: .png, .jpg, .webp, .pdf or .svg.",
        ),
    ] = None,
) -> None:
    """Read the digits on images: file, digit, confidence and runner-up.

    Of an image with several digits: the number, its confidence and each digit's.

    Images of any size will do, dark ink on light paper or light on dark. A file that
    cannot be read gets a line that says why, and makes the exit status 1.
    """
    if show is not None:
        check_figure_file(show)

    from .._images._loading import open_image, upright_size
    from ._reading import Reading, UnreadableImageError, make_reader
    from ._readings_figure import make_row
    from ._records import as_number_record, as_record

    reader = make_reader(load_model(model))
    paths = list(find_images(images))
    width = max(len(typer.format_filename(path)) for path in paths)
    records: list[dict[str, Any]] = []
    rows: list[Row] = []
    for path in paths:
        name = typer.format_filename(path)
        try:
            image = open_image(path)
            reading = reader.read(image)
            if isinstance(reading, Reading):
                record = as_record(name, reading)
            else:
                scale = upright_size(path)[0] / image.width
                record = as_number_record(name, reading, scale)
            if show is not None and len(rows) < SHOWN_AT_MOST:
                rows.append(
                    make_row(typer.format_filename(path.name), image, reading, reader)
                )
        except (OSError, UnreadableImageError) as error:
            record = {"file": name, "error": why_unreadable(path, error)}
        records.append(record)
        if not as_json:
            typer.echo(as_line(record, width), err="error" in record)
    if as_json:
        typer.echo(json.dumps(records, indent=2))

    n_failed = sum("error" in record for record in records)
    if show is not None:
        write_figure(show, rows, len(records) - n_failed)
    if n_failed:
        typer.echo(
            f"{n_failed:,} of {len(records):,} images could not be read.", err=True
        )
        raise typer.Exit(1)
