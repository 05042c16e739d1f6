"""我是团员, 我是团干: entering a code, pointing at one's class, taking up an invitation. In WeChat and outside it."""

from flask import Blueprint, Response, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, RadioField, StringField

from app.kernel.access.gates import own, public
from app.kernel.errors import Conflict, Invalid, NotFound, Refused
from app.league.codes import cadres, guessing, queries
from app.league.codes.guessing import Answer, Said
from app.league.joining import drafts, places
from app.league.joining import operations as joining
from app.league.joining import own as mine
from app.league.joining.models import OPEN_STATES
from app.league.organisations.models import OrganisationStatus
from app.league.wechat.official import official
from app.surfaces.qingchun.application import step_url
from app.surfaces.web import onward
from app.surfaces.web.forms import Form, OnceForm, choices
from app.surfaces.web.house import changing, me, viewer, work
from app.surfaces.web.pages import page, see
from app.surfaces.wechat import visitor

bp = Blueprint("codes", __name__, url_prefix="/jia")
HERE = "qingchun/codes"
NONE = "none"
STATUS = {Said.LOCKED: 429, Said.BY_NAME: 429}


class CodeForm(Form):
    """Six digits."""

    class_code = StringField("班级认证码")


class ChoiceForm(Form):
    """One of five classes."""

    note = HiddenField()
    place = RadioField("您的班级", choices=[], validate_choice=False)


class CadreForm(OnceForm):
    """The code of an invitation."""

    cadre_code = StringField("团干认证码")


@bp.get("/code")
@public("输入认证码；谁在输，由微信或登录证明")
def enter() -> AnyResponse:
    """我是团员: the class code."""
    return _settled() or _known_first() or page(f"{HERE}/code.html", form=CodeForm(), blocked="")


@bp.post("/code")
@public("输入认证码；谁在输，由微信或登录证明")
def find() -> AnyResponse:
    """Five classes for whatever was typed; a try counts even when nothing comes of it."""
    if elsewhere := _settled() or _known_first():
        return elsewhere
    form = CodeForm()
    code = guessing.digits(form.class_code.data or "")
    if not code:
        form.blame(Invalid({"class_code": guessing.MALFORMED}))
        return page(f"{HERE}/code.html", form=form, blocked="", status=422)
    with changing() as change:
        answer = guessing.enter(change, code, _person())
    return _choice(ChoiceForm(formdata=None), answer) if answer.said is Said.CHOOSE else _sorry(answer)


@bp.post("/code/class")
@public("选自己的班级；谁在选，由微信或登录证明")
def choose() -> AnyResponse:
    """Point at one's own class."""
    if elsewhere := _settled() or _known_first():
        return elsewhere
    form = ChoiceForm()
    if form.place.data in (None, "", NONE):
        return see(url_for(".enter"), "请核对认证码，再输一次")
    with changing() as change:
        answer = guessing.choose(change, form.note.data or "", form.place.data, _person())
    if answer.said is Said.RIGHT:
        return see(url_for(".invitation", token=answer.token))
    return _sorry(answer)


@bp.get("/i/<token>")
@public("班级的邀请链接")
def invitation(token: str) -> AnyResponse:
    """The class a link or a QR names: is it yours?"""
    if elsewhere := _settled():
        return elsewhere
    here = work()
    row, branch = queries.by_token(here.session, token)
    answer = guessing.look(here, row, branch)
    if answer.said is not Said.RIGHT or branch.status is not OrganisationStatus.OPEN:
        return _sorry(answer if answer.text else Answer(Said.EXPIRED))
    path = url_for(".invitation", token=token)
    if visitor.inside_wechat() and not visitor.openid() and official(here.settings):
        return onward.remember(see(url_for("wechat_login.go", target="onward")), path)
    place, secretary = places.places(here.session, [branch])[0], queries.secretary(here.session, branch, here.today)
    shown = page(f"{HERE}/invitation.html", place=place, secretary=secretary, token=token, form=Form(), path=path)
    return onward.remember(shown, path) if viewer() is None else shown


@bp.post("/i/<token>")
@own
def take(token: str) -> AnyResponse:
    """Yes, it is mine: on to the file."""
    last = mine.latest(work(), me().account_id)
    if me().person_id is not None or (last is not None and last.state in OPEN_STATES):
        raise Refused("您已有申请或档案，不用再选团支部")
    with changing() as change:
        row, branch = queries.by_token(change.session, token)
        answer = guessing.look(change, row, branch)
        if answer.said is Said.RIGHT and branch.status is OrganisationStatus.OPEN:
            contents = drafts.load(change, me().account_id)
            typed = {"organisation": branch.public_id, "statement": contents.typed.get("statement", "")}
            contents = drafts.keep(change, me().account_id, "place", typed, version=contents.version("place"))
    if answer.said is not Said.RIGHT:
        return _sorry(answer)
    return onward.forget(see(_bound_first(step_url(contents.next_step()))))


