"""A program that passes on messages while TensorFlow is imported, its chatter aside.

It runs as a process of its own, so that no message is lost when the import ends the
process that it reads from. What it holds back is written as well unless the last line
says that the import did not fail.
"""

import re
import sys

NO_FAILURE = b"sk-mnist: no failure\n"

# TensorFlow's notes and warnings, in the formats of absl and of its own logger, and the
# second line of its note on processor instructions.
CHATTER = re.compile(
    rb"^([IW]\d{4} |\d{4}-\d\d-\d\d \S+ [IW] |WARNING: All log messages before absl"
    rb"|To enable the following instructions: |E0000 .*cuda)"
)


def pass_on_messages() -> None:
    """Read standard input to its end, and write what is no chatter at once."""
    messages = sys.stderr.buffer
    held_back: list[bytes] = []
    for line in sys.stdin.buffer:
        if line.endswith(NO_FAILURE):
            messages.write(line.removesuffix(NO_FAILURE))
            held_back.clear()
        elif CHATTER.match(line):
            held_back.append(line)
        else:
            messages.write(line)
            messages.flush()
    messages.writelines(held_back)


if __name__ == "__main__":
    pass_on_messages()
