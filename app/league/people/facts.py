"""The shape of facts about a person: cleaned silently where the meaning is plain, refused in plain words where not.

Every door uses these. Each cleaner returns the clean value or raises Invalid for the field "".
"""

import re
import unicodedata
from datetime import date, timedelta

from app.kernel.errors import Invalid
from app.league.pinyin import syllables

DOTS = dict.fromkeys(map(ord, "•‧・．﹒∙⋅●.｡"), "·")  # name separators people type, all U+00B7 (民委发〔2016〕33号)
INSIDE = "·-'"
"""What stands between the parts of a name, never at its ends."""
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
SURNAMES = {"单": "shan", "仇": "qiu", "解": "xie", "曾": "zeng", "查": "zha", "翟": "zhai", "区": "ou", "朴": "piao"}


def plain(text: str) -> str:
    """Half-width characters, no controls or zero-width marks, single spaces, no spaces at the ends."""
    if text.isprintable() and unicodedata.is_normalized("NFKC", text):  # most are, and are long lists of them
        return re.sub(r" {2,}", " ", text).strip() if "  " in text else text.strip(" ")
    folded = unicodedata.normalize("NFKC", text)
    visible = "".join(c for c in folded if unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs"} or c in "\n\t")
    return re.sub(r"[ \t\u3000]+", " ", visible).strip()


def clean_name(text: str) -> str:
    """A person's name: up to 50 characters, any script, separator U+00B7 (民委发〔2016〕33号). Raises Invalid.

    Rare characters stay as they are: only width and separators are folded, never the ideographs.
    """
    kept = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFC", kept).translate(DOTS)).strip()
    if re.search(r"[\u4e00-\u9fff]", name):
        name = name.replace(" ", "")
    if not name:
        raise Invalid("请填写姓名")
    if len(name) < 2:
        raise Invalid("姓名至少两个字")
    if len(name) > 50:
        raise Invalid("姓名最多 50 个字")
    fit = all(unicodedata.category(c)[0] == "L" or c in "· -'" or unicodedata.category(c) == "Mn" for c in name)
    if not fit or name[0] in INSIDE or name[-1] in INSIDE:
        raise Invalid("姓名里有数字或符号，请核对")
    return name


def name_key(name: str) -> str:
    """The name for comparison: compatibility forms, case, separators and spaces folded away."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] == "L")[:50]


def name_columns(name: str) -> dict[str, str]:
    """The columns a name is kept in: as written, for comparison, and by its initials."""
    return {"name": name, "name_key": name_key(name), "name_initials": name_initials(name)}


def name_initials(name: str) -> str:
    """The initials of the name's pinyin, letters alone.

    >>> name_initials("单晓春")
    'sxc'
    """
    return "".join(c for c in pinyin(name)[1] if c.isascii() and c.isalpha())[:50]


def pinyin(text: str) -> tuple[str, str]:
    """(full pinyin, initials) in lower case without tones, surnames read as surnames."""
    spoken = syllables(text)
    if text[:1] in SURNAMES and spoken:
        spoken[0] = SURNAMES[text[:1]]
    return "".join(spoken), "".join(s[:1] for s in spoken)


def clean_phone(text: str) -> str:
    """A mobile number of eleven digits; spaces, dashes, full-width digits and +86 are forgiven. Raises Invalid."""
    digits = re.sub(r"[\s\-()]", "", plain(text))
    digits = re.sub(r"^(\+?86)(?=1\d{10}$)", "", digits)
    if not digits:
        raise Invalid("请填写手机号")
    if not re.fullmatch(r"1[3-9]\d{9}", digits):
        raise Invalid("手机号应为 11 位数字，以 1 开头")
    return digits


def check_digit(first17: str) -> str:
    """The check character of a resident identity number (GB 11643-1999).

    >>> check_digit("11010519491231002")
    'X'
    """
    return ID_CHECKS[sum(int(d) * w for d, w in zip(first17, ID_WEIGHTS, strict=True)) % 11]


def clean_id_number(text: str, today: date) -> str:
    """An 18-character identity number with upper-case X (GB 11643-1999). Raises Invalid.

    Unknown area codes are accepted: abolished counties live on in numbers. Numbers of residents from Hong Kong, Macau
    and Taiwan (81/82/83) and of foreign permanent residents (9…) have the same shape.
    """
    number = re.sub(r"[\s\-]", "", plain(text)).upper()
    if not number:
        raise Invalid("请填写身份证号")
    if re.fullmatch(r"\d{15}", number):
        raise Invalid("请填写 18 位新身份证号")
    if not re.fullmatch(r"\d{17}[\dX]", number):
        raise Invalid("身份证号应为 18 位，最后一位可以是 X")
    birth = id_birth_date(number)
    if birth is None or birth > today:
        raise Invalid("身份证号第 7 到 14 位不是有效的出生日期")
    if check_digit(number[:17]) != number[17]:
        raise Invalid("身份证号最后一位对不上，请逐位核对")
    return number


def id_birth_date(number: str) -> date | None:
    """The birth date inside an 18-character number; None when there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def id_sex(number: str) -> str:
    """The sex inside an 18-character number: "1" male (odd), "2" female."""
    return "1" if int(number[16]) % 2 else "2"


def clean_date(text: str, today: date, *, what: str = "日期") -> date:
    """A day not in the future: 1998-03-01, 1998.3.1, 1998年3月1日 or 19980301. Raises Invalid."""
    found = re.fullmatch(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})\D?", re.sub(r"\s", "", plain(text)))
    if not found:
        raise Invalid(f"请填写{what}，例如 2016-04-08")
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise Invalid(f"{what}不存在这一天，请核对") from None
    if day > today:
        raise Invalid(f"{what}不能晚于今天")
    if day < today - timedelta(days=366 * 120):
        raise Invalid(f"{what}太早了，请核对")
    return day


def clean_month(text: str, today: date, *, what: str = "月份") -> str:
    """A month as YYYY-MM: 2016-4, 2016.04, 2016年4月. Raises Invalid."""
    found = re.fullmatch(r"(\d{4})\D?(\d{1,2})\D?", re.sub(r"\s", "", plain(text)))
    if not found or not 1 <= int(found[2]) <= 12:
        raise Invalid(f"请填写{what}，例如 2016-04")
    if not 1950 <= int(found[1]) <= today.year + 2:
        raise Invalid(f"{what}的年份不对，请核对")
    return f"{found[1]}-{int(found[2]):02d}"
