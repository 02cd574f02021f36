"""The forms of digits that schools teach, as strokes of a pen.

A digit is about 1 high and 0.6 wide; x grows to the right and y downwards. A form is a
tuple of strokes, a stroke a tuple of points that a smooth curve runs through, in the
order of writing.

The forms are our own drawings of what is described in "Regional handwriting variation"
[1]_ and taught by American (Zaner-Bloser and D'Nealian [2]_), German (Lateinische and
Vereinfachte Ausgangsschrift, Schulausgangsschrift [3]_), French and Italian schools.

References
----------
.. [1] https://en.wikipedia.org/wiki/Regional_handwriting_variation
.. [2] https://en.wikipedia.org/wiki/D%27Nealian
.. [3] https://de.wikipedia.org/wiki/Ausgangsschrift
"""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import NamedTuple, TypeAlias


class Point(NamedTuple):
    """A point of a stroke, and how far hands differ in where they put it.

    Parameters
    ----------
    x, y : float
        The middle of where it lies.
    dx, dy : float, default=0.03
        Largest distance from the middle, in either direction.
    is_corner : bool, default=False
        Whether the pen changes its direction here at once.
    """

    x: float
    y: float
    dx: float = 0.03
    dy: float = 0.03
    is_corner: bool = False


Stroke: TypeAlias = tuple[Point, ...]
Form: TypeAlias = tuple[Stroke, ...]

at = Point
corner = partial(Point, is_corner=True)

# Strokes that several forms share.
_OVAL = (
    at(0.33, 0.00, 0.08), at(0.09, 0.14), at(0.00, 0.50), at(0.10, 0.87),
    at(0.32, 1.00), at(0.55, 0.86), at(0.64, 0.50), at(0.54, 0.13),
    at(0.33, 0.01, 0.08, 0.04),
)  # fmt: skip
_BAR_OF_7 = (at(0.12, 0.52, 0.08, 0.07), at(0.62, 0.50, 0.08, 0.07))
_FOOT_OF_1 = (at(-0.28, 1.00, 0.12), at(0.28, 1.00, 0.12))
_STEM = (corner(0.00, 0.00), at(-0.02, 1.00, 0.07))
_LONG_STEM_OF_4 = (at(0.50, 0.03, 0.08, 0.08), at(0.47, 1.00, 0.06))
_BOWL_OF_5 = (
    corner(0.06, 0.43), at(0.28, 0.35), at(0.52, 0.46), at(0.59, 0.68), at(0.46, 0.92),
    at(0.22, 1.00), at(0.00, 0.90, 0.05, 0.05),
)  # fmt: skip
_BOWL_OF_6 = (
    at(0.02, 0.66), at(0.12, 0.92), at(0.33, 1.00), at(0.55, 0.88), at(0.57, 0.66),
    at(0.37, 0.53, 0.04, 0.05), at(0.13, 0.62, 0.04, 0.05), at(0.04, 0.76, 0.04, 0.05),
)  # fmt: skip
_LOOP_OF_9 = (
    at(0.58, 0.14, 0.04, 0.06), at(0.35, 0.00), at(0.08, 0.10), at(0.00, 0.30),
    at(0.12, 0.50), at(0.36, 0.48), at(0.55, 0.28, 0.04, 0.05),
)  # fmt: skip
_ARCH_OF_2 = (
    at(0.02, 0.22, 0.03, 0.06), at(0.16, 0.03), at(0.42, 0.00), at(0.58, 0.20),
    at(0.50, 0.46), at(0.25, 0.75),
)  # fmt: skip
_LOWER_HALF_OF_3 = (
    at(0.50, 0.52), at(0.60, 0.72), at(0.50, 0.93), at(0.25, 1.00),
    at(0.00, 0.88, 0.05, 0.06),
)  # fmt: skip

