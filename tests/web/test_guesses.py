"""What the page says of the model: its guesses apart, or why there are none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.reader import Reader

pytestmark = pytest.mark.browser


def drawn_guesses(page: Reader, answer: dict[str, Any]) -> dict[str, Any]:
    """What the section of guesses says and draws of an answer."""
    drawn: dict[str, Any] = page.run(
        """return (async () => {
          const base = document.querySelector('script[type=module]').src;
          const {guessesOf} = await import(new URL('guesses.js', base).href);
          const made = guessesOf(arguments[0].findings, arguments[0]);
          document.getElementById('answer').append(made);
          const width = (name) => Number(made.querySelector(name)?.getAttribute('width'));
          return {text: made.innerText, guessed: width('.guessed'), base: width('.base')};
        })();""",
        {"findings": [], "adding": [], "coverage": {"names": NAMES}, "model": MODEL} | answer,
    )
    return drawn


NAMES = {"X:1": "lisinopril", "X:2": "tramadol"}
MODEL = {"id": "m", "trained_on": "g", "unknown_drugs": [], "tells": True}
GUESS = {
    "id": "x",
    "kind": "predicted_effect",
    "change": "created",
    "severity": None,
    "precipitants": [{"curie": "X:1", "name": "lisinopril"}, {"curie": "X:2", "name": "tramadol"}],
    "affected": [],
    "genes": [],
    "effect": {"curie": None, "name": "Orthostatic hypotension"},
    "mechanism": None,
    "evidence": [],
    "modifiers": [],
    "probability": 0.12,
    "baseline_probability": 0.03,
}


def test_guesses_stand_apart_as_bars_with_their_base_rate(page: Reader) -> None:
    drawn = drawn_guesses(page, {"findings": [GUESS]})
    assert "guessed 12 %, base rate 3 %" in drawn["text"]
    assert "Nothing below is stated by any source" in drawn["text"]
    assert drawn["guessed"] == 4 * drawn["base"]


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (None, "No model is loaded"),
        (MODEL, "only where in the model's validation half of such guesses were true"),
        (MODEL | {"tells": False}, "there was no level at which half of its guesses were true"),
        (MODEL | {"unknown_drugs": ["X:2"]}, "The model never saw tramadol"),
        (MODEL | {"unknown_drugs": ["X:1", "X:2"]}, "of pairs with them nothing is guessed"),
    ],
)
def test_why_nothing_is_guessed_is_told(
    page: Reader, model: dict[str, Any] | None, told: str
) -> None:
    assert told in drawn_guesses(page, {"model": model})["text"]


def test_a_page_without_a_model_says_so(demo: Reader) -> None:
    assert "No model is loaded, so nothing is guessed" in demo.text("#answer .guesses")
    assert not demo.all("#answer .pair")


def test_the_model_is_asked_about_a_pair_that_is_chosen(page: Reader) -> None:
    page.run(
        """window.fetch = async (path) => {
          window.asked = String(path);
          const one = {effect: {name: 'Nausea'}, probability: 0.2, base_rate: 0.05,
                       came_true: {from: 0.1, share: 0.04}};
          const body = {predictions: [one], notes: ['Came true: seldom.'], disclaimer: 'Guesses.'};
          const headers = {'content-type': 'application/json'};
          return new Response(JSON.stringify(body), {headers});
        };"""
    )
    drawn_guesses(page, {"adding": [{"query": "tramadol", "curie": "X:2"}]})
    page.click("#answer .pair button")
    page.until(lambda: "nausea" in page.text("#answer .pair-told"), "the guess")
    told = page.text("#answer .pair-told")
    assert "guessed 20 %, base rate 5 %" in told
    assert "in validation 4 % of guesses of 10 % or more came true" in told
    assert "Came true: seldom." in told
    assert "drugs=X%3A2%2CX%3A1" in page.run("return window.asked")
