"""People with a phone in their pocket: the official account's chat in WeChat, and pages opened from it, without a browser."""

import html
import re
from typing import Any
from urllib.parse import urlsplit

import urllib3

from tests import factories as make

PASSWORD = "汾河边的路灯亮了"
AGENT = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 MicroMessenger/8.0.49"}


class Pocket:
    """Somebody's phone. `scene`: site, standin, clock, and `code_to`, which tells the last code by SMS to a phone."""

    def __init__(self, client: Any, scene: Any, openid: str) -> None:
        self.client, self.openid, self.scene = client, openid, scene
        self.standin, self.site = scene.standin, scene.site
        self.answer: Any = None

    def taps(self, key: str) -> str:
        """Press a button of the menu; the first address in the answer."""
        now = int(self.scene.clock.now().timestamp())
        xml = self.standin.xml(self.openid, now, MsgType="event", Event="CLICK", EventKey=key)
        return re.search(r"https?://\S+", self.standin.says(self.site, xml, now))[0]  # type: ignore[index]

    def opens(self, address: str) -> None:
        """Follow an address wherever it leads, by way of WeChat's sign-in."""
        self.standin.holder = self.openid
        parts = urlsplit(address)
        while True:
            query = f"?{parts.query}" if parts.query else ""
            self.answer = self.client.get(parts.path + query, headers=AGENT, base_url=self.site)
            if self.answer.status_code not in (302, 303):
                return
            parts = urlsplit(self.answer.location)
            if f"{parts.scheme}://{parts.netloc}" == self.standin.address:
                onward = urllib3.request("GET", parts.geturl(), redirect=False)
                parts = urlsplit(onward.headers["Location"])

    def fills(self, action: str, **fields: Any) -> None:
        """Send the form of this page that goes to `action`, with its hidden fields, and follow."""
        forms = re.findall(r"<form.*?</form>", self.answer.get_data(as_text=True), re.DOTALL)
        form = next(form for form in forms if action in form.split(">")[0] or 'action=""' in form.split(">")[0])
        kept = {
            box["name"]: box.get("value", "")
            for box in map(attributes, re.findall(r"<input[^>]*>", form))
            if keeps(box)
        }
        sent = self.client.post(action, data={**kept, **fields}, headers=AGENT, base_url=self.site)
        said = re.findall(r"error-text[^>]*>(.*?)</p>", sent.text)
        assert sent.status_code in (200, 303), (action, sent.status_code, said)
        self.answer = sent
        if sent.status_code == 303:
            self.opens(sent.location)

    def registers(self, name: str, phone: str, birth: Any) -> None:
        """The five steps of an account."""
        self.opens("/jia/account")
        self.fills("/jia/account", phone=phone)
        self.fills("/jia/account/code", code=self.scene.code_to(phone))
        self.fills("/jia/account/about", name=name, birth_date=[birth.year, birth.month, birth.day])
        self.fills("/jia/consent", terms="y", sensitive="y")
        self.fills("/jia/account/password", password=PASSWORD)

    def finds_class(self, code: str, branch: str) -> None:
        """我是团员: the code, then the class."""
        self.opens(self.taps("MEMBER"))
        self.fills("/jia/code", class_code=code)
        page = self.answer.get_data(as_text=True)
        cards = re.findall(r'<input[^>]*value="([^"]+)"[^>]*>\s*<label[^>]*>([^<]+)', page)
        (choice,) = [value for value, label in cards if label.strip().endswith(branch)]
        self.fills("/jia/code/class", place=choice)

    def applies(self, id_number: str) -> None:
        """From “yes, this class” to the end of the file, binding WeChat on the way."""
        self.fills(urlsplit(self.answer.request.path).path)
        self.fills("/wx/bind")
        self.fills("/jia/apply/name")
        self.fills("/jia/apply/document", id_type="resident", id_number=id_number)
        self.fills(
            "/jia/apply/basics", ethnicity="01", native_place="山西省朔州市应县", education="31", political_status="03"
        )
        self.fills(
            "/jia/apply/league", joined_league_on=["2021", "5", "4"], joined_league_at="应县第一中学",
            development_number=f"202114{make.serial():06d}", member="yes",
        )  # fmt: skip
        self.fills("/jia/apply/check")


def attributes(tag: str) -> dict[str, str]:
    """The attributes of a tag."""
    return {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}


def keeps(box: dict[str, str]) -> bool:
    """Whether a browser sends the input by itself."""
    return bool(box.get("name")) and box.get("type", "text") not in ("checkbox", "radio", "submit")
