"""Bytes -> text, strictly: the bytes and the look of the text decide, a declared charset is evidence, nothing is replaced in silence."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from pipeline.model.finding import Finding, make_finding

__all__ = ["DecodedText", "codec_of", "decode_text", "utf16_codec"]


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text, the encoding that was used (an IANA name in lower case), and what had to be said about it."""

    text: str
    encoding: str
    findings: tuple[Finding, ...]


# Python's codec for each family of labels. A superset stands for what it contains: pages that say gb2312 hold GBK and GB18030.
_LABELS = {
    "gb18030": "gb18030 gbk x-gbk cp936 936 ms936 windows-936 gb2312 gb_2312 gb_2312-80 gb2312-80 x-gb2312 csgb2312 iso-ir-58 "
    "csiso58gb231280 chinese euc-cn euccn",
    "big5hkscs": "big5 big5-hkscs big5hkscs big5-eten cn-big5 csbig5 x-x-big5 x-big5 cp950 950 ms950 windows-950",
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8 utf-8-sig utf8mb4",
    "cp1252": "iso-8859-1 iso8859-1 iso88591 iso_8859-1 latin1 latin-1 l1 cp819 windows-1252 cp1252 x-cp1252 ansi ascii us-ascii "
    "ansi_x3.4-1968",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji csshiftjis windows-31j ms932 cp932",
    "euc_jp": "euc-jp euc_jp eucjp x-euc-jp cseucpkdfmtjapanese",
    "cp949": "euc-kr euc_kr euckr ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean cseuckr windows-949 cp949 ms949 uhc",
    "cp874": "windows-874 tis-620 tis620 iso-8859-11 cp874 dos-874",
    "cp1254": "windows-1254 iso-8859-9 latin5 l5 cp1254",
    "hz": "hz hz-gb-2312 hzgb",
    "iso2022_jp": "iso-2022-jp csiso2022jp",
    "iso2022_kr": "iso-2022-kr csiso2022kr",
}
_CODEC_OF_LABEL = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}
_NAMES = {
    "big5hkscs": "big5-hkscs",
    "cp1252": "windows-1252",
    "cp932": "shift_jis",
    "euc_jp": "euc-jp",
    "cp949": "euc-kr",
    "cp874": "windows-874",
    "cp1254": "windows-1254",
    "hz": "hz-gb-2312",
    "iso2022_jp": "iso-2022-jp",
    "iso2022_kr": "iso-2022-kr",
    "utf-16-le": "utf-16le",
    "utf-16-be": "utf-16be",
    "utf-32-le": "utf-32le",
    "utf-32-be": "utf-32be",
}
# Other charsets that a page may declare. Python's registry also knows codecs that are no charsets (rot13, idna, utf-7), hence the list.
_OTHER_CHARSET = re.compile(r"iso8859-1?\d|cp125\d|cp8\d\d|koi8-[rtu]|kz1048|mac-[a-z]+|johab|tis-620")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark starts with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SEVEN_BIT = {"hz": b"~{", "iso2022_jp": b"\x1b", "iso2022_kr": b"\x1b"}
_LONGEST_CHARACTER = 4  # bytes, in every encoding here

_CONTROL_BYTES = bytes(sorted({*range(9), 0x0B, *range(0x0E, 0x20)}))
_CONTROLS = tuple(map(chr, _CONTROL_BYTES))
_CONTROL_TABLE = dict.fromkeys(_CONTROL_BYTES)

_SAMPLE_CHARS = 600  # non-ASCII characters that are judged
_SAMPLE_SPAN = 200_000  # characters of the text in which they are looked for
_NON_ASCII = re.compile(r"[^\x00-\x7f]+")
_PLAUSIBLE = 0.25  # a reading below this score is not believed while another is left to try
_CERTAIN = 0.8  # a reading of a long enough text above this score needs no rival

