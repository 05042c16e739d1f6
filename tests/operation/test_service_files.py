"""What an operator installs is understood by systemd and nginx, and closes the operator's door to the street."""

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.config import Settings
from tests.faults.server import ROOT

pytestmark = pytest.mark.embedded
SERVICE = ROOT / "scripts" / "service"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    python = "/opt/tuanwutong/.venv/bin/python"
    for unit in SERVICE.glob("tuanwutong-*"):
        (tmp_path / unit.name).write_text(unit.read_text().replace(python, sys.executable))
    units = sorted(str(path) for path in tmp_path.iterdir())
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units], capture_output=True, text=True
    )
    about_us = [line for line in (said.stdout + said.stderr).splitlines() if "tuanwutong" in line]
    assert (said.returncode, about_us) == (0, [])
    assert len(units) == 5


@pytest.mark.skipif(not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()), reason="no nginx here")
def test_nginx_understands_its_site(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    certificate(tmp_path)
    site = (SERVICE / "nginx.conf").read_text()
    moved = {
        "/var/cache/nginx/": f"{tmp_path}/cache/",
        "/etc/ssl/tuanwutong/": f"{tmp_path}/",
        "/var/log/nginx/": f"{tmp_path}/",
    }
    for old, new in moved.items():
        site = site.replace(old, new)
    (tmp_path / "site.conf").write_text(site)
    main = f"pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}} http {{ include {tmp_path}/site.conf; }}"
    (tmp_path / "nginx.conf").write_text(main)
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    said = subprocess.run([nginx, "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"], capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert "location ~ ^/(healthz|readyz|metrics)$ { return 404; }" in site


def test_the_example_of_the_environment_is_read_by_the_settings() -> None:
    lines = (SERVICE / "environment.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    settings = Settings.read(given)
    known = {item.metadata["variable"] for item in Settings.__dataclass_fields__.values()}
    assert given.keys() - known == {"WEB_WORKERS", "WEB_THREADS"}
    assert (settings.production, settings.proxies, settings.secure_cookies) == (True, 1, True)


def certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tuan.example.cn")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    public = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "fullchain.pem").write_bytes(public)
    (folder / "privkey.pem").write_bytes(private)
