"""Many who come at the same moment are asked about together; everyone still gets an answer of their own."""

import asyncio

from tests.site import Person, Site
from tests.sockets import Socket

PATH = "/ws/notifications/"


async def first_topic(socket: Socket) -> str:
    async with socket:
        hello = await socket.sees("hello")
        await socket.is_live()
        return str(hello["topic"])


async def test_who_comes_at_the_same_moment_comes_in_as_themselves(site: Site, alice: Person, bob: Person) -> None:
    arriving = [person for _ in range(20) for person in (alice, bob)]
    topics = await asyncio.gather(*(first_topic(person.listens(PATH)) for person in arriving))
    assert topics == [f"user.{person.id}" for person in arriving]


async def test_an_ended_session_opens_nothing_in_the_company_of_living_ones(
    site: Site, alice: Person, mallory: Person
) -> None:
    visitor = await site.visitor()
    left = Person(site, {})
    left.http.cookies.update(mallory.http.cookies)
    site.people.append(left)
    await mallory.post("/logout")
    arriving = [person for _ in range(10) for person in (alice, left, visitor)]
    answers = await asyncio.gather(
        *(first_topic(one.listens(PATH)) if one is alice else one.shakes_hands(PATH) for one in arriving)
    )
    for person, answer in zip(arriving, answers, strict=True):
        assert (answer if person is alice else answer.status_code) == (f"user.{alice.id}" if person is alice else 401)
