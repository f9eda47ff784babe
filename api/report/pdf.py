"""A medication report as PDF with the fonts that every reader has; same answer, same bytes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from api.report.layout import TITLE, Block, Report, Section
from api.report.medicines import Line

_ENCODING = "windows-1252"
"""What the standard fonts of PDF write, with dashes, quotation marks and the micro sign."""
_WRITTEN = {
    "\u2192": "->", "\u2190": "<-", "\u2265": ">=", "\u2264": "<=", "\u2260": "<>", "\u2248": "~",
    "\u2212": "-", "\u2010": "-", "\u2011": "-", "\u2032": "'", "\u2033": '"', "\u00a0": " ",
    "\u2009": " ", "\u202f": " ", "\u03bc": "\u00b5", "\u221e": "infinity",
    "\u03b1": "alpha", "\u03b2": "beta", "\u03b3": "gamma", "\u03b4": "delta", "\u03b5": "epsilon",
    "\u03ba": "kappa", "\u03bb": "lambda", "\u03c3": "sigma", "\u03c4": "tau", "\u03c9": "omega",
    "\u0394": "Delta", "\u03a9": "Omega",
}  # fmt: skip
"""Signs that these fonts lack, as everybody writes them without."""
_COLOURS = {
    "contraindicated": (163, 0, 0),
    "major": (163, 0, 0),
    "moderate": (122, 75, 0),
    "minor": (0, 80, 107),
}
_GREY, _BLACK = (68, 68, 68), (0, 0, 0)
_MARGIN_MM, _LABEL_MM = 12.0, 25.0
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands where a PDF names its time; the answer has none, and the same answer gives these bytes."""


class Letters:
    """Writes any text with the letters of the standard fonts, and keeps which it exchanged."""

    def __init__(self) -> None:
        """Begin with nothing replaced."""
        self.replaced: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """Give a text that the fonts can write.

        A sign becomes its usual spelling, a letter its base letter, anything else its code point in
        braces; the last two are kept, so that the report can say so.
        """
        return "".join(map(self._letter, text))

    def _letter(self, letter: str) -> str:
        if _is_writable(letter):
            return letter
        if letter in _WRITTEN:
            return _WRITTEN[letter]
        base = "".join(c for c in unicodedata.normalize("NFKD", letter) if _is_writable(c))
        written = base or f"{{U+{ord(letter):04X}}}"
        self.replaced[letter] = written
        return written

    def note(self) -> str:
        """Say which letters were written otherwise; nothing if none was."""
        told = (
            f"{unicodedata.name(letter, f'U+{ord(letter):04X}').lower()} as {written}"
            for letter, written in sorted(self.replaced.items())
        )
        listed = "; ".join(told)
        return (
            f"Letters that this PDF cannot write, and the HTML report can: {listed}."
            if listed
            else ""
        )


def as_pdf(report: Report) -> bytes:
    """Write a report as PDF, on as many pages as it needs."""
    return _Page(report).content()


def _is_writable(letter: str) -> bool:
    try:
        letter.encode(_ENCODING)
    except UnicodeEncodeError:
        return False
    return unicodedata.category(letter) != "Cc" or letter == "\n"


