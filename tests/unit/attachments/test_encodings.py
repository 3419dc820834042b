"""Text files in every encoding that people still have: read right, or guessed, said and to be chosen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import attachments
from backend.attachments import UnusableFile, documents, encodings
from backend.attachments.letter_frequencies import ENCODINGS

_GERMAN, _RUSSIAN = "Grüße aus München, schöne Straße", "Имя;Город\nИван;Москва\n"
_JAPANESE, _CZECH = "こんにちは世界。これは日本語のテキストです。", "Příliš žluťoučký kůň úpěl ďábelské ódy"


@pytest.mark.parametrize(
    ("text", "codecs"),
    [
        (_GERMAN, "cp1252 iso8859_15 mac_roman cp850"),
        ("Le garçon a été très élevé à l'école française", "cp1252 iso8859_15"),
        ("El niño comió piñas en España", "cp1252 mac_roman"),
        ("Hallå världen, så är det på ön", "cp1252"),
        ("Smith’s “quoted” café – 5 €", "cp1252"),
        ("Olá, não há informação", "cp1252 cp850"),
        ("Zürich", "cp1252"),
        (_RUSSIAN, "cp1251 koi8_r cp866 iso8859_5 mac_cyrillic"),
        ("Съешь ещё этих мягких французских булок, да выпей чаю", "cp1251 koi8_r cp866 iso8859_5 mac_cyrillic"),
        ("Привет", "cp1251 koi8_r cp866"),
        ("Привіт, це українська мова", "cp1251 koi8_u"),
        (_CZECH, "cp1250 iso8859_2"),
        ("Zażółć gęślą jaźń, święto w Łodzi", "cp1250 iso8859_2"),
        ("Árvíztűrő tükörfúrógép őrült", "cp1250 iso8859_2"),
        ("Καλημέρα κόσμε, αυτό είναι ένα κείμενο στα ελληνικά", "cp1253 iso8859_7"),
        ("Türkçe metin: ığdır şişe çağ İstanbul öğretmen", "cp1254"),
        ("תודה רבה", "cp1255"),
        ("مرحبا بالعالم هذا نص باللغة العربية", "cp1256"),
        ("Lietuvių kalba: ąžuolas, šešėlis, žmogus", "cp1257"),
        ("สวัสดีชาวโลก นี่คือข้อความภาษาไทย", "cp874"),
        (_JAPANESE, "cp932 euc_jp iso2022_jp"),
        ("名前,住所\n山田太郎,東京都千代田区\n", "cp932 euc_jp iso2022_jp"),
        ("你好，世界。这是一个简体中文的文本文件。", "gb18030"),
        ("请查收附件，谢谢", "gb18030"),
        ("你好，世界。這是一個繁體中文的文字檔案。", "big5"),
        ("姓名,城市\n張三,臺北\n", "big5"),
        ("안녕하세요 세계. 이것은 한국어 텍스트입니다.", "cp949"),
    ],
)
def test_an_old_text_file_is_guessed_right(text: str, codecs: str) -> None:
    for codec in codecs.split():
        reading = encodings.read(text.encode(codec))
        assert reading, codec
        assert (reading.text, codec) == (text, codec), reading.encoding
        assert reading.encoding == (reading.choices or (reading.encoding,))[0]


@pytest.mark.parametrize("text", ["Hello\nwörld", "日本語 text\n", "Привет, мир\n"])
@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", *(f"utf-{size}{end}" for size in (16, 32) for end in ("", "-le", "-be"))]
)
def test_unicode_is_read_with_and_without_a_mark_and_needs_no_choice(text: str, codec: str) -> None:
    reading = encodings.read(text.encode(codec))
    assert reading
    assert (reading.text, reading.choices, reading.lost) == (text, (), 0)
    assert reading.encoding.startswith(codec.upper()[:5].removesuffix("-"))


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "cp1251", "mac_cyrillic", "koi8_r"])
def test_the_ends_of_lines_are_those_of_the_web(ends: str, codec: str) -> None:
    found = attachments.read("a.txt", ends.join(("Привет, как дела", "Всё хорошо", "")).encode(codec))
    assert found.media.text == "Привет, как дела\nВсё хорошо\n"


def test_a_guess_is_said_and_can_be_changed_for_another_of_the_choices() -> None:
    found = attachments.read("a.txt", _RUSSIAN.encode("koi8_r"))
    assert found.media.encoding == "KOI8-R (Cyrillic)"
    assert "read as KOI8-R (Cyrillic)" in found.about
    other = attachments.read_as(found, "Windows-1251 (Cyrillic)")
    assert other.media.text == _RUSSIAN.encode("koi8_r").decode("cp1251")
    assert other.media.encoding == "Windows-1251 (Cyrillic)"
    assert attachments.read_as(other, "KOI8-R (Cyrillic)") == found
    assert attachments.read_as(found, "utf-7") == found


def test_every_choice_can_be_read_and_utf_8_is_one() -> None:
    found = attachments.read("a.txt", _GERMAN.encode("cp1252"))
    assert found.guess
    assert encodings.UTF_8 in found.guess.choices
    for choice in found.guess.choices:
        assert attachments.read_as(found, choice).media.encoding == choice


def test_utf_8_that_was_cut_or_has_a_broken_place_stays_utf_8_and_says_so() -> None:
    for data in (_GERMAN.encode()[:-2], _RUSSIAN.encode()[:-2], _RUSSIAN.encode() + b"\xff" + _RUSSIAN.encode()):
        found = attachments.read("a.txt", data)
        assert found.media.encoding == ""
        assert found.guess is None
    assert "1 character of it cannot be read" in attachments.read("a.txt", _RUSSIAN.encode()[:-2]).about


def test_letters_far_down_in_a_large_file_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"plain text, line after line\n" * 40_000 + "Привет, как дела\n".encode("cp1251")
    assert attachments.read("a.log", data).media.encoding == "Windows-1251 (Cyrillic)"
    monkeypatch.setattr(documents, "_BYTES", 1000)
    assert attachments.read("a.log", data).media.encoding == ""  # of what is sent, nothing needs a guess


def test_the_labels_are_all_different_and_known_to_python() -> None:
    labels = [one.label for one in ENCODINGS]
    assert len({*labels}) == len(labels)
    for one in ENCODINGS:
        assert "a".encode(one.codec) == b"a"


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_read_or_refused(data: bytes) -> None:
    reading = encodings.read(data)
    for choice in reading.choices if reading else ():
        encodings.read_as(data, choice)


@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 20, b"\x00" * 40, bytes(range(1, 32)) * 5, b"\x89\x00\x12" * 30]
)
def test_binary_data_is_not_guessed_to_be_text(data: bytes) -> None:
    assert encodings.read(data) is None
    with pytest.raises(UnusableFile):
        attachments.read("a.txt", data)
