"""The bytes and the look of the text decide the encoding; what could not be decoded is said."""

from __future__ import annotations

import pytest

from pipeline.readers.encoding import codec_of, decode_text, utf16_codec

SIMPLIFIED = "二〇二一年政府信息公开工作年度报告，收到申请66件，予以公开12件。"
TRADITIONAL = "二零二一年政府信息公開工作年度報告，收到申請66件，予以公開12件。"


def codes(data: bytes, declared: str | None = None) -> list[str]:
    return [finding.code for finding in decode_text(data, declared=declared).findings]


@pytest.mark.parametrize("declared", [None, "utf-8", "iso-8859-1", "gb2312", "gbk", "big5", "shift_jis", "nonsense"])
@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "big5-hkscs"),
        (TRADITIONAL, "gbk", "gb18030"),
        (TRADITIONAL + "喺嘅咗", "big5hkscs", "big5-hkscs"),
        (SIMPLIFIED + "㐂𠀀", "gb18030", "gb18030"),
        (SIMPLIFIED, "utf-16-le", "utf-16le"),
        (SIMPLIFIED, "utf-16-be", "utf-16be"),
        (SIMPLIFIED, "utf-8-sig", "utf-8"),
        (SIMPLIFIED, "utf-16", "utf-16le"),
        (SIMPLIFIED, "utf-32", "utf-32le"),
        ("Überprüfung der Gebühren für das Jahr – über 12 Anträge", "cp1252", "windows-1252"),
    ],
)
def test_content_decides_whatever_is_declared(text: str, codec: str, name: str, declared: str | None) -> None:
    decoded = decode_text(text.encode(codec), declared=declared)
    assert (decoded.text, decoded.encoding) == (text, name)


@pytest.mark.parametrize(
    ("text", "label", "name"),
    [
        ("行政文書の開示請求について、件数は次のとおりです。", "shift_jis", "shift_jis"),
        ("行政文書の開示請求について、件数は次のとおりです。", "euc-jp", "euc-jp"),
        ("정보공개 청구 처리 현황과 결과", "ks_c_5601-1987", "euc-kr"),
        ("Отчёт о работе за год", "windows-1251", "cp1251"),
    ],
)
def test_other_declared_charsets_are_taken_where_they_read_well(text: str, label: str, name: str) -> None:
    data = text.encode({"ks_c_5601-1987": "cp949"}.get(label, label))
    decoded = decode_text(data, declared=label)
    assert (decoded.text, decoded.encoding, decoded.findings) == (text, name, ())


def test_seven_bit_charset_must_be_declared() -> None:
    data = SIMPLIFIED.replace("〇", "零").encode("hz")
    assert decode_text(data, declared="hz-gb-2312").text == SIMPLIFIED.replace("〇", "零")
    assert decode_text(b"a ~{ b", declared="hz-gb-2312").text == "a ~{ b"


def test_vocabulary_settles_short_text() -> None:
    data = "覆均".encode("big5")
    assert decode_text(data, declared=None).text == "滦А"
    assert decode_text(data, declared=None, vocabulary=("總計", "覆均")).text == "覆均"


@pytest.mark.parametrize("word", ["联通", "息没", "全一", "一項"])
def test_short_gbk_that_is_also_utf8(word: str) -> None:
    assert decode_text(word.encode("gbk"), declared=None).text == word
    assert decode_text(f"<td>{word}</td>".encode("gbk"), declared="utf-8").text == f"<td>{word}</td>"


@pytest.mark.parametrize("word", ["é", "Ω", "café – 12 €", "ж", "a → b", "αβγ", "œufs brûlés", "מים"])
def test_short_utf8_stays_utf8(word: str) -> None:
    decoded = decode_text(word.encode(), declared=None)
    assert (decoded.text, decoded.encoding, decoded.findings) == (word, "utf-8", ())


