"""The walkthrough notebook runs from top to bottom, and is committed as it ran.

The example scripts are run by the build of the documentation.
"""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

WALKTHROUGH = Path(__file__).parent.parent / "examples" / "mnist_walkthrough.ipynb"


@pytest.fixture
def walkthrough():
    return nbformat.read(WALKTHROUGH, as_version=4)


def test_walkthrough_runs(walkthrough, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # downloads nothing
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(walkthrough, timeout=300, resources=resources).execute()
    assert list(tmp_path.iterdir()) == []


def test_walkthrough_is_committed_with_its_outputs(walkthrough):
    code = [cell for cell in walkthrough.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert all(cell.outputs for cell in code)
