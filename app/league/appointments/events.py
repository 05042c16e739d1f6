"""What the audit says of appointments."""

from app.kernel.audit.events import declare

declare(
    {
        "appointments:appointment:begin": "任命了",
        "appointments:appointment:end": "结束了任职",
        "appointments:appointment:hand_over": "办理了交接",
        "appointments:appointment:nominate": "提名了接任人",
        "appointments:appointment:prolong": "延长了任期",
        "appointments:appointment:resign": "辞去了任职",
    }
)
