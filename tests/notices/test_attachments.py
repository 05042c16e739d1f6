"""Attachments: added to drafts, checked by content, read with their notice, gone with its withdrawal."""

import io

from PIL import Image
from sqlalchemy.orm import Session

from app.kernel.vault import Vault
from app.league.notices.models import Audience, NoticeState
from tests import factories as make
from tests.helpers import sign_in
from tests.world import World


def upload(content: bytes, name: str) -> dict[str, object]:
    return {"upload": (io.BytesIO(content), name), "version": "1", "once": f"once-{make.serial()}"}


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(out, "PNG")
    return out.getvalue()


def test_a_picture_is_added_and_a_disguised_script_is_refused_with_a_sentence(
    app, world: World, session: Session, make_client, monkeypatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    browser = sign_in(make_client(), world.people["publisher"])
    draft = make.notice(session, world.province, world.people["publisher"], state=NoticeState.DRAFT)
    address = f"/twt/notices/{draft.public_id}"
    assert browser.post(f"{address}/attach", data=upload(picture(), "现场.png")).status_code == 303
    assert "现场.png" in browser.get(address).text
    refused = browser.post(f"{address}/attach", data=upload(b"<script>alert(1)</script>", "现场.png"))
    assert refused.status_code == 422
    assert "upload-error" in refused.text


def test_nothing_is_added_to_a_published_notice(app, world: World, session: Session, make_client, monkeypatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    browser = sign_in(make_client(), world.people["publisher"])
    notice = make.notice(session, world.province, world.people["publisher"], audience=Audience.PORTAL)
    answer = browser.post(f"/twt/notices/{notice.public_id}/attach", data=upload(picture(), "a.png"))
    assert answer.status_code == 409


def test_an_attachment_leaves_as_a_download_and_not_after_withdrawal(
    world: World, session: Session, vault: Vault, settings, make_client
) -> None:
    notice = make.notice(session, world.province, world.people["publisher"], audience=Audience.PORTAL)
    session.info["settings"] = settings
    stored = make.stored_picture(session, vault, "notice", notice.id)
    address = f"/notices/{notice.public_id}/files/{stored.public_id}"
    with make_client().get(address) as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    notice.state, notice.withdrawn_at, notice.withdrawn_reason = NoticeState.WITHDRAWN, make.NOW, "有误"
    assert make_client().get(address).status_code == 404
