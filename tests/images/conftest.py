"""What the tests of images share."""

import pytest

from images import photographs as camera


@pytest.fixture(scope="session")
def photo():
    """A blue 7 on cream paper, off its center."""
    return camera.on_paper(
        camera.drawn_digit(7), (480, 360), (30, 100), paper_color=(235, 225, 200)
    )
