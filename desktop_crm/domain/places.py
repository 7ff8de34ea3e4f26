"""Chinese places written in one text, taken apart by how they are written: 江苏省苏州市虎丘区长江路1号.

Provinces are a closed list; below them the names end as places of their rank do (宪法 第三十条: 省 – 市、自治州 – 县、区、旗). A text that ends
without such a sign, as 江苏苏州, is taken for the next rank down as long as it is short and no street.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

MUNICIPALITIES: Final = ("北京", "上海", "天津", "重庆")
_PROVINCES: Final = (
    "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西",
    "甘肃", "青海", "台湾", "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
)  # fmt: skip
_PROVINCE: Final = re.compile(
    rf"(?P<name>{'|'.join((*MUNICIPALITIES, *_PROVINCES))})(?P<sign>省|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|市)?"
)
_CITY: Final = re.compile(r".{2,9}?(?:自治州|地区|盟(?!旗)|市)")
_DISTRICT: Final = re.compile(r".{1,14}?(?:自治县|自治旗|林区|特区|新区|园区|开发区|县|区|市|旗)(?![区县市旗])")
_BARE: Final = re.compile(r"[㐀-鿿]{2,4}")
_STREET: Final = re.compile(r"[路街弄号楼室厦幢栋]")
_SHORT: Final = 4
"""Characters up to which a name is a place's own even with such a sign in it, as 路南区 and 肥乡区."""
_GAPS: Final = re.compile(r"[\s,，、/\\|\-－—>·]+")
_NOT_A_CITY: Final = ("自治区直辖县级行政区划", "省直辖县级行政区划", "直辖县级", "市辖区")


class Place(NamedTuple):
    """A place by its ranks, each as it was written, "" where it isn't named; `rest` is what follows."""

    province: str = ""
    city: str = ""
    district: str = ""
    rest: str = ""


def split_place(text: str) -> Place:
    """Take a place apart; a text that begins with none is all `rest`."""
    left = text.strip().removeprefix("中国").strip()
    found = _PROVINCE.match(left)
    province = city = district = ""
    if found:
        province, left = found.group(), _gap(left[found.end() :])
        if found["name"] in MUNICIPALITIES:
            again = re.match(rf"{found['name']}市?", left)
            city, left = (again.group(), _gap(left[again.end() :])) if again else (province, left)
            left = _gap(left.removeprefix("市辖区"))
            if left.startswith("县") and len(left) > 1:
                left = left[1:]
    if not city:
        for name in _NOT_A_CITY:
            left = left.removeprefix(name)
        city, left = _taken(_CITY, left)
        if not city and found:
            city, left = _bare(left)
    if province or city:
        # A new district may carry its city's name: 秦皇岛市经济技术开发区.
        own = city if city and left.startswith(city) else ""
        district, left = _taken(_DISTRICT, left.removeprefix(own))
        district = own + district
        if not district:
            district, left = _bare(left)
    return Place(province, city, district, left)


def _gap(text: str) -> str:
    found = _GAPS.match(text)
    return text[found.end() :] if found else text


def _taken(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """Return the beginning of a text that is a place and what follows; a street's name is none, nor what stands behind a gap."""
    found = pattern.match(text)
    if found is None or _GAPS.search(found.group()) or (len(found.group()) > _SHORT and _STREET.search(found.group())):
        return "", text
    return found.group(), _gap(text[found.end() :])


def _bare(text: str) -> tuple[str, str]:
    """Return a short name without a sign up to a gap, as 苏州 in 江苏苏州."""
    head = _GAPS.split(text, maxsplit=1)[0]
    return (head, _gap(text[len(head) :])) if _BARE.fullmatch(head) and not _STREET.search(head) else ("", text)
