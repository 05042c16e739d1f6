"""What the audit says of exports: asked, decided, made, taken, gone."""

from app.kernel.audit.events import declare

declare(
    {
        "exports:people:approve": "同意了导出申请",
        "exports:people:ask": "申请导出青年档案",
        "exports:people:expire": "导出文件到期，已经删除",
        "exports:people:make": "做好了导出文件",
        "exports:people:refuse": "没有同意导出申请",
        "exports:people:take": "下载了导出文件",
        "exports:people:withdraw": "撤回了导出申请",
    }
)
