"""How the code in these pages is run: ``pytest docs --doctest-glob='*.rst'``."""

import matplotlib.pyplot as plt
import pytest

collect_ignore = ["_build", "auto_examples", "generated", "conf.py", "check_links.py"]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    """Files that a page writes go where nobody minds them."""
    monkeypatch.chdir(tmp_path)
    plt.switch_backend("agg")
    yield
    plt.close("all")