@bp.get("/cadre")
@public("我是团干")
def cadre() -> AnyResponse:
    """我是团干: straight to one's class, or the code of the invitation."""
    who = viewer()
    if who is not None and who.is_staff:
        return see(url_for("classes.index"))
    return page(f"{HERE}/cadre.html", form=CadreForm(formdata=None))


@bp.post("/cadre")
@public("我是团干")
def find_cadre() -> AnyResponse:
    """On to the page of the code that was typed."""
    form = CadreForm()
    token = cadres.tidy(form.cadre_code.data or "")
    if len(token) != cadres.LENGTH or not token.isalnum() or not token.isascii():
        form.blame(Invalid({"cadre_code": f"团干认证码是 {cadres.LENGTH} 位字母和数字"}))
        return page(f"{HERE}/cadre.html", form=form, status=422)
    return see(url_for(".accept_page", token=token))


@bp.get("/cadre/<token>")
@public("团干邀请链接；本人登录后才能接受")
def accept_page(token: str) -> AnyResponse:
    """Take the post up; who is not signed in does that first."""
    path = url_for(".accept_page", token=token)
    if viewer() is None:
        return onward.remember(page(f"{HERE}/cadre_first.html", path=path), path)
    return page(f"{HERE}/cadre_accept.html", form=CadreForm(data={"cadre_code": token}, formdata=None), problem="")


@bp.post("/cadre/accept")
@own
def accept() -> AnyResponse:
    """Take it up, once; a try that fails counts."""
    form = CadreForm()
    if not form.validate_on_submit():
        return page(f"{HERE}/cadre.html", form=form, status=422)
    problem, branch = "", None
    try:
        with changing(form.once.data) as change:
            account = joining.account_of(change, me().account_id)
            said, branch = cadres.accept(change, account, form.cadre_code.data or "")
            change.outcome = url_for("classes.show", public_id=branch.public_id) if branch else url_for(".cadre")
            problem = cadres.SENTENCES.get(said, "")
    except (Conflict, Refused, Invalid) as fault:
        problem = fault.text
    if problem:
        fresh = CadreForm(data={"cadre_code": form.cadre_code.data}, formdata=None)
        return page(f"{HERE}/cadre_accept.html", form=fresh, problem=problem, status=422)
    return onward.forget(see(_bound_first(change.outcome), "您已是本班团支书"))


def _person() -> str:
    """What stands for who tries codes: WeChat's openid, else the account."""
    who = visitor.openid()
    return f"openid:{who}" if who else f"account:{me().account_id}"


def _bound_first(address: str) -> str:
    """By way of the question whether to bind this WeChat, which goes on by itself where there is nothing to bind."""
    return url_for("wechat_binding.offer", next=address) if visitor.openid() else address


def _known_first() -> AnyResponse | None:
    """Codes are tried by somebody, never by nobody: through WeChat, or signed in."""
    if visitor.openid() or viewer() is not None:
        return None
    path = url_for(".enter")
    if visitor.inside_wechat() and official(work().settings):
        return see(url_for("wechat_login.go", target="member"))
    return onward.remember(page(f"{HERE}/first.html", path=path), path)


def _settled() -> AnyResponse | None:
    """Where those go who have a file, or an application under way."""
    who = viewer()
    if who is None:
        return None
    if who.person_id is not None:
        return see(url_for("my_file.index"), "您已有电子档案，不用再申请")
    last = mine.latest(work(), who.account_id)
    if last is not None and last.state in OPEN_STATES:
        return see(url_for("application_progress.show"))
    return None


def _choice(form: ChoiceForm, answer: Answer, *, status: int = 200) -> Response:
    form.note.data = answer.note
    named = [(place.public_id, " › ".join((*place.above[1:], place.name))) for place in answer.places]
    form.place.choices = choices([*named, (NONE, "这里没有我的班级")])
    return page(f"{HERE}/choose.html", form=form, status=status)


def _sorry(answer: Answer) -> AnyResponse:
    if not answer.text:
        raise NotFound
    if answer.said in STATUS:
        return page(f"{HERE}/code.html", form=CodeForm(formdata=None), blocked=answer.text, status=STATUS[answer.said])
    form = CodeForm(formdata=None)
    form.blame(Invalid({"class_code": answer.text}))
    return page(f"{HERE}/code.html", form=form, blocked="", status=422)
