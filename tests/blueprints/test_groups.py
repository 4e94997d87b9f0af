"""Groups by HTTP: JSON for programs, forms for browsers without script, and nothing for outsiders."""

from io import BytesIO

import httpx
import pytest
from PIL import Image

from tests.blueprints.test_conversations import is_error
from tests.pictures import png
from tests.shapes import A_MOMENT
from tests.site import Person, Site


@pytest.fixture
async def team(alice: Person, bob: Person, carol: Person) -> str:
    """Alice's group."""
    return await alice.starts_conversation(bob, carol, title="Team")


async def uploads(person: Person, path: str, content: bytes) -> httpx.Response:
    headers = {"content-type": "image/png", "accept": "application/json", "x-csrf-token": person.csrf}
    return await person.http.put(path, content=content, headers=headers)


async def members(person: Person, team: str, query: str = "") -> dict[str, str]:
    listed = (await person.get(f"/conversations/{team}/members{query}")).json()
    return {member["username"]: member["role"] for member in listed["items"]}


async def test_the_members_are_listed_with_their_roles_and_paged(
    site: Site, alice: Person, bob: Person, mallory: Person, team: str
) -> None:
    listed = (await bob.get(f"/conversations/{team}/members")).json()
    assert listed["next"] is None
    assert listed["items"][0] == alice.facts | {"role": "owner", "joined_at": A_MOMENT}
    assert await members(bob, team) == {"alice": "owner", "bob": "member", "carol": "member"}
    for number in range(50):
        await site.signs_in(f"member{number}")
    names = [f"member{number}" for number in range(50)]
    added = await alice.post(f"/conversations/{team}/members", {"usernames": names})
    assert (added.status_code, len(added.json()["items"])) == (201, 50)
    assert (await alice.post(f"/conversations/{team}/members", {"usernames": names})).status_code == 200
    first = (await bob.get(f"/conversations/{team}/members")).json()
    second = (await bob.get(f"/conversations/{team}/members?before={first['next']}")).json()
    assert [len(first["items"]), len(second["items"]), second["next"]] == [50, 3, None]
    assert await members(bob, team, "?q=member4") == {f"member{number}": "member" for number in (4, *range(40, 50))}
    assert is_error(await bob.get(f"/conversations/{team}/members?before=x"), 422, "invalid", "before")
    assert (await mallory.get(f"/conversations/{team}/members")).status_code == 404


async def test_members_are_added_changed_and_removed(
    alice: Person, bob: Person, carol: Person, mallory: Person, team: str
) -> None:
    at = f"/conversations/{team}/members"
    assert is_error(await bob.put(f"{at}/mallory"), 403, "not_allowed")
    assert is_error(await mallory.put(f"{at}/mallory"), 404, "not_found")
    for _ in range(2):
        assert (await alice.put(f"{at}/mallory")).status_code == 204
        assert (await alice.put(f"{at}/bob", {"role": "admin"})).status_code == 204
    assert await members(alice, team) == {"alice": "owner", "bob": "admin", "carol": "member", "mallory": "member"}
    assert is_error(await bob.delete(f"{at}/alice"), 403, "not_allowed")
    assert is_error(await alice.delete(f"{at}/alice"), 409, "hand_over_first")
    assert is_error(await alice.put(f"{at}/bob", {"role": "king"}), 422, "invalid", "role")
    assert is_error(await alice.delete(f"{at}/nobody"), 404, "not_found")
    assert (await bob.delete(f"{at}/mallory")).status_code == 204
    assert (await carol.delete(f"{at}/carol")).status_code == 204
    assert (await mallory.get(f"/conversations/{team}/messages")).status_code == 404
    assert team not in (await mallory.get("/conversations/")).text
    history = (await bob.get(f"/conversations/{team}/messages")).json()
    assert [(line["type"], line["seq"], line["text"], line["by"]) for line in history["lines"]] == [
        ("member_joined", 1, "Alice added Mallory", "alice"),
        ("member_role_changed", 2, "Alice made Bob an admin", "alice"),
        ("member_left", 3, "Bob removed Mallory", "bob"),
        ("member_left", 4, "Carol left", "carol"),
    ]
    page = (await bob.get(f"/conversations/{team}/")).json()
    assert page["lines"] == history["lines"]
    assert (page["conversation"]["members"], page["seq"], page["conversation"]["unread"]) == (2, 4, 0)


