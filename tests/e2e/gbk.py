"""The GBK repertoire as a strict peer knows it: Python's own codec is the judge."""
import random

#: Every character of the basic plane that Python's gbk codec can encode, but for the surrogates' range and NUL.
REPERTOIRE = "".join(chr(code) for code in range(1, 0x10000)
                     if not 0xD800 <= code < 0xE000 and chr(code).encode("gbk", "ignore"))

#: Two-byte characters only.
WIDE = "".join(character for character in REPERTOIRE if ord(character) > 0x7F)

#: Printable ASCII, and the tab.
NARROW = "\t" + "".join(map(chr, range(0x20, 0x7F)))

#: Every two-byte sequence that Python's gbk codec decodes.
PAIRS = [bytes([lead, trail]) for lead in range(0x81, 0xFF) for trail in range(0x40, 0xFF)
         if bytes([lead, trail]).decode("gbk", "ignore") and len(bytes([lead, trail]).decode("gbk", "ignore")) == 1
         and ord(bytes([lead, trail]).decode("gbk", "ignore")) > 0x7F]

#: A few characters that a strict GBK peer could not decode, whatever we encoded them to.
OUTSIDE = ["€", "ñ", "😀", "𠮷", "한", "¥", "ḿ", "๛", "ﬀ", "\u00a0", "\u0301", "\ue000", "\ufffd", "\U0010ffff"]


def random_text(seed, longest=300):
    """A text of the repertoire, short enough for one recv(1024); the same for the same seed."""
    chance = random.Random(seed)
    mixture = chance.choice([WIDE, NARROW, WIDE + NARROW * 200, REPERTOIRE.replace("\n", "").replace("\r", "")])
    return "".join(chance.choice(mixture) for _ in range(chance.randint(1, longest)))


#: 64 bytes with ASCII, two-byte GBK and four-byte GB18030 characters in every neighbourhood.
MIXED_TEXT = "a你bc好\tñé啊x𠮷y한中文,ö文 z1ñ啊ö2中ñend中文"
MIXED = MIXED_TEXT.encode("gb18030")
