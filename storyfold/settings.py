"""The only reader of the environment: every setting, its default, its unit and its bounds.

`docs/operations.md` holds the same list for operators; a test keeps the two equal.
"""

from __future__ import annotations

import base64
import logging
import os
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from storyfold.errors import SettingsError
from storyfold.setting_names import PREFIX, unknown_names

log = logging.getLogger(__name__)

# What Standard Webhooks asks for at least.
LEAST_SECRET_BYTES = 24

Network = IPv4Network | IPv6Network


class Settings(BaseSettings):
    """What an installation can choose. Each field is read from ``STORYFOLD_`` + its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address the API binds to. Anything but loopback needs an API key.")
    port: int = Field(8000, ge=1, le=65535, description="Port of the API.")
    data_dir: Path = Field(Path("var"), description="Folder of the embedded engines, their logs and the run's lock.")
    database_url: str | None = Field(None, description="PostgreSQL to use in place of the embedded one.")
    redis_url: str | None = Field(None, description="Redis to use in place of the embedded one.")
    api_key: SecretStr | None = Field(None, description="The first admin key; asked for by every request once set.")
    rate_per_minute: int = Field(
        6000, ge=0, description="Requests a minute of one key, or of one address where no key exists; 0 is no limit."
    )
    webhook_secret: SecretStr | None = Field(
        None,
        description="Secret (`whsec_…`) that what is handed in has to be signed with; while it is changed two, with a "
        "comma between.",
    )
    allow_networks: Annotated[tuple[Network, ...], NoDecode] = Field(
        (), description="Networks (CIDR, separated by commas) that the address guard lets through."
    )
    user_agent: str = Field(
        "Storyfold/0.1 (news folding service; set STORYFOLD_USER_AGENT to name your contact)",
        min_length=1,
        pattern=r"^[\x20-\x7e]+$",
        description="What fetched servers are told; name a contact in it.",
    )
    host_concurrency: int = Field(2, ge=1, description="Requests at once to one host, over all machines.")
    host_pause: float = Field(1.0, ge=0, description="Seconds between the starts of two requests to one host.")
    poll_min: float = Field(300.0, gt=0, description="Shortest poll interval of a feed in seconds.")
    poll_max: float = Field(86400.0, gt=0, description="Longest poll interval of a feed in seconds.")
    fetch_attempts: int = Field(3, ge=1, description="Tries of a link before it is given up as failed.")
    retry_seconds: float = Field(10.0, ge=0, description="Wait before the second try in seconds; doubles each time.")
    fetch_seconds: float = Field(30.0, gt=0, description="Longest time of one fetch in seconds, redirects included.")
    fetch_bytes: int = Field(20_000_000, ge=1024, description="Largest page or feed in bytes, after decompression.")
    request_bytes: int = Field(
        10_000_000, ge=1024, description="Largest body of a request to the API in bytes; more is answered 413."
    )
    lease_seconds: float = Field(
        40.0, ge=1, description="How long a worker may hold a piece of work before it is handed to another."
    )
    task_seconds: float = Field(20.0, gt=0, description="Longest extraction or folding of one article in seconds.")
    task_memory: int = Field(
        1_000_000_000, ge=200_000_000, description="Address space a CPU worker may add to its own at start, in bytes."
    )
    network_threads: int = Field(16, ge=1, description="Fetches and polls at once in one network worker.")
    cpu_processes: int = Field(2, ge=1, description="Processes of one CPU worker.")
    delivery_seconds: float = Field(
        10.0, gt=0, description="Longest time that a subscriber's endpoint may take over one message, in seconds."
    )
    delivery_retry_seconds: float = Field(
        5.0, gt=0, description="Wait before the second try of a message in seconds; grows fourfold each time."
    )
    delivery_pause_days: float = Field(
        5.0, gt=0, description="Days in which an endpoint has taken nothing, after which its subscription is paused."
    )
    page_keep_days: int = Field(
        90, ge=0, description="Days for which pages are kept as fetched, to the month; 0 is for ever."
    )
    revision_keep_days: int = Field(
        0, ge=0, description="Days for which a text is kept that a later revision has replaced; 0 is for ever."
    )
    index_keep_days: int = Field(
        0, ge=0, description="Days for which a folded article is found by those that come in; 0 is for ever."
    )
    change_keep_days: int = Field(365, ge=0, description="Days for which the change log is kept; 0 is for ever.")
    delivery_keep_days: int = Field(30, ge=1, description="Days for which the delivery log is kept.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="What is logged: `info` has a line for each step of each link."
    )
    log_json: bool = Field(False, description="Whether each line of the log is a JSON object.")
    match_seconds: float = Field(30.0, gt=0, description="How long POST /v1/match waits for an answer, in seconds.")
    event_window_days: int = Field(10, ge=1, description="Days around an article in which its event is looked for.")
    seeds_dir: Path = Field(
        Path(__file__).resolve().parent.parent / "seeds", description="Folder of the seed corpus loaded at start."
    )

    @field_validator("allow_networks", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(ip_network(part.strip(), strict=False) for part in value.split(",") if part.strip())
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _usable_secrets(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _secrets(value):
            raise ValueError("is set but empty: give it a value or unset it")
        for secret in _secrets(value):
            try:
                size = len(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
            except ValueError:
                size = 0
            if size < LEAST_SECRET_BYTES or not secret.startswith("whsec_"):
                raise ValueError(
                    f"must be whsec_ and {LEAST_SECRET_BYTES} or more random bytes in base64, as "
                    '`echo "whsec_$(openssl rand -base64 32)"` makes it'
                )
        return value

    @field_validator("database_url")
    @classmethod
    def _name_the_driver(cls, value: str | None) -> str | None:
        """Accept what operators paste (``postgres://``, ``postgresql://``) and name the driver in use."""
        if not value:
            return None
        scheme, found, rest = value.partition("://")
        if not found or scheme.partition("+")[0] not in ("postgres", "postgresql"):
            raise ValueError("must be a PostgreSQL URL such as postgresql://user:password@host:5432/storyfold")
        return f"postgresql+psycopg://{rest}"

    @field_validator("redis_url")
    @classmethod
    def _only_redis(cls, value: str | None) -> str | None:
        if not value:
            return None
        if value.partition("://")[0] not in ("redis", "rediss", "unix"):
            raise ValueError("must be a Redis URL such as redis://host:6379/0")
        return value

    @model_validator(mode="after")
    def _guard_the_door(self) -> Self:
        if not self.binds_to_loopback and self.api_key is None:
            raise ValueError(
                f"STORYFOLD_HOST={self.host} can be reached from other machines: set STORYFOLD_API_KEY, "
                "or bind to 127.0.0.1"
            )
        if self.api_key is not None and not self.api_key.get_secret_value().strip():
            raise ValueError("STORYFOLD_API_KEY is set but empty: give it a value or unset it")
        if self.poll_min > self.poll_max:
            raise ValueError("STORYFOLD_POLL_MIN must not be above STORYFOLD_POLL_MAX")
        if self.lease_seconds <= self.fetch_seconds:
            raise ValueError(
                "STORYFOLD_LEASE_SECONDS must be above STORYFOLD_FETCH_SECONDS, or live work is taken away"
            )
        return self

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The secrets one by one; none where nothing has to be signed."""
        return _secrets(self.webhook_secret)

    @property
    def binds_to_loopback(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def _secrets(value: SecretStr | None) -> tuple[str, ...]:
    named = value.get_secret_value().split(",") if value else []
    return tuple(secret.strip() for secret in named if secret.strip())


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: a value is out of its bounds, two contradict each other, or a variable is a misspelt setting; the
            message names it. One that only begins like a setting is warned of: it may be somebody else's.
    """
    misspelt, strange = unknown_names(os.environ, [_variable(name) for name in Settings.model_fields])
    if misspelt:
        raise SettingsError("\n".join(misspelt))
    for line in strange:
        log.warning(line)
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(item["loc"], item["msg"]) for item in error.errors())) from error


def _explain(location: tuple[int | str, ...], message: str) -> str:
    name = f"{_variable(str(location[0]))}: " if location else ""
    return name + message.removeprefix("Value error, ")


def _variable(field: str) -> str:
    return PREFIX + field.upper()
