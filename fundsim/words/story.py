"""Owns the words of stories: a scenario described, a path told, a run summed up."""

_ANSWER = {
    "story.answer": (
        (
            "{investor} in {vehicle} earns {p05} to {p95} a year (net IRR on 90% of paths, median {p50}), "
            "with a {loss} chance of loss; {leverage}."
        ),
        (
            "{vehicle}的出资人“{investor}”：年化净内部收益率 {p05} 至 {p95}（90% 的路径，中位数 {p50}），"
            "亏损概率 {loss}；{leverage}。"
        ),
    ),
    "story.answer_without_irr": (
        "{investor} in {vehicle} has no net IRR on these paths; its chance of loss is {loss}; {leverage}.",
        "{vehicle}的出资人“{investor}”在这些路径上净内部收益率无定义；亏损概率 {loss}；{leverage}。",
    ),
    "story.answer_combined_multiple": (
        "{money} paid in is levered {p50}, looked through to the funds{spread}",
        "{money}实缴口径的穿透放大倍数为 {p50}{spread}",
    ),
    "story.answer_invested_multiple": (
        "{money} paid in is levered {p50} in money that reached enterprises{spread}",
        "{money}实缴对应的投资放大倍数为 {p50}{spread}",
    ),
    "story.answer_mother_multiple": (
        "{money} paid in is levered {p50} in the fund{spread}",
        "{money}实缴口径的放大倍数为 {p50}{spread}",
    ),
    "story.spread": ("({p05} to {p95})", "（{p05} 至 {p95}）"),
    "story.answer_no_leverage": ("its leverage is undefined", "财政资金放大倍数无定义"),
}

_SUMMARY = {
    "story.column_vehicle": ("Vehicle", "基金"),
    "story.column_p05": ("IRR 5%", "IRR 5%分位"),
    "story.column_p50": ("median", "中位数"),
    "story.column_p95": ("95%", "95%分位"),
    "story.column_dpi": ("DPI", "DPI"),
    "story.column_tvpi": ("TVPI", "TVPI"),
    "story.column_loss": ("P(loss)", "亏损概率"),
    "story.more_vehicles": (
        "… and {n:,} smaller vehicles; all of them are in tables/.",
        "……另有 {n:,} 只较小基金，全部见 tables/。",
    ),
}

_PRECISION = {
    "story.precision_reached": (
        "Precise enough after {paths:,} paths ({most:,} at most). Standard errors of means:",
        "{paths:,} 条路径后已达到要求的精度（上限 {most:,} 条）。均值的标准误：",
    ),
    "story.precision_missed": (
        "Not precise enough after all {paths:,} paths ({most:,} at most). Standard errors of means:",
        "{paths:,} 条路径后仍未达到要求的精度（上限 {most:,} 条）。均值的标准误：",
    ),
    "story.precision_of": (
        "{measure} of {whose}: {error}, wanted {wanted}",
        "{whose}的{measure}：{error}，要求 {wanted}",
    ),
    "story.precision_needs": (
        "{measure} of {whose}: {error}, wanted {wanted}; that takes about {needed} paths",
        "{whose}的{measure}：{error}，要求 {wanted}；约需 {needed} 条路径",
    ),
    "story.precision_undefined": (
        "{measure} of {whose}: undefined, wanted {wanted}",
        "{whose}的{measure}：无定义，要求 {wanted}",
    ),
}

