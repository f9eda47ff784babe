"""Somebody who reads the page and types into it, in Chromium without a window."""

from __future__ import annotations

import base64
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urljoin

from selenium.common.exceptions import (
    ElementNotInteractableException,
    StaleElementReferenceException,
)
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-sync",
    "--disable-component-update",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--lang=en",
)
T = TypeVar("T")
_PATIENCE_SECONDS = 45
_PAUSE_SECONDS = 0.01
WIDE = (1280, 900)
PHONE = (390, 844)
NARROW = (320, 640)


def browser(profile: Path) -> Chrome | None:
    """Start Chromium with a profile of its own; ``None`` where none is installed."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        return None
    options = ChromeOptions()
    options.binary_location = program
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return Chrome(options=options, service=Service(driver))


class Reader:
    """What somebody does with the page, and what they see."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def begin(self, address: str, size: tuple[int, int] = WIDE, colours: str = "light") -> None:
        """Open the page as somebody who was never here."""
        self.resize(*size)
        self.prefer(colours)
        self.driver.get(urljoin(address, "health"))
        self.run("sessionStorage.clear(); localStorage.clear()")
        self._console()
        self.driver.get(address)

    def resize(self, width: int, height: int) -> None:
        """Have a screen of so many pixels."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, colours: str) -> None:
        """Have a system that is dark or light, and that asks for little motion."""
        features = [
            {"name": "prefers-color-scheme", "value": colours},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def run(self, script: str, *arguments: object) -> Any:
        """Run a script in the page."""
        return self.driver.execute_script(script, *arguments)

    def all(self, css: str) -> list[WebElement]:
        """Everything that a selector finds."""
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def one(self, css: str) -> WebElement:
        """The first that a selector finds, waited for."""
        return self.until(lambda: self.all(css), f"there is {css}")[0]

    def text(self, css: str = "body") -> str:
        """What can be read there, waited for; what is closed or hidden is not."""
        return self.until(lambda: self.texts(css), f"there is {css}")[0]

    def texts(self, css: str) -> list[str]:
        """What can be read in each."""
        found: list[str] = self.run(
            "return Array.from(document.querySelectorAll(arguments[0]), (e) => e.innerText)", css
        )
        return [" ".join(text.split()) for text in found]

    def value(self, field: str) -> str:
        """What stands in a field."""
        return str(self.run("return document.getElementById(arguments[0]).value", field))

    def names(self, place: str = "#taking") -> list[str]:
        """The drugs of a list, as written."""
        return self.texts(f"{place} .line-head > .drug > .name")

    def click(self, css: str, text: str = "") -> None:
        """Press the first that a selector finds, or the first of them that reads so."""
        find = """const found = [...document.querySelectorAll(arguments[0])]
            .find((e) => e.innerText.replace(/\\s+/g, ' ').includes(arguments[1]));
            found?.scrollIntoView({block: 'center'});
            return found;"""

        def pressed() -> bool:
            try:
                target = self.run(find, css, text)
                if target is not None:
                    target.click()
            except (StaleElementReferenceException, ElementNotInteractableException):
                return False
            return target is not None

        self.until(pressed, f"{css} {text}")

    def press(self, *keys: str) -> None:
        """Press keys where the focus is."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def type(self, field: str, text: str, *, enter: bool = True) -> None:
        """Type into a field, and press Enter."""
        self.one(f"#{field}").send_keys(text, *([Keys.ENTER] if enter else []))

    def paste(self, field: str, text: str) -> None:
        """Paste a text into a field, as from the clipboard."""
        self.run(
            """const data = new DataTransfer();
            data.setData('text/plain', arguments[1]);
            const field = document.getElementById(arguments[0]);
            field.focus();
            const event = new ClipboardEvent('paste', {clipboardData: data, bubbles: true,
                                                       cancelable: true});
            if (field.dispatchEvent(event)) field.value += arguments[1];""",
            field,
            text,
        )

    def take(self, names: str, add: str | None = None) -> None:
        """Put a list on the page, perhaps with a drug to try, and wait for the answer."""
        count = len(names.split(","))
        self.type("take-field", names)
        self.until(lambda: len(self.names()) == count, f"{count} lines")
        if add:
            self.type("add-field", add)
            self.until(lambda: self.names("#adding"), "a trial")
        self.settle()

    def settle(self) -> None:
        """Wait for the answer to what is entered, and for what may be used instead."""
        self.until(lambda: self.phase() == "fresh", "the answer")
        self.until(lambda: not self.all("#answer .waiting"), "the alternatives")

    def phase(self) -> str:
        """How far the answer is, read off what can be seen."""
        return str(
            self.run(
                """const seen = (id) => !document.getElementById(id).hidden;
                if (seen('failure')) return 'failed';
                if (seen('welcome')) return 'empty';
                if (document.getElementById('answer').ariaBusy === 'true') return 'asking';
                return document.querySelector('#answer .verdict') ? 'fresh' : 'asking';"""
            )
        )

    def until(self, found: Callable[[], T], what: str) -> T:
        """Wait until there is something.

        Raises:
            AssertionError: It did not come about; names what.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if value := found():
                return value
            time.sleep(_PAUSE_SECONDS)
        raise AssertionError(f"waited in vain: {what}")

    def complaints(self) -> list[str]:
        """What the browser wrote to its console as an error since it was asked last."""
        found = self._console()
        # A browser asks for it by itself where an answer is no page.
        heard = [entry for entry in found if "/favicon.ico" not in entry["message"]]
        return [entry["message"] for entry in heard if entry["level"] == "SEVERE"]

    def _console(self) -> list[dict[str, Any]]:
        """What the browser wrote since it was asked last."""
        found: list[dict[str, Any]] = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return found

    def picture(self, path: Path, most_height: int = 1400) -> None:
        """Take a picture of the page."""
        height = min(self.run("return document.documentElement.scrollHeight"), most_height)
        width = self.run("return innerWidth")
        # Scroll bars take part of the width: the frame is the screen.
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        taken = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip}
        )
        path.write_bytes(base64.b64decode(taken["data"]))
