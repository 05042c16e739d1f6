"""A few notices, so that the portal and the inboxes are not empty."""

from dataclasses import replace
from datetime import timedelta

from app.kernel.access.viewer import Viewer
from app.kernel.work import Actor, Work
from app.league.notices.models import Audience
from app.league.notices.operations import NoticeText, publish, write

PILOT = """<p>为建好全省团员青年电子档案，现就试点工作通知如下。</p>
<h2>一、录入方式</h2>
<p>团员和普通青年从山西青年网右上角“青春家园”注册，选择所在团支部，填写档案后提交审核。</p>
<h2>二、审核要求</h2>
<ul><li>团支书和协助审批的团干部逐条核对，不得代填、不得虚报。</li><li>退回时写明原因，由本人补正。</li></ul>
<h2>三、信息安全</h2>
<p>查看完整证件号码必须写明理由；录入工作在专用电脑上进行，禁止非法拷贝。</p>"""
ARTICLES = (
    (
        9,
        "通知",
        "关于开展团员青年电子档案试点工作的通知",
        "演示团发〔2026〕1号",
        PILOT,
        True,
    ),
    (
        6,
        "新闻",
        "三所试点学校完成第一批档案录入",
        "",
        "<p>截至今天，试点学校共录入电子档案六千余份，录入数据由各校团委逐条核对。</p>",
        False,
    ),
    (
        3,
        "公告",
        "青春家园入册常见问题解答",
        "",
        '<p>收不到验证码、找不到支部、申请被退回怎么办？请看<a href="/help">办事帮助</a>。</p>',
        False,
    ),
)
TO_STAFF = "<p>请各级团组织核对本级管理员名单，任期将满的及时办理交接；花名册尚未录入的，请在本周内录入。</p>"


def publish_news(work: Work, viewer: Viewer) -> None:
    """Publish the articles, a few days apart, and one notice to the staff."""
    post = viewer.posts[0]
    for days, category, title, number, body, pinned in ARTICLES:
        then = replace(work, now=work.now - timedelta(days=days), actor=Actor.of(viewer), viewer=viewer)
        text = NoticeText(
            title=title,
            body=body,
            audience=Audience.PORTAL,
            issuer=post.organisation_public_id,
            target="",
            category=category,
            document_number=number,
            pinned=pinned,
        )
        notice = write(then, viewer, text)
        publish(then, notice, version=notice.version)
    now = replace(work, actor=Actor.of(viewer), viewer=viewer)
    to_staff = NoticeText("关于核对管理员名单和花名册的通知", TO_STAFF, Audience.STAFF, post.organisation_public_id, "")
    notice = write(now, viewer, to_staff)
    publish(now, notice, version=notice.version)
