"""People in front of a real browser, in the words of the product; and the cable that can be cut."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.site import Person, Site, until

COOKIE = "natter_session"
UPGRADE = b"\r\nUpgrade: websocket\r\n"
MINE, OTHERS = ".message.is-mine", ".message:not(.is-mine)"


class Desk:
    """Everybody who sits down gets a browser context of their own: own cookies, own storage."""

    def __init__(self, browser: Browser, site: Site, url: str) -> None:
        self.browser, self.site, self.url = browser, site, url
        self.complaints: list[str] = []
        """What pages said on the console as errors: a broken script, a refused style, a missing file."""

    async def seats(self, name: str, **options: Any) -> Tab:
        """``name`` of the cast, logged in, on an empty tab."""
        person = await self.site.signs_in(name)
        context = await self.browser.new_context(base_url=self.url, **options)
        secret = person.http.cookies[COOKIE]
        await context.add_cookies([{"name": COOKIE, "value": secret, "url": self.url, "httpOnly": True}])
        return await self.tab(person, context)

    async def stranger(self, **options: Any) -> Page:
        """A page of somebody whom nobody knows yet."""
        context = await self.browser.new_context(base_url=self.url, **options)
        return self.listened_to(await context.new_page())

    async def tab(self, person: Person, context: BrowserContext) -> Tab:
        """One more tab of the same person in the same browser."""
        return Tab(self, person, context, self.listened_to(await context.new_page()))

    def listened_to(self, page: Page) -> Page:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{error} {error.stack}"))
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        # A page that is left while its socket opens says so; that is no fault of the page.
        if message.type == "error" and "closed before the connection is established" not in message.text:
            self.complaints.append(message.text)


class Tab:
    """One person's tab."""

    def __init__(self, desk: Desk, person: Person, context: BrowserContext, page: Page) -> None:
        self.desk, self.person, self.context, self.page = desk, person, context, page

    async def another(self) -> Tab:
        return await self.desk.tab(self.person, self.context)

    async def opens(self, path: str) -> Tab:
        """Open a page and wait until it is live."""
        await self.page.goto(path)
        await self.is_live()
        return self

    async def is_live(self) -> None:
        await expect(self.page.locator("html[data-live=true]")).to_be_attached()

    async def notes(self, count: int) -> None:
        """The badge and the title say that ``count`` notifications are unread."""
        badge = self.page.locator("[data-unread-badge]").first
        if count:
            await expect(badge.locator("[data-unread-count]")).to_have_text(str(count))
            await expect(self.page).to_have_title(re.compile(rf"^\({count}\) "))
        else:
            await expect(badge).to_be_hidden()
            await expect(self.page).to_have_title(re.compile(r"^[^(]"))

    def toast(self, text: str) -> Locator:
        return self.page.locator(".toast").filter(has_text=text)

    # Chat

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name=re.compile("^Write to"))

    async def says(self, text: str) -> None:
        await expect(self.composer).to_be_attached()
        # Until its script has a page, Enter makes a line there; from then on the mark is there, live or not.
        await expect(self.page.locator("html[data-live]")).to_be_attached()
        await self.composer.fill(text)
        await self.composer.press("Enter")

    def messages(self, text: str) -> Locator:
        return self.page.locator(".message").filter(has_text=text)

    async def sees(self, text: str) -> None:
        """The message is there, once."""
        await expect(self.messages(text)).to_have_count(1)

    async def has_ticks(self, text: str, state: str) -> None:
        """One's own message has come this far: sending, sent, delivered, read or failed."""
        await expect(self.page.locator(f"{MINE}[data-state={state}]").filter(has_text=text)).to_have_count(1)

    async def texts(self) -> list[str]:
        """All messages on the page, from top to bottom."""
        return [text.strip() for text in await self.page.locator(".message .message-text").all_inner_texts()]


async def conversation_of(one: Person, *others: Person, title: str = "") -> str:
    """A conversation among them; its id."""
    answer = await one.post(
        "/conversations/", json={"usernames": [other.facts["username"] for other in others], "title": title}
    )
    return str(answer.json()["id"])


class Cable:
    """A TCP line to the site on a port of its own. Cut, it drops everything and refuses whoever tries again.

    It can be one of those proxies that know no WebSockets: with ``blocks_sockets`` an upgrade is answered with 403,
    with ``swallows_sockets`` not at all.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_cut = False
        self.blocks_sockets = self.swallows_sockets = False
        self.refused = 0

    async def plug_in(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def unplug(self) -> None:
        self.cut()
        self._server.close()
        for task in self._tasks:
            task.cancel()

    def cut(self) -> None:
        self._is_cut = True
        for end in tuple(self._ends):
            end.transport.abort()

    def mend(self) -> None:
        self._is_cut = False

    async def is_missed(self) -> None:
        """Somebody has tried to use the cut cable."""
        before = self.refused

        async def tried() -> bool:
            return self.refused > before

        await until(tried)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            self.refused += 1
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._ends |= {writer, far_writer}
        for source, sink, answers in ((reader, far_writer, writer), (far_reader, writer, None)):
            task = asyncio.create_task(self._pump(source, sink, answers))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, answers: asyncio.StreamWriter | None
    ) -> None:
        try:
            while data := await source.read(65536):
                # Chromium sends the head of a handshake in one piece.
                if answers and (self.blocks_sockets or self.swallows_sockets) and UPGRADE in data:
                    self.refused += 1
                    if self.swallows_sockets:
                        continue
                    answers.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    answers.close()
                    return
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass  # cut; the other direction notices too
        finally:
            self._ends.discard(sink)
            sink.close()
