"""What text that is not UTF-8 may be: planners' files come in the encodings of older programs."""

import codecs
import re

_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def guess_encoding(data: bytes) -> str | None:
    """The encoding that bytes which are not UTF-8 look like, or None."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in data:
        return "UTF-16"
    best, most = None, 0
    for label, codec in (("Shift_JIS", "cp932"), ("EUC-JP", "euc_jp")):
        try:
            count = len(_JAPANESE.findall(data.decode(codec)))
        except UnicodeDecodeError:
            continue
        if count > most:
            best, most = label, count
    return best
