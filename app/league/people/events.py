"""What the audit says of files: made, looked at, changed, corrected, moved."""

from app.kernel.audit.events import declare

declare(
    {
        "people:case:distinct": "判定为不同的人，请申请人更正证件号码",
        "people:case:keep": "判定档案留在原处，申请没有通过",
        "people:case:look": "查看了档案归属的核对内容",
        "people:case:move": "把档案移到新的团组织，由本人认领",
        "people:correction:approve": "同意了更正申请",
        "people:correction:ask": "提交了更正申请",
        "people:correction:refuse": "没有同意更正申请",
        "people:correction:withdraw": "撤回了更正申请",
        "people:file:claim": "认领了导入的档案",
        "people:file:copy": "下载了本人档案的副本",
        "people:file:create": "建立了档案",
        "people:file:edit": "修改了档案",
        "people:file:history": "查看了档案过去的内容",
        "people:file:load": "批量建立了档案",
        "people:file:look": "查看了档案",
        "people:file:reveal": "查看了完整号码",
        "people:file:unclaim": "撤销了对导入档案的认领",
        "people:file:unmake": "撤销了刚建立的档案",
    }
)
