"""Profiles, following, and the search for people."""

from tests.site import Person, Site


async def test_a_profile_shows_a_person_and_their_posts(site: Site, alice: Person, bob: Person) -> None:
    post = (await alice.post("/posts", {"body": "mine"})).json()
    await bob.post("/posts", {"body": "not hers"})
    visitor = await site.visitor()
    for address in ("/@alice/", "/@alice", "/@ALICE/", "/%40alice/"):
        profile = (await visitor.get(address)).json()
        assert (profile["id"], profile["posts"]) == (alice.id, {"items": [post], "next": None})
    for address in ("/@nobody/", "/@a-b/", "/@/"):
        assert (await visitor.get(address)).status_code == 404


async def test_following_is_a_state(alice: Person, bob: Person, carol: Person) -> None:
    await carol.put("/@bob/follow")
    for _ in range(2):
        answer = await alice.put("/@Bob/follow")
        assert answer.json() == {"username": "bob", "following": True, "followers": 2}
    assert (await alice.get("/@bob/")).json()["follows"] is True
    assert (await bob.get("/@alice/")).json()["following"] == 1
    for _ in range(2):
        assert (await alice.delete("/@bob/follow")).status_code == 204
        assert (await bob.get("/@bob/")).json()["followers"] == 1
    assert (await carol.get("/@bob/")).json()["follows"] is True


async def test_nobody_follows_themselves_or_nobody(alice: Person) -> None:
    answer = await alice.put("/@alice/follow")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "cannot_follow_yourself")
    assert (await alice.put("/@nobody/follow")).status_code == 404


async def test_people_are_found_by_the_beginning_of_their_name(site: Site, alice: Person, bob: Person) -> None:
    await bob.put("/settings/profile", {"display_name": "Bob Alison"})

    async def found(q: str) -> list[str]:
        answer = await alice.get("/users?q=" + q)
        return [user["username"] for user in answer.json()["items"]]

    assert await found("ali") == ["alice", "bob"]
    assert await found("%40BO") == ["bob"]
    assert await found("%25") == await found("_") == await found("") == []
    assert (await alice.get("/users?q=%00")).status_code == 422
    assert (await (await site.visitor()).get("/users?q=a")).status_code == 401
