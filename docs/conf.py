"""How the documentation is built: `make docs`, warnings as errors, no network."""

import ast
import os
import sys
from pathlib import Path

from docutils.nodes import Node, Text, system_message
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx_gallery.sorting import ExplicitOrder

from sk_mnist import __version__
from sk_mnist.recipes import RECIPES

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))
from test_layout import FLOORS  # noqa: E402

EXAMPLES = HERE.parent / "examples"
SOURCE = HERE.parent / "src" / "sk_mnist"
DEFINED_IN = {
    alias.name: f"sk_mnist.{node.module}"
    for node in ast.parse((SOURCE / "__init__.pyi").read_text("utf-8")).body
    if isinstance(node, ast.ImportFrom) and node.module
    for alias in node.names
}
# A file's source page links back to the names of one module: recipes.py's to its own.
DEFINED_IN["make_digit_reader"] = "sk_mnist"

project = "sk-mnist"
author = "The sk-mnist developers"
project_copyright = author
version = release = __version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.extlinks",
    "sphinx.ext.intersphinx",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "sphinxext.opengraph",
]
templates_path = ["_templates"]
exclude_patterns = [
    "_build",
    "*_table.md",
    # The walkthrough is a page; notebooks made of the scripts are there to download.
    *(f"auto_examples/{script.stem}.ipynb" for script in EXAMPLES.glob("*.py")),
]
default_role = "literal"

# A reference to a name of this package must be right; there are no others to check
# without the network.
nitpicky = True
nitpick_ignore_regex = [("py:.*", "(?!sk_mnist).*")]

# Each inventory lists, as text, the few names that these pages link to.
intersphinx_mapping = {
    "sklearn": ("https://scikit-learn.org/stable/", "inventories/sklearn.txt"),
    "numpy": ("https://numpy.org/doc/stable/", "inventories/numpy.txt"),
    "keras": ("https://keras.io/", "inventories/keras.txt"),
}

# Commands and code are copied without prompts and outputs.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

extlinks = {"doi": ("https://doi.org/%s", "doi:%s")}
autodoc_typehints = "none"
python_maximum_signature_line_length = 68
autosummary_generate = True
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False
nb_execution_mode = "off"  # the notebook is shown as committed; a test executes it

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": ".*",
    "copyfile_regex": r".*\.ipynb",
    "within_subsection_order": ExplicitOrder(
        [
            "first_steps.py",
            "callbacks.py",
            "grid_search.py",
            "errors_and_calibration.py",
            "weights.py",
            "deformations.py",
            "own_handwriting.py",
            "*",
        ]
    ),
    "backreferences_dir": "generated/backreferences",
    "doc_module": ("sk_mnist",),
    "image_srcset": ["2x"],
    "download_all_examples": False,
    "show_signature": False,
    "min_reported_time": 3600,
    "write_computation_times": False,
}

html_theme = "pydata_sphinx_theme"
html_title = f"sk-mnist {version}"
html_static_path = ["_static", "images/seen.png"]
html_css_files = ["sk-mnist.css"]
html_favicon = "_static/favicon.svg"
html_show_sourcelink = False
html_copy_source = False
# The preview of a link to a page. Sites that show it need the pages' own address.
ogp_site_url = html_baseurl = os.environ.get("DOCS_URL", "")
ogp_image = "_static/seen.png"
ogp_image_alt = "Photo, scan and drawing of a digit: as given, as framed and as read"
# Pages without others beside them have no list of these.
html_sidebars = {"*": [], "api": ["sidebar-nav-bs"]}
html_theme_options = {
    "header_links_before_dropdown": 4,
    "logo": {
        "text": "sk-mnist",
        "image_light": "_static/favicon.svg",
        "image_dark": "_static/favicon.svg",
    },
    "navbar_align": "left",
    "navigation_with_keys": False,
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": ["version-and-license"],
}


class IfWritten(SphinxDirective):
    """Show the content once a command has written the file that it is about."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[Node]:
        path = HERE / self.arguments[0]
        self.env.note_dependency(path)
        return self.parse_content_to_nodes() if path.exists() else []


class Modules(SphinxDirective):
    """List the modules by floor, each with the first sentence of its docstring."""

    def run(self) -> list[Node]:
        lines = []
        for floor in FLOORS:
            lines += [f".. rubric:: {', '.join(f'``{name}``' for name in floor)}", ""]
            for name in floor:
                paths = sorted((SOURCE / name).rglob("*.py"))
                for path in paths or [SOURCE / f"{name}.py"]:
                    lines += self.entry(path)
        return self.parse_text_to_nodes("\n".join(lines))

    def entry(self, path: Path) -> list[str]:
        self.env.note_dependency(path)
        docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
        if not docstring:
            return []
        first_sentence = " ".join(docstring.split("\n\n")[0].split())
        return [f"``{path.relative_to(SOURCE)}``", f"    {first_sentence}", ""]


class Recipes(SphinxDirective):
    """List the recipes, with their sources and what those leave open."""

    def run(self) -> list[Node]:
        entries = [
            f"`{recipe.name}`\n    {recipe.source} {recipe.choices}"
            for recipe in RECIPES.values()
        ]
        return self.parse_text_to_nodes("\n\n".join(entries))


class Measured(SphinxRole):
    """Give accuracy and time of a recipe, as `sk-mnist reproduce` measured them."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        table = HERE / "results_table.md"
        self.env.note_dependency(table)
        lines = table.read_text("utf-8").splitlines()
        row = next(line for line in lines if line.startswith(f"| {self.text} "))
        measured, time = (row.split("|")[column].strip() for column in (3, 5))
        return [Text(f"{measured.split('%')[0]} % in {time}")], []


def setup(app: Sphinx) -> None:
    """Add the directives and the role above, and find the source of public names."""
    app.connect(
        "viewcode-follow-imported",
        lambda app, module, name: DEFINED_IN.get(name.partition(".")[0]),
    )
    app.add_directive("recipes", Recipes)
    app.add_directive("if-written", IfWritten)
    app.add_directive("modules", Modules)
    app.add_role("measured", Measured())
