"""Letter frequencies of texts in each legacy encoding, to guess the encoding of a file.

The order is rough and incomplete: it has to tell languages apart, not to describe them.
"""

from __future__ import annotations

from typing import NamedTuple


class Encoding(NamedTuple):
    """A Python codec, its display name, and the `common` characters of its texts in lower case.

    `leads`: for two-byte encodings, the first bytes of the everyday characters (level 1 of JIS X 0208 and GB 2312,
    the frequent half of Big5, the syllables of KS X 1001).
    """

    codec: str
    label: str
    common: str
    leads: tuple[int, int] = (0, 0)

    @property
    def two_bytes(self) -> bool:
        return self.leads[1] > 0

    @property
    def is_latin(self) -> bool:
        """Whether its letters mix with ASCII letters in one word."""
        return self.common < "\u0250"


_WESTERN = "éäüöáíóåñçèàßêãâøæúôîìòëïùœõûÿýð"
_CENTRAL = "áíéóěąęłőűżśčřšžýůćńúťďňźäöüđțșăâîôçë"
_RUSSIAN = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґў"
_GREEK = "αοιετσνηυρπκμλςωήδάγίόέχύθβφώξζψϊϋΐΰ"
_TURKISH = "ıüşçğöâîû"
_HEBREW = "יוהלארתבמשנםדקעחפצגטכזסןךףץ"
_ARABIC = "الينمرتوبةسعدفهكقحجشطصخأىضذئغءثزؤظإآپچژگ،؟"
_BALTIC = "āėšīžēųčūįņąęļģķ"
_VIETNAMESE = "àáâăđêôơưíóúùòéèýũĩãõ"
_THAI = "านรกอเงวมยลตสีท่ัดะปบคหิแ้จพชขใไื์ถซโ็ุผำศึฟฉธณภญษ"
_KANA = "のにはをたがでとしるていなもれらこすさりまっかくきアンイスルトーラリクシド、。「」・"
_JAPANESE = _KANA + "日本人大年国会中一上生者時行社名前住所山田東京都字文語新入力出話私学校金円月分合計番号電話世界"
_SIMPLIFIED = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所"
    "然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因只从想实，。：、“”！？"
    "姓名城市北京上海数据文件世界简体字张王李刘陈公司电话地址金额日期"
)
_TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所"
    "然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心本前開但因只從想實，。：、「」！？"
    "姓名城市臺北灣香港數據檔案世界繁體字張王李劉陳公司電話地址金額日期"
)
_KOREAN = (
    "이다는의에을가고한를하지은로기도사서리어시나인자그대과아수일보정해라전스있들으것니안장제부여원구상트면성주만요"
    "오모동들무소비선미연유적습계세히공조우합게치었내분국입것말드했실생당터때위등마신화교물름방방녕"
)

ENCODINGS = (
    Encoding("cp1252", "Windows-1252 (Western European)", _WESTERN),
    Encoding("cp1250", "Windows-1250 (Central European)", _CENTRAL),
    Encoding("cp1251", "Windows-1251 (Cyrillic)", _RUSSIAN),
    Encoding("cp932", "Shift-JIS (Japanese)", _JAPANESE, (0x88, 0x97)),
    Encoding("gb18030", "GB18030 (Simplified Chinese)", _SIMPLIFIED, (0xB0, 0xD7)),
    Encoding("big5hkscs", "Big5 (Traditional Chinese)", _TRADITIONAL, (0xA4, 0xC6)),
    Encoding("cp949", "EUC-KR (Korean)", _KOREAN, (0xB0, 0xC8)),
    Encoding("euc_jp", "EUC-JP (Japanese)", _JAPANESE, (0xB0, 0xCF)),
    Encoding("koi8_r", "KOI8-R (Cyrillic)", _RUSSIAN),
    Encoding("koi8_u", "KOI8-U (Ukrainian)", _RUSSIAN),
    Encoding("cp1253", "Windows-1253 (Greek)", _GREEK),
    Encoding("cp1254", "Windows-1254 (Turkish)", _TURKISH),
    Encoding("cp1255", "Windows-1255 (Hebrew)", _HEBREW),
    Encoding("cp1256", "Windows-1256 (Arabic)", _ARABIC),
    Encoding("cp1257", "Windows-1257 (Baltic)", _BALTIC),
    Encoding("cp1258", "Windows-1258 (Vietnamese)", _VIETNAMESE),
    Encoding("cp874", "Windows-874 (Thai)", _THAI),
    Encoding("iso8859_2", "ISO-8859-2 (Central European)", _CENTRAL),
    Encoding("iso8859_5", "ISO-8859-5 (Cyrillic)", _RUSSIAN),
    Encoding("iso8859_7", "ISO-8859-7 (Greek)", _GREEK),
    Encoding("iso8859_15", "ISO-8859-15 (Western European)", _WESTERN),
    Encoding("mac_roman", "Mac Roman (Western European)", _WESTERN),
    Encoding("mac_cyrillic", "Mac Cyrillic", _RUSSIAN),
    Encoding("cp850", "DOS 850 (Western European)", _WESTERN),
    Encoding("cp852", "DOS 852 (Central European)", _CENTRAL),
    Encoding("cp866", "DOS 866 (Cyrillic)", _RUSSIAN),
)
