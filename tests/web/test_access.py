"""For everybody: axe-core finds no broken rule of WCAG 2.2 AA, and nothing needs a mouse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from tests.web.reader import NARROW, PHONE, WIDE, Reader
from tests.web.served import Served

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "artifacts" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker, which make test fetches; the test is skipped where it is not."""
    if not AXE.is_file():
        pytest.skip("axe-core is not fetched: npm install --prefix artifacts/axe axe-core")
    return AXE.read_text(encoding="utf-8")


def broken(page: Reader, axe: str) -> list[str]:
    """Each broken rule with the first element that breaks it."""
    page.run(axe)
    found: dict[str, Any] = page.run(
        "return axe.run(document, {runOnly: {type: 'tag', values: arguments[0]}})", RULES
    )
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found["violations"]]


@pytest.mark.parametrize("size", [WIDE, PHONE, NARROW], ids=["wide", "phone", "narrow"])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_an_answer_with_its_reasons_open_breaks_no_rule(
    demo: Reader, axe: str, size: tuple[int, int], colours: str
) -> None:
    demo.resize(*size)
    demo.prefer(colours)
    demo.run("document.querySelectorAll('#answer details').forEach((d) => { d.open = true; })")
    demo.until(lambda: demo.all("#answer .evidence a"), "the evidence")
    assert demo.run("return document.documentElement.dataset.theme") == colours
    assert broken(demo, axe) == []
    assert demo.run("return document.documentElement.scrollWidth") <= size[0]


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_an_empty_page_breaks_no_rule(page: Reader, axe: str, colours: str) -> None:
    page.prefer(colours)
    assert broken(page, axe) == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_what_was_not_checked_and_open_suggestions_break_no_rule(
    page: Reader, axe: str, colours: str
) -> None:
    page.prefer(colours)
    page.take("vitamin,zzyzx,warfarin", add="quux")
    page.type("age_years", "old", enter=False)
    page.until(lambda: "old: a number is expected" in page.text("#answer"), "the refusal")
    page.type("add-field", "sim", enter=False)
    page.until(lambda: page.all("#add-options li"), "suggestions")
    page.press(Keys.ARROW_DOWN)
    assert broken(page, axe) == []


def test_a_note_with_its_drugs_breaks_no_rule(page: Reader, axe: str) -> None:
    page.click("#open-intake")
    page.type(
        "note", "Takes simvastatin 40 mg and vitamin 3 mg. Allergic to penicillin.", enter=False
    )
    page.click("#intake-look")
    page.until(lambda: page.all("#found mark"), "the drugs")
    assert broken(page, axe) == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_picture_of_all_paths_breaks_no_rule(demo: Reader, axe: str, colours: str) -> None:
    demo.prefer(colours)
    demo.click("#answer .finding > summary")
    demo.click("#answer .finding[open] button", "Picture of all paths")
    demo.until(lambda: demo.all("#paths img"), "the picture")
    assert broken(demo, axe) == []


def test_the_whole_way_is_walked_by_keyboard(page: Reader) -> None:
    page.one("#take-field").send_keys("simvastatin", Keys.ENTER)
    page.until(lambda: page.names() == ["simvastatin"], "the line")
    walk_to(page, "add-field")
    page.press("clarithromycin", Keys.ENTER)
    page.until(lambda: page.all("#answer .new .finding"), "the finding")
    page.run("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.run("document.querySelector('.skip').focus()")
    page.press(Keys.ENTER)
    for _ in range(5):
        page.press(Keys.TAB)
        if page.run("return document.activeElement.localName") == "summary":
            break
    page.press(Keys.ENTER)
    page.until(lambda: page.all("#answer .finding[open] .reason"), "the reason")
    style = page.run("return getComputedStyle(document.activeElement).outlineStyle")
    assert style == "solid"


def walk_to(page: Reader, field: str) -> None:
    for _ in range(20):
        page.press(Keys.TAB)
        if page.run("return document.activeElement.id") == field:
            return
    raise AssertionError(f"{field} is not reached by the key Tab")


def test_the_focus_stays_where_a_button_is_drawn_anew(demo: Reader) -> None:
    demo.run("document.querySelector('.act-stop').focus()")
    demo.press(Keys.ENTER)
    demo.until(lambda: demo.all(".plan-stop"), "stopped")
    demo.settle()
    assert demo.run("return document.activeElement.closest('#taking') !== null")


def test_colours_are_chosen_and_kept(page: Reader, served: Served) -> None:
    page.click("#theme")
    assert page.run("return document.documentElement.dataset.theme") == "dark"
    page.driver.get(f"{served.address}?again")
    page.until(lambda: page.run("return document.documentElement.dataset.theme") == "dark", "kept")


def test_nothing_is_asked_of_anybody_else_and_no_cookie_is_set(
    demo: Reader, served: Served
) -> None:
    demo.run("document.querySelectorAll('#answer details').forEach((d) => { d.open = true; })")
    demo.until(lambda: demo.all("#answer .evidence a"), "the evidence")
    asked = demo.run("return performance.getEntriesByType('resource').map((e) => e.name)")
    assert asked
    assert all(address.startswith(served.address) for address in asked)
    assert demo.run("return document.cookie") == ""
    assert demo.complaints() == []


def test_on_paper_there_is_the_answer_and_nothing_to_press(demo: Reader) -> None:
    demo.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    told = demo.text()
    demo.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert "clarithromycin → simvastatin: rhabdomyolysis" in told
    assert "Do not combine" in told
    assert "Use instead" not in told
    assert "Copy link" not in told


def test_a_patient_of_whom_nothing_is_told_has_nothing_on_paper(page: Reader) -> None:
    page.take("simvastatin")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    shown = page.run(
        """const fields = document.querySelectorAll('#patient :is(input, textarea, select)');
        return [...fields].filter((each) => each.checkVisibility()).map((each) => each.id);"""
    )
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert shown == []
