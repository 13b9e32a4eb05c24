"""Settings: what is read, what is refused, and what is said about it."""

from __future__ import annotations

import pytest

from storyfold.errors import SettingsError
from storyfold.settings import load_settings


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("STORYFOLD_")]:
        monkeypatch.delenv(name)


def test_an_empty_environment_is_a_laptop() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.database_url, settings.redis_url) == ("127.0.0.1", 8000, None, None)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("STORYFOLD_PORT", "99999", "STORYFOLD_PORT"),
        ("STORYFOLD_PORT", "http", "STORYFOLD_PORT"),
        ("STORYFOLD_HOST", "0.0.0.0", "STORYFOLD_API_KEY"),
        ("STORYFOLD_API_KEY", " ", "STORYFOLD_API_KEY"),
        ("STORYFOLD_DATABASE_URL", "mysql://x/y", "postgresql://"),
        ("STORYFOLD_REDIS_URL", "amqp://x", "redis://"),
        ("STORYFOLD_ALLOW_NETWORKS", "10.0.0.0/99", "STORYFOLD_ALLOW_NETWORKS"),
        ("STORYFOLD_POLL_MIN", "100000", "STORYFOLD_POLL_MAX"),
        ("STORYFOLD_LEASE_SECONDS", "20", "STORYFOLD_FETCH_SECONDS"),
        ("STORYFOLD_USER_AGENT", "two\nlines", "STORYFOLD_USER_AGENT"),
    ],
)
def test_what_cannot_be_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=said):
        load_settings()


def test_any_address_may_be_bound_with_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORYFOLD_HOST", "0.0.0.0")
    monkeypatch.setenv("STORYFOLD_API_KEY", "a-key-that-nobody-guesses")
    assert not load_settings().binds_to_loopback


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_database_url_is_taken_as_operators_write_it(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setenv("STORYFOLD_DATABASE_URL", f"{scheme}://u:p@db.example/news")
    assert load_settings().database_url == "postgresql+psycopg://u:p@db.example/news"


def test_networks_are_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORYFOLD_ALLOW_NETWORKS", "127.0.0.0/8, ::1")
    assert [str(network) for network in load_settings().allow_networks] == ["127.0.0.0/8", "::1/128"]


def test_the_api_key_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORYFOLD_API_KEY", "a-key-that-nobody-guesses")
    assert "nobody" not in repr(load_settings())


@pytest.mark.parametrize(
    "secret",
    ["", ",", "secret", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
)
def test_a_webhook_secret_that_cannot_be_one_is_refused(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("STORYFOLD_WEBHOOK_SECRET", secret)
    with pytest.raises(SettingsError, match="STORYFOLD_WEBHOOK_SECRET"):
        load_settings()


def test_webhook_secrets_are_told_apart_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().webhook_secrets == ()
    one, two = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
    monkeypatch.setenv("STORYFOLD_WEBHOOK_SECRET", f"{one}, {two}")
    assert load_settings().webhook_secrets == (one, two)


@pytest.mark.parametrize(
    ("misspelt", "nearest"),
    [
        ("STORYFOLD_DATABSE_URL", "STORYFOLD_DATABASE_URL"),
        ("STORYFOLD_DB_URL", "STORYFOLD_REDIS_URL or STORYFOLD_DATABASE_URL"),
        ("STORYFOLD_POLL_MINIMUM", "STORYFOLD_POLL_MIN"),
        ("STORYFOLD_APIKEY", "STORYFOLD_API_KEY"),
        ("storyfold_prot", "STORYFOLD_PORT"),
    ],
)
def test_a_misspelt_setting_is_refused_and_the_nearest_named(
    monkeypatch: pytest.MonkeyPatch, misspelt: str, nearest: str
) -> None:
    monkeypatch.setenv(misspelt, "1")
    with pytest.raises(SettingsError, match=rf"^{misspelt} is no setting: did you mean {nearest}\?$"):
        load_settings()


def test_a_variable_like_no_setting_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("STORYFOLD_QZX", "1")
    load_settings()
    assert "STORYFOLD_QZX is no setting, and not read" in caplog.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STORYFOLD_BENCH_DATA", "/data"),
        ("STORYFOLD_SERVICE_HOST", "10.0.0.7"),
        ("STORYFOLD_SERVICE_PORT_HTTP", "8000"),
        ("STORYFOLD_API_PORT", "tcp://10.0.0.7:8000"),
        ("STORYFOLD_API_PORT_8000_TCP_ADDR", "10.0.0.7"),
    ],
)
def test_what_others_read_or_a_cluster_sets_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    load_settings()
