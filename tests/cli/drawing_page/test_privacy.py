"""The page talks to this machine alone, and keeps nothing."""

from browser import STROKES, Mouse, Page, messages


def test_asks_nothing_of_any_other_machine(chromium, url):
    chromium.get("about:blank")
    chromium.get_log("performance")
    page = Page(chromium, url, Mouse(chromium))
    page.draw(STROKES[3])
    page.wait_for(3)
    asked = {
        message["params"]["request"]["url"]
        for message in messages(chromium)
        if message["method"] == "Network.requestWillBeSent"
    }
    assert {a for a in asked if not a.startswith((f"{url}/", "data:"))} == set()
    assert len(asked) > 3


def test_names_no_other_machine_to_the_browser(page, url):
    named = page.run(  # to preconnect to a machine is no request, but tells it as much
        "return [...document.querySelectorAll('link, script, img, iframe')]"
        ".map(element => element.href ?? element.src).filter(Boolean)"
    )
    assert {n for n in named if not n.startswith((f"{url}/", "data:"))} == set()
    assert len(named) >= 3


def test_keeps_nothing_in_the_browser(page):
    page.draw(STROKES[3])
    page.wait_for(3)
    kept = page.run(
        "return indexedDB.databases().then(databases => [databases.length,"
        "localStorage.length, sessionStorage.length, document.cookie])"
    )
    assert kept == [0, 0, 0, ""]
