"""What the audit says of organisations."""

from app.kernel.audit.events import declare

declare(
    {
        "organisations:organisation:close": "撤销了团组织",
        "organisations:organisation:create": "新建了团组织",
        "organisations:organisation:merge": "合并了团组织",
        "organisations:organisation:move": "调整了团组织的上级",
        "organisations:organisation:plant": "建立了全省团组织树",
        "organisations:organisation:rename": "修改了团组织名称",
    }
)