async def test_lines_belong_to_the_messages_around_them(alice: Person, bob: Person, team: str) -> None:
    for number in range(80):
        await bob.writes(team, f"{number}")
        if number % 20 == 0:
            await alice.put(f"/conversations/{team}", {"title": f"Team {number}"})
    page = (await alice.get(f"/conversations/{team}/")).json()
    assert [line["title"] for line in page["lines"]] == ["Team 40", "Team 60"]
    older = (await alice.get(f"/conversations/{team}/messages?before={page['messages'][0]['seq']}")).json()
    assert [line["title"] for line in older["lines"]] == ["Team 0", "Team 20"]
    newer = (await alice.get(f"/conversations/{team}/messages?after={page['messages'][25]['seq']}")).json()
    assert [line["title"] for line in newer["lines"]] == ["Team 60"]
    shown = await alice.opens(f"/conversations/{team}/?before={page['messages'][0]['seq']}")
    assert [f"Team {n}<" in shown.text for n in (0, 20, 40)] == [True, True, False]


async def test_a_group_is_renamed_and_has_a_picture(alice: Person, bob: Person, mallory: Person, team: str) -> None:
    renamed = await alice.put(f"/conversations/{team}", {"title": " Crew "})
    assert (renamed.status_code, renamed.json()["title"]) == (200, "Crew")
    assert is_error(await alice.put(f"/conversations/{team}", {"title": ""}), 422, "empty", "title")
    assert is_error(await bob.put(f"/conversations/{team}", {"title": "Mine"}), 403, "not_allowed")
    assert is_error(await bob.get(f"/conversations/{team}/picture"), 404, "not_found")
    changed = await uploads(alice, f"/conversations/{team}/picture", png())
    shown = await bob.http.get(changed.json()["avatar"])
    assert shown.headers["content-type"] == "image/jpeg"
    assert Image.open(BytesIO(shown.content)).size == (256, 256)
    assert (await mallory.http.get(changed.json()["avatar"])).status_code == 404
    assert is_error(await uploads(alice, f"/conversations/{team}/picture", b"no"), 422, "invalid", "picture")
    assert is_error(await uploads(bob, f"/conversations/{team}/picture", png()), 403, "not_allowed")
    assert (await alice.delete(f"/conversations/{team}/picture")).status_code == 204
    assert (await bob.get("/conversations/")).json()["items"][0]["avatar"] == ""


async def test_a_group_begins_with_a_picture_or_not_at_all(alice: Person, bob: Person, carol: Person) -> None:
    form = {"csrf_token": alice.csrf, "usernames": "bob, carol", "title": "Team"}
    for content, status in ((b"no picture", 422), (png(), 303)):
        answer = await alice.http.post(
            "/conversations/", data=form, files={"picture": ("face.png", content)}, headers={"accept": "text/html"}
        )
        assert answer.status_code == status
        assert ("picture that can be read" in answer.text) == (status == 422)
    [listed] = (await alice.get("/conversations/")).json()["items"]
    assert listed["avatar"].startswith(f"/conversations/{listed['id']}/picture?v=")


