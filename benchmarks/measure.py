"""How things are measured: in turn, and in fresh processes.

On a busy machine a second is not always a second. So what is compared runs in turn,
round after round; every round gives one ratio, and the median of the ratios counts.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Conditions:
    """What one run of the benchmark measures on.

    Parameters
    ----------
    folder : Path
        Where the digits are, see `digits.py`; there is room for other files.
    rounds : int
        How often each comparison is made.
    most_rows : int
        More digits than these are used nowhere. A target is one for full size.
    """

    folder: Path
    rounds: int
    most_rows: int

    def rows(self, wanted: int) -> int:
        """As many digits as wanted, or as there may be."""
        return min(wanted, self.most_rows)


def in_fresh_process(function: Callable[..., Result], *arguments: Any) -> Result:
    """Call a function of a module in a new Python process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function, *arguments).result()


def in_turn(
    rounds: int, contenders: Sequence[Callable[[int], Result]]
) -> list[list[Result]]:
    """Call each with the number of the round; return the results of each."""
    results = [[call(number) for call in contenders] for number in range(rounds)]
    return [list(of_one) for of_one in zip(*results, strict=True)]


def in_fresh_turns(
    rounds: int, contenders: Sequence[Callable[[int], Result]]
) -> list[list[Result]]:
    """Call each in turn, each time in a process in which nothing is compiled yet."""
    return in_turn(rounds, [partial(in_fresh_process, call) for call in contenders])


def seconds(function: Callable[[], Any]) -> float:
    """Time of one call."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def seconds_of_script(script: str, *arguments: str) -> float:
    """Time of a Python process, from its start to its end."""
    command = [sys.executable, "-c", script, *arguments]
    return seconds(lambda: subprocess.run(command, check=True, capture_output=True))