class _Paper(FPDF):
    """Pages that bear their number and, at the foot, what they were made from."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self._foot = foot
        self.core_fonts_encoding = _ENCODING
        self.set_margin(_MARGIN_MM)
        self.c_margin = 0.0
        self.set_auto_page_break(auto=True, margin=_MARGIN_MM)
        self.set_creation_date(_MADE)
        self.set_title(TITLE)
        self.set_lang("en")
        self.set_producer("coprescribe")

    def footer(self) -> None:
        """Write the number of the page and what the report was made from."""
        self.set_y(-_MARGIN_MM + 2)
        self.set_font("helvetica", size=6.5)
        self.set_text_color(*_GREY)
        self.cell(0, 3, f"{TITLE}. {self._foot}. Page {self.page_no()} of {{nb}}", align="R")
        self.set_text_color(*_BLACK)


class _Page:
    """One report while it is written."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._letters = Letters()
        self._pdf = _Paper(self._letters(report.made_from))

    def content(self) -> bytes:
        report = self._report
        self._pdf.add_page()
        self._head()
        self._listed("Not checked", report.warnings, bold=True)
        self._facts()
        self._medicines(report.lines)
        self._listed("To be known first", report.remarks)
        self._text(report.summary, 9, "B", gap=1.0)
        for section in report.sections:
            self._section(section)
        if report.guesses:
            rows = (f"{share}: {text}" for share, text in report.guesses)
            self._listed("Statistical guesses, not stated interactions", rows)
        for name, offered in report.alternatives:
            title = f"Instead of {name}, with what would be new or worse"
            self._joined(title, (f"{word}: {text}" for word, text in offered), 8)
        self._joined("What was checked", report.coverage, 7)
        self._foot()
        return bytes(self._pdf.output())

    def _head(self) -> None:
        date = self._report.date or "____________"
        self._pdf.set_font("helvetica", "B", 13)
        self._pdf.cell(110, 6, TITLE)
        self._pdf.set_font("helvetica", size=8)
        text = self._letters(f"Date: {date}")
        self._pdf.cell(0, 6, text, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._text(self._report.question, 8)

    def _facts(self) -> None:
        self._title("Patient, as given" if self._report.facts else "Patient")
        told = "; ".join(f"{label}: {value}" for label, value in self._report.facts)
        self._text(told or "Nothing was given.", 8)

    def _medicines(self, lines: Iterable[Line]) -> None:
        listed = [_of_line(line) for line in lines]
        if not listed:
            return
        self._title("Medicines")
        self._pdf.set_font("helvetica", size=8)
        with self._pdf.text_columns(ncols=2, gutter=6, balance=True, line_height=1.15) as columns:
            for place, text in enumerate(listed, 1):
                columns.write(self._letters(f"{place}. {text}\n"))
        self._pdf.set_x(_MARGIN_MM)

    def _section(self, section: Section) -> None:
        self._title(section.title)
        for block in section.blocks:
            self._block(block)
        if section.folded:
            self._text(f"And {section.folded}.", 7, colour=_GREY)

    def _block(self, block: Block) -> None:
        if self._pdf.will_page_break(3.4 + 3.2 * bool(block.advice) + 2.9 * len(block.below)):
            self._pdf.add_page()
        self._pdf.set_font("helvetica", "B", 8)
        self._pdf.set_text_color(*_COLOURS.get(block.severity, _GREY))
        self._pdf.cell(_LABEL_MM, 3.4, block.severity)
        self._pdf.set_text_color(*_BLACK)
        self._hung(block.problem, 8, "B")
        if block.advice:
            self._hung(block.advice, 8)
        for quote in block.quotes:
            self._hung(quote, 7.5, "I")
        for text in block.below:
            self._hung(text, 7, colour=_GREY)
        self._pdf.ln(0.8)

    def _listed(self, title: str, texts: Iterable[str], *, bold: bool = False) -> None:
        listed = list(texts)
        if listed:
            self._title(title)
            for text in listed:
                self._text(f"\u2022 {text}", 8, "B" if bold else "")

    def _joined(self, title: str, texts: Iterable[str], size: float) -> None:
        told = " \u2022 ".join(texts)
        if told:
            self._title(title)
            self._text(told, size)

    def _foot(self) -> None:
        report = self._report
        sources = f"Sources and licences: {'; '.join(report.sources)}." if report.sources else ""
        texts = [f"{report.made_from}. {sources}".strip(), *report.notes, report.disclaimer]
        self._title("Sources, and what this is not")
        for text in texts:
            self._text(text, 7, colour=_GREY)
        note = self._letters.note()
        if note:
            self._text(note, 7, "B")

    def _title(self, text: str) -> None:
        self._pdf.ln(1.0)
        if self._pdf.will_page_break(12):
            self._pdf.add_page()
        self._text(text, 9, "B")
        y = self._pdf.get_y()
        self._pdf.line(_MARGIN_MM, y, self._pdf.w - _MARGIN_MM, y)
        self._pdf.ln(0.7)

    def _text(
        self,
        text: str,
        size: float,
        style: str = "",
        *,
        colour: tuple[int, int, int] = _BLACK,
        gap: float = 0.0,
    ) -> None:
        self._pdf.ln(gap)
        self._pdf.set_x(_MARGIN_MM)
        self._written(text, size, style, colour)

    def _hung(
        self, text: str, size: float, style: str = "", *, colour: tuple[int, int, int] = _BLACK
    ) -> None:
        self._pdf.set_x(_MARGIN_MM + _LABEL_MM)
        self._written(text, size, style, colour)

    def _written(self, text: str, size: float, style: str, colour: tuple[int, int, int]) -> None:
        self._pdf.set_font("helvetica", style, size)
        self._pdf.set_text_color(*colour)
        self._pdf.multi_cell(
            0, size * 0.41, self._letters(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
        self._pdf.set_text_color(*_BLACK)


def _of_line(line: Line) -> str:
    told = f" ({line.beside})" if line.beside else ""
    return f"{line.written}{told}{'' if line.is_checked else ' NOT CHECKED'}"
