"""The example page reads digits in a real browser, with onnxruntime-web."""

import functools
import http.server
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "browser"

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is missing")
selenium_wait = pytest.importorskip("selenium.webdriver.support.wait")
onnxruntime = pytest.importorskip("onnxruntime", reason="the extra onnx is missing")
pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed"),
    pytest.mark.skipif(
        not shutil.which("chromedriver"), reason="chromedriver is not installed"
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The example with its model and onnxruntime-web, as its first lines say."""
    folder = shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("browser") / "example")
    subprocess.run([sys.executable, "export.py"], cwd=folder, check=True, timeout=120)
    npm = [shutil.which("npm"), "install", "--no-audit", "--no-fund"]
    subprocess.run(npm, cwd=folder, check=True, timeout=300)
    return folder


class QuietFiles(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def browser(folder):
    """A browser in which the page is open and its model loaded."""
    files = functools.partial(QuietFiles, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        options = webdriver.ChromeOptions()
        for argument in ("--headless", "--no-sandbox", "--disable-gpu"):
            options.add_argument(argument)
        service = webdriver.ChromeService(shutil.which("chromedriver"))
        with webdriver.Chrome(options, service) as browser:
            browser.set_script_timeout(60)
            browser.get(f"http://127.0.0.1:{server.server_port}/index.html")
            yield browser
        server.shutdown()


READ = """
const [digits, done] = arguments;
const page = await import("./read.js");
const labels = [];
for (const pixels of digits) labels.push(await page.readPixels(pixels));
done(labels);
"""


def test_browser_reads_as_onnxruntime_does(browser, folder, sample_digits):
    X = sample_digits.data[:50]
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    expected, _ = session.run(None, {"X": X.astype(np.float32)})
    labels = browser.execute_async_script(READ, X.tolist())
    assert labels == expected.tolist()


def test_what_is_drawn_is_framed_and_read(browser):
    browser.execute_async_script(READ, [])  # the model is loaded
    canvas = browser.find_element("css selector", "canvas")
    mouse = webdriver.ActionChains(browser)
    mouse.move_to_element_with_offset(canvas, 20, -80).click_and_hold()
    mouse.move_by_offset(-5, 80).move_by_offset(-5, 80).release().perform()
    output = browser.find_element("css selector", "output")
    waiting = selenium_wait.WebDriverWait(browser, 60)
    waiting.until(lambda _: output.text)
    assert output.text == "1"
    browser.find_element("css selector", "button").click()
    assert output.text == ""