async def test_everything_works_with_forms_and_refusals_stand_on_the_page(
    alice: Person, bob: Person, carol: Person, mallory: Person, team: str
) -> None:
    at = f"/conversations/{team}"
    page = await alice.opens(f"{at}/members")
    assert all(words in page.text for words in ("Rename", "Add people", "Invite links", "Hand the group over"))
    plain = await bob.opens(f"{at}/members")
    assert "Leave this group" in plain.text
    assert "Rename" not in plain.text
    for fields, path in (
        ({"method": "PUT", "title": "Crew"}, f"{at}/"),
        ({"usernames": "mallory"}, f"{at}/members"),
        ({"method": "PUT", "role": "admin"}, f"{at}/members/bob"),
        ({"method": "DELETE"}, f"{at}/members/mallory"),
        ({"hours": "24"}, f"{at}/invites"),
    ):
        assert (await alice.submits(path, **fields)).status_code == 303, path
    assert await members(alice, team) == {"alice": "owner", "bob": "admin", "carol": "member"}
    for person, fields, path, status, words in (
        (alice, {"usernames": "nobody_here"}, f"{at}/members", 422, "There is nobody called nobody_here."),
        (alice, {"method": "PUT", "title": " "}, f"{at}/", 422, "Give the group a title."),
        (alice, {"method": "DELETE"}, f"{at}/members/alice", 409, "Hand the group over to somebody first."),
        (carol, {"method": "DELETE"}, f"{at}/members/bob", 403, "You may not remove Bob."),
        (alice, {"hours": "0"}, f"{at}/invites", 422, "From 1 to 720 hours."),
    ):
        refused = await person.submits(path, **fields)
        assert (refused.status_code, words in refused.text) == (status, True), (path, refused.status_code)
    left = await carol.submits(f"{at}/members/carol", method="DELETE")
    assert (left.status_code, left.headers["location"]) == (303, "/conversations/")


async def test_a_link_leads_in_until_it_is_revoked(alice: Person, bob: Person, mallory: Person, team: str) -> None:
    assert is_error(await bob.post(f"/conversations/{team}/invites"), 403, "not_allowed")
    made = (await alice.post(f"/conversations/{team}/invites", {"hours": 2})).json()
    listed = (await alice.get(f"/conversations/{team}/invites")).json()
    assert listed == {"items": [made], "next": None}
    shown = (await mallory.get(made["path"])).json()
    assert (shown["title"], shown["members"], shown["is_member"]) == ("Team", 3, False)
    assert "Join the group" in (await mallory.opens(made["path"])).text
    joined = await mallory.submits(made["path"])
    assert (joined.status_code, joined.headers["location"]) == (303, f"/conversations/{team}/")
    assert (await mallory.post(made["path"])).json() == {"conversation_id": team}, "again changes nothing"
    assert "You are in this group already" in (await mallory.opens(made["path"])).text
    assert (await alice.delete(f"/conversations/{team}/invites/{made['id']}")).status_code == 204
    assert is_error(await bob.get(made["path"]), 404, "invite_gone")
    assert is_error(await bob.post(made["path"]), 404, "invite_gone")
    assert (await alice.get(f"/conversations/{team}/invites")).json()["items"] == []


async def test_who_was_removed_is_told_so_by_the_link(alice: Person, bob: Person, team: str) -> None:
    path = (await alice.post(f"/conversations/{team}/invites")).json()["path"]
    assert not (await bob.get(path)).json()["is_removed"]
    await alice.delete(f"/conversations/{team}/members/bob")
    assert (await bob.get(path)).json()["is_removed"]
    page = (await bob.opens(path)).text
    assert "You were removed from this group." in page
    assert "Join the group" not in page
    assert is_error(await bob.post(path), 403, "removed")
    assert (await bob.submits(path)).status_code == 403
    await alice.put(f"/conversations/{team}/members/bob")
    assert (await bob.post(path)).json() == {"conversation_id": team}


async def test_a_stranger_with_a_link_logs_in_first(site: Site, alice: Person, team: str) -> None:
    made = (await alice.post(f"/conversations/{team}/invites")).json()
    stranger = await site.visitor()
    answer = await stranger.opens(made["path"])
    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={made['path']}")


async def test_a_conversation_of_two_has_no_members_page(alice: Person, bob: Person) -> None:
    chat = await alice.starts_conversation(bob)
    assert is_error(await alice.get(f"/conversations/{chat}/members"), 409, "not_a_group")
    assert is_error(await alice.put(f"/conversations/{chat}", {"title": "x"}), 409, "not_a_group")
