"""Questions people ask, each with an answer they can act on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """``key`` is the anchor on the help page."""

    key: str
    question: str
    text: str


ANSWERS = (
    Answer(
        "start",
        "我要入册，怎么开始？",
        "点右上角“青春家园”，用手机号注册，找到自己的团支部，填好档案后提交。一般五分钟。请先准备好身份证。",
    ),
    Answer(
        "not-member",
        "我不是团员，也能登记吗？",
        "可以。适龄未入团的青年和超过 28 周岁的青年用同一个入口，建同样的电子档案。",
    ),
    Answer(
        "code",
        "收不到短信验证码怎么办？",
        "请等满一分钟再点一次。仍收不到时，看看短信是否被手机拦截；一小时最多发五次，请稍后再试。要填最新一条短信里的 6 位数字。",
    ),
    Answer(
        "registered",
        "手机号以前登记过？",
        "登记过的不用再登记，直接登录就行。忘了密码可以重设。别人用过的旧号码，也从这里登记。",
    ),
    Answer(
        "wrong-phone",
        "手机号写错了，或者换了号？",
        "登记时写错，返回上一步改。登记以后换了号，登录后在“账号安全”里更换。密码也忘了，就用新号码重新登记和申请，原来的档案会接上。",
    ),
    Answer(
        "password",
        "忘记密码怎么办？",
        "在登录页点“忘记密码”，用注册的手机号自己重设，不用找团支书。本系统没有初始密码。",
    ),
    Answer(
        "branch",
        "找不到我的团支部？",
        "可以搜学校、班级名称里的任意几个字，也可以只打拼音首字母。还找不到，请联系本校团委先建好支部。",
    ),
    Answer(
        "id-taken",
        "身份证号以前登记过？",
        "照常填写和提交就行。审核时会看到已有的档案，由有权处理的上级核对。是您本人的会接到一起，不会多出一份。",
    ),
    Answer(
        "returned",
        "申请被退回了，要重填吗？",
        "不用。页面只列出需要改的几项，其他内容都保留着，改好再提交就行。",
    ),
    Answer(
        "mistyped",
        "提交后发现填错了？",
        "在“我的申请”里撤回，改好再提交。填过的内容都还在。已经通过的，在“我的档案”里申请更正。",
    ),
    Answer(
        "waiting",
        "提交后多久有结果？",
        "由您所在的团支部或学校团委审核。超过七天没有处理，会自动转到上一级，您也可以在申请页上提醒一次。",
    ),
    Answer(
        "wrong",
        "档案里有错，怎么改？",
        "手机号等可以自己改。姓名、身份证号等锁定的内容，在“我的档案”里提交更正申请，写明原因即可。",
    ),
    Answer(
        "elsewhere",
        "我的档案在原来的学校，怎么办？",
        "照常提交申请。系统会把两处的情况交给有权处理的上级核对，您不用来回打电话。",
    ),
    Answer(
        "who-looked",
        "谁能看到我的身份证号？",
        "平时谁都只能看到打了星号的号码。确有需要时，管理员要写明理由才能查看，每次查看您都能在“谁看过我的档案”里看到。",
    ),
    Answer(
        "secretary",
        "我是团支书，怎么取得管理权限？",
        "请先注册账号，再请上级团委按您的手机号任命。任命后重新打开页面，就能看到“团务通”。",
    ),
    Answer(
        "under14",
        "不满 14 周岁可以注册吗？",
        "需要监护人用另一部手机同意后才能继续。监护人可以随时不同意，也可以撤回同意。",
    ),
    Answer(
        "mistake",
        "发现网站内容有误，告诉谁？",
        "请把页面最下方的“页面编号”和错误之处告诉本级团委，由发布单位核实更正。请不要在来信里写密码和身份证号。",
    ),
)
BY_KEY = {answer.key: answer for answer in ANSWERS}


def find(words: str) -> list[Answer]:
    """Answers in which every word occurs."""
    return [a for a in ANSWERS if all(word in a.question + a.text for word in words.split())]
