"""The columns (栏目) of the site: one table, which the forms, the navigation, the front page and the feeds read."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """One column. ``key`` stands in addresses and in the database; ``about`` tells readers what to look for in it."""

    key: str
    name: str
    about: str


CATEGORIES = (
    Category("news", "要闻", "全省共青团的重要工作和活动"),
    Category("announcements", "通知公告", "需要您知道或办理的事"),
    Category("grassroots", "基层动态", "学校、企业、乡村和社区团组织的消息"),
    Category("policies", "政策文件", "团的章程、规定和省级文件"),
)
"""Four, told apart by what the reader wants: what happened, what I have to do, what others do, what holds. Activities and
questions are domains of their own and become no column here."""
BY_KEY = {category.key: category for category in CATEGORIES}
NEWS = "news"
ANNOUNCEMENTS = "announcements"
