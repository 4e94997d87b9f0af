"""Chromium for the tests below, and people who sit in front of it."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.browser.people import Cable, Desk
from tests.site import Site

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


@pytest.fixture
async def desk(browser: Browser, site: Site) -> AsyncIterator[Desk]:
    """Where people sit down with a browser of their own; at the end none of their pages may have complained."""
    desk = Desk(browser, site, site.url)
    yield desk
    assert desk.complaints == []


@pytest.fixture
async def cable(site: Site) -> AsyncIterator[Cable]:
    """The line between a browser and the site, which can be cut."""
    cable = Cable(site.port)
    await cable.plug_in()
    yield cable
    await cable.unplug()


@pytest.fixture
async def far_desk(browser: Browser, site: Site, cable: Cable) -> Desk:
    """A desk at the far end of the cable."""
    return Desk(browser, site, cable.url)
