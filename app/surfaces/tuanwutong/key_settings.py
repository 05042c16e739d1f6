"""The page where a reviewer chooses the desk's keys, or switches them off."""

from collections.abc import Mapping

from flask import Response, current_app, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.access.gates import needs
from app.kernel.access.powers import Power
from app.kernel.errors import Invalid
from app.surfaces.tuanwutong.desk_keys import ACTIONS, COOKIE, keys, settle
from app.surfaces.tuanwutong.queue import bp
from app.surfaces.tuanwutong.review_forms import KeysForm
from app.surfaces.web.pages import page, see

YEAR = 365 * 86400


def _keep(response: AnyResponse, on: bool, chosen: Mapping[str, str]) -> AnyResponse:
    own = "|".join(f"{action}={key}" for action, key in chosen.items() if key != ACTIONS[action][1])
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    value = f"{'on' if on else 'off'}:{own}"
    response.set_cookie(COOKIE, value, max_age=YEAR, secure=secure, httponly=True, samesite="Lax", path="/twt")
    return response


@bp.route("/keys", methods=["GET", "POST"])
@needs(Power.JOINING_READ)
def desk_keys() -> AnyResponse:
    """快捷键设置."""
    now, form = keys(), KeysForm()
    if request.method == "GET":
        form.off.data = not now.on
        return _page(form, dict(now.chosen), {})
    if form.usual.data:
        return _keep(see(url_for("queue.desk_keys"), "已恢复原来的快捷键"), True, {})
    typed = {action: request.form.get(f"key-{action}", "") for action in ACTIONS}
    try:
        if not form.validate_on_submit():
            raise Invalid({})
        chosen = settle(typed)
    except Invalid as problem:
        return _page(form, typed, problem.errors, status=422)
    message = "快捷键已关闭" if form.off.data else "快捷键已保存"
    return _keep(see(url_for("queue.index"), message), not form.off.data, chosen)


@bp.post("/keys/switch")
@needs(Power.JOINING_READ)
def switch_keys() -> AnyResponse:
    """On or off, from the desk itself."""
    now = keys()
    message = "快捷键已关闭" if now.on else "快捷键已开启"
    return _keep(see(url_for("queue.index"), message), not now.on, now.chosen)


def _page(form: KeysForm, letters: dict[str, str], errors: Mapping[str, str], *, status: int = 200) -> Response:
    rows = [(action, name, letters[action], errors.get(action, "")) for action, (name, _) in ACTIONS.items()]
    summary = [(f"key-{action}", f"{name}：{sentence}") for action, name, _, sentence in rows if sentence]
    return page("tuanwutong/queue/keys.html", form=form, rows=rows, errors=summary, status=status)
