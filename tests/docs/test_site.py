"""The site builds without a warning, loads nothing from outside, fits narrow windows, is found."""

from __future__ import annotations

import functools
import html
import http.server
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sphinx.util.inventory import InventoryFile

from docs_site import contents, windows
from samsara_qualifications import QualificationsClient

ROOT = Path(__file__).parents[2]
CHECK = Path(__file__).parent / "check.html"
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
HOMES = [f"samsara_qualifications{room}" for room in ("", ".budget", ".mock", ".push")]
ELSEWHERE = {"models", "QualificationRecord", "QualificationType"}  # a page of its own has them
LOADS = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site."""
    folder = tmp_path_factory.mktemp("site")
    options = ["--fail-on-warning", "--keep-going", "--fresh-env", "--quiet"]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, "docs", str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},  # Python's own, of Sphinx's extensions
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site(site: Path) -> None:
    """One build is looked at in all ways: it takes some seconds."""
    assert_nothing_is_loaded_from_outside(site)
    assert_every_page_has_a_plain_form(site)
    assert_every_public_name_is_documented(site)
    if not BROWSER:
        pytest.skip("all but the browser is content: there is no Chromium on the path")
    assert_a_browser_is_content(site, BROWSER)


def test_the_picture_is_current() -> None:
    """`make docs` writes it: the budget, run on a clock that is set by hand."""
    sent = windows.simulate()

    assert windows.PICTURE.read_text("utf-8") == windows.draw(sent)
    assert 100 == max(windows.in_window(sent, one.at, "all") for one in sent)


def assert_nothing_is_loaded_from_outside(site: Path) -> None:
    """No page and no style sheet names another host for anything that a browser fetches."""
    for page in site.rglob("*.html"):
        loaded = Loaded()
        loaded.feed(page.read_text("utf-8"))
        assert not [url for url in loaded.urls if "//" in url], page
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//|@import", sheet.read_text("utf-8")), sheet


class Loaded(HTMLParser):
    """What a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the element loads."""
        values = dict(attrs)
        if tag in LOADS and values.get("rel") not in {
            "canonical",
            "index",
            "search",
            "next",
            "prev",
        }:
            self.urls.append(values.get(LOADS[tag]) or "")


def assert_every_page_has_a_plain_form(site: Path) -> None:
    """It is listed in llms.txt, holds no directive, and its links lead somewhere."""
    listed = re.findall(r"\]\((.*?)\.md\)", (site / "llms.txt").read_text("utf-8"))
    assert [page for page in contents.PAGES if page != "index"] == listed
    for page in contents.PAGES:
        text = (site / f"{page}.md").read_text("utf-8")
        assert (site / f"{page}.html").exists()
        assert not re.search(r"(?m)^(\.\. \w+::|```\{|<!-- insert)", text), page
        for link in re.findall(r"\]\((?!https?:)([^)#\s]+)", text):
            assert (site / page).parent.joinpath(link).exists(), f"{page}: {link}"


def assert_every_public_name_is_documented(site: Path) -> None:
    """And so is every method of the clients."""
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    known = {name for kind in inventory.data for name in inventory.data[kind]}
    for home in HOMES:
        names = set(importlib.import_module(home).__all__) - ELSEWHERE
        assert not [name for name in names if not {f"{one}.{name}" for one in HOMES} & known], home
    client = "samsara_qualifications.QualificationsClient"
    assert {f"{client}.{name}" for name in vars(QualificationsClient) if name[0] != "_"} <= known


def assert_a_browser_is_content(site: Path, browser: str) -> None:
    """Nothing is wider than the window, nothing comes from elsewhere, the search finds a word."""
    shutil.copy(CHECK, site)
    with serving(site) as url:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
        options += [
            "--virtual-time-budget=300000",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        ]
        dom = subprocess.check_output(
            [browser, *options, f"--user-data-dir={site}/.profile", f"{url}/{CHECK.name}"],
            text=True,
            stderr=subprocess.DEVNULL,
            timeout=240,
        )
    shown = re.search(r'<pre id="found">(.*?)</pre>', dom, re.DOTALL)
    assert shown, dom[:2000]
    report: dict[str, Any] = json.loads(html.unescape(shown[1]))
    assert 2 * len(contents.PAGES) == len(report["found"])
    assert not [page for page in report["found"] if page["over"] or page["foreign"]]
    assert report["hits"]


class serving:  # noqa: N801  a context manager
    """Serve a folder on loopback, silently."""

    def __init__(self, folder: Path) -> None:
        handler = functools.partial(Silent, directory=str(folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


class Silent(http.server.SimpleHTTPRequestHandler):
    """A handler that logs nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing."""
