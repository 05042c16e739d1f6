"""Every right the system knows (权限). Keep sorted."""

import enum


class Power(enum.StrEnum):
    """``scope:resource:action``."""

    APPOINTMENTS_ADMIN = "appointments:admin:grant"  # 任免下级管理员与团支书
    APPOINTMENTS_DELEGATE = "appointments:delegate:grant"  # 指定协助审批的团干部
    APPOINTMENTS_PROVINCE = "appointments:province:grant"  # 系统管理员任免省级管理员
    APPOINTMENTS_PUBLISHER = "appointments:publisher:grant"  # 授予信息发布权
    APPOINTMENTS_READ = "appointments:appointment:read"
    AUDIT_READ = "audit:entry:read"
    CODES_INVITE = "codes:cadre:invite"  # 团干认证码
    CODES_OPEN = "codes:class:open"  # 班级认证码
    EXPORTS_ASK = "exports:people:ask"  # 导出青年档案
    EXPORTS_DECIDE = "exports:people:decide"  # 处理下级的导出申请
    EXPORTS_WHOLE = "exports:people:whole"  # 申请导出完整号码
    FIGURES_READ = "supervision:figures:read"
    IMPORTS_PEOPLE = "imports:people:load"  # 导入电子档案
    JOINING_DECIDE = "joining:request:decide"
    JOINING_READ = "joining:request:read"
    JOINING_ROSTER = "joining:roster:edit"
    MACHINE_OPERATE = "machine:system:operate"
    NOTICES_PUBLISH = "notices:notice:publish"
    ORGANISATIONS_CLOSE = "organisations:organisation:close"
    ORGANISATIONS_CREATE = "organisations:organisation:create"
    ORGANISATIONS_MERGE = "organisations:organisation:merge"
    ORGANISATIONS_MOVE = "organisations:organisation:move"
    ORGANISATIONS_READ = "organisations:organisation:read"
    ORGANISATIONS_RENAME = "organisations:organisation:rename"
    PEOPLE_CASES = "people:case:decide"  # 认领、转接、同一人两处
    PEOPLE_CORRECT = "people:correction:decide"  # 更正申请
    PEOPLE_EDIT = "people:file:edit"
    PEOPLE_READ = "people:file:read"
    PEOPLE_REVEAL = "people:file:reveal"  # 查看完整身份证号、手机号
    STYLE_READ = "machine:style:read"
