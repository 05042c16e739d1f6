"""Signatures and encryption of the callback, against wechatpy, both ways."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from wechatpy.crypto import PrpCrypto
from wechatpy.utils import to_binary

from app.league.wechat import crypto, envelopes
from app.league.wechat.crypto import Forged
from tests.wechat.standin import AES_KEY, APP_ID, sign

pytestmark = pytest.mark.embedded
THEIRS = PrpCrypto(crypto.base64.b64decode(AES_KEY + "="))


@given(some.text(max_size=300))
@settings(max_examples=60)
def test_what_we_encrypt_they_read_and_the_other_way_round(text):
    assert to_binary(THEIRS.decrypt(crypto.encrypt(AES_KEY, APP_ID, text.encode()), APP_ID)) == text.encode()
    assert crypto.decrypt(AES_KEY, APP_ID, THEIRS.encrypt(text, APP_ID).decode()) == text.encode()


@given(some.lists(some.text(max_size=20), min_size=3, max_size=3))
@settings(max_examples=60)
def test_we_sign_as_they_do(parts):
    assert crypto.signature("token", *parts) == sign("token", *parts)


def test_where_there_is_no_token_nothing_is_signed():
    """Anybody could make that signature."""
    assert crypto.signed(sign("token", "1", "2"), "token", "1", "2")
    assert not crypto.signed(sign("", "1", "2"), "", "1", "2")


def test_another_account_s_message_is_not_read():
    with pytest.raises(Forged):
        crypto.decrypt(AES_KEY, "wx-other", crypto.encrypt(AES_KEY, APP_ID, b"<xml/>"))


@pytest.mark.parametrize("damage", ["", "x", "AAAA", "A" * 64, "不是密文", "A" * 43 + "="])
def test_rubbish_is_refused(damage):
    with pytest.raises(Forged):
        crypto.decrypt(AES_KEY, APP_ID, damage)


def test_a_changed_byte_never_comes_through_as_ours():
    sealed = crypto.base64.b64decode(crypto.encrypt(AES_KEY, APP_ID, b"<xml><a>1</a></xml>"))
    for place in range(16, len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        try:
            assert crypto.decrypt(AES_KEY, APP_ID, crypto.base64.b64encode(changed).decode()) != b""
        except Forged:
            continue


@given(some.text(max_size=60))
@settings(max_examples=100)
def test_any_text_can_be_said_and_read(text):
    """A control character that somebody types breaks no message; nothing else is lost."""
    said = envelopes.read(envelopes.write({"Content": text}).encode("utf-8", "ignore"))["Content"]
    assert said == envelopes.UNWRITABLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n").strip()
