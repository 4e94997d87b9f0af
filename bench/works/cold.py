"""The feed for somebody who was never here, in Chromium on a slow line: what is fetched, and when something shows."""

from __future__ import annotations

import shutil

from playwright.sync_api import BrowserContext, CDPSession, Page, sync_playwright

from bench.build import Missing
from bench.results import Figures
from bench.servers.server import Server
from bench.works.work import Rounds, Scale
from unit.chromium import NAMES

MEGABITS = 1.6
ROUND_TRIP_MS = 150
LINE = {
    "offline": False,
    "latency": ROUND_TRIP_MS,
    "downloadThroughput": MEGABITS * 1e6 / 8,
    "uploadThroughput": MEGABITS * 1e6 / 8,
}
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def cold_page(server: Server, scale: Scale) -> Rounds:
    """Each time in a context of its own, whose cache is empty."""
    paths, headers = server.pages()
    secret = headers.partition("natter_session=")[2].partition(";")[0]
    url = f"http://{server.address}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"])
        for _ in range(scale.repeats):
            context = browser.new_context()
            context.add_cookies([{"name": "natter_session", "value": secret, "url": url}])
            yield "", _first_visit(context, url + paths["feed"])
            context.close()
        browser.close()


def _chromium() -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise Missing("Chromium (Debian: apt install chromium)")
    return found


def _first_visit(context: BrowserContext, url: str) -> Figures:
    page = context.new_page()
    line = context.new_cdp_session(page)
    fetched = _counted(line)
    page.goto(url, wait_until="networkidle")
    page.wait_for_function(PAINTED)
    return {
        "kilobytes": sum(fetched) / 1024,
        "requests": float(len(fetched)),
        "paint_ms": float(page.evaluate(PAINTED)),
        "loaded_ms": _loaded(page),
    }


def _counted(line: CDPSession) -> list[float]:
    """The bytes of every answer as they came over the line, headers too, from now on."""
    fetched: list[float] = []
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", LINE)
    line.on("Network.loadingFinished", lambda event: fetched.append(event["encodedDataLength"]))
    return fetched


def _loaded(page: Page) -> float:
    return float(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
