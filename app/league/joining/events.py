"""What the audit says of applications made, changed and taken back by those who make them."""

from app.kernel.audit.events import declare

declare(
    {
        "joining:request:submit": "提交了入档申请",
        "joining:request:resubmit": "改好并重新提交了入档申请",
        "joining:request:withdraw": "撤回了入档申请",
        "joining:request:lapse": "入档申请逾期未补正，已作废",
        "joining:request:remind": "提醒审核人处理入档申请",
        "joining:request:place": "给入档申请安排了团支部",
        "people:case:open": "发现证件号已有档案，转共同上级处理",
        "people:case:cancel": "申请已撤回或改正，档案核对随之结束",
    }
)
