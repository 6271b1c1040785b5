"""Owns every word that fundsim shows to a user, in English and Chinese.

A label is named by a dotted key, `group.name`; the groups are the sections of the catalogue below. What a
user names himself (vehicles, sectors, stages, boards) carries its own title in the scenario and is not
here.
"""

from __future__ import annotations

import math
import re
from difflib import get_close_matches
from typing import NamedTuple

from fundsim.words.calibration import CALIBRATION
from fundsim.words.command_line import COMMAND_LINE
from fundsim.words.events import EVENTS
from fundsim.words.figures import FIGURES
from fundsim.words.numbers import NOTHING, amount
from fundsim.words.property import PROPERTY
from fundsim.words.report import QUESTIONS, REPORT
from fundsim.words.story import STORY

LANGUAGES = ("en", "zh")
_SCALES = ((1e9, " billion"), (1e6, " million"))


class Label(NamedTuple):
    """One label in both languages; both have the same {placeholders}."""

    en: str
    zh: str


_ONE = re.compile(
    r"(?<![\d.,–])(?<!\+ )\b(1 (?:idle |planned |outside "
    r")?(?:deal|investor|path|period|problem|vehicle|year))s\b"
)
"""One of what labels count, in English, with the s that it must lose."""


def label(key: str, lang: str = "en", /, **values: object) -> str:
    """The label named `key` in language `lang`, its placeholders filled with `values`.

    Parameters
    ----------
    key : str
        `group.name`, such as `measure.net_irr`.
    lang : {"en", "zh"}
        The language.
    **values
        One value for each {placeholder}, already formatted or formattable as the label says.

    Raises
    ------
    KeyError
        If no label has this key, if `lang` is not a language, or if a placeholder has no value.
    """
    if lang not in LANGUAGES:
        raise KeyError(f"no language {lang!r}; there are {', '.join(LANGUAGES)}")
    if key not in LABELS:
        near = get_close_matches(key, LABELS, n=1)
        raise KeyError(f"no label {key!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    text: str = getattr(LABELS[key], lang)
    if "{" not in text:
        return text
    return _ONE.sub(r"\1", text.format(**values)) if lang == "en" else text.format(**values)


def names(group: str) -> tuple[str, ...]:
    """The names in a group, in the order of the catalogue; `names("measure")` starts with `net_irr`.

    Raises
    ------
    KeyError
        If there is no such group.
    """
    found = tuple(key.removeprefix(f"{group}.") for key in LABELS if key.startswith(f"{group}."))
    if not found:
        raise KeyError(f"no group of labels {group!r}")
    return found


def group(name: str, lang: str = "en", /) -> dict[str, str]:
    """Name → label of a group without placeholders, to rename the columns or rows of a table."""
    return {entry: label(f"{name}.{entry}", lang) for entry in names(name)}


def unit_label(code: str, unit: float, lang: str = "en", /) -> str:
    """The unit of amounts, such as `CNY 100 million` or `亿元`,
    for a currency's code and a scenario's unit.
    """
    currency = label(f"currency.{code}", lang) if f"currency.{code}" in LABELS else code
    key = f"unit.{unit:.0f}"
    return label(key if key in LABELS else "unit.other", lang, currency=currency, unit=f"{unit:,g}")


def money(value: float, code: str, unit: float, lang: str = "en", /) -> str:
    """An amount of `value` units with its currency, such as `CNY 2.80 billion` or `28.00亿元`."""
    if lang == "zh" or not math.isfinite(value):
        return f"{amount(value)}{unit_label(code, unit, lang)}" if math.isfinite(value) else NOTHING
    size = abs(value) * unit
    scale, name = next(((s, n) for s, n in _SCALES if size >= s), (1.0, ""))
    return (
        f"{label(f'currency.{code}', lang) if f'currency.{code}' in LABELS else code} "
        f"{amount(value * unit / scale)}{name}"
    )


_MEASURES = {
    "measure.net_irr": ("Net IRR", "净内部收益率"),
    "measure.gross_irr": ("Gross IRR", "毛内部收益率"),
    "measure.tvpi": ("TVPI", "总值倍数 TVPI"),
    "measure.dpi": ("DPI", "分配倍数 DPI"),
    "measure.rvpi": ("RVPI", "余值倍数 RVPI"),
    "measure.paid_in_share": ("Paid-in share", "实缴比例"),
    "measure.payback_years": ("Payback (years)", "回本年限（年）"),
    "measure.deepest_call": ("Deepest net call / commitment", "最大累计净出资/认缴"),
    "measure.loss": ("Loss (TVPI < 1)", "亏损（TVPI < 1）"),
    "measure.ks_pme": ("KS-PME", "公开市场等价 KS-PME"),
    "measure.direct_alpha": ("Direct Alpha", "直接阿尔法"),
    "measure_note.net_irr": (
        "annual return on the investor's own cash flows, after fees and carry, the last NAV counted as cash",
        "投资人自身现金流的年化收益率，已扣管理费与业绩报酬，期末净值视同现金",
    ),
    "measure_note.gross_irr": (
        "annual return of the vehicle on its holdings, before its own fees and carry",
        "基金对所投资产的年化收益率，未扣本级管理费与业绩报酬",
    ),
    "measure_note.tvpi": ("(distributions + NAV) / contributions", "（累计分配＋净值）÷ 累计实缴"),
    "measure_note.dpi": ("distributions / contributions", "累计分配 ÷ 累计实缴"),
    "measure_note.rvpi": ("NAV / contributions", "净值 ÷ 累计实缴"),
    "measure_note.paid_in_share": ("contributions / commitment", "累计实缴 ÷ 认缴"),
    "measure_note.payback_years": (
        "years until cumulative distributions first reach cumulative contributions",
        "累计分配首次达到累计实缴所需年数",
    ),
    "measure_note.deepest_call": (
        "largest excess of contributions over distributions so far, as a share of the commitment",
        "历史上累计实缴超过累计分配的最大差额占认缴的比例",
    ),
    "measure_note.loss": (
        "share of paths that end with less than was paid in",
        "期末总值低于实缴的路径占比",
    ),
    "measure_note.ks_pme": (
        "distributions and NAV over contributions, both grown with the index; above 1 beats it",
        "分配与净值之和除以实缴，均按指数复利至期末；大于 1 即跑赢指数",
    ),
    "measure_note.direct_alpha": (
        "annual return in excess of the index, on flows divided by the index",
        "以指数折算现金流后的年化超额收益率",
    ),
}

_LEVERAGE = {
    "leverage.mother_multiple": ("Mother-fund multiple", "母基金层放大倍数"),
    "leverage.sub_fund_multiple": ("Sub-fund multiple", "子基金层放大倍数"),
    "leverage.combined_multiple": ("Combined multiple, looked through", "穿透综合放大倍数"),
    "leverage.social_multiple": ("Social-capital multiple", "社会资本撬动倍数"),
    "leverage.social_share": ("Social share", "社会资本占比"),
    "leverage.invested_multiple": ("Invested multiple", "投资放大倍数"),
    "leverage.invested_with_co_investors": (
        "Invested multiple with co-investors",
        "投资放大倍数（含同轮投资人）",
    ),
    "leverage.landing_multiple": ("Landing multiple", "返投倍数"),
    "leverage_note.mother_multiple": (
        "mother-fund size / fiscal (or government) money in it",
        "母基金规模 ÷ 其中财政（或政府）出资",
    ),
    "leverage_note.sub_fund_multiple": (
        "sum of sub-fund sizes / sum of the mother fund's stakes in them",
        "子基金规模合计 ÷ 母基金出资合计",
    ),
    "leverage_note.combined_multiple": (
        "(sub-fund sizes + mother's direct deals) / (fiscal money × share of the mother fund so used)",
        "（子基金规模合计＋母基金直投）÷（财政出资 × 母基金已投用比例）",
    ),
    "leverage_note.social_multiple": (
        "(sub-fund sizes − government money) / government money, so it is the total multiple minus 1",
        "（子基金规模合计－政府出资）÷ 政府出资，即总倍数减 1",
    ),
    "leverage_note.social_share": (
        "1 − government money / sub-fund sizes",
        "1 － 政府出资 ÷ 子基金规模合计",
    ),
    "leverage_note.invested_multiple": (
        "invested in enterprises by the cluster / fiscal money paid in",
        "基金群投向企业的金额 ÷ 财政实缴",
    ),
    "leverage_note.invested_with_co_investors": (
        "all money of the rounds the cluster took part in, each round once / fiscal money paid in",
        "基金群参与轮次的全部融资额（每轮只计一次）÷ 财政实缴",
    ),
    "leverage_note.landing_multiple": (
        "credited investment in the park / guidance money paid in to that vehicle",
        "认定返投金额 ÷ 引导基金对该基金实缴",
    ),
    "basis.commitment": ("commitments", "认缴口径"),
    "basis.paid_in": ("paid in", "实缴口径"),
    "basis.invested": ("invested", "投资口径"),
    "money.fiscal": ("fiscal money", "财政资金"),
    "money.government": ("all government money", "全部政府资金"),
}

_KINDS = {
    "vehicle_kind.mother": ("mother fund", "母基金"),
    "vehicle_kind.sub_fund": ("sub-fund", "子基金"),
    "vehicle_kind.direct": ("direct investment", "直投基金"),
    "vehicle_kind.co_investment": ("co-investment vehicle", "跟投基金"),
    "vehicle_kind.property": ("property vehicle", "不动产基金"),
    "strategy.seed": ("seed", "种子"),
    "strategy.angel": ("angel", "天使"),
    "strategy.vc": ("venture capital", "创业投资"),
    "strategy.pe": ("private equity", "私募股权"),
    "strategy.industry": ("industry", "产业"),
    "strategy.property": ("property", "不动产"),
    "strategy.mixed": ("mixed", "综合"),
    "investor_kind.fiscal": ("fiscal", "财政出资人"),
    "investor_kind.state": ("state platform", "国资平台"),
    "investor_kind.social": ("social", "社会资本"),
    "investor_kind.general_partner": ("general partner", "普通合伙人"),
    "investor_kind.vehicle": ("parent fund", "上级基金"),
    "investor.all": ("all", "合计"),
    "channel.listing": ("listing", "上市"),
    "channel.merger": ("merger", "并购"),
    "channel.transfer": ("transfer", "转让"),
    "channel.buyback": ("buyback", "回购"),
    "channel.write_off": ("write-off", "核销"),
    "channel.term_sale": ("sale at term", "到期处置"),
    "channel.pool": ("pool", "子基金池分配"),
    "channel.reit": ("REIT", "REITs"),
    "channel.concession": ("concession purchase", "让利购买"),
    "outcome.advance": ("advance", "进入下一轮"),
    "outcome.listing": ("listing", "申报上市"),
    "outcome.merger": ("merger", "并购"),
    "outcome.failure": ("failure", "失败"),
    "outcome.stall": ("stall", "停滞"),
    "window.boom": ("boom", "宽松"),
    "window.normal": ("normal", "常态"),
    "window.tight": ("tight", "收紧"),
    "evidence.seed": ("printed in a source document", "原始文件载明"),
    "evidence.read": ("read in a public source", "公开来源查阅"),
    "evidence.recalled": ("general knowledge", "行业常识"),
    "evidence.assumed": ("modelling choice without a source", "建模假设，无来源"),
}

_COLUMNS = {
    "column.vehicle": ("Vehicle", "基金"),
    "column.investor": ("Investor", "出资人"),
    "column.measure": ("Measure", "指标"),
    "column.mean": ("Mean", "均值"),
    "column.standard_error": ("Std. error", "标准误"),
    "column.p05": ("5%", "5%分位"),
    "column.p25": ("25%", "25%分位"),
    "column.p50": ("Median", "中位数"),
    "column.p75": ("75%", "75%分位"),
    "column.p95": ("95%", "95%分位"),
    "column.undefined": ("Undefined", "无定义"),
    "column.definition": ("Definition", "口径定义"),
    "column.basis": ("Basis", "计算基础"),
    "column.money": ("Money", "资金范围"),
    "column.value": ("Value", "数值"),
    "column.path": ("Path", "路径"),
    "column.year": ("Year", "年份"),
    "column.date": ("Date", "日期"),
    "column.enterprise": ("Enterprise", "企业"),
    "column.channel": ("Exit channel", "退出渠道"),
    "column.cost": ("Cost", "投资成本"),
    "column.proceeds": ("Proceeds", "回款"),
    "column.multiple": ("Multiple of cost", "回款倍数"),
    "column.count": ("Number", "数量"),
    "column.share": ("Share", "占比"),
    "column.contributions": ("Contributions", "实缴"),
    "column.distributions": ("Distributions", "分配"),
    "column.nav": ("NAV", "净值"),
    "column.cash": ("Cash", "现金"),
    "column.fees": ("Fees", "管理费"),
    "column.carry": ("Carry", "业绩报酬"),
    "column.commitment": ("Commitment", "认缴"),
    "column.unfunded": ("Unfunded", "待缴"),
    "column.flow": ("Flow", "现金流"),
    "column.check": ("Check", "校验项"),
    "column.worst": ("Worst error", "最大误差"),
    "column.passed": ("Passed", "通过"),
    "column.parameter": ("Parameter", "参数"),
    "column.default": ("Default", "默认值"),
    "column.evidence": ("Evidence", "依据等级"),
    "column.source": ("Source", "来源"),
    "column.scenario": ("Scenario", "情景"),
    "column.difference": ("Difference", "差异"),
    "flow.contribution": ("contribution", "实缴"),
    "flow.distribution": ("distribution", "分配"),
    "flow.net_cash_flow": ("net cash flow", "净现金流"),
    "flow.nav": ("net asset value", "净值"),
    "flow.fee": ("management fee", "管理费"),
    "flow.carry": ("carry", "业绩报酬"),
    "flow.investment": ("investment", "投资"),
    "flow.proceeds": ("proceeds", "回款"),
    "flow.recycled": ("recycled", "循环投资"),
    "flow.cash": ("idle cash", "闲置现金"),
    "answer.yes": ("yes", "是"),
    "answer.no": ("no", "否"),
    "answer.undefined": ("undefined", "无定义"),
    "unit.paths": ("paths", "条路径"),
    "unit.years": ("years", "年"),
    "unit.share": ("share", "占比"),
    "unit.density": ("share of paths", "路径占比"),
    "unit.1": ("{currency}", "{currency}"),
    "unit.10000": ("{currency} ten thousand", "万{currency}"),
    "unit.1000000": ("{currency} million", "百万{currency}"),
    "unit.100000000": ("{currency} 100 million", "亿{currency}"),
    "unit.1000000000": ("{currency} billion", "十亿{currency}"),
    "unit.other": ("{currency} × {unit}", "{currency} × {unit}"),
    "currency.CNY": ("CNY", "元"),
    "currency.HKD": ("HKD", "港元"),
    "currency.USD": ("USD", "美元"),
    "currency.EUR": ("EUR", "欧元"),
}

_CLI = {
    "cli.answer": (
        "{investor} in {vehicle}: net IRR {p05} to {p95}, median {p50}; chance of loss {loss}; {leverage}.",
        "{vehicle}的{investor}：净内部收益率 {p05} 至 {p95}，中位数 {p50}；亏损概率 {loss}；{leverage}。",
    ),
    "cli.answer_leverage": (
        "each unit of {money} paid in stands for {multiple} in the cluster, mean",
        "每 1 元{money}实缴平均对应基金群 {multiple} 元",
    ),
    "cli.answer_no_leverage": ("no leverage is defined", "放大倍数无定义"),
    "cli.running": ("Simulating {name}", "正在模拟{name}"),
    "cli.progress": ("{done:,} of {paths:,} paths", "已完成 {done:,} / {paths:,} 条路径"),
    "cli.finished": ("{paths:,} paths in {seconds:.1f} s", "{paths:,} 条路径，用时 {seconds:.1f} 秒"),
    "cli.written": ("Written to {folder}", "结果已写入 {folder}"),
    "cli.report_written": ("Report: {file}", "报告：{file}"),
    "cli.resumed": (
        "{done:,} of {paths:,} paths were there already",
        "已有 {done:,} / {paths:,} 条路径，继续运行",
    ),
    "cli.interrupted": (
        "Interrupted after {done:,} of {paths:,} paths; --resume goes on from there.",
        "已中断，完成 {done:,} / {paths:,} 条路径；可用 --resume 继续。",
    ),
    "cli.folder_taken": (
        "{folder} holds another run; give --overwrite, --resume or another --out.",
        "{folder} 中已有其他运行结果；请使用 --overwrite、--resume 或另选 --out。",
    ),
    "cli.check_passed": ("{file}: no problems", "{file}：未发现问题"),
    "cli.check_failed": ("{count} problems", "发现 {count} 个问题"),
    "cli.audit_passed": (
        "Audit passed; worst relative error {worst:.1e}",
        "账目校验通过；最大相对误差 {worst:.1e}",
    ),
    "cli.audit_failed": (
        "Audit failed: {check}, relative error {worst:.1e} above {limit:.0e}",
        "账目校验未通过：{check}，相对误差 {worst:.1e} 超过 {limit:.0e}",
    ),
    "cli.created": ("Created {file}; try: fundsim run {file}", "已创建 {file}；可运行：fundsim run {file}"),
    "cli.warmed_up": ("Kernels compiled in {seconds:.0f} s", "计算核已编译，用时 {seconds:.0f} 秒"),
    "cli.warning": ("warning: {message}", "警告：{message}"),
    "cli.error": ("error: {message}", "错误：{message}"),
}

_CHECKS = {
    "check.cash": ("cash of each vehicle balances in every period", "各基金每期现金收支平衡"),
    "check.life": ("sources equal uses over the life", "存续期内资金来源等于运用"),
    "check.parent": (
        "parents pay and receive what their children call and distribute",
        "母基金收付等于子基金缴款与分配",
    ),
    "check.cost": ("deals cost what vehicles invested", "项目成本等于基金投资额"),
    "check.exit": ("exits bring what vehicles received", "退出所得等于基金回款"),
    "check.nav": ("net asset value is the sum of what is held", "净值等于各项持有之和"),
    "check.multiple": ("TVPI is DPI plus RVPI", "TVPI 等于 DPI 加 RVPI"),
    "check.call": ("calls stay within what investors pay", "缴款不超过出资人应缴额"),
    "check.carry": ("the partner never pays back more carry than it got", "管理人回拨不超过已得业绩报酬"),
    "check.stake": ("stakes in an enterprise sum to at most one", "同一企业持股合计不超过 100%"),
    "check.finite": ("all amounts are finite and none is negative", "金额均有限且非负"),
    "check.project_cash": ("cash of each project balances in every period", "各物业项目每期现金收支平衡"),
    "check.project_debt": ("debt of each project rolls forward", "各物业项目债务逐期结转"),
    "check.reit": ("dividends and net asset value of REITs add up", "REIT 分红与净值勾稽一致"),
    "check.interest_share": (
        "shares of an interest stay within what is on offer",
        "权益份额合计不超过可售份额",
    ),
    "check.interest_part": (
        "shares pay and receive their part of the interest",
        "份额按比例承担并分得权益的收付",
    ),
}

LABELS: dict[str, Label] = {
    key: Label(*texts)
    for section in (
        _MEASURES,
        _LEVERAGE,
        _KINDS,
        _COLUMNS,
        _CHECKS,
        FIGURES,
        QUESTIONS,
        REPORT,
        STORY,
        EVENTS,
        PROPERTY,
        _CLI,
        COMMAND_LINE,
        CALIBRATION,
    )
    for key, texts in section.items()
}
