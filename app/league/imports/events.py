"""What the audit says of imports."""

from app.kernel.audit.events import declare

declare(
    {
        "imports:batch:upload": "上传了要导入的表格",
        "imports:batch:put": "导入了表格",
        "imports:batch:drop": "放弃了一次导入",
        "imports:batch:halt": "导入被停下：很多证件号在别处属于别的姓名",
        "imports:batch:take_back": "撤回了一次导入",
        "imports:batch:download": "下载了导入的问题行",
        "people:file:reload": "按导入的表格修改了待认领的档案",
        "people:file:unload": "撤回了导入的档案",
    }
)
