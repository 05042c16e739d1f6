"""The vault: nothing changed opens, nothing opens for another purpose, the file is its owner's alone."""

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.vault import Key, Vault, VaultError


@given(st.text(), st.sampled_from(["phone", "id_number", "totp"]))
def test_what_is_sealed_opens_again(text, purpose):
    vault = Vault([Key.new("k1")])
    assert vault.open(purpose, vault.seal(purpose, text)) == text


def test_every_flipped_bit_is_refused(vault):
    sealed = vault.seal("id_number", "14999920060517001X")
    head, body = sealed.rsplit(".", 1)
    raw = base64.b64decode(body)
    for position in range(len(raw) * 8):
        spoiled = bytearray(raw)
        spoiled[position // 8] ^= 1 << (position % 8)
        with pytest.raises(VaultError):
            vault.open("id_number", f"{head}.{base64.b64encode(spoiled).decode()}")


def test_a_value_opens_for_its_own_purpose_alone(vault):
    with pytest.raises(VaultError):
        vault.open("phone", vault.seal("id_number", "1"))
    assert vault.index("phone", "1") != vault.index("id_number", "1")


@pytest.mark.parametrize(
    "nonsense", ["", "v1", "v1.k1", "v1.k9.AAAA", "v2.k1.AAAA", "v1.k1.!!!!", "v1.k1.AAAA", "明文"]
)
def test_nonsense_is_a_vault_error(vault, nonsense):
    with pytest.raises(VaultError):
        vault.open("phone", nonsense)


def test_no_two_seals_are_alike_and_nonces_never_repeat(vault):
    sealed = [vault.seal("phone", "13900010001") for _ in range(5000)]
    assert len({base64.b64decode(s.rsplit(".", 1)[1])[:12] for s in sealed}) == 5000


def test_generations_open_each_others_past(vault):
    old = vault.seal("phone", "1")
    younger = vault.with_new_key().with_new_key()
    assert younger.open("phone", old) == "1"
    assert younger.seal("phone", "1").startswith("v1.k3.")
    assert vault.index("phone", "1") in younger.indexes("phone", "1")
    assert younger.secret("cookies") == vault.secret("cookies"), "a rotation signs nobody out"


def test_the_key_file_is_its_owners_alone_and_comes_back_whole(vault, tmp_path):
    path = tmp_path / "keys.json"
    younger = vault.with_new_key().retired("k1", index=False)
    younger.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    again = Vault.load(path)
    assert again.key_ids == ["k2", "k1"]
    assert again.opening_ids == ["k2"]
    assert again.indexes("phone", "1") == younger.indexes("phone", "1")
    path.chmod(0o640)
    with pytest.raises(VaultError, match="600"):
        Vault.load(path)
    with pytest.raises(VaultError, match="init"):
        Vault.load(tmp_path / "none.json")


def test_an_index_needs_the_key(vault):
    stranger = Vault([Key.new("k1")])
    numbers = [f"1390001{n:04d}" for n in random.Random(1).sample(range(10000), 50)]
    assert not {vault.index("phone", n) for n in numbers} & {stranger.index("phone", n) for n in numbers}
