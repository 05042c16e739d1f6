"""What the audit tells of notices."""

from app.kernel.audit.events import declare

declare(
    {
        "notices:notice:draft": "起草了通知",
        "notices:notice:edit": "修改了通知",
        "notices:notice:schedule": "设定了通知的发布时间",
        "notices:notice:publish": "发布了通知",
        "notices:notice:withdraw": "撤回了通知",
        "notices:notice:discard": "删去了通知草稿",
        "notices:attachment:add": "添加了通知附件",
        "notices:attachment:remove": "移除了通知附件",
        "notices:image:add": "添加了通知图片",
        "notices:image:remove": "移除了通知图片",
        "notices:image:cover": "选定了通知题图",
    }
)