def test_a_guess_is_said() -> None:
    assert codes(SIMPLIFIED.encode("gbk")) == ["encoding-guessed"]
    assert codes(SIMPLIFIED.encode("gbk"), "utf-8") == ["encoding-guessed"]
    assert codes(SIMPLIFIED.encode("gbk"), "GB2312") == []
    assert codes(SIMPLIFIED.encode(), None) == []
    assert codes(SIMPLIFIED.encode(), "gbk") == ["encoding-guessed"]
    assert codes(b"plain", "gbk") == []


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5", "utf-16-le"])
def test_text_cut_inside_its_last_character(codec: str) -> None:
    text = TRADITIONAL + "完"
    decoded = decode_text(text.encode(codec)[:-1], declared=codec)
    assert decoded.text == TRADITIONAL + "\ufffd"
    assert [finding.code for finding in decoded.findings if finding.code != "encoding-guessed"] == ["undecodable-bytes"]


def test_wrong_byte_in_the_middle_is_shown_and_said() -> None:
    data = SIMPLIFIED.encode() + b"\xff" + SIMPLIFIED.encode()
    decoded = decode_text(data, declared="utf-8")
    assert decoded.text == f"{SIMPLIFIED}\ufffd{SIMPLIFIED}"
    assert [finding.code for finding in decoded.findings] == ["undecodable-bytes"]
    assert "byte 94" in decoded.findings[0].message


def test_latin_declaration_does_not_swallow_a_wrong_byte() -> None:
    # windows-1252 decodes nearly everything strictly, and reads it as rubbish.
    decoded = decode_text(SIMPLIFIED.encode() + b"\xe9 " + SIMPLIFIED.encode(), declared="iso-8859-1")
    assert decoded.encoding == "utf-8"
    assert decoded.text.count(SIMPLIFIED) == 2


def test_control_characters_go_and_are_said() -> None:
    decoded = decode_text(b"a\x00b\x01c\td\r\n\x0ce", declared=None)
    assert decoded.text == "abc\td\r\n\x0ce"
    assert [finding.code for finding in decoded.findings] == ["control-characters"]
    assert "2 control" in decoded.findings[0].message


@pytest.mark.parametrize(("true", "read_as"), [("utf-8", "gb18030"), ("utf-8", "cp1252")])
def test_mojibake_is_told(true: str, read_as: str) -> None:
    broken = (SIMPLIFIED * 3).encode(true).decode(read_as, "replace")
    assert "mojibake" in codes(broken.encode())


@pytest.mark.parametrize("true", ["utf-8", "gbk"])
def test_mojibake_that_lost_nothing_is_undone(true: str) -> None:
    decoded = decode_text((SIMPLIFIED * 3).encode(true).decode("latin-1").encode(), declared=None)
    assert decoded.text == SIMPLIFIED * 3
    assert [finding.code for finding in decoded.findings] == ["mojibake-undone"]


@pytest.mark.parametrize("beside", ["\u4e2d", "\u2603"])
def test_mojibake_with_other_text_in_it_is_left(beside: str) -> None:
    broken = (SIMPLIFIED * 3).encode().decode("latin-1")
    assert decode_text((broken + beside).encode(), declared=None).text == broken + beside


def test_replacement_characters_are_mojibake() -> None:
    assert codes((SIMPLIFIED + "\ufffd\ufffd\ufffd").encode()) == ["mojibake"]


@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL, "Übersicht über die Gebühren", "表１　收费", "…—…—…—…", "é à ç è ù ê î ô"])
def test_right_text_is_no_mojibake(text: str) -> None:
    assert codes(text.encode()) == []


def test_labels() -> None:
    assert codec_of(" 'X-GBK' ") == "gb18030"
    assert codec_of("ISO-8859-2") == "iso8859-2"
    assert [codec_of(label) for label in ("rot13", "utf-7", "idna", "", "x" * 5000, "é")] == [None] * 6


def test_nul_pattern() -> None:
    assert utf16_codec("a|b\n1|2".encode("utf-16-be")) == "utf-16-be"
    assert utf16_codec(b"text with one\x00 and two\x00\x00 NULs in a longer run of bytes") is None


def test_empty() -> None:
    assert decode_text(b"", declared=None).text == ""