_FORMS: dict[str, Form] = {
    "0": (_OVAL,),
    "0 round": ((
        at(0.50, 0.00, 0.10), at(0.15, 0.14), at(0.00, 0.50), at(0.15, 0.86),
        at(0.50, 1.00), at(0.85, 0.86), at(1.00, 0.50), at(0.85, 0.14),
        at(0.48, 0.00, 0.10, 0.05),
    ),),
    "0 squarish": ((
        at(0.35, 0.00), at(0.08, 0.05), at(0.00, 0.30), at(0.00, 0.70),
        at(0.08, 0.95), at(0.35, 1.00), at(0.64, 0.95), at(0.70, 0.70),
        at(0.70, 0.30), at(0.62, 0.05), at(0.33, 0.00, 0.06),
    ),),
    "0 slashed": (_OVAL, (at(0.62, 0.05, 0.10, 0.09), at(0.02, 0.95, 0.10, 0.09))),
    "0 with a loop": ((
        at(0.62, 0.00, 0.06, 0.06), at(0.28, 0.06), at(0.04, 0.32), at(0.04, 0.70),
        at(0.26, 1.00), at(0.54, 0.82), at(0.60, 0.45), at(0.42, 0.10),
        at(0.22, 0.04, 0.06, 0.06), at(0.40, 0.14, 0.08, 0.06),
    ),),
    "1": ((at(0.00, 0.00), at(0.00, 1.00, 0.05)),),
    "1 with a short flag": ((at(-0.18, 0.22, 0.10, 0.10), *_STEM),),
    "1 with a flag": ((at(-0.34, 0.34, 0.12, 0.12), *_STEM),),
    "1 with a long flag": ((at(-0.50, 0.56, 0.14, 0.16), *_STEM),),
    "1 with a wide flag": ((at(-0.44, 0.36, 0.12, 0.08), *_STEM),),
    "1 with a low flag": ((at(-0.34, 0.74, 0.14, 0.14), *_STEM),),
    "1 with a curved flag": ((
        at(-0.40, 0.48, 0.14, 0.14), at(-0.14, 0.28, 0.04, 0.04), *_STEM,
    ),),
    "1 with a foot": ((at(0.00, 0.00), at(0.00, 1.00)), _FOOT_OF_1),
    "1 with a flag and a foot": ((at(-0.24, 0.28, 0.12, 0.12), *_STEM), _FOOT_OF_1),
    "1 with a long flag and a foot": (
        (at(-0.42, 0.52, 0.12, 0.14), *_STEM), _FOOT_OF_1,
    ),
    "2": ((*_ARCH_OF_2, corner(0.00, 1.00), at(0.65, 0.98, 0.06, 0.04)),),
    "2 with a loop": ((
        *_ARCH_OF_2, at(0.06, 0.97), at(0.02, 0.84, 0.04, 0.05), at(0.20, 0.82),
        at(0.40, 0.96), at(0.68, 0.94, 0.06, 0.06),
    ),),
    "2 with a curly base": ((
        *_ARCH_OF_2, corner(0.00, 0.98), at(0.18, 0.90, 0.03, 0.04), at(0.44, 1.00),
        at(0.66, 0.88, 0.05, 0.06),
    ),),
    "2 with a curl on top": ((
        at(0.16, 0.30, 0.05, 0.05), at(0.02, 0.22), at(0.10, 0.05), at(0.36, 0.00),
        at(0.58, 0.16), at(0.52, 0.44), at(0.26, 0.74), corner(0.00, 1.00),
        at(0.66, 1.00, 0.06, 0.03),
    ),),
    "2 angular": ((
        at(0.00, 0.12, 0.03, 0.10), at(0.30, 0.00), corner(0.56, 0.16, 0.05, 0.10),
        corner(0.00, 1.00), at(0.62, 1.00, 0.06, 0.04),
    ),),
    "3": ((
        at(0.02, 0.14, 0.04, 0.06), at(0.24, 0.00), at(0.52, 0.12), at(0.48, 0.36),
        corner(0.22, 0.46, 0.06), *_LOWER_HALF_OF_3,
    ),),
    "3 flat": ((
        at(0.02, 0.02, 0.05, 0.04), corner(0.58, 0.00, 0.05), corner(0.22, 0.42, 0.06),
        *_LOWER_HALF_OF_3,
    ),),
    "3 with a loop": ((
        at(0.02, 0.16, 0.04, 0.06), at(0.24, 0.00), at(0.52, 0.12), at(0.46, 0.36),
        at(0.22, 0.50), at(0.18, 0.42), at(0.34, 0.43), *_LOWER_HALF_OF_3,
    ),),
    "3 pointed": ((
        at(0.04, 0.06, 0.05, 0.05), at(0.42, 0.02), at(0.54, 0.20),
        corner(0.12, 0.46, 0.06), at(0.50, 0.58), at(0.56, 0.84), at(0.04, 0.98),
    ),),
    "4": ((
        at(0.34, 0.00, 0.10), corner(0.00, 0.64, 0.03, 0.06), at(0.68, 0.64, 0.07),
    ), _LONG_STEM_OF_4),
    "4 closed": ((
        corner(0.52, 1.00, 0.06), corner(0.54, 0.00), corner(0.00, 0.66, 0.03, 0.06),
        at(0.72, 0.66, 0.07),
    ),),
    "4 open": ((
        at(0.05, 0.02, 0.05, 0.06), corner(0.02, 0.54, 0.04, 0.06),
        at(0.62, 0.54, 0.08),
    ), (at(0.52, 0.04, 0.07, 0.12), at(0.50, 1.00, 0.06))),
    "4 rounded": ((
        at(0.06, 0.02, 0.05, 0.06), at(0.00, 0.38), at(0.14, 0.56), at(0.40, 0.54),
        corner(0.56, 0.34, 0.04, 0.08), corner(0.58, 0.04, 0.04, 0.08),
        at(0.52, 1.00, 0.07),
    ),),
    "4 with a low stem": ((
        at(0.38, 0.00, 0.08), corner(0.00, 0.62, 0.03, 0.06), at(0.72, 0.62, 0.07),
    ), (at(0.48, 0.38, 0.06, 0.10), at(0.42, 1.00, 0.07))),
    "4 with a wide gap": ((
        at(0.14, 0.04, 0.10, 0.06), corner(0.00, 0.56, 0.03, 0.06),
        at(0.44, 0.56, 0.06),
    ), (at(0.64, 0.16, 0.06, 0.12), at(0.60, 1.00, 0.06))),
    "5": ((at(0.62, 0.00, 0.07), corner(0.11, 0.00), *_BOWL_OF_5),),
    "5 with a hat": (
        (at(0.10, 0.02), *_BOWL_OF_5),
        (at(0.10, 0.00, 0.06, 0.05), at(0.62, 0.00, 0.08)),
    ),
    "5 with a hat apart": (
        (at(0.10, 0.08), *_BOWL_OF_5),
        (at(0.26, -0.02, 0.08, 0.05), at(0.68, -0.04, 0.08, 0.05)),
    ),
    "5 without a corner": ((
        at(0.60, 0.02, 0.07), at(0.30, 0.01), at(0.12, 0.14), at(0.16, 0.36),
        at(0.42, 0.48), at(0.56, 0.70), at(0.42, 0.95), at(0.02, 0.96, 0.05, 0.05),
    ),),
    "5 angular": ((
        at(0.60, 0.00, 0.07), corner(0.06, 0.00), corner(0.02, 0.46),
        corner(0.54, 0.46, 0.05, 0.06), corner(0.54, 0.96, 0.05, 0.06),
        at(0.00, 1.00, 0.05),
    ),),
    "6": ((at(0.46, 0.00, 0.08), at(0.20, 0.20), at(0.05, 0.45), *_BOWL_OF_6),),
    "6 straight": ((at(0.40, 0.00, 0.10), at(0.20, 0.34), *_BOWL_OF_6),),
    "6 curled": ((
        at(0.58, 0.12, 0.05, 0.06), at(0.36, 0.00), at(0.14, 0.14), at(0.02, 0.40),
        *_BOWL_OF_6,
    ),),
    "6 with a small bowl": ((
        at(0.30, 0.00, 0.10), at(0.10, 0.34), at(0.00, 0.72), at(0.14, 0.98),
        at(0.38, 0.98), at(0.42, 0.76), at(0.22, 0.70), at(0.06, 0.84, 0.04, 0.05),
    ),),
    "7": ((
        at(0.00, 0.02, 0.05, 0.06), corner(0.60, 0.00, 0.06), at(0.22, 1.00, 0.12),
    ),),
    "7 with a bar": (
        (at(0.00, 0.02, 0.05, 0.06), corner(0.60, 0.00, 0.06), at(0.24, 1.00, 0.12)),
        _BAR_OF_7,
    ),
    "7 with a bar apart": (
        (at(0.00, 0.02, 0.05, 0.05), corner(0.64, 0.00, 0.06), at(0.36, 1.00, 0.08)),
        (at(0.02, 0.52, 0.06, 0.08), at(0.30, 0.50, 0.06, 0.08)),
    ),
    "7 with a serif": ((
        at(0.00, 0.20, 0.03, 0.08), corner(0.02, 0.00), corner(0.62, 0.00, 0.06),
        at(0.24, 1.00, 0.12),
    ),),
    "7 with a serif and a bar": ((
        at(0.00, 0.20, 0.03, 0.08), corner(0.02, 0.00), corner(0.62, 0.00, 0.06),
        at(0.24, 1.00, 0.12),
    ), _BAR_OF_7),
    "7 curved": ((
        at(0.00, 0.06, 0.04, 0.06), at(0.16, 0.00), at(0.38, 0.04),
        corner(0.62, 0.00, 0.06), at(0.36, 0.44, 0.05, 0.05), at(0.24, 1.00, 0.10),
    ),),
    "7 curved with a bar": ((
        at(0.00, 0.08, 0.04, 0.06), at(0.18, 0.00), at(0.38, 0.05),
        corner(0.64, 0.00, 0.06), at(0.38, 0.44, 0.05, 0.05), at(0.24, 1.00, 0.10),
    ), _BAR_OF_7),
    "8": ((
        at(0.50, 0.08, 0.04, 0.05), at(0.28, 0.00), at(0.06, 0.18), at(0.22, 0.40),
        at(0.50, 0.62), at(0.50, 0.90), at(0.26, 1.00), at(0.04, 0.84), at(0.14, 0.60),
        at(0.42, 0.40), at(0.52, 0.16, 0.05, 0.06),
    ),),
    "8 of two circles": ((
        at(0.28, 0.00, 0.06), at(0.08, 0.10), at(0.08, 0.34), at(0.28, 0.46),
        at(0.48, 0.34), at(0.48, 0.10), at(0.27, 0.00, 0.06, 0.04),
    ), (
        at(0.28, 0.46, 0.06, 0.04), at(0.03, 0.58), at(0.03, 0.88), at(0.28, 1.00),
        at(0.54, 0.88), at(0.54, 0.58), at(0.28, 0.46, 0.06, 0.04),
    )),
    "8 open": ((
        at(0.60, 0.00, 0.06, 0.06), at(0.30, 0.04), at(0.08, 0.18), at(0.20, 0.40),
        at(0.48, 0.62), at(0.48, 0.90), at(0.24, 1.00), at(0.04, 0.84), at(0.16, 0.60),
        at(0.42, 0.36), at(0.62, 0.10, 0.08, 0.06),
    ),),
    "8 of crossing lines": ((
        corner(0.04, 0.02, 0.05), corner(0.56, 0.98, 0.05), corner(0.02, 0.98, 0.05),
        corner(0.56, 0.02, 0.05), at(0.06, 0.03, 0.05, 0.04),
    ),),
    "9": ((*_LOOP_OF_9, corner(0.58, 0.10), at(0.54, 1.00, 0.08)),),
    "9 slanting": ((*_LOOP_OF_9, corner(0.60, 0.08), at(0.26, 1.00, 0.10)),),
    "9 curved": ((
        *_LOOP_OF_9, corner(0.58, 0.10), at(0.58, 0.55), at(0.48, 0.88),
        at(0.24, 1.00), at(0.02, 0.90, 0.05, 0.06),
    ),),
    "9 with a straight foot": ((
        *_LOOP_OF_9, corner(0.58, 0.10), corner(0.56, 1.00, 0.04),
        at(0.04, 0.98, 0.10, 0.06),
    ),),
    "9 of a circle and a stem": ((
        at(0.55, 0.12), at(0.30, 0.00), at(0.05, 0.12), at(0.05, 0.40), at(0.30, 0.52),
        at(0.55, 0.40), at(0.56, 0.14, 0.04, 0.06),
    ), (at(0.58, 0.08, 0.05, 0.08), at(0.56, 1.00, 0.08))),
}  # fmt: skip

FORMS: Mapping[str, Form] = MappingProxyType(_FORMS)


def digit_of(form: str) -> int:
    """The digit that a form is of: its name begins with it."""
    return int(form[0])
