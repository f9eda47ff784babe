"""The server gone, slow or another: nothing typed is lost, nothing old is shown as new."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest

from api.app import create_app
from api.state import State
from tests.web.reader import Reader
from tests.web.served import Served

pytestmark = pytest.mark.browser


@pytest.fixture
def frail(state: State) -> Iterator[Served]:
    """A server of one test, which may go."""
    served = Served(create_app(lambda: state))
    with served:
        yield served


@pytest.fixture
def here(open_browser: Reader, frail: Served) -> Reader:
    """The page of that server, with an answer."""
    open_browser.begin(frail.address)
    open_browser.take("simvastatin,warfarin")
    return open_browser


def test_a_server_that_went_is_said_to_be_gone_and_asked_again(
    here: Reader, frail: Served, state: State
) -> None:
    frail.__exit__()
    here.type("add-field", "clarithromycin")
    here.until(lambda: here.phase() == "failed", "the failure")
    told = here.text("#failure")
    assert "The answer below is old" in told
    assert "cannot be reached" in told
    assert here.names("#adding") == ["clarithromycin"]
    assert "old" in str(here.one("#answer").get_attribute("class"))
    assert "clarithromycin" not in here.text("#answer")
    frail.again(create_app(lambda: renamed(state)))
    here.click("#failure button")
    here.settle()
    assert "clarithromycin → simvastatin" in here.text("#answer .new")
    assert "answers from another graph now (open-other" in here.text("#new-graph")


def test_where_nothing_was_ever_checked_the_page_says_so(
    open_browser: Reader, frail: Served
) -> None:
    open_browser.begin(frail.address)
    open_browser.run(
        """const real = window.setTimeout;
        window.setTimeout = (act, ms) => real(act, ms >= 1000 ? ms / 10 : ms);"""
    )
    frail.__exit__()
    open_browser.type("take-field", "simvastatin,warfarin")
    open_browser.until(lambda: open_browser.phase() == "failed", "the failure")
    assert "Nothing was checked" in open_browser.text("#failure")
    assert open_browser.names() == ["simvastatin", "warfarin"]
    assert open_browser.text("#answer") == ""
    frail.again()
    open_browser.until(lambda: open_browser.phase() == "fresh", "it is asked again by itself")


def test_a_slow_server_shows_no_old_answer_as_new(here: Reader, frail: Served) -> None:
    frail.delay_seconds = 0.5
    here.type("add-field", "clarithromycin")
    here.until(lambda: here.phase() == "asking", "waiting")
    here.until(lambda: here.text("#checking"), "it is said")
    assert "what was entered before" in here.text("#checking")
    assert here.one("#answer").get_attribute("aria-busy") == "true"
    frail.delay_seconds = 0.0
    here.type("add-field", "ibuprofen")
    here.settle()
    assert "Adding clarithromycin and ibuprofen" in here.text("#answer .verdict")
    here.run("return new Promise((done) => setTimeout(done, 600))")
    assert "Adding clarithromycin and ibuprofen" in here.text("#answer .verdict")


def test_another_graph_is_noticed_at_the_next_word_that_is_typed(
    here: Reader, frail: Served, state: State
) -> None:
    before = here.text("#answer .small-print")
    frail.__exit__()
    frail.again(create_app(lambda: renamed(state)))
    here.type("take-field", "rami", enter=False)
    here.until(lambda: "open-other" in here.text("#answer .small-print"), "checked anew")
    assert "open-other" not in before
    assert here.value("take-field") == "rami"


def test_a_busy_server_is_asked_again(open_browser: Reader, state: State) -> None:
    with Served(create_app(lambda: state, max_in_flight=0)) as busy:
        open_browser.begin(busy.address)
        open_browser.type("take-field", "simvastatin,warfarin")
        open_browser.until(lambda: open_browser.phase() == "failed", "the failure")
        told = open_browser.text("#failure")
    assert "Nothing was checked" in told
    assert "It is asked again in 1 seconds" in told


def test_alternatives_that_could_not_be_asked_are_said_to_be_so(
    here: Reader, frail: Served
) -> None:
    here.run(
        """const real = window.fetch;
        window.fetch = (path, init) => String(init?.body).includes('"alternatives":true')
          ? Promise.reject(new TypeError('gone')) : real(path, init);
        window.comeBack = () => { window.fetch = real; };"""
    )
    here.type("add-field", "clarithromycin")
    here.until(lambda: "could not be asked" in here.text("#answer"), "it is said")
    assert here.phase() == "fresh"
    assert "clarithromycin → simvastatin" in here.text("#answer .new")
    here.run("window.comeBack()")
    here.click("#answer button", "Ask again")
    here.until(lambda: here.all("#answer .instead button"), "the alternatives")


def renamed(state: State) -> State:
    """The same facts under another name."""
    graph = copy.copy(state.graph)
    object.__setattr__(graph, "id", "open-other")
    other = copy.copy(state)
    object.__setattr__(other, "graph", graph)
    return other