# Frequent characters of running Chinese, both scripts.
_FREQUENT = frozenset(
    # by code point from the last to the first, so that no word is spelled
    "點高體额项類題項頁面零附间问门關間開門长長金量重里都部邮那還道過進进这还过辦转轉較身起走资费購資費財请说话设许计議證請說"
    "話許設訊計规见規要西製裡被表行號處萬與至自能聽聲联而者老義美罰罚编给结经织组级織總縣網經給組級約系管答等第章種科种社研知"
    "督着真看相監益的發电申由用產生理現现然無為点準海济注法況没沒求水氣气民比此正次權檔機樣標構業條案格根样标查构東来机本期服"
    "有月會最書時是明时日无方新文數数教政收據採据指报投把打手所我成應意想情息总性心復從得後律很当强強开建度府应序幾并年平市已"
    "己工山局就少小導對專將将对審實家实定學学季子如好她女头太天大多外复备处声增報址地在國国因回四單問商員和员告听向后名同合可"
    "只口受发又县去却单十區区北化務動动务加办力前制到分出几况军再内其关共六公八兩全內入兒先元儿們個信便例來使你作位但会企价件"
    "们以代他从什人产些五于二事予了也九之么主为中个並两东业世与不下上三万七一〇"
)
_PUNCTUATION = frozenset("，。、：；？！（）《》“”‘’〈〉【】「」『』—…％＋－０１２３４５６７８９　·")


def decode_text(data: bytes, *, declared: str | None, vocabulary: Sequence[str] = ()) -> DecodedText:
    """Decode `data`. Never fails: what fits no encoding is shown as U+FFFD and said in a finding.

    A byte order mark is believed first, then strict UTF-8, then the pattern of NUL bytes that UTF-16 leaves; then every candidate that
    decodes strictly is judged by its text: the words of `vocabulary` in it, and how many of its characters are frequent ones.
    `declared` (a charset label of any spelling, or None) joins the candidates, and wins only where it looks no worse.
    """
    wanted = codec_of(declared)
    codec, text, findings = _decode(data, wanted, vocabulary)
    if text.startswith("\ufeff"):
        text = text[1:]
    text = _drop_controls(data, codec, text, findings)
    _check_mojibake(text, findings)
    if findings and findings[-1].code == "mojibake":
        undone = _undo(text)
        if undone is not None:
            text, true = undone
            findings[-1] = make_finding(
                "mojibake-undone", f"the text is {true} that was read as windows-1252 before it reached us; that was undone"
            )
    return DecodedText(text, _NAMES.get(codec, codec), tuple(findings))


def codec_of(label: str | None) -> str | None:
    """Python's codec for a charset label as pages spell it, or None where the label names no charset."""
    if not label:
        return None
    name = label.strip().strip("\"'").lower()
    known = _CODEC_OF_LABEL.get(name)
    if known is not None or len(name) > 30 or not name.isascii():
        return known
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return found if _OTHER_CHARSET.fullmatch(found) else None


def utf16_codec(data: bytes) -> str | None:
    """The UTF-16 codec that the positions of NUL bytes speak for, or None. Looks at the first bytes only."""
    sample = data[:4096]
    if sample.count(b"\0") < 2 and not (len(sample) < 8 and b"\0" in sample):
        return None
    even = sample[0::2].count(b"\0")
    odd = sample[1::2].count(b"\0")
    units = (len(sample) + 1) // 2
    if odd * 50 >= units and even * 10 <= odd:
        return "utf-16-le"
    if even * 50 >= units and odd * 10 <= even:
        return "utf-16-be"
    return None


def _decode(data: bytes, wanted: str | None, vocabulary: Sequence[str]) -> tuple[str, str, list[Finding]]:
    """Codec, text, findings."""
    for mark, codec in _BOMS:
        if data.startswith(mark):
            text = _strict(data[len(mark) :], codec)
            if text is not None:
                return codec, text, _cut_findings(text, data, codec)
            if codec != "utf-8":
                return _replaced(data[len(mark) :], codec)
            data = data[len(mark) :]  # a mark that somebody put before other bytes: judge those
            break
    wide = utf16_codec(data)
    if wide is not None:
        text = _strict(data, wide)
        if text is not None and (_score(text, vocabulary) >= _PLAUSIBLE or _is_plain(text)):
            return wide, text, [_guessed(wide, wanted), *_cut_findings(text, data, wide)]
    seven = _SEVEN_BIT.get(wanted or "")
    if wanted is not None and seven is not None and seven in data:
        text = _strict(data, wanted)
        if text is not None:
            return wanted, text, _cut_findings(text, data, wanted)
    text = _strict(data, "utf-8")
    if text is not None and not _is_doubtful(text):
        findings = _cut_findings(text, data, "utf-8")
        if wanted not in (None, "utf-8") and not data.isascii():
            findings.append(_guessed("utf-8", wanted))
        return "utf-8", text, findings
    return _judge(data, wanted, vocabulary)


