"""What the program reads in East Asian encodings, against Python's codecs: every sequence of one and of two bytes."""
import pytest
import raw

BYTES = [bytes([value]) for value in range(256)]
PAIRS = [first + second for first in BYTES for second in BYTES]


def decoded(codec, data):
    """The character, or None."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None


def is_private(text):
    return 0xE000 <= ord(text) <= 0xF8FF


#: What GB 18030 has since 2005, for which Python still has the private use of 2000.
NEW_IN_2005 = dict(zip(
    map(bytes.fromhex, "a6d9 a6da a6db a6dc a6dd a6de a6df a6ec a6ed a6f3 a8bc fe51 fe52 fe53 fe59 fe61 fe66 fe67 fe6c fe6d fe76 fe7e"
                       " fe90 fe91 fea0".split()),
    "\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19\u1e3f\U00020087\U00020089\U000200cc\u9fb4\u9fb5\u9fb6\u9fb7\U000215d7\u9fb8"
    "\U0002298f\u9fb9\u9fba\U000241fe\u9fbb", strict=True))

#: Reading GBK is tolerant: a lone 80 is the euro sign, and GB 18030's pairs are taken where they are no private use.
BEYOND_GBK = {b"\x80": "€",
              **{pair: text for pair in PAIRS if not decoded("gbk", pair) and (text := decoded("gb18030", pair)) and len(text) == 1
                 and not is_private(text)},
              **NEW_IN_2005}

#: glibc's Big5 has private use where Python's cp950 has ETEN's kana, Cyrillic and signs, or nothing.
PRIVATE_IN_BIG5 = dict(zip([pair for pair in PAIRS
                            if b"\xc6\xa1" <= pair <= b"\xc8\xfe" and (0x40 <= pair[1] <= 0x7E or 0xA1 <= pair[1] <= 0xFE)],
                           map(chr, range(0xF6B1, 0xF849)), strict=True))

#: Python has, as Windows, a control character and private use for the bytes that stand for nothing.
NOTHING_IN_CP932 = {bytes([value]): f"\\x{value:02x}" for value in (0x80, 0xA0, 0xFD, 0xFE, 0xFF)}

#: A sign of 2002, and the filler, which in Python only begins a syllable of eight bytes.
BEYOND_EUC_KR = {b"\xa2\xe8": "\u327e", b"\xa4\xd4": "\u3164"}

#: Encoding: the codec to compare with, and where we differ on purpose.
CODECS = {
    "gbk": ("gbk", BEYOND_GBK),
    "gb2312": ("gbk", BEYOND_GBK),
    "gb18030": ("gb18030", NEW_IN_2005),
    "big5": ("cp950", PRIVATE_IN_BIG5),
    "shift_jis": ("cp932", NOTHING_IN_CP932),
    "euc-jp": ("euc_jp", {}),
    "euc-kr": ("euc_kr", BEYOND_EUC_KR),
}


def expected_text(codec, different, data):
    """A byte that begins no character is `\\xHH`, and what follows it is looked at anew."""
    text = ""
    while data:
        for size in (1, 2):
            character = different.get(data[:size]) or decoded(codec, data[:size])
            if character:
                break
        else:
            size, character = 1, f"\\x{data[0]:02x}"
        text += character
        data = data[size:]
    return text


def texts_of_program(run, encoding, sequences):
    """What it shows for each of them. Each is sent with a line feed behind it, which no character may swallow."""
    with raw.ScriptedServer(lambda sock: sock.sendall(b"".join(sequence + b"\n" for sequence in sequences))) as server:
        result = run("talk", "-e", encoding, "127.0.0.1", server.port)
    assert result.status == 0, result
    lines = result.out.decode().split("\n")
    assert len(lines) == 1 + sum(sequence.count(b"\n") + 1 for sequence in sequences)
    rest = iter(lines)
    return ["\n".join(next(rest) for _ in range(sequence.count(b"\n") + 1)) for sequence in sequences]


@pytest.mark.parametrize("encoding", CODECS)
def test_every_byte_and_every_pair_is_read_as_python_does(run, encoding):
    codec, different = CODECS[encoding]
    sequences = BYTES + PAIRS
    assert [sequence for sequence, text in different.items() if decoded(codec, sequence) == text] == [], "listed and not different"
    shown = texts_of_program(run, encoding, sequences)
    wrong = [(sequence.hex(), text, wanted) for sequence, text in zip(sequences, shown)
             if text != (wanted := expected_text(codec, different, sequence))]
    assert wrong == []
