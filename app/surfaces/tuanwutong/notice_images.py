"""The pictures of a notice, on the page where it is prepared."""

from flask import url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.errors import Invalid
from app.league.notices import images, queries
from app.surfaces.tuanwutong.notice_forms import ImageForm
from app.surfaces.tuanwutong.notices import bp, publishing, shown
from app.surfaces.web.downloads import picture
from app.surfaces.web.house import changing, work
from app.surfaces.web.pages import see


@bp.post("/<public_id>/images")
@needs(Power.NOTICES_PUBLISH)
def add_image(public_id: str) -> AnyResponse:
    """Add a picture to a draft."""
    form = ImageForm()
    try:
        form.require_valid()
        if not form.image.data:
            raise Invalid({"image": "请选择一张图片"})
        caption = images.Caption(form.alt.data or "", form.caption.data or "")
        with changing(form.once.data) as change:
            notice = queries.managed_notice(publishing(), change.session, public_id, lock=True)
            images.add(change, notice, form.image.data.stream, caption, cover=bool(form.cover.data))
            change.outcome = url_for(".show", public_id=public_id) + "#images"
    except Invalid as problem:
        form.blame(problem)
        return shown(public_id, image_form=form, status=422)
    return see(change.outcome, "图片已添加")


@bp.post("/<public_id>/images/<image_id>/cover")
@needs(Power.NOTICES_PUBLISH)
def cover_image(public_id: str, image_id: str) -> AnyResponse:
    """Make a picture the cover."""
    form = ImageForm(formdata=None)
    try:
        with changing() as change:
            notice = queries.managed_notice(publishing(), change.session, public_id, lock=True)
            images.choose_cover(change, notice, image_id)
    except Invalid as problem:
        form.blame(problem)
        return shown(public_id, image_form=form, status=422)
    return see(url_for(".show", public_id=public_id) + "#images", "题图已换好")


@bp.post("/<public_id>/images/<image_id>/remove")
@needs(Power.NOTICES_PUBLISH)
def remove_image(public_id: str, image_id: str) -> AnyResponse:
    """Take a picture off a draft."""
    with changing() as change:
        notice = queries.managed_notice(publishing(), change.session, public_id, lock=True)
        images.remove(change, notice, image_id)
    return see(url_for(".show", public_id=public_id) + "#images", "图片已移除")


@bp.get("/<public_id>/images/<image_id>/<int:width>.webp")
@needs(Power.NOTICES_PUBLISH)
def image(public_id: str, image_id: str, width: int) -> AnyResponse:
    """One rendering of a picture, for its publisher."""
    session = work().session
    return picture(images.rendering(session, queries.managed_notice(publishing(), session, public_id), image_id, width))