def _is_doubtful(text: str) -> bool:
    """Whether strict UTF-8 proves nothing: a word of two GBK characters can be UTF-8 too, and then mixes scripts or is cut off."""
    runs = _sample(text, 9)
    if not runs or sum(map(len, runs)) >= 9:
        return False
    return text.endswith("\ufffd") or any(len({max(1, ord(char) >> 8) for char in run if char < "\u0800"}) > 1 for run in runs)


def _judge(data: bytes, wanted: str | None, vocabulary: Sequence[str]) -> tuple[str, str, list[Finding]]:
    """Choose among the encodings by how their texts look."""
    readings: list[tuple[float, str, str]] = []

    def consider(codec: str) -> None:
        text = _strict(data, codec)
        if text is not None:
            # The declaration breaks ties, and a little more: the score of a short text is a coarse measure.
            readings.append((_score(text, vocabulary) + (0.1 if codec == wanted else 0.0), codec, text))

    consider("utf-8")  # only where it was doubtful
    if wanted is not None and wanted not in ("utf-8", "gb18030", "big5hkscs", *_SEVEN_BIT):
        consider(wanted)
    consider("gb18030")
    if not (readings and readings[-1][0] >= _CERTAIN and len(data) >= 400):
        consider("big5hkscs")
    if len(data.translate(None, _CONTROL_BYTES)) != len(data):
        consider("utf-16-le")
        consider("utf-16-be")
    if max((score for score, _, _ in readings), default=0.0) < _PLAUSIBLE:
        for codec in ("cp932", "euc_jp", "cp949", "cp1252"):
            if codec != wanted:
                consider(codec)
    best = max(readings, key=lambda reading: reading[0], default=None)
    if best is None or best[0] < _PLAUSIBLE:
        damaged = _best_damaged(data, wanted, vocabulary)
        if best is None or damaged[0] > best[0]:
            return _replaced(data, damaged[1], wanted)
    _, codec, text = best
    findings = _cut_findings(text, data, codec)
    if codec != wanted and (codec != "utf-8" or wanted is not None):
        findings.append(_guessed(codec, wanted))
    return codec, text, findings


def _best_damaged(data: bytes, wanted: str | None, vocabulary: Sequence[str]) -> tuple[float, str]:
    """The encoding under which a text that fits none looks best, and how good."""
    codecs_to_try = ["utf-8", "gb18030", "big5hkscs"]
    if wanted is not None and wanted not in (*codecs_to_try, *_SEVEN_BIT):
        codecs_to_try.append(wanted)
    part = data[: 2 * _SAMPLE_SPAN]
    scored = []
    for codec in codecs_to_try:
        text = part.decode(codec, "replace")
        share = text.count("\ufffd") / max(1, len(_NON_ASCII.sub("", text)) + 1 if text.isascii() else _non_ascii_count(text))
        scored.append((_score(text, vocabulary) - 2.0 * share + (0.1 if codec == wanted else 0.0), codec))
    return max(scored, key=lambda pair: pair[0])


def _strict(data: bytes, codec: str) -> str | None:
    """The text, or None. Data that stops inside its last character still counts: the rest of it becomes one U+FFFD."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        start = error.start
        if start < len(data) - (_LONGEST_CHARACTER - 1) or start == 0 or not _stops_early(data[start:], codec):
            return None
    try:
        return data[:start].decode(codec) + "\ufffd"
    except UnicodeDecodeError:
        return None


def _stops_early(tail: bytes, codec: str) -> bool:
    """Whether `tail` is the start of a character rather than a wrong byte."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        return decoder.decode(tail, final=False) == ""
    except UnicodeDecodeError:
        return False


