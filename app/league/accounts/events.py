"""What the audit tells of accounts."""

from app.kernel.audit.events import declare

declare(
    {
        "accounts:account:register": "注册了账号",
        "accounts:account:disable": "停用了账号",
        "accounts:login:ok": "登录",
        "accounts:login:fail": "登录失败",
        "accounts:login:out": "退出登录",
        "accounts:password:change": "修改了密码",
        "accounts:phone:change": "换了登录手机号",
        "accounts:password:reset": "用手机验证码重设了密码",
        "accounts:session:end": "结束了一处登录",
        "accounts:session:end-all": "结束了其他所有登录",
        "accounts:factor:add": "开启了动态口令",
        "accounts:factor:remove": "关闭了动态口令",
        "accounts:factor:fail": "动态口令不对",
        "accounts:factor:recover": "使用了恢复码",
        "accounts:factor:reset": "代为解除了动态口令",
        "accounts:consent:give": "同意了告知内容",
        "accounts:consent:withdraw": "撤回了同意",
        "accounts:guardian:ask": "请监护人同意",
        "accounts:guardian:agree": "监护人同意",
        "accounts:guardian:refuse": "监护人不同意",
        "accounts:guardian:withdraw": "监护人撤回了同意",
        "accounts:account:forget": "删除了没有得到监护人同意的账号内容",
        "accounts:account:close": "注销了账号",
        "accounts:factor:codes": "换了一批恢复码",
    }
)
