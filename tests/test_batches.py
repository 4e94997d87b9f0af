"""Batches: what comes while one is under way goes together, and everybody gets an answer of their own."""

import asyncio

import pytest

from app.batches import AT_MOST, Batches


class Counting:
    """Answers with the number asked doubled, when it is let; and keeps what was asked together."""

    def __init__(self) -> None:
        self.runs: list[list[int]] = []
        self.goes_on = asyncio.Event()

    async def run(self, asked: list[int]) -> list[int | Exception]:
        self.runs.append(asked)
        await self.goes_on.wait()
        if 13 in asked:
            raise KeyError("all of them")
        return [ValueError(number) if number < 0 else number * 2 for number in asked]


async def test_one_goes_at_once_and_what_comes_meanwhile_goes_together() -> None:
    counting = Counting()
    batches = Batches(counting.run)
    first = asyncio.create_task(batches.ask(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert counting.runs == [[1]]
    others = [asyncio.create_task(batches.ask(number)) for number in (2, 3, -4)]
    await asyncio.sleep(0)
    counting.goes_on.set()
    assert await first == 2
    assert await asyncio.gather(*others[:2]) == [4, 6]
    with pytest.raises(ValueError, match="-4"):
        await others[2]
    assert counting.runs == [[1], [2, 3, -4]]


async def test_what_comes_in_one_turn_goes_together_in_order_and_bounded() -> None:
    counting = Counting()
    counting.goes_on.set()
    batches = Batches(counting.run)
    numbers = list(range(100, 100 + AT_MOST + 7))
    assert await asyncio.gather(*map(batches.ask, numbers)) == [number * 2 for number in numbers]
    assert counting.runs == [numbers[:AT_MOST], numbers[AT_MOST:]]


async def test_keys_do_not_wait_for_one_another() -> None:
    counting = Counting()
    batches = Batches(counting.run)
    asking = [asyncio.create_task(batches.ask(number, key=number % 2)) for number in (1, 2, 3, 4)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert counting.runs == [[1, 3], [2, 4]]
    counting.goes_on.set()
    assert await asyncio.gather(*asking) == [2, 4, 6, 8]


async def test_an_error_of_the_run_is_everybodys_and_the_next_run_is_well() -> None:
    counting = Counting()
    counting.goes_on.set()
    batches = Batches(counting.run)
    results = await asyncio.gather(batches.ask(1), batches.ask(13), return_exceptions=True)
    assert [type(result) for result in results] == [KeyError, KeyError]
    assert await batches.ask(1) == 2


async def test_who_goes_away_takes_nobody_along() -> None:
    counting = Counting()
    batches = Batches(counting.run)
    leaves, stays = (asyncio.create_task(batches.ask(number)) for number in (1, 2))
    await asyncio.sleep(0)
    leaves.cancel()
    counting.goes_on.set()
    assert await stays == 4
    assert counting.runs == [[1, 2]]
    assert leaves.cancelled()


class Letters(Counting):
    """Asked for words; what begins with the same letter is of one thing."""

    async def run(self, asked: list[str]) -> list[str]:  # type: ignore[override]
        self.runs.append(asked)  # type: ignore[arg-type]
        await self.goes_on.wait()
        return asked


def first_letter(word: str) -> str:
    return word[0]


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_enough_that_waits_goes_beside_what_is_under_way_but_never_the_same_thing() -> None:
    letters = Letters()
    batches = Batches(letters.run, apart=first_letter)
    words = ["a1", *("a2", "b1", "c1", "d1", "e1", "f1", "g1", "h1"), "i1", "a3"]
    asking = [asyncio.create_task(batches.ask(words[0]))]
    await turns()
    asking += [asyncio.create_task(batches.ask(word)) for word in words[1:9]]
    await turns()
    assert letters.runs == [["a1"]], "seven that may go are not worth a second run"
    asking += [asyncio.create_task(batches.ask(word)) for word in words[9:]]
    await turns()
    assert letters.runs == [["a1"], [*words[2:9], "i1"]]
    letters.goes_on.set()
    assert await asyncio.gather(*asking) == words
    assert letters.runs[2:] == [["a2", "a3"]]


async def test_what_is_asked_for_one_thing_goes_in_order_and_alone() -> None:
    letters = Letters()
    letters.goes_on.set()
    batches = Batches(letters.run, apart=first_letter)
    words = [f"a{number}" for number in range(AT_MOST + 20)]
    assert await asyncio.gather(*map(batches.ask, words)) == words
    assert letters.runs == [words[:AT_MOST], words[AT_MOST:]]


async def test_everybody_is_answered_however_the_runs_come_and_go() -> None:
    under_way: set[str] = set()
    done: list[str] = []

    async def run(asked: list[str]) -> list[str]:
        things = set(map(first_letter, asked))
        assert not things & under_way
        under_way.update(things)
        await turns(len(asked) % 7 + 1)
        under_way.difference_update(things)
        done.extend(asked)
        return asked

    batches = Batches(run, apart=first_letter)

    async def ask(number: int) -> str:
        await turns(number % 50)
        return await batches.ask(f"{chr(ord('a') + number * number % 23)}{number}")

    answers = await asyncio.gather(*map(ask, range(2000)))
    assert sorted(answers) == sorted(done)
    assert [int(answer[1:]) for answer in answers] == list(range(2000))
