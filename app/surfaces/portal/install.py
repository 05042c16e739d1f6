"""The site as an app on the phone: its manifest, its service worker, and the page it shows without a network.

The worker keeps static files whose address carries their digest, and that one page, which is the same for everybody.
"""

import hashlib
import json

from flask import Blueprint, Response, make_response, render_template, url_for

from app.kernel.access.gates import public
from app.surfaces.web.errors import as_nobody
from app.surfaces.web.static_files import static_url

bp = Blueprint("install", __name__)
RED = "#c8102e"
KEPT = ("app.css", "app.js", "htmx-4.0.1.min.js", "icons.svg", "favicon.svg")
"""What the page without a network is made of."""


@bp.get("/manifest.webmanifest")
@public("安装到手机")
def manifest() -> Response:
    """What a phone needs to know to install the site (W3C Web App Manifest)."""
    told = {
        "id": "/",
        "name": "山西青年 · 青春家园",
        "short_name": "青春家园",
        "description": "登记入册、看通知、办团务",
        "lang": "zh-CN",
        "dir": "ltr",
        "start_url": url_for("my_home.index"),
        "scope": "/",
        "display": "standalone",
        "theme_color": RED,
        "background_color": "#ffffff",
        "categories": ["government", "education"],
        "icons": [
            {"src": static_url("icon-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any"},
            {"src": static_url("icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any"},
            {"src": static_url("icon-maskable.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
        "shortcuts": [
            {"name": "我的申请", "url": url_for("application_progress.show")},
            {"name": "通知", "url": url_for("inbox.index")},
            {"name": "审核", "url": url_for("queue.index")},
        ],
    }
    return Response(json.dumps(told, ensure_ascii=False), mimetype="application/manifest+json")


@bp.get("/service-worker.js")
@public("安装到手机")
def worker() -> Response:
    """The service worker. Its name of the cache changes with what is in it, so that nothing old stays."""
    kept = [static_url(name) for name in KEPT]
    page = _offline_page()
    version = hashlib.sha256("".join([*kept, page]).encode()).hexdigest()[:12]
    script = render_template("install/service_worker.js", kept=kept, version=version, offline=url_for(".offline"))
    return Response(script, mimetype="text/javascript")


@bp.get("/offline")
@public("没有网络时的页面")
def offline() -> Response:
    """The page without a network: drawn for nobody in particular, whoever asks."""
    return make_response(_offline_page())


def _offline_page() -> str:
    return as_nobody(lambda: render_template("install/offline.html", request_id="", text_size="normal"))
