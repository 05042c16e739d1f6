"""What the audit says of applications: made, changed, taken back and decided; and of rosters."""

from app.kernel.audit.events import declare

declare(
    {
        "joining:decision:undo": "撤销了自己的审批",
        "joining:request:approve": "通过了入档申请",
        "joining:request:escalate": "申请久未处理，上报了一级",
        "joining:request:pass": "把入档申请转给了上级",
        "joining:request:reject": "拒绝了入档申请",
        "joining:request:reopen": "把被拒绝的申请重新收进待审",
        "joining:request:return": "退回了入档申请，请本人补正",
        "joining:request:reveal": "查看了申请里的完整证件号码",
        "joining:roster:add": "添加了花名册姓名",
        "joining:roster:remove": "从花名册移除了姓名",
        "joining:request:submit": "提交了入档申请",
        "joining:request:resubmit": "改好并重新提交了入档申请",
        "joining:request:withdraw": "撤回了入档申请",
        "joining:request:lapse": "入档申请逾期未补正，已作废",
        "joining:request:remind": "提醒审核人处理入档申请",
        "joining:roster:remind": "提醒了还没有办完申请的人",
        "joining:decision:hasty": "通过得太快，来不及看",
        "joining:request:place": "给入档申请安排了团支部",
        "people:case:open": "发现证件号已有档案，转共同上级处理",
        "people:case:cancel": "申请已撤回或改正，档案核对随之结束",
    }
)
