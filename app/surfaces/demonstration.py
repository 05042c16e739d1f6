"""What the demonstration shows beyond the product: the text messages it would have sent."""

from flask import Blueprint
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField

from app.kernel.access.gates import demonstration
from app.league.accounts import sms
from app.surfaces.web.forms import Form
from app.surfaces.web.house import work
from app.surfaces.web.pages import page

bp = Blueprint("demonstration", __name__, url_prefix="/demo")
TEMPLATES = ("portal/demonstration_messages.html", "portal/_demonstration_messages.html")


class SearchForm(Form):
    """The last four digits of a phone."""

    ending = StringField("手机号后四位")


@bp.get("/messages")
@demonstration
def messages() -> AnyResponse:
    """演示短信, newest first."""
    return page(*TEMPLATES, form=SearchForm(), rows=sms.shown(work()), ending="")


@bp.post("/messages")
@demonstration
def search() -> AnyResponse:
    """Those to phones that end so; a POST keeps digits of a phone out of addresses."""
    form = SearchForm()
    ending = "".join(c for c in form.ending.data or "" if c.isdigit())[-4:]
    return page(*TEMPLATES, form=form, rows=sms.shown(work(), ending), ending=ending)
