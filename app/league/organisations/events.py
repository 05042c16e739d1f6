"""What the audit says of organisations."""

from app.kernel.audit.events import declare

declare(
    {
        "organisations:file:move": "把档案转到了另一个团组织",
        "organisations:organisation:close": "撤销了团组织",
        "organisations:organisation:create": "新建了团组织",
        "organisations:organisation:merge": "合并了团组织",
        "organisations:organisation:move": "调整了团组织的上级",
        "organisations:organisation:plant": "建立了全省团组织树",
        "organisations:organisation:unmake": "撤回了刚导入的团组织",
        "organisations:organisation:rename": "修改了团组织名称",
        "organisations:request:move": "把入档申请转到了另一个团组织",
        "organisations:request:return": "因团组织撤销退回了入档申请",
    }
)
