"""Pictures of notices: drawn anew, small, described, and shown to exactly those who may read the notice."""

import io
import random

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.errors import Conflict, Invalid
from app.kernel.files.models import StoredFile
from app.kernel.files.pictures import BOUNDS, render
from app.kernel.vault import Vault
from app.kernel.work import Actor, Work
from app.league.notices import images, operations
from app.league.notices.models import Audience, NoticeImage, NoticeState
from tests import factories as make
from tests.helpers import sign_in
from tests.world import World

GPS = 0x8825
ORIENTATION = 0x0112


def photo(width: int = 1300, height: int = 800, kind: str = "JPEG", **how: object) -> bytes:
    """Half red, half blue, so that turning it can be seen."""
    picture = Image.new("RGB", (width, height), "red")
    picture.paste("blue", (0, 0, width // 2, height))
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def noise(width: int, height: int) -> bytes:
    grain = random.Random(1).randbytes(width * height * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), grain).save(out, "PNG", compress_level=1)
    return out.getvalue()


def exif(**tags: object) -> Image.Exif:
    noted = Image.Exif()
    noted[ORIENTATION] = tags.get("orientation", 1)
    noted.get_ifd(GPS)[2] = (39.3, 20.1, 1.0)
    noted[0x010F] = "CAMERA-OF-SOMEBODY"
    return noted


@pytest.fixture
def draft(world: World, session: Session):
    return make.notice(
        session, world.province, world.people["publisher"], state=NoticeState.DRAFT, audience=Audience.PORTAL
    )


def add(work: Work, notice, content: bytes | None = None, **how: object) -> NoticeImage:
    caption = images.Caption(how.pop("alt", "红蓝两色的旗"))
    return images.add(work, notice, io.BytesIO(content or photo()), caption, **how)


@pytest.mark.embedded
def test_a_photo_loses_the_place_it_was_taken_and_stands_upright() -> None:
    drawn = render(photo(exif=exif(orientation=6)))
    assert [one.width for one in drawn] == [200, 400, 720]  # 800 wide once it is turned
    for one in drawn:
        assert b"CAMERA" not in one.content
        picture = Image.open(io.BytesIO(one.content))
        assert dict(picture.getexif()) == {}
        assert picture.height > picture.width
        top, bottom = (picture.convert("RGB").getpixel((one.width // 2, y)) for y in (5, one.height - 6))
        assert (top[2] > 200, bottom[0] > 200) == (True, True)


@pytest.mark.embedded
def test_even_noise_stays_within_the_bytes_promised() -> None:
    for one in render(noise(1280, 720)):
        assert len(one.content) <= BOUNDS[one.width], one.width


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff<script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7 %%EOF",
        b"GIF89a/*<script>*/",
        b"",
        photo()[:3000],
    ],
    ids=["script under a photo's first bytes", "svg", "pdf", "gif", "nothing", "half a photo"],
)
def test_what_is_no_whole_photo_is_refused(world: World, work: Work, draft, content: bytes) -> None:
    with pytest.raises(Invalid) as problem:
        images.add(work, draft, io.BytesIO(content), images.Caption("图"))
    assert "image" in problem.value.errors


@pytest.mark.embedded
def test_a_second_file_behind_a_photo_is_left_behind() -> None:
    for one in render(photo() + b"PK\x03\x04<script>alert(1)</script>"):
        assert b"script" not in one.content
        assert one.content.startswith(b"RIFF")


def test_a_picture_needs_words_for_those_who_do_not_see_it(world: World, work: Work, draft) -> None:
    with pytest.raises(Invalid) as problem:
        add(work, draft, alt="  ")
    assert "alt" in problem.value.errors


def test_a_new_cover_takes_the_place_of_the_old_one_and_a_number_is_never_used_twice_while_it_stands(
    world: World, work: Work, session: Session, draft
) -> None:
    first, second = add(work, draft, cover=True), add(work, draft, cover=True)
    session.refresh(first)
    assert (first.number, second.number, first.cover, second.cover) == (1, 2, False, True)
    images.remove(work, draft, first.public_id)
    assert add(work, draft).number == 3
    with pytest.raises(Invalid):
        add(work, draft, photo(300, 200), cover=True)


def test_the_text_says_where_a_picture_stands_and_what_it_does_not_name_follows(
    world: World, work: Work, draft
) -> None:
    cover, named, unnamed = add(work, draft, cover=True), add(work, draft), add(work, draft)
    body = "<p>甲</p><p>[图2]</p><p>乙</p><p>［图 7］</p>"
    parts = images.laid_out(body, images.of(work.session, draft))
    assert [part.image.number if part.image else part.html for part in parts] == ["<p>甲</p>", 2, "<p>乙</p>", 3]
    assert images.lost_places(body, [cover, named, unnamed]) == [7]


def test_pictures_of_a_published_notice_stay_as_they_are(world: World, session: Session, work: Work) -> None:
    notice = make.notice(session, world.province, world.people["publisher"], audience=Audience.PORTAL)
    with pytest.raises(Conflict):
        add(work, notice)


@pytest.mark.parametrize(
    ("state", "audience", "status"),
    [
        (NoticeState.PUBLISHED, Audience.PORTAL, 200),
        (NoticeState.DRAFT, Audience.PORTAL, 404),
        (NoticeState.SCHEDULED, Audience.PORTAL, 404),
        (NoticeState.WITHDRAWN, Audience.PORTAL, 404),
        (NoticeState.PUBLISHED, Audience.STAFF, 404),
    ],
)
def test_everybody_gets_a_picture_only_while_its_notice_is_public(
    world: World, session: Session, vault: Vault, settings, make_client, state, audience, status
) -> None:
    session.info["settings"] = settings
    notice = make.notice(session, world.province, world.people["publisher"], state=state, audience=audience)
    image = make.notice_image(session, vault, notice)
    session.commit()
    address = f"/notices/{notice.public_id}/images/{image.public_id}"
    with make_client().get(f"{address}/400.webp") as answer:
        assert answer.status_code == status
        if status == 200:
            assert answer.mimetype == "image/webp"
            assert "public" in answer.headers["Cache-Control"]
            assert "Set-Cookie" not in answer.headers
            assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert make_client().get(f"{address}/401.webp").status_code == 404


def test_a_publisher_adds_chooses_and_removes_without_scripts(
    app, world: World, session: Session, make_client, monkeypatch, draft
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    session.commit()
    browser = sign_in(make_client(), world.people["publisher"])
    page = f"/twt/notices/{draft.public_id}"
    form = lambda: {"image": (io.BytesIO(photo()), "a.jpg"), "alt": "植树现场", "once": f"once-{make.serial()}"}  # noqa: E731
    refused = browser.post(f"{page}/images", data={**form(), "alt": "", "caption": "坡上"})
    assert refused.status_code == 422
    assert 'value="坡上"' in refused.text
    assert browser.post(f"{page}/images", data=form()).status_code == 303
    image = session.scalars(select(NoticeImage)).one()
    assert 'alt="植树现场"' in browser.get(page).text
    assert browser.post(f"{page}/images/{image.public_id}/cover").status_code == 303
    assert browser.post(f"{page}/images/{image.public_id}/remove").status_code == 303
    session.expire_all()
    assert session.scalars(select(NoticeImage)).all() == []
    assert session.scalars(select(StoredFile)).all() == []


def test_a_discarded_draft_takes_its_pictures_with_it(world: World, work: Work, session: Session, draft) -> None:
    add(work, draft)
    operations.discard(Work(**{**work.__dict__, "actor": Actor("command")}), draft, version=draft.version)
    assert session.scalars(select(NoticeImage)).all() == []
