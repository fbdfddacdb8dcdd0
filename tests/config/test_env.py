"""Every mistake in the environment stops with one sentence that names the variable."""

from pathlib import Path

import pytest

from config import env as environment
from config.env import Environment, Misconfigured

SECRETS = {"SECRET_KEY": "s" * 60, "FIELD_ENCRYPTION_KEY": "k" * 44}
EVERY_VARIABLE = {name.upper() for name in Environment.model_fields}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in EVERY_VARIABLE:
        monkeypatch.delenv(name, raising=False)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def load_with(monkeypatch: pytest.MonkeyPatch, **values: str) -> Environment:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return environment.load(())


def test_lists_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    env = load_with(monkeypatch, ALLOWED_HOSTS=" a.example , b.example,")

    assert env.allowed_hosts == ["a.example", "b.example"]


def test_secret_lists_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    env = load_with(monkeypatch, SECRET_KEY_FALLBACKS="one,two")

    assert [key.get_secret_value() for key in env.secret_key_fallbacks] == ["one", "two"]


def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_with(monkeypatch, DB_PORT="", DB_NAME="").db_port == 5432


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PORT", "five"),
        ("DB_PORT", "70000"),
        ("DEBUG", "perhaps"),
        ("SITE_URL", "portal.example.org"),
        ("SITE_URL", "https://portal.example.org/sub/"),
        ("REDIS_URL", "http://valkey"),
        ("DB_POOL_SIZE", "0"),
        ("TRUSTED_PROXY_COUNT", "-1"),
    ],
)
def test_a_wrong_value_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(Misconfigured) as stopped:
        load_with(monkeypatch, **{name: value})

    sentence = str(stopped.value)
    assert sentence.startswith(f"{name} ")
    assert sentence.count("\n") == 0


def test_the_sentence_never_repeats_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misconfigured) as stopped:
        load_with(monkeypatch, REDIS_URL="http://:hunter2@valkey")

    assert "hunter2" not in str(stopped.value)


def test_a_missing_secret_says_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY")

    with pytest.raises(Misconfigured, match=r"^SECRET_KEY is not set: .*run\.sh"):
        environment.load(())


def test_every_mistake_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misconfigured) as stopped:
        load_with(monkeypatch, DB_PORT="x", SITE_URL="y")

    assert {line.split()[0] for line in str(stopped.value).splitlines()} == {"DB_PORT", "SITE_URL"}


def test_the_environment_wins_over_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    weak, strong = tmp_path / "weak", tmp_path / "strong"
    weak.write_text("DB_NAME=weak\nDB_USER=weak\nCLINIC_NAME=weak\n")
    strong.write_text("DB_NAME=strong\nDB_USER=strong\n")
    monkeypatch.setenv("DB_NAME", "outside")

    env = environment.load((weak, strong))

    assert (env.db_name, env.db_user, env.clinic_name) == ("outside", "strong", "weak")


def test_a_value_starting_with_a_dollar_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("DB_PASSWORD='$HOME'\n")

    assert environment.load((file,)).db_password.get_secret_value() == "$HOME"


@pytest.mark.parametrize("text", ["DB_NAME=ok\nthis is no line\n", "DB_NAME\n", "='x'\n"])
def test_a_broken_file_names_file_and_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / ".env"
    file.write_text(text)

    with pytest.raises(Misconfigured, match=r"\.env, line [12]: expected NAME=value"):
        environment.load((file,))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(Misconfigured, match="must be a UTF-8 text file"):
        environment.load((file,))


@pytest.mark.parametrize(
    ("debug", "module"),
    [("false", "production"), ("0", "production"), ("true", "local"), (None, "local")],
)
def test_debug_chooses_the_settings(
    monkeypatch: pytest.MonkeyPatch, debug: str | None, module: str
) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    if debug is not None:
        monkeypatch.setenv("DEBUG", debug)

    assert environment.settings_module() == f"config.settings.{module}"


def test_clinic_var_is_relative_to_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLINIC_VAR", "elsewhere")

    assert environment.clinic_var() == environment.ROOT / "elsewhere"


@pytest.fixture
def no_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that serves people; the tests themselves run as the owner."""
    monkeypatch.setattr(environment, "_owner", False)
    for name in environment.OWNER_VARIABLES:
        monkeypatch.delenv(name, raising=False)


def written(folder: Path) -> Path:
    file = folder / "env"
    names = ("DB_USER=app", "DB_PASSWORD=a", "DB_OWNER_USER=owner", "DB_OWNER_PASSWORD=o")
    file.write_text("\n".join(names))
    return file


def test_a_process_that_serves_people_learns_nothing_of_the_owner(
    no_owner: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DB_USER", "DB_PASSWORD"):
        monkeypatch.delenv(name, raising=False)

    found = environment.load((written(tmp_path),))

    assert environment.database_login(found) == ("app", "a")
    assert found.db_owner_password.get_secret_value() == ""


def test_what_changes_tables_signs_in_as_their_owner(
    no_owner: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.use_owner()

    found = environment.load((written(tmp_path),))

    assert environment.database_login(found) == ("owner", "o")
    assert environment.database_login(found.model_copy(update={"db_owner_user": ""}))[0] != "owner"
