"""Every setting once: default, meaning, environment variable."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from socket import gethostname
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def _setting(variable: str, default: Any) -> Any:
    return field(default=default, metadata={"variable": variable})


@dataclass(frozen=True)
class Settings:
    """What an operator may choose. Made by ``Settings.read(os.environ)``."""

    instance_dir: Path = _setting("INSTANCE_DIR", ROOT / "instance")
    """Where the embedded database, keys and uploads live."""
    database_url: str = _setting("DATABASE_URL", "")
    """SQLAlchemy address; empty means the embedded database in the instance folder."""
    database_pooled: bool = _setting("DATABASE_POOLED", False)
    """A pooler that lends connections for one transaction stands before PostgreSQL: nothing may hang on a session."""
    replica_url: str = _setting("REPLICA_URL", "")
    """SQLAlchemy address of a standby from which figures are read; empty means the database itself."""
    production: bool = _setting("PRODUCTION", False)
    """Real data: unsafe settings refuse to start, administrators need a second factor, no demonstration."""
    public_origin: str = _setting("PUBLIC_ORIGIN", "http://127.0.0.1:8000")
    """Scheme and host that every outgoing link starts with."""
    host_body: str = _setting("HOST_BODY", "共青团山西省委员会")
    """Who runs the site; stands at the foot of every page."""
    site_contact: str = _setting("SITE_CONTACT", "")
    """How readers reach the site's editors (telephone or e-mail); shown at the foot when set."""
    site_code: str = _setting("SITE_CODE", "")
    """网站标识码 of a government site; shown when set."""
    icp_number: str = _setting("ICP_NUMBER", "")
    """ICP备案号; shown when set."""
    police_number: str = _setting("POLICE_NUMBER", "")
    """公安备案号; shown when set."""
    trusted_hosts: str = _setting("TRUSTED_HOSTS", "")
    """Host names answered to, separated by commas; empty means any (not in production)."""
    proxies: int = _setting("TRUSTED_PROXIES", 0)
    """How many reverse proxies stand in front and set X-Forwarded-*."""
    secure_cookies: bool = _setting("SECURE_COOKIES", False)
    """Cookies over HTTPS alone, with the __Host- prefix."""
    demo_password: str = _setting("DEMO_PASSWORD", "qingchun-2016")
    """Password of the demonstration logins."""
    password_cost: int = _setting("PASSWORD_COST", 19456)
    """argon2id memory in KiB."""
    session_idle_minutes: int = _setting("SESSION_IDLE_MINUTES", 30)
    """A sign-in ends after so long without a page."""
    session_hours: int = _setting("SESSION_HOURS", 12)
    """A sign-in ends after so long in any case."""
    app_days: int = _setting("APP_DAYS", 30)
    """An app's sign-in ends after so many days; that of somebody with a post after SESSION_HOURS."""
    app_idle_days: int = _setting("APP_IDLE_DAYS", 14)
    """An app's sign-in ends after so many days without a request."""
    undo_seconds: int = _setting("UNDO_SECONDS", 30)
    """How long a decision can be undone and its message waits in the outbox."""
    overdue_days: int = _setting("OVERDUE_DAYS", 7)
    """An application without a decision climbs one level after so many days."""
    sms_adapter: str = _setting("SMS_ADAPTER", "demonstration")
    """demonstration (read on a page) or aliyun."""
    sms_key_id: str = _setting("SMS_KEY_ID", "")
    """The SMS provider's access key id."""
    sms_key_secret: str = _setting("SMS_KEY_SECRET", "")
    """The SMS provider's access key secret."""
    sms_endpoint: str = _setting("SMS_ENDPOINT", "")
    """The SMS provider's address."""
    sms_sign_name: str = _setting("SMS_SIGN_NAME", "")
    """The signature registered with the SMS provider."""
    sms_template: str = _setting("SMS_TEMPLATE", "")
    """The template code registered with the SMS provider."""
    sms_daily_budget: int = _setting("SMS_DAILY_BUDGET", 20000)
    """Messages a day at most, over everyone."""
    wechat_app_id: str = _setting("WECHAT_APP_ID", "")
    """The official account's appid; empty means there is no WeChat door (in the demonstration, a chat plays it)."""
    wechat_app_secret: str = _setting("WECHAT_APP_SECRET", "")
    """The official account's secret."""
    wechat_token: str = _setting("WECHAT_TOKEN", "")
    """The token its callback is signed with."""
    wechat_aes_key: str = _setting("WECHAT_AES_KEY", "")
    """EncodingAESKey, 43 characters; when set, messages that are not encrypted are refused."""
    wechat_template: str = _setting("WECHAT_TEMPLATE", "")
    """The template of messages to members, with a matter, a result and a time; empty: the site's inbox alone tells."""
    wechat_template_fields: str = _setting("WECHAT_TEMPLATE_FIELDS", "thing1,phrase2,time3")
    """The names its fields have for 事项, 结果 and 时间, in this order; thing and phrase both do for a result."""
    wechat_api: str = _setting("WECHAT_API", "https://api.weixin.qq.com")
    """WeChat's servers."""
    wechat_pages: str = _setting("WECHAT_PAGES", "https://open.weixin.qq.com")
    """Where WeChat asks its users to sign in to a page."""
    max_upload_bytes: int = _setting("MAX_UPLOAD_BYTES", 20 * 1024 * 1024)
    """The largest request body."""
    s3_endpoint: str = _setting("S3_ENDPOINT", "")
    """Address of a server that speaks S3, which then keeps the uploads; empty: the folder ``files`` of the instance."""
    s3_bucket: str = _setting("S3_BUCKET", "tuanwutong")
    """The bucket there, which must exist."""
    s3_key_id: str = _setting("S3_KEY_ID", "")
    """Access key id."""
    s3_secret: str = _setting("S3_SECRET", "")
    """Secret access key."""
    s3_region: str = _setting("S3_REGION", "us-east-1")
    """Region that requests are signed for."""
    queue_after_ms: int = _setting("QUEUE_AFTER_MS", 300)
    """Visitors of 青春家园 stand in line when requests begin to wait longer than so many milliseconds for a thread."""
    slow_query_ms: int = _setting("SLOW_QUERY_MS", 200)
    """A statement that takes longer is logged, without its values; 0 logs none."""
    metrics_token: str = _setting("METRICS_TOKEN", "")
    """Who sends it may ask /readyz and /metrics from elsewhere; without one, only this machine may."""
    least_free_mb: int = _setting("LEAST_FREE_MB", 256)
    """With less free space on the disk the site is not ready."""
    backup_dir: str = _setting("BACKUP_DIR", "")
    """Folder of the regular backups, best on another disk; empty means none are made from the system page."""
    backup_passphrase_file: str = _setting("BACKUP_PASSPHRASE_FILE", "")
    """File with the passphrase of the regular backups."""
    backup_keep_days: int = _setting("BACKUP_KEEP_DAYS", 30)
    """Regular backups older than so many days are removed; the newest three and each month's first of a year stay."""
    log_level: str = _setting("LOG_LEVEL", "INFO")
    """DEBUG, INFO, WARNING or ERROR."""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Settings from environment variables. Raises ValueError naming the variable that cannot be read."""
        values: dict[str, Any] = {}
        for item in fields(cls):
            text = environment.get(item.metadata["variable"])
            if text:
                values[item.name] = _parse(item.metadata["variable"], text, item.default)
        return cls(**values)

    @property
    def demonstration(self) -> bool:
        """Demonstration mode: the pages that show outgoing messages exist."""
        return not self.production

    @property
    def database(self) -> str:
        """The database's address."""
        return self.database_url or f"sqlite:///{self.instance_dir / 'tuanwutong.sqlite3'}"

    @property
    def key_file(self) -> Path:
        """The vault's keys, outside the database."""
        return self.instance_dir / "keys.json"

    @property
    def seals_log(self) -> Path:
        """Where every seal of the audit is noted beside the database; best mirrored to another machine."""
        return self.instance_dir / "seals.log"

    @property
    def waiting_line(self) -> Path:
        """Who waits on an evening on which too many come at once: one file for the processes of each machine."""
        return self.instance_dir / f"waiting-line-{gethostname()}"

    @property
    def files_dir(self) -> Path:
        """The stored uploads."""
        return self.instance_dir / "files"


def _parse(variable: str, text: str, default: Any) -> Any:
    try:
        if isinstance(default, bool):
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]
        if isinstance(default, int):
            return int(text)
        return Path(text).resolve() if isinstance(default, Path) else text
    except (KeyError, ValueError) as error:
        raise ValueError(f"{variable} 的值无法识别：{text}") from error
