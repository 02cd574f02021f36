"""Check the links between built pages: ``python docs/check_links.py docs/_build/html``.

Links to other sites are not followed: this needs no network.
"""

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit


class Page(HTMLParser):
    """The links of a page, and the names in it that a link can lead to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.names: set[str] = {""}
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for attribute, value in attrs:
            if attribute in ("href", "src"):
                self.links.add(value or "")
            elif attribute in ("id", "name"):
                self.names.add(value or "")


def broken_links(root: Path) -> Iterator[str]:
    """Say which links of the pages below a folder lead nowhere."""
    root = root.resolve()
    paths = sorted(set(root.rglob("*.html")) - set(root.glob("_static/**/*.html")))
    pages = {path: Page(path) for path in paths}
    for path, page in pages.items():
        for link in sorted(page.links):
            if urlsplit(link).scheme:
                continue
            address, name = urldefrag(link)
            address = unquote(urlsplit(address).path)
            target = (path.parent / address).resolve() if address else path
            if not target.is_file():
                yield f"{path.relative_to(root)}: no file {link}"
            elif target in pages and unquote(name) not in pages[target].names:
                yield f"{path.relative_to(root)}: no place {link}"


if __name__ == "__main__":
    broken = list(broken_links(Path(sys.argv[1])))
    sys.exit("\n".join(broken) or None)
