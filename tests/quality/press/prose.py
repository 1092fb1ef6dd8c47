"""The words around the tables: invented agencies, titles, sections with numbers in them, page chrome."""

from __future__ import annotations

import random
from dataclasses import dataclass

__all__ = ["Prose", "draw_agency", "write_prose"]

_PLACES = (
    "青岚市", "云泽县", "白石区", "临溪市", "汀州湾区", "南屏县", "望川市", "松陵区", "沙坪坳县", "碧湖市",
    "安远桥区", "石臼市", "东篱县", "长汀浦区", "鹿鸣市", "西樵岭县", "玉带河区", "丰泽湖市", "柏林坡县", "梅溪岸区",
)  # fmt: skip
_OFFICES = (
    "档案局", "教育局", "财政局", "水利局", "民政局", "司法局", "卫生健康委员会", "发展和改革委员会", "人力资源和社会保障局",
    "住房和城乡建设局", "交通运输局", "文化和旅游局", "市场监督管理局", "应急管理局", "统计局", "医疗保障局",
    "行政审批服务局", "生态环境局", "人民政府办公室", "城市管理局",
)  # fmt: skip
_OVERVIEW = (
    "{year}年，我单位坚持以公开为常态、不公开为例外，全年主动公开政府信息{a}条，其中通过门户网站公开{b}条，微信公众号推送{c}篇。",
    "全年共收到政府信息公开申请{d}件，均在法定期限内答复，答复率100%，未发生因政府信息公开引起的行政复议纠错{e}件以上的情形。",
    "一是加强组织领导，召开专题会议{e}次，培训{c}人次；二是完善制度，修订《政府信息公开指南》等{e}项制度，规范公文公开属性审查。",
    "政府网站全年访问量{a}万人次，比上年增长12.3%，发布解读材料{c}篇，回应社会关切{e}次。",
    "认真贯彻落实《中华人民共和国政府信息公开条例》第二十条规定，及时公开重大建设项目批准和实施等{e}类信息。",
    "在监督保障方面，接受社会评议{e}次，未收到投诉举报，年内开展自查{e}轮，整改问题{c}个。",
)
_PROBLEMS = (
    "一是公开内容的深度和广度有待进一步拓展；二是政策解读形式较为单一；三是工作人员的业务水平有待提高。",
    "{year}年我单位政府信息公开工作虽取得一定成效，但仍存在信息更新不够及时、栏目设置不够合理等问题。",
    "下一步，我单位将加强业务培训，计划开展培训{e}次以上，进一步提升政府信息公开工作的标准化、规范化水平。",
    "改进情况：针对上年度存在的{e}个问题，已逐项整改到位，完成率98.5%。",
)
_OTHER = (
    "本年度未收取政府信息公开信息处理费，无其他需要报告的事项。",
    "根据《政府信息公开信息处理费管理办法》，{year}年度收取信息处理费0元。",
    "无其他需要报告的事项。",
)


@dataclass(frozen=True, slots=True)
class Prose:
    """Everything that is not a table. `headings` by section key of the form's narrative, in print order."""

    agency: str
    year: int
    title: str
    preamble: tuple[str, ...]
    overview: tuple[str, ...]
    problems: tuple[str, ...]
    other: tuple[str, ...]


def draw_agency(rng: random.Random) -> str:
    """An agency that does not exist."""
    return rng.choice(_PLACES) + rng.choice(_OFFICES)


def write_prose(rng: random.Random, year: int) -> Prose:
    """The prose of one report; its numbers are drawn on their own, some like those of the tables, to tempt a careless reader."""
    agency = draw_agency(rng)
    title = rng.choice((f"{agency}{year}年政府信息公开工作年度报告", f"{year}年{agency}政府信息公开工作年度报告"))

    def fill(lines: tuple[str, ...], count: int) -> tuple[str, ...]:
        numbers = {"year": year, "a": rng.randint(100, 9000), "b": rng.randint(30, 99), "c": rng.randint(5, 90), "d": rng.randint(0, 60)}
        return tuple(line.format(**numbers, e=rng.randint(1, 9)) for line in rng.sample(lines, min(count, len(lines))))

    address = f"{agency[:3]}人民路{rng.randint(1, 999)}号"
    telephone = f"0{rng.randint(100, 999)}-{rng.randint(2000000, 8999999)}"
    preamble = (
        f"本报告根据《中华人民共和国政府信息公开条例》的要求编制。所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。",
        f"如对本报告有疑问，请与{agency}联系（地址：{address}，电话：{telephone}）。",
    )
    return Prose(
        agency=agency,
        year=year,
        title=title,
        preamble=preamble[: rng.randint(1, 2)],
        overview=fill(_OVERVIEW, rng.randint(1, 5)),
        problems=fill(_PROBLEMS, rng.randint(1, 3)),
        other=fill(_OTHER, 1),
    )
