"""The layout of the source: imports go down the floors, and privacy is in the names."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import sk_mnist

ROOT = Path(sk_mnist.__file__).parent
MODULES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts): path
    for path in sorted(ROOT.rglob("*.py"))
}

# From the top down. A file or folder imports from itself and from the floors below.
FLOORS = (
    ("__init__", "__main__"),
    ("cli",),
    ("recipes", "onnx"),
    ("_classifier",),
    ("_keras", "_training_data", "_datasets"),
    ("_plot", "_augmentation", "_plan", "_test_time_augmentation")
    + ("_number", "_handwriting"),
    ("_images", "_network"),
    ("_rows", "_deformation", "_files", "_sklearn", "_random", "_warnings")
    + ("_percent", "_confidence", "_session", "_version"),
)
FLOOR_OF = {room: number for number, floor in enumerate(FLOORS) for room in floor}


def imported(module):
    """Full names of all that a module imports, anywhere in its source."""
    parts = module.split(".")
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [*parts[: -node.level], node.module] if node.level else [node.module]
            for alias in node.names:
                yield ".".join(filter(None, [*base, alias.name]))


def imported_modules(module):
    """Names of this package's modules that a module imports."""
    for name in imported(module):
        if name.split(".")[0] == "sk_mnist":
            owner = name if name in MODULES else name.rpartition(".")[0]
            yield owner if owner in MODULES else f"{owner}.__init__"


def room(module):
    return module.split(".")[1]


def test_imports_go_down_the_floors():
    assert [
        f"{module} imports {other}"
        for module in MODULES
        for other in imported_modules(module)
        if room(other) != room(module)
        and FLOOR_OF[room(other)] <= FLOOR_OF[room(module)]
    ] == []


def test_imports_make_no_circle():
    TopologicalSorter({name: imported_modules(name) for name in MODULES}).prepare()


def test_keras_is_imported_in_its_folder_alone():
    assert [
        f"{module} imports {name}"
        for module in MODULES
        for name in imported(module)
        if name.split(".")[0] in ("keras", "tensorflow", "scikeras")
        and room(module) != "_keras"
    ] == []


def test_private_parts_of_scikit_learn_are_imported_in_one_file():
    assert {
        module
        for module in MODULES
        for name in imported(module)
        if name.startswith("sklearn.") and "._" in name
    } == {"sk_mnist._sklearn"}


def test_generators_are_made_in_one_file():
    assert {
        module
        for module, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "default_rng"
    } == {"sk_mnist._random"}


def test_what_has_no_underscore_is_public():
    public = {module for module in MODULES if "._" not in module}
    assert public == {"sk_mnist.recipes", "sk_mnist.onnx"}