_DESCRIPTION = {
    "describe.frame": (
        (
            "From {start}, {years:g} years in periods of {months} months; {paths:,} paths, seed "
            "{seed}. Amounts in {unit}."
        ),
        "自 {start} 起 {years:g} 年，每期 {months} 个月；{paths:,} 条路径，种子 {seed}。金额单位：{unit}。",
    ),
    "describe.antithetic": ("Paths come in mirrored pairs.", "路径以镜像对偶方式成对模拟。"),
    "describe.control_variates": ("Means are corrected by control variates.", "均值以控制变量修正。"),
    "describe.grade": ("{grade}: {meaning}", "{grade}：{meaning}"),
    "describe.vehicles": ("Vehicles", "基金"),
    "describe.market": ("Market and park", "市场与园区"),
    "describe.size": ("{size}", "规模 {size}"),
    "describe.since": ("from {date}", "{date} 设立"),
    "describe.also_in": ("(described above)", "（见上）"),
    "describe.terms": ("terms: {text}", "条款：{text}"),
    "describe.buys": ("buys: {text}", "投资：{text}"),
    "describe.sells": ("sells: {text}", "退出：{text}"),
    "describe.owes": ("owes: {text}", "约定：{text}"),
    "describe.no_fee": ("no management fee", "不收管理费"),
    "describe.fee": ("fee {rate} on {base} to year {until:g}", "第 {until:g} 年前管理费 {rate}（按{base}）"),
    "describe.fee_at_risk": ("{share} of the fee at risk", "管理费的 {share} 与考核挂钩"),
    "describe.fees_on_top": ("fees on top of commitments", "管理费另行收取"),
    "describe.organisation_cost": ("organisation cost {amount}", "开办费 {amount}"),
    "describe.no_carry": ("no carry", "无业绩报酬"),
    "describe.carry": (
        "carry {rate} above a hurdle of {hurdle} ({compounding}), {style}",
        "门槛收益率 {hurdle}（{compounding}）以上提取业绩报酬 {rate}，{style}",
    ),
    "describe.catch_up": ("catch-up {rate}", "追赶比例 {rate}"),
    "describe.no_catch_up": ("no catch-up", "无追赶"),
    "describe.just_in_time": ("called as needed", "按需出资"),
    "describe.tranches": ("called in tranches of {shares}", "分期出资 {shares}"),
    "describe.next_call": ("the next when {share} is used", "已用 {share} 时发出下期出资通知"),
    "describe.term": ("term {term:g} years", "期限 {term:g} 年"),
    "describe.extension": ("term {term:g} + {extension:g} years", "期限 {term:g}＋{extension:g} 年"),
    "describe.at_end_sell": (
        "what is left is then sold {discount} off",
        "期满后余下资产折价 {discount} 出售",
    ),
    "describe.at_end_hold": (
        "what is left is held for up to {years:g} more years, then sold {discount} off",
        "期满后余下资产最多再持有 {years:g} 年，随后折价 {discount} 出售",
    ),
    "describe.at_end_in_kind": (
        "listed shares are then handed out in kind, the rest is sold {discount} off",
        "期满后上市股份实物分配，其余折价 {discount} 出售",
    ),
    "describe.at_end_wind_up": (
        "what is left is then wound up at {recovery} of cost",
        "期满后按成本的 {recovery} 清算",
    ),
    "describe.recycling": (
        "recycles up to {cap} of its size to year {until:g}",
        "第 {until:g} 年前可循环投资，上限为规模的 {cap}",
    ),
    "describe.deals": (
        "{deals} deals over {years:g} years at {stages} ({sectors})",
        "{years:g} 年内 {deals} 笔，阶段 {stages}（{sectors}）",
    ),
    "describe.ticket": ("{amount} each", "每笔 {amount}"),
    "describe.stake": ("{share} of the company each", "每笔占股 {share}"),
    "describe.park_share": ("{share} of them in the park", "其中 {share} 投于园区"),
    "describe.follow_on": (
        "{reserve} held back for follow-ons, {share} of pro rata",
        "预留 {reserve} 追加投资，行使 {share} 的跟投权",
    ),
    "describe.cap": ("at most {share} in one enterprise", "单个企业不超过 {share}"),
    "describe.with": ("only beside {names}", "仅与 {names} 同投"),
    "describe.pool_ta": (
        "a pool after Takahashi and Alexander: {years} years, bow {bow:g}, growth {growth}",
        "Takahashi–Alexander 模型资产池：{years} 年，弯曲系数 {bow:g}，增长率 {growth}",
    ),
    "describe.pool_schedule": ("a pool on a fixed schedule of {years} years", "固定现金流资产池，{years} 年"),
    "describe.transfer": (
        "transfers from year {years:g} with {probability} a year, {discount} off",
        "第 {years:g} 年起转让，年概率 {probability}，折价 {discount}",
    ),
    "describe.buyback": (
        "buyback after {years:g} years at {rate} simple: {full} paid in full, {partial} in part",
        "持有 {years:g} 年后回购，单利 {rate}：{full} 全额、{partial} 部分支付",
    ),
    "describe.buyback_quiet": (
        "claimed below the mark after {years:g} years without a round, up to {mark:g} times the claim",
        "{years:g} 年无新轮融资且账面值不超过主张额的 {mark:g} 倍时亦可主张",
    ),
    "describe.landing": ("{instrument} {multiple}", "{instrument} {multiple}"),
    "describe.checkpoint": (
        "{instrument} {multiple} by year {years:g}",
        "第 {years:g} 年{instrument} {multiple}",
    ),
    "describe.idle_stop": (
        "no new deals after {years:g} idle years",
        "{years:g} 年无投资即停止新项目",
    ),
    "describe.index": (
        "equity index: {drift} a year expected, volatility {volatility}",
        "股票指数：预期年增长 {drift}，波动率 {volatility}",
    ),
    "describe.window": ("window: {states}; starts {initial}", "窗口：{states}；起始 {initial}"),
    "describe.history": ("{state} from {date}", "{date} 起{state}"),
    "describe.stationary": ("at its long-run frequencies", "按长期频率"),
    "describe.sector": ("sector {name}: {stages}", "行业 {name}：{stages}"),
    "describe.filings": (
        "files for a listing at the end of {stage}, at once: {shares}",
        "{stage}阶段结束时即可申报上市的比例：{shares}",
    ),
    "describe.preset": ("(preset {preset})", "（预设 {preset}）"),
    "describe.stream": (
        "stream {name}: {number:g} enterprises a year at {stage}, growing {growth}",
        "企业来源 {name}：每年 {number:g} 家，{stage}阶段，年增 {growth}",
    ),
}

_TRACE = {
    "trace.head": ("Path {path} of {name}. Amounts in {unit}.", "{name}第 {path} 条路径。金额单位：{unit}。"),
    "trace.year": ("{year}", "{year} 年"),
    "trace.sums": ("{vehicle}: {flows}", "{vehicle}：{flows}"),
    "trace.outside": ("{vehicle} · outside #{number}", "{vehicle} · 园区外 #{number}"),
    "trace.total": ("In all", "合计"),
    "trace.nothing": ("Nothing happens on this path.", "此路径上没有任何事件。"),
}

STORY: dict[str, tuple[str, str]] = _ANSWER | _SUMMARY | _PRECISION | _DESCRIPTION | _TRACE
