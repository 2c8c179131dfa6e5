"""The demo's environment: secrets made once, ports followed, a person's own settings respected."""

from pathlib import Path

import pytest

from app.serve.demo_env import DemoRefused, Ports, demo_env, for_child, kept_env, read_port, var_of


def test_the_first_start_makes_a_private_folder_and_file(tmp_path: Path) -> None:
    var = tmp_path / "var"
    env = demo_env(var, Ports(5000), {})
    assert (var.stat().st_mode & 0o777, (var / "demo.env").stat().st_mode & 0o777) == (0o700, 0o600)
    assert env["STRIPE_SECRET_KEY"].startswith("sk_test_")
    assert env["STRIPE_WEBHOOK_SECRET"].startswith("whsec_")
    assert len(env["SECRET_KEY"]) >= 32
    assert env["DATABASE_URL"] == "sqlite:///var/runout.db"


def test_the_next_start_keeps_the_secrets_and_follows_the_port(tmp_path: Path) -> None:
    first = demo_env(tmp_path, Ports(5000), {})
    second = demo_env(tmp_path, Ports(4741), {})
    changed = {name: second[name] for name in first if first[name] != second[name]}
    assert changed == {
        "BASE_URL": "http://127.0.0.1:4741",
        "STRIPE_API_BASE": "http://127.0.0.1:4742",
        "SMTP_URL": "smtp://127.0.0.1:4743",
    }
    assert kept_env(tmp_path, {}) == second


def test_a_command_finds_the_empty_shop_as_its_start_does(tmp_path: Path) -> None:
    assert (var_of({}), var_of({"EMPTY": ""}), var_of({"EMPTY": "1"})) == ("var", "var", "var-empty")
    started = demo_env(tmp_path / var_of({"EMPTY": "1"}), Ports(5000), {})
    assert kept_env(tmp_path / var_of({"EMPTY": "1"}), {})["DATABASE_URL"] == started["DATABASE_URL"]
    assert "/var-empty/" in started["DATABASE_URL"]


def test_two_machines_have_different_secrets(tmp_path: Path) -> None:
    one, two = demo_env(tmp_path / "a", Ports(5000), {}), demo_env(tmp_path / "b", Ports(5000), {})
    assert not {one[name] for name in ("SECRET_KEY", "STRIPE_SECRET_KEY")} & set(two.values())


def test_a_database_from_outside_wins(tmp_path: Path) -> None:
    assert demo_env(tmp_path, Ports(5000), {"DATABASE_URL": "postgresql://x"})["DATABASE_URL"] == "postgresql://x"


def test_fonts_from_outside_are_used(tmp_path: Path) -> None:
    assert demo_env(tmp_path, Ports(5000), {"FONTS_DIR": "/fonts"})["FONTS_DIR"] == "/fonts"


def test_a_real_test_key_means_the_real_stripe_and_the_real_clock(tmp_path: Path) -> None:
    outside = {"STRIPE_SECRET_KEY": "sk_test_mine", "STRIPE_WEBHOOK_SECRET": "whsec_mine"}
    env = demo_env(tmp_path, Ports(5000), outside)
    assert (env["STRIPE_SECRET_KEY"], env["STRIPE_WEBHOOK_SECRET"]) == ("sk_test_mine", "whsec_mine")
    assert not {"STRIPE_API_BASE", "CLOCK_OFFSET_FILE"} & set(env)
    assert "sk_test_mine" not in (tmp_path / "demo.env").read_text()


@pytest.mark.parametrize(
    "outside",
    [
        {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"},
        {"STRIPE_SECRET_KEY": "rk_live_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"},
        {"STRIPE_SECRET_KEY": "sk_test_1"},
    ],
)
def test_a_live_key_or_half_a_pair_is_refused(tmp_path: Path, outside: dict[str, str]) -> None:
    with pytest.raises(DemoRefused):
        demo_env(tmp_path, Ports(5000), outside)


@pytest.mark.parametrize("text", ["0", "-1", "65534", "http", "5000 ", "٥٠٠٠", "5e3"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(DemoRefused):
        read_port(text)


def test_children_see_nothing_else_of_the_persons_environment() -> None:
    seen = for_child({"A": "1"}, {"PATH": "/bin", "AWS_SECRET": "x"})
    assert seen == {"PATH": "/bin", "A": "1"}
