"""The WeChat door: its callback, its sign-in, binding."""

from tests.pages.matrix import Row, everyone, signed_in

ROWS = [
    Row("GET", "/wx/callback", everyone(403)),
    Row("POST", "/wx/callback", everyone(403)),
    Row("GET", "/wx/go/<target>", everyone(303), thing="member"),
    Row("GET", "/wx/back", everyone(400)),
    Row("GET", "/wx/bind", signed_in(303)),
    Row("POST", "/wx/bind", signed_in(303)),
    Row("POST", "/wx/unbind", signed_in(303)),
]
THINGS = {"member": lambda world, session, vault: {"target": "member"}}