def _replaced(data: bytes, codec: str, wanted: str | None = None) -> tuple[str, str, list[Finding]]:
    text = data.decode(codec, "replace")
    name = _NAMES.get(codec, codec)
    try:
        data.decode(codec)
        offset = len(data)
    except UnicodeDecodeError as error:
        offset = error.start
    count = text.count("\ufffd")
    findings = [
        make_finding("undecodable-bytes", f"{count} places fit no encoding (read as {name}), the first at byte {offset}; shown as U+FFFD")
    ]
    if codec != wanted and codec != "utf-8":
        findings.append(_guessed(codec, wanted))
    return codec, text, findings


def _cut_findings(text: str, data: bytes, codec: str) -> list[Finding]:
    """What to say of a text that `_strict` gave: whether the data ended inside a character."""
    if not text.endswith("\ufffd") or _ends_so(data, codec):
        return []
    return [make_finding("undecodable-bytes", "the data ends in the middle of a character, shown as U+FFFD; the source may be cut off")]


def _ends_so(data: bytes, codec: str) -> bool:
    """Whether the data itself holds U+FFFD at its end."""
    try:
        return data.endswith("\ufffd".encode(codec))
    except UnicodeEncodeError:
        return False


def _guessed(codec: str, wanted: str | None) -> Finding:
    name = _NAMES.get(codec, codec)
    if wanted is None:
        return make_finding("encoding-guessed", f"no encoding is declared; read as {name}")
    return make_finding("encoding-guessed", f"declared as {_NAMES.get(wanted, wanted)}, read as {name}")


# ---- how a text looks -------------------------------------------------------------------------------------------------------


@cache
def _level_one() -> frozenset[str]:
    """The characters that the two national standards count as common: GB 2312 level 1 (3755) and Big5 level 1 (5401)."""
    simplified = bytes(byte for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF) for byte in (lead, trail))
    trails = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    traditional = bytes(byte for lead in range(0xA4, 0xC7) for trail in trails for byte in (lead, trail))
    return frozenset(simplified.decode("gb2312", "ignore")) | frozenset(traditional.decode("big5", "ignore"))


class _Weights(dict[str, float]):
    """What one character says for the reading it stands in, worked out when it is first met."""

    def __missing__(self, char: str) -> float:
        weight = self[char] = _weight(char)
        return weight


_WEIGHTS = _Weights()


def _weight(char: str) -> float:
    code = ord(char)
    if char in _FREQUENT:
        return 1.2
    if char in _PUNCTUATION:
        return 0.7
    if 0x4E00 <= code <= 0x9FFF:
        return 0.4 if char in _level_one() else -0.8
    if 0xAC00 <= code <= 0xD7A3:
        return 0.7  # Hangul; its bytes read as GBK are common characters of no meaning, 0.4 and a little
    if 0x3041 <= code <= 0x30FF or 0x0391 <= code <= 0x0481 or 0x05D0 <= code <= 0x0E7F:
        return 0.5  # kana, Greek, Cyrillic, Hebrew to Thai
    if 0x2010 <= code <= 0x27BF or 0x3000 <= code <= 0x33FF or 0xFF01 <= code <= 0xFF5E or 0xA0 <= code < 0x250:
        return 0.2  # typography, symbols, box drawing, full width
    return -2.0  # private use, C1 controls, half-width katakana, U+FFFD, planes above


