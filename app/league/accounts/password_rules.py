"""What a password must be: long enough, and not the first thing anyone would try. No composition games, no rotation."""

import re
from collections.abc import Iterable

from app.kernel.errors import Invalid
from app.league.accounts.passwords import MAX_LENGTH
from app.league.people.facts import pinyin

SHORTEST = 8
SHORTEST_FOR_STAFF = 12
COMMON = {
    "password", "passw", "passwd", "pass", "qwerty", "qwertyuiop", "asdfgh", "asdfghjkl", "zxcvbn", "zxcvbnm", "admin",
    "administrator", "root", "user", "guest", "welcome", "login", "letmein", "iloveyou", "loveyou", "abc", "abcd",
    "abcdef", "abcdefg", "abcdefgh", "qazwsx", "qazwsxedc", "aini", "woaini", "woaiwojia", "nihao", "zhongguo",
    "beijing", "shanxi", "taiyuan", "shuozhou", "datong", "gongqingtuan", "gqt", "tuanyuan", "tuanwei", "tuanzhishu",
    "tuanwutong", "qingchunjiayuan", "qingnian", "xuexi", "xuexiao", "daxue", "banji", "mima", "test",
    "demo", "monkey", "dragon", "sunshine", "princess", "football", "baseball", "master", "hello", "superman", "wang",
    "li", "zhang", "liu", "chen", "yang", "woshishei", "laopo", "laogong", "baobao", "caonima", "tianshi", "kaixin",
    "共青团", "团员", "青年", "青春家园", "山西", "密码", "我爱你", "学校",
}  # fmt: skip
ROWS = (
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv",
    "147258369",
)


def check(password: str, *, own: Iterable[str] = (), staff: bool = False) -> None:
    """Raises Invalid for the field "password" with one sentence that says what to do.

    ``own``: words an acquaintance would try: name, phone, birth date. ``staff``: an administrator needs a longer one
    (网络安全等级保护基本要求 GB/T 22239-2019 8.1.4.1).
    """
    shortest = SHORTEST_FOR_STAFF if staff else SHORTEST
    folded = password.casefold()
    faults = (
        (len(password) < shortest, f"密码至少 {shortest} 位，可以用一句话"),
        (len(password) > MAX_LENGTH, f"密码最多 {MAX_LENGTH} 位"),
        (len(set(folded)) < 4, "密码里不同的字符太少，请换一个"),
        (_is_run(folded), "密码是连续的字符，太容易猜到，请换一个"),
        (_is_common(folded), "这个密码很多人在用，请换一个"),
        (_is_own(folded, own), "密码里有您的姓名、手机号或生日，请换一个"),
    )
    for wrong, sentence in faults:
        if wrong:
            raise Invalid({"password": sentence})


def _is_run(folded: str) -> bool:
    stretched = [row * 3 for row in ROWS]
    return any(folded in row or folded in row[::-1] for row in stretched)


def _is_common(folded: str) -> bool:
    bare = re.sub(r"[\d\W_]+", "", folded.translate(str.maketrans("@013$", "aoies")))
    letters = re.sub(r"[\d\W_]+", "", folded)
    return letters in COMMON or bare in COMMON or (not letters and len(folded) < 10)


def _is_own(folded: str, own: Iterable[str]) -> bool:
    for word in own:
        if not word:
            continue
        full, initials = pinyin(word)
        digits = re.sub(r"\D", "", word)
        known = {word.casefold(), full if full != word else "", digits, digits[-8:], digits[2:]}
        rest = [folded.replace(k, "") for k in known if len(k) >= 4 and k in folded]
        if any(len(r) < 5 for r in rest):
            return True
        if initials and len(initials) >= 2 and folded.startswith(initials) and folded[len(initials) :].isdigit():
            return True
    return False
