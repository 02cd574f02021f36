"""What the tests of images share."""

import pytest

from images import photographs as camera


@pytest.fixture(scope="session")
def photo():
    """A blue 7 on cream paper, off its centre."""
    return camera.on_paper(
        camera.drawn_digit(7), (480, 360), (30, 100), paper_colour=(235, 225, 200)
    )
