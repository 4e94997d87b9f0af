"""Pictures of people."""

from io import BytesIO

from PIL import Image

from tests.site import Person, Site


async def test_everybody_has_a_picture_and_it_is_sent_once(site: Site, alice: Person) -> None:
    visitor = await site.visitor()
    answer = await visitor.http.get("/media/avatars/alice.jpg")
    assert answer.headers["content-type"] == "image/jpeg"
    assert Image.open(BytesIO(answer.content)).size == (192, 192)
    again = await visitor.http.get("/media/avatars/alice.jpg", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await alice.put("/settings/profile", {"display_name": "Zoe"})
    renamed = await visitor.http.get("/media/avatars/alice.jpg", headers={"if-none-match": answer.headers["etag"]})
    assert renamed.status_code == 200
    assert (await visitor.http.get("/media/avatars/nobody.jpg")).status_code == 404
