"""The texts of the SDG report, which the SDG pages share."""

from pathlib import Path

from web.language import page_language
from web.texts import Texts
from web.trade_off import TEXTS_FILE

REPORT_TEXTS = Texts(Path(__file__).parent / "report.toml", TEXTS_FILE)


def report_text(key: str, /, **values: object) -> str:
    """One of them, in the language of this page."""
    return REPORT_TEXTS.text(key, page_language(), **values)
