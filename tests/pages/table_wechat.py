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
    Row("GET", "/demo/wechat", everyone(200)),
    Row("POST", "/demo/wechat", everyone(303)),
    Row("GET", "/demo/wechat/connect/oauth2/authorize", everyone(400)),
    Row("GET", "/demo/wechat/sns/oauth2/access_token", everyone(200)),
    Row("POST", "/demo/wechat/cgi-bin/stable_token", everyone(200)),
    Row("POST", "/demo/wechat/cgi-bin/menu/create", everyone(200)),
    Row("POST", "/demo/wechat/cgi-bin/message/<kind>/send", everyone(200), thing="kind"),
]
THINGS = {
    "member": lambda world, session, vault: {"target": "member"},
    "kind": lambda world, session, vault: {"kind": "custom"},
}