def _sample(text: str, most: int = _SAMPLE_CHARS) -> list[str]:
    """Runs of non-ASCII characters, `most` characters at most: from the start, and of a long text from its middle too."""
    runs: list[str] = []
    starts = (0, len(text) // 2) if len(text) > 2 * _SAMPLE_SPAN else (0,)
    for start in starts:
        room = most // len(starts)
        for match in _NON_ASCII.finditer(text, start, start + _SAMPLE_SPAN):
            run = match.group()[:room]
            runs.append(run)
            room -= len(run)
            if room <= 0:
                break
    return runs


def _score(text: str, vocabulary: Sequence[str]) -> float:
    """How much the text looks like one that somebody wrote: about 1 for a right reading, mostly below 0.25 for a wrong one."""
    runs = _sample(text)
    if not runs:
        return 0.0
    characters = "".join(runs)
    if sum(map(_is_latin, characters)) * 2 > len(characters):
        score = _latin_score(runs)
    else:
        score = sum(map(_WEIGHTS.__getitem__, characters)) / len(characters)
    head = text[:_SAMPLE_SPAN]
    if vocabulary:
        score += 0.5 * sum(1 for _ in islice((word for word in vocabulary if not word.isascii() and word in head), 6))
    if any(control in head for control in _CONTROLS):
        score -= 0.5  # what reads as Latin or Chinese with control characters between is UTF-16, more often than not
    return score


def _is_latin(char: str) -> bool:
    return char < "\u0250"


def _latin_score(runs: list[str]) -> float:
    """Accented letters stand alone among ASCII ones; bytes of another encoding that were read as Latin stand in runs."""
    letters = sum(len(run) for run in runs)
    alone = sum(1 for run in runs if len(run) == 1 and (run.isalpha() or run in "\xa0–—‘’“”«»…€£©®°·²³%‰½¼¾ºª•™§¿¡´"))
    return alone / letters


def _non_ascii_count(text: str) -> int:
    return max(1, sum(len(match.group()) for match in _NON_ASCII.finditer(text)))


def _is_plain(text: str) -> bool:
    """Whether a text without characters to judge (ASCII once decoded) is free of controls."""
    return text.isascii() and "\0" not in text


# ---- what is wrong with a text ------------------------------------------------------------------------------------------------


def _drop_controls(data: bytes, codec: str, text: str, findings: list[Finding]) -> str:
    """The text without NUL and C0 controls (tab, newline, form feed and carriage return stay), and a finding if there were any."""
    if codec.startswith("utf-") and codec != "utf-8":
        dirty = any(control in text for control in _CONTROLS)
    else:
        dirty = len(data.translate(None, _CONTROL_BYTES)) != len(data)
    if not dirty:
        return text
    clean = text.translate(_CONTROL_TABLE)
    if len(clean) != len(text):
        findings.append(make_finding("control-characters", f"{len(text) - len(clean)} control characters were dropped"))
    return clean


def _check_mojibake(text: str, findings: list[Finding]) -> None:
    """Say so where the text was decoded wrongly before it reached us. `_undo` repairs what lost nothing."""
    if text.isascii():
        return
    if not any(finding.code == "undecodable-bytes" for finding in findings):
        count = text.count("\ufffd")
        if count >= 3 or count * 200 > len(text):
            findings.append(make_finding("mojibake", f"the text holds {count} replacement characters (U+FFFD)"))
            return
    told = _told_mojibake("".join(_sample(text, 200)))
    if told is not None:
        findings.append(make_finding("mojibake", f"the text looks like {told[0]} that was read as {told[1]} before it reached us"))


def _undo(text: str) -> tuple[str, str] | None:
    """(text, true encoding) where each character goes back to the byte it was, and all the bytes decode strictly: then no other text is possible
    that would look well."""
    told = _told_mojibake("".join(_sample(text, 200)))
    if told is None or told[1] != "windows-1252":
        return None
    raw = [_latin_byte(char) for char in text]
    try:
        return (b"".join(raw).decode(told[0]), told[0]) if all(raw) else None
    except UnicodeDecodeError:
        return None


def _told_mojibake(sample: str) -> tuple[str, str] | None:
    """(true encoding, the one it was read as), found by undoing the mistake on a sample of non-ASCII characters."""
    if len(sample) < 6:
        return None
    if len(sample.encode("cp1252", "ignore")) * 2 >= len(sample):
        raw = b"".join(_latin_byte(char) for char in sample)
        for codec in ("utf-8", "gb18030"):
            if _undone_well(raw.decode(codec, "replace"), len(raw)):
                return codec, "windows-1252"
        return None
    if _undone_well(sample.encode("gb18030", "ignore").decode("utf-8", "replace"), len(sample)):
        return "utf-8", "gb18030"
    return None


def _latin_byte(char: str) -> bytes:
    try:
        return char.encode("cp1252")
    except UnicodeEncodeError:
        return bytes([ord(char)]) if ord(char) < 0x100 else b""


def _undone_well(text: str, length: int) -> bool:
    """Whether undoing gave Chinese: mostly common Han characters, few replacements."""
    if len(text) * 4 < length or text.count("\ufffd") * 4 > len(text):
        return False
    level_one = _level_one()
    good = sum(1 for char in text if char in level_one or char in _PUNCTUATION)
    return good * 4 >= len(text) * 3
