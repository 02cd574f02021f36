"""The check of links in the built pages finds those that lead nowhere, no others."""

import subprocess
import sys
from pathlib import Path

CHECK = Path(__file__).parents[1] / "docs" / "check_links.py"


def check(folder):
    return subprocess.run(
        [sys.executable, CHECK, folder], capture_output=True, text=True, check=False
    )


def test_whole_pages_pass(tmp_path):
    (tmp_path / "part").mkdir()
    (tmp_path / "index.html").write_text(
        '<h1 id="top"></h1><a href="part/a%20page.html#there">x</a><a href="#top">x</a>'
        '<a href="https://example.org/none">x</a>'
    )
    (tmp_path / "part" / "a page.html").write_text(
        '<p id="there"></p><a href="../index.html?query#top">x</a>'
    )
    assert check(tmp_path).returncode == 0


def test_missing_files_and_places_are_named(tmp_path):
    (tmp_path / "index.html").write_text('<a href="#none">x</a><img src="none.png">')
    done = check(tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "index.html: no place #none",
        "index.html: no file none.png",
    ]
