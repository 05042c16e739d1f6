"""What the audit tells of WeChat."""

from app.kernel.audit.events import declare

declare({"wechat:binding:bind": "绑定了微信", "wechat:binding:unbind": "解除了微信绑定"})
