"""A feed page as somebody sees it who was never here: Chromium, nothing cached, a slow line."""

from __future__ import annotations

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.servers.server import Server
from bench.works.work import Rounds, Scale

CHROMIUM = "/usr/bin/chromium"
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 1.6e6 / 8}
"""1.6 Mbit/s both ways, and 150 ms for each answer to begin."""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


def cold_page(server: Server, scale: Scale) -> Rounds:
    """What the page weighs with all that belongs to it, as it comes over the line, and when something is seen."""
    paths, headers = server.pages()
    cookie = dict(header.split(": ", 1) for header in headers.split(";"))["Cookie"]
    name, _, value = cookie.partition("=")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(scale.repeats):
            context = browser.new_context()
            context.add_cookies([{"name": name, "value": value, "url": f"http://{server.address}"}])
            page = context.new_page()
            yield "", visit(page, context.new_cdp_session(page), f"http://{server.address}{paths['feed']}")
            context.close()
        browser.close()


def visit(page: Page, wire: CDPSession, url: str) -> dict[str, float]:
    """The kilobytes (1,000 bytes, heads of answers included) until the page is still, and its first paint."""
    received: list[float] = []
    wire.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    wire.send("Network.emulateNetworkConditions", LINE)
    page.goto(url, wait_until="networkidle")
    return {"kilobytes": sum(received) / 1000, "paint_ms": page.evaluate(PAINT), "requests": len(received)}
