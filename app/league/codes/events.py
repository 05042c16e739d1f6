"""What the audit tells of codes."""

from app.kernel.audit.events import declare

declare(
    {
        "codes:class:open": "开通了班级认证码",
        "codes:class:rotate": "更换了班级认证码",
        "codes:class:close": "停用了班级认证码",
        "codes:branch:expect": "改了应有人数",
        "codes:cadre:invite": "发出了团干认证码",
        "codes:cadre:revoke": "收回了团干认证码",
        "codes:cadre:accept": "凭团干认证码任职",
        "codes:alarm:raise": "发现有人大量猜测班级认证码",
    }
)
