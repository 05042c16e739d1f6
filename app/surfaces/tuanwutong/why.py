"""为什么我看不到: one's own posts, how far they reach and until when, read from the table of powers.

The page is the same whatever could not be opened: it says nothing of any object, there or not.
"""

from flask import Blueprint, Response

from app.kernel.access import words
from app.kernel.access.gates import own
from app.league.appointments import helpers
from app.surfaces.web.house import me, work
from app.surfaces.web.pages import page

bp = Blueprint("why", __name__, url_prefix="/twt/why")


@bp.get("")
@own
def index() -> Response:
    """Which rules apply to me, and who can help."""
    here, who = work(), me()
    return page(
        "tuanwutong/why.html",
        posts=[(post, words.abilities(post.role), helpers.helper_above(here, post)) for post in who.posts],
        lacking=words.lacking([post.role for post in who.posts]),
        gone=helpers.gone_lately(here, who.account_id),
    )
