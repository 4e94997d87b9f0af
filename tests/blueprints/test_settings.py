"""One's own settings."""

import re
from io import BytesIO

from PIL import Image

from tests.site import PASSWORD, Person, Site


def picture(width: int, height: int, kind: str = "PNG", **extra: object) -> bytes:
    """A picture, red on the left and blue on the right."""
    drawn = Image.new("RGB", (width, height), "red")
    drawn.paste("blue", (width // 2, 0, width, height))
    out = BytesIO()
    drawn.save(out, kind, **extra)
    return out.getvalue()


async def uploads(person: Person, image: bytes) -> int:
    answer = await person.http.post(
        "/settings/avatar",
        data={"_method": "PUT", "csrf_token": person.csrf},
        files={"avatar": ("me.png", image, "image/png")},
        headers={"accept": "application/json"},
    )
    return answer.status_code


async def test_the_profile_is_changed(alice: Person) -> None:
    answer = await alice.put("/settings/profile", {"display_name": " Alice A. ", "bio": "Hi @bob"})
    assert answer.status_code == 200
    profile = (await alice.get("/@alice/")).json()
    assert (profile["display_name"], profile["bio"]) == ("Alice A.", "Hi @bob")
    assert (await alice.put("/settings/profile", {"bio": "x" * 501})).status_code == 422
    assert (await alice.put("/settings/profile", {"display_name": ""})).status_code == 200
    assert (await alice.get("/@alice/")).json()["display_name"] == "alice"


async def test_nobody_makes_themselves_important(alice: Person) -> None:
    answer = await alice.put("/settings/profile", {"is_admin": True, "display_name": "Boss"})
    assert list(answer.json()["error"]["fields"]) == ["is_admin"]
    assert (await alice.get("/@alice/")).json()["is_admin"] is False


async def test_a_new_password_ends_every_other_session_and_token(site: Site, alice: Person) -> None:
    phone = await site.signs_in("alice")
    token = (await phone.post("/tokens", {"username": "alice", "password": PASSWORD})).json()["token"]
    wanted = {"current_password": PASSWORD, "password": "another horse"}
    refused = await alice.put("/settings/password", wanted | {"current_password": "wrong horse"})
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (422, ["current_password"])
    assert (await phone.get("/")).status_code == 200
    assert (await alice.put("/settings/password", wanted)).status_code == 204
    assert (await alice.get("/")).status_code == 200
    assert (await phone.get("/")).status_code == 401
    assert (await site.people[0].get("/", authorization=f"Bearer {token}")).status_code == 401


async def test_one_ends_ones_own_sessions_and_nobody_elses(site: Site, alice: Person, mallory: Person) -> None:
    phone = await site.signs_in("alice", **{"user-agent": "Mozilla/5.0 (Android) Firefox/140.0"})
    listed = (await alice.get("/settings")).json()["sessions"]
    [other] = [session for session in listed if not session["current"]]
    assert other["label"] == "Firefox on Android"
    address = f"/settings/sessions/{other['id']}"
    assert (await mallory.delete(address)).status_code == 404
    assert (await phone.get("/")).status_code == 200
    assert (await alice.delete(address)).status_code == 204
    assert (await phone.get("/")).status_code == 401
    assert (await alice.delete(address)).status_code == 404


async def test_a_picture_is_stored_square_upright_and_without_its_metadata(alice: Person) -> None:
    before = await alice.http.get("/media/avatars/alice.jpg")
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down: what is red on the left in the file is red on the right for the eye
    exif[0x010E] = "secret place"
    upload = picture(600, 300, "JPEG", exif=exif)
    assert b"secret place" in upload
    assert await uploads(alice, upload) == 200
    after = await alice.http.get("/media/avatars/alice.jpg")
    assert after.headers["etag"] != before.headers["etag"]
    assert b"secret place" not in after.content
    shown = Image.open(BytesIO(after.content))
    assert (shown.format, shown.size, len(shown.getexif())) == ("JPEG", (256, 256), 0)
    left, right = shown.getpixel((20, 128)), shown.getpixel((236, 128))
    assert left[2] > 200 > 50 > left[0]
    assert right[0] > 200 > 50 > right[2]
    assert (await alice.delete("/settings/avatar")).status_code == 204
    again = await alice.http.get("/media/avatars/alice.jpg")
    assert again.content == before.content


async def test_the_body_itself_may_be_the_picture(alice: Person) -> None:
    headers = {"content-type": "image/webp", "x-csrf-token": alice.csrf}
    answer = await alice.http.put("/settings/avatar", content=picture(50, 80, "WEBP"), headers=headers)
    assert answer.status_code == 200


async def test_what_is_no_picture_or_too_large_is_refused(alice: Person) -> None:
    assert await uploads(alice, b"") == 422
    assert await uploads(alice, b"GIF89a nonsense") == 422
    assert await uploads(alice, picture(30, 30, "BMP")) == 422
    assert await uploads(alice, b"<svg xmlns='http://www.w3.org/2000/svg'/>") == 422
    assert await uploads(alice, picture(30, 30)[:60]) == 422
    assert await uploads(alice, b"x" * (5 * 1024 * 1024 + 1)) == 413
    assert await uploads(alice, b"x" * (9 * 1024 * 1024)) == 413
    # 200 KB that would take 300 MB: refused by its header, long before that.
    assert await uploads(alice, picture(8001, 10)) == 422
    assert await uploads(alice, picture(7000, 6000)) == 422
    assert await uploads(alice, picture(640, 480)) == 200


async def test_settings_forms_work_without_script(alice: Person) -> None:
    answer = await alice.submits("/settings/profile", method="PUT", display_name="Al", bio="a\r\nb")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings?saved=profile")
    page = await alice.opens("/settings?saved=profile")
    assert "Your profile is saved." in page.text
    page = await alice.submits("/settings/profile", method="PUT", display_name="x" * 81, bio="kept")
    assert page.status_code == 422
    assert "kept" in page.text
    assert (await alice.get("/@alice/")).json()["bio"] == "a\nb"


async def test_a_token_made_on_the_page_is_shown_once_and_opens(site: Site, alice: Person) -> None:
    entered = {"username": "alice", "label": "my script"}
    page = await alice.submits("/tokens", password="wrong horse", **entered)
    assert page.status_code == 401
    assert "do not belong together" in page.text
    page = await alice.submits("/tokens", password=PASSWORD, **entered)
    assert page.status_code == 201
    [token] = re.findall(r"<code>([\w-]+)</code>", page.text)
    assert token not in (await alice.opens("/settings")).text
    program = Person(site, {"authorization": f"Bearer {token}"})
    site.people.append(program)
    assert (await program.get("/")).status_code == 200
