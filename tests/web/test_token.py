"""A service that asks for a token: the page says so, asks for it, and keeps it to itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.keys import Keys

from api.app import create_app
from api.state import State
from api.tokens import Access
from tests.web.reader import Reader
from tests.web.served import Served
from tests.web.test_access import axe, broken

__all__ = ["axe"]
pytestmark = pytest.mark.browser

TOKEN = "a-token-of-the-service"  # noqa: S105
ANOTHER = "a-token-of-another-one"


@pytest.fixture(scope="module")
def guarded(state: State) -> Iterator[Served]:
    """A live server that asks for a token."""
    with Served(create_app(lambda: state, access=Access(TOKEN))) as running:
        yield running


@pytest.fixture
def shut(open_browser: Reader, guarded: Served) -> Reader:
    """The page of that server, as a visitor finds it who bears no token."""
    open_browser.begin(guarded.address)
    open_browser.until(lambda: open_browser.one("#token").is_displayed(), "the field")
    return open_browser


def give(page: Reader, token: str) -> None:
    page.one("#token-field").clear()
    page.one("#token-field").send_keys(token, Keys.ENTER)


def test_the_token_is_asked_for_and_nothing_typed_is_lost(shut: Reader, guarded: Served) -> None:
    field = shut.one("#token-field")
    assert (field.get_attribute("type"), field.get_attribute("autocomplete")) == ("password", "off")
    assert shut.text("#token label") == "This service asks for a token"
    shut.type("take-field", "simvastatin,warfarin")
    shut.type("add-field", "clarithromycin")
    shut.type("age_years", "81", enter=False)
    shut.until(lambda: shut.phase() == "failed", "the failure")
    assert "Nothing was checked. Why: the service asks for a token" in shut.text("#failure")
    give(shut, ANOTHER)
    shut.until(lambda: "refuses the token" in shut.text("#token-problem"), "the refusal")
    assert shut.phase() == "failed"
    give(shut, "two words")
    shut.until(lambda: "no blanks" in shut.text("#token-problem"), "what a token is")
    give(shut, TOKEN)
    shut.settle()
    assert not shut.one("#token").is_displayed()
    assert shut.names() == ["simvastatin", "warfarin"]
    assert shut.names("#adding") == ["clarithromycin"]
    assert shut.value("age_years") == "81"
    assert "clarithromycin → simvastatin" in shut.text("#answer .new")
    shut.until(lambda: shut.all("#answer .instead button"), "the alternatives")
    assert not any(TOKEN in address for address in guarded.asked)


def test_the_token_stays_in_the_tab_and_is_no_part_of_the_link(shut: Reader) -> None:
    give(shut, TOKEN)
    shut.take("simvastatin,warfarin")
    link = shut.run("return location.href")
    assert shut.run("return Object.values(sessionStorage)").count(TOKEN) == 1
    assert TOKEN not in shut.run("return JSON.stringify(localStorage)")
    assert shut.value("token-field") == ""
    shut.driver.refresh()
    shut.settle()
    assert shut.names() == ["simvastatin", "warfarin"]
    other = shut.run(
        "return atob(arguments[0].replace(/-/g, '+').replace(/_/g, '/'))", link.partition("#v1=")[2]
    )
    assert TOKEN not in link + other
    shut.click("#token-forget")
    shut.until(lambda: shut.one("#token").is_displayed(), "the field")
    assert TOKEN not in shut.run("return JSON.stringify(sessionStorage)")


def test_a_token_that_is_refused_later_is_asked_for_anew(
    open_browser: Reader, guarded: Served
) -> None:
    open_browser.begin(guarded.address)
    open_browser.run(f"sessionStorage.setItem('coprescribe.token', '{ANOTHER}')")
    open_browser.driver.refresh()
    open_browser.until(
        lambda: "refuses the token" in open_browser.text("#token-problem"), "the refusal"
    )
    assert ANOTHER not in open_browser.run("return JSON.stringify(sessionStorage)")
    give(open_browser, TOKEN)
    open_browser.until(lambda: not open_browser.one("#token").is_displayed(), "let in")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_field_breaks_no_rule(shut: Reader, axe: str, colours: str) -> None:
    shut.prefer(colours)
    give(shut, ANOTHER)
    shut.until(lambda: "refuses the token" in shut.text("#token-problem"), "the refusal")
    assert broken(shut, axe) == []


def test_where_no_token_is_asked_for_there_is_no_field(page: Reader) -> None:
    page.take("simvastatin")
    assert not page.one("#token").is_displayed()
    assert not page.one("#token-forget").is_displayed()
