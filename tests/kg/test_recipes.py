"""The recipes that ship can be followed, and one recipe can extend others."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.recipe import DATA, MalformedRecipe, Recipe, known_recipes, load_recipe
from kg.sources.registry import SOURCES

OWN = """
[[file]]
source = "own"
version = "1"
name = "own.csv"
path = "sub/own.csv"
sha256 = "0"
licence = "mine"
commercial = true
"""
SIDER_4_0 = """
[[file]]
source = "sider"
version = "4.0"
name = "more.tsv"
path = "sider/more.tsv"
sha256 = "0"
licence = "mine"
"""


@pytest.fixture(params=known_recipes())
def recipe(request: pytest.FixtureRequest) -> Recipe:
    return load_recipe(request.param)


def written(folder: Path, text: str) -> Recipe:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return load_recipe(str(path))


def test_a_shipped_recipe_bears_its_own_name_and_names_only_registered_sources(
    recipe: Recipe,
) -> None:
    assert recipe.name in known_recipes()
    assert [name for name in recipe.sources if name not in SOURCES] == []


def test_a_shipped_recipe_has_every_file_of_its_sources_once_and_no_other(recipe: Recipe) -> None:
    for name in recipe.sources:
        files = [file.name for file in recipe.files_of(name)]
        assert sorted(files) == sorted(SOURCES[name].files)


def test_a_shipped_recipe_pins_every_file_and_says_on_what_terms(recipe: Recipe) -> None:
    pins = [p.sha256 for p in recipe.packages] + [f.sha256 for f in recipe.files]
    assert [pin for pin in pins if len(pin) != 64 or set(pin) - set("0123456789abcdef")] == []
    assert [file.name for file in recipe.files if not file.licence] == []


def test_for_commercial_use_only_files_that_allow_it_remain(recipe: Recipe) -> None:
    kept = recipe.licensed(commercial=True)
    assert kept.files
    assert [file.name for file in kept.files if not file.commercial] == []
    assert {p.name for p in kept.packages} == {f.package for f in kept.files} - {DATA}


def test_for_commercial_use_a_source_has_what_it_needs_or_is_left_out(recipe: Recipe) -> None:
    kept = recipe.licensed(commercial=True)
    for name in recipe.sources:
        needed = {file.name for file in recipe.files_of(name)} - SOURCES[name].optional
        assert needed <= {file.name for file in kept.files_of(name)} or not kept.files_of(name)


def test_for_commercial_use_a_file_that_forbids_it_is_left_out_alone_where_that_can_be() -> None:
    kept = load_recipe("full").licensed(commercial=True)
    names = {file.name for file in kept.files_of("drugcentral")}
    assert names == {"classes.tsv", "drug-to-class.tsv.gz", "indications.tsv", "targets.tsv.gz"}
    assert not kept.files_of("ansm"), "its mappings allow it, but the thesaurus does not"


def test_a_use_that_is_not_commercial_leaves_nothing_out(recipe: Recipe) -> None:
    assert recipe.licensed(commercial=False).files == recipe.files


def test_the_full_recipe_has_all_that_the_others_have() -> None:
    full = load_recipe("full")
    for name in ("open", "decagon"):
        other = load_recipe(name)
        assert set(other.files) <= set(full.files)
        assert set(other.packages) <= set(full.packages)


def test_what_two_extended_recipes_share_stands_once(tmp_path: Path) -> None:
    both = written(tmp_path, 'name = "both"\nextends = ["open", "decagon"]\n')
    parts = [load_recipe(name) for name in ("open", "decagon")]
    assert set(parts[0].files) & set(parts[1].files), "the two have files in common"
    assert len(both.files) == len({file for part in parts for file in part.files})
    assert len(both.packages) == len({package.name for package in both.packages})
    assert both.name == "both"


def test_a_recipe_adds_its_own_files_to_those_that_it_extends(tmp_path: Path) -> None:
    mine = written(tmp_path, 'name = "mine"\nextends = ["open"]\n' + OWN)
    assert set(mine.files) == {*load_recipe("open").files, *mine.files_of("own")}
    (file,) = mine.files_of("own")
    assert (file.package, file.member) == (DATA, "sub/own.csv")


def test_the_order_in_which_recipes_are_extended_gives_the_same_files(tmp_path: Path) -> None:
    one, other = (
        written(tmp_path, f'name = "both"\nextends = {names}\n')
        for names in ('["open", "decagon"]', '["decagon", "open"]')
    )
    assert one.files == other.files
    assert set(one.packages) == set(other.packages)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('name = "x"\nextends = ["opne"]\n', r"extends \['opne'\], which do not ship"),
        ('name = "x"\nextends = 3\n', "is of the wrong kind"),
        ('name = "x"\nextends = []\n', "'file' is missing"),
        ('name = "x"\nextends = ["full"]\n' + SIDER_4_0, "'sider' has two packages or versions"),
    ],
)
def test_a_recipe_that_cannot_be_extended_says_why(text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(MalformedRecipe, match=reason):
        written(tmp_path, text)
