"""The README's code works when it is pasted, and the tests that it names exist."""

import re
from pathlib import Path

import sk_mnist

TESTS = Path(__file__).parent
ROOT = TESTS.parent
README = ROOT / "README.md"


def test_python_blocks_run_one_after_the_other(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert blocks
    namespace = {}
    for block in blocks:
        exec(compile(block, str(README), "exec"), namespace)
    assert namespace["reader"].score(namespace["X"], namespace["y"]) > 0.9


def test_figures_are_those_of_the_documentation():
    tables = {
        name: " ".join((ROOT / "docs" / f"{name}_table.md").read_text("utf-8").split())
        for name in ("benchmarks_developers", "results")
    }
    readme = README.read_text("utf-8")
    times = re.findall(r"(?<=\| )[\d.]+ (?:s|ms|µs)(?= \|)", readme)
    assert len(times) == 14
    assert [t for t in times if f"| {t} |" not in tables["benchmarks_developers"]] == []
    (accuracies,) = re.findall(r"read ([\d., and]+) % \(means", readme)
    accuracies = re.findall(r"[\d.]+", accuracies)
    assert len(accuracies) == 3
    assert [a for a in accuracies if f" {a}% ±" not in tables["results"]] == []


def test_links_to_files_lead_somewhere():
    links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", README.read_text("utf-8"))
    assert any(link.startswith("tests/") for link in links)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_tests_that_the_documentation_names_exist():
    page = (ROOT / "docs" / "coming_from.rst").read_text("utf-8")
    names = re.findall(r"`(\w+/test_\w+\.py)`", page)
    assert len(names) > 10
    assert [name for name in names if not (TESTS / name).exists()] == []


def test_nothing_else_installs_the_package_from_an_index():
    docs, examples = ROOT / "docs", ROOT / "examples"
    texts = [
        *docs.glob("*.rst"),
        *docs.glob("user_guide/*.rst"),
        *examples.glob("*/*.txt"),
        *Path(sk_mnist.__file__).parent.rglob("*.py"),
    ]
    asked_for = {".txt": r"^sk-mnist"}
    by_pip = r"pip install (?!.*--no-index).*\bsk[-_]mnist\b"
    assert [
        f"{path.name}: {line}"
        for path in texts
        for line in path.read_text("utf-8").splitlines()
        if re.search(asked_for.get(path.suffix, by_pip), line)
    ] == []
