"""Owns the words of the report: its parts, the ten questions, what each figure says."""

QUESTIONS = {
    "question.1": (
        "What is our real leverage, and by which definition do we pass the evaluation?",
        "真实放大倍数是多少，按哪种口径能通过评价？",
    ),
    "question.2": (
        "When does DPI reach 1, and how likely is it not to?",
        "DPI 哪一年达到 1，到期仍低于 1 的概率多大？",
    ),
    "question.3": (
        "What do a tighter IPO window, lock-ups and sell-down rules cost?",
        "IPO 收紧、锁定期与减持规则对 IRR 和 DPI 影响几何？",
    ),
    "question.4": (
        "What are buyback clauses worth after default and delay?",
        "扣除违约与拖延后，回购条款值多少？",
    ),
    "question.5": ("What does a landing obligation cost?", "返投要求的代价是多少？"),
    "question.6": (
        "What does a concession cost, and whom does it lift?",
        "让利使财政少收多少，使社会资本多得多少？",
    ),
    "question.7": ("How likely is a breach of the loss-tolerance line?", "突破容亏线的概率多大？"),
    "question.8": (
        "Which calls hit the budget, and how much cash lies idle?",
        "各年出资需求多大，闲置资金多少？",
    ),
    "question.9": ("At term: extend, sell at a discount, or liquidate?", "到期时：延期、折价转让还是清算？"),
    "question.10": (
        "How much do Pre-REIT, REIT and follow-on offerings recycle?",
        "Pre-REIT、REITs 与扩募能循环出多少资金？",
    ),
}

REPORT = {
    "report.returns": ("Returns by vehicle and investor", "各基金与出资人收益"),
    "report.leverage": ("Guidance leverage", "财政资金放大倍数"),
    "report.cash": ("Calls and distributions", "出资与分配"),
    "report.exits": ("Exits", "退出情况"),
    "report.risk": ("Loss and tolerance", "亏损与容亏线"),
    "report.landing": ("Landing", "返投情况"),
    "report.checks": ("Audit", "账目校验"),
    "report.assumptions": ("Parameters and their evidence", "参数及其依据"),
    "report.method": (
        "{paths:,} paths from seed {seed}, fundsim {version}. Every statistic has a standard error.",
        "共 {paths:,} 条路径，随机种子 {seed}，fundsim {version}。各统计量均附标准误。",
    ),
    "report.antithetic": (
        (
            "Paths come in pairs: the second has the market, closings and property of the first "
            "mirrored. Standard errors are those of pairs."
        ),
        "路径成对模拟：第二条的市场、募资与不动产抽样为第一条的对偶（镜像）；标准误按成对路径计算。",
    ),
    "report.control_variates": (
        (
            "Means of measures, leverage, landing and property are corrected by control variates, "
            "where that makes their errors smaller; chances and quantiles are those of the paths."
        ),
        "收益指标、杠杆、返投与不动产的均值以控制变量修正（仅在能减小标准误时）；概率与分位数取自路径本身。",
    ),
    "report.kept_paths": (
        "Fans and by-year quantiles use the first {kept:,} paths; means use all {paths:,}.",
        "扇形图与分年度分位数使用前 {kept:,} 条路径；均值使用全部 {paths:,} 条。",
    ),
    "report.not_advice": (
        "A simulation shows what follows from its assumptions. It is no forecast and no offer.",
        "模拟结果仅反映所设假设的推论，不构成预测或要约。",
    ),
}

_PARTS = {
    "report.subtitle": (
        "{vehicles} vehicles · {start} to {end} · {paths:,} paths",
        "{vehicles} 只基金 · {start} 至 {end} · {paths:,} 条路径",
    ),
    "report.undefined_paths": ("{n:,} undefined", "{n:,} 条无定义"),
    "report.contents": ("Contents", "目录"),
    "report.questions": ("Ten questions", "十个问题"),
    "report.key": ("Key figures", "关键数字"),
    "report.reproduce": ("Statistics and how to reproduce", "统计说明与复现"),
    "report.reproduce_command": (
        (
            "The run folder holds the resolved scenario; this command gives the same numbers again, "
            "to the bit on "
            "the same type of processor:"
        ),
        "运行目录中存有完整情景文件；以下命令可复现同样的数字（同类处理器上逐位一致）：",
    ),
    "report.errors": (
        (
            "A standard error (±) says how far a figure would move with other random numbers, at "
            "this number of paths; under a quantile stand the ends of its 95 % interval. "
            "They say nothing about the assumptions."
        ),
        (
            "标准误（±）表示在此路径数下换一组随机数时数字的波动幅度；分位数下方为其 95% 区间的两端。"
            "二者均与假设本身是否正确无关。"
        ),
    ),
    "report.compared_title": ("{base} and what differs from it", "“{base}”与对比方案"),
    "report.compared_subtitle": (
        "{scenario} · {paths:,} paths in pairs · seed {seed}",
        "{scenario} · {paths:,} 条路径逐条配对 · 随机种子 {seed}",
    ),
    "report.compared_answer": (
        "{name}: net IRR of {who} {base} → {other}, {moved} points (standard error {error}), {verdict}.",
        "“{name}”：{who}净内部收益率 {base} → {other}，差 {moved} 个百分点（标准误 {error}），{verdict}。",
    ),
    "report.compared_one_sided": (
        "{name}: the principal is on one side alone.",
        "“{name}”：主要出资人仅见于一方。",
    ),
    "report.compared_side": ("{name} against {base}", "“{name}”对比“{base}”"),
    "report.compared_figures": ("Side by side", "并列图示"),
    "report.ends_open_below": ("below all observed – {high}", "低于全部观察值 – {high}"),
    "report.ends_open_above": ("{low} – above all observed", "{low} – 高于全部观察值"),
    "report.undefined_note": (
        (
            "A measure that does not exist on a path (a net IRR without money back and forth, a "
            "payback that never "
            "comes) is left out of its statistics and counted."
        ),
        "某条路径上不存在的指标（如无正负现金流的收益率、始终未回本的回本年限）不计入统计，单独计数。",
    ),
    "report.pooled_note": (
        (
            "All paths' cash taken together: net IRR {irr}, TVPI {tvpi}, DPI {dpi}. The mean of "
            "per-path figures is "
            "another number; both are right for their question."
        ),
        (
            "全部路径现金流合并计算：净内部收益率 {irr}，TVPI {tvpi}，DPI {dpi}。"
            "它与逐路径指标的均值不同，二者各有用途。"
        ),
    ),
    "report.foremost": (
        "The {shown} foremost of {all:,} vehicles: those that hold others, then the largest.",
        "仅列 {all:,} 只基金中的 {shown} 只：先列母基金，再按规模。",
    ),
    "report.assumptions_note": (
        (
            "What the scenario does not set itself, the weakest evidence first. A star stands for "
            "several items of "
            "the list. Vary the first rows before you rely on a figure."
        ),
        "情景文件未自行设定的参数，证据最弱者在前；星号代表列表中的多项。采用结论前应先检验最前面的几行。",
    ),
    "report.grades": (
        (
            "{assumed} assumed, {recalled} recalled, {read} read in a public source, {seed} from the "
            "source documents"
        ),
        "建模假设 {assumed} 项，行业常识 {recalled} 项，公开来源 {read} 项，原始文件 {seed} 项",
    ),
    "report.values": ("{n} values", "{n} 个值"),
    "report.places": ("{value} (in {n} places)", "{value}（{n} 处）"),
    "report.warnings": ("Warnings of the scenario", "情景提示"),
    "report.years_note": (
        (
            "Calls are what {investor} must pay in a year. A budget that holds in 95% of cases needs "
            "the second column."
        ),
        "出资为“{investor}”当年应缴金额；若预算需在 95% 的情形下充足，应按第二列安排。",
    ),
    "tile.irr": ("Net IRR, median", "净内部收益率中位数"),
    "tile.irr_note": ("5% to 95%: {p05} to {p95}", "5% 至 95%：{p05} 至 {p95}"),
    "tile.loss": ("Chance of loss", "亏损概率"),
    "tile.loss_note": ("TVPI below 1 · standard error {error}", "TVPI 低于 1 · 标准误 {error}"),
    "tile.dpi": ("DPI reaches 1", "DPI 达到 1"),
    "tile.dpi_note": ("median path · {share} of paths get there", "中位路径 · {share} 的路径能够达到"),
    "tile.never": ("never", "未达到"),
    "tile.leverage": ("Leverage", "放大倍数"),
    "tile.multiple": ("DPI at the end, median", "期末 DPI 中位数"),
    "tile.multiple_note": ("TVPI {tvpi} · 95 % interval of DPI {ends}", "TVPI {tvpi} · DPI 95% 区间 {ends}"),
    "tile.exposure": ("Deepest exposure, mean", "平均最大净出资"),
    "tile.exposure_note": ("{share} of a commitment of {amount}", "占认缴 {amount} 的 {share}"),
}

_TABLES = {
    "table.vehicles": ("Returns of vehicles and investors", "各基金与出资人收益"),
    "table.leverage": ("Leverage by definition, mean and 5% to 95%", "各口径放大倍数：均值与 5% 至 95% 分位"),
    "table.years": ("Calls and distributions by year ({unit})", "分年度出资与分配（{unit}）"),
    "table.exits": ("Exits by channel, mean of a path ({unit})", "分渠道退出，每条路径平均（{unit}）"),
    "table.landing": ("Landing multiple against what is required", "返投倍数与约定"),
    "table.deals": ("Deals by vehicle, mean of a path ({unit})", "各基金投资活动，每条路径平均（{unit}）"),
    "table.tolerance": (
        "Chance that more than a share of paid-in capital is lost",
        "亏损超过实缴一定比例的概率",
    ),
    "table.assumptions": ("Defaults and presets in use", "所用默认值与预设"),
    "table.audit": ("Audit of every path", "逐路径账目校验"),
    "column.range": ("Net IRR, 5% to 95%", "净内部收益率区间"),
    "column.dpi": ("DPI", "DPI"),
    "column.tvpi": ("TVPI", "TVPI"),
    "column.dpi_year": ("DPI = 1", "DPI = 1"),
    "column.loss": ("P(loss)", "亏损概率"),
    "column.fiscal": ("Fiscal money", "财政资金"),
    "column.government": ("All government money", "全部政府资金"),
    "column.mistake": ("Usual mistake", "常见误用"),
    "column.calls_mean": ("Calls, mean", "出资均值"),
    "column.calls_p95": ("Calls, 95%", "出资 95%分位"),
    "column.called": ("Called so far", "累计缴款比例"),
    "column.distributions_mean": ("Distributions, mean", "分配均值"),
    "column.net_so_far": ("Net so far, mean", "累计净额均值"),
    "column.required": ("Required", "约定"),
    "column.met": ("Median meets it", "中位数达标"),
    "column.planned_deals": ("Planned", "计划"),
    "column.deals": ("Done", "完成"),
    "column.park_deals": ("In the park", "园区内"),
    "column.missed_park_deals": ("Park deals missed", "园区项目落空"),
    "column.credited_deals": ("Credited", "认定返投"),
    "column.follow_ons": ("Follow-ons", "追加投资"),
    "column.invested": ("Invested", "投资额"),
    "column.share_of_proceeds": ("Share of proceeds", "回款占比"),
    "column.lost_more": ("> {share}", "> {share}"),
    "column.strategy": ("Strategy", "策略"),
    "column.total": ("Total", "合计"),
    "table.tolerance_note": (
        (
            "Lines in force differ by place and strategy: Huangpu (2025) tolerates 50% for seed, 40% "
            "for angel and 30% "
            "for industry pools as a whole; Zhengzhou 40% at liquidation. Read off the column of your line."
        ),
        (
            "各地容亏线不同：黄埔（2025）种子、天使、产业直投整体分别为 50%、40%、30%；郑州清算时 "
            "40%。请查看对应列。"
        ),
    ),
}

_GRADES = {
    "grade.seed": ("source document", "原始文件"),
    "grade.read": ("read", "公开来源"),
    "grade.recalled": ("recalled", "行业常识"),
    "grade.assumed": ("assumed", "建模假设"),
}

_MISTAKES = {
    "mistake.mother_multiple": (
        "not to say whose money stands below the line",
        "不说明分母是谁的钱",
    ),
    "mistake.sub_fund_multiple": (
        "recycled money in the numerator, the first closing in the denominator",
        "分子含循环投资，分母只计首期出资",
    ),
    "mistake.combined_multiple": (
        "a stake counted in the mother fund and again in the sub-fund",
        "同一出资在母基金与子基金重复计算",
    ),
    "mistake.social_multiple": (
        "to forget the minus 1: the total multiple is larger by exactly one",
        "忘记减 1：总倍数恰好大 1",
    ),
    "mistake.social_share": (
        "to hold a share against a target written as a multiple",
        "用占比去对照以倍数表述的目标",
    ),
    "mistake.invested_multiple": (
        "commitments shown as money that reached enterprises",
        "把认缴当作已投向企业的资金",
    ),
    "mistake.invested_with_co_investors": (
        "a round counted once for each vehicle that joined it",
        "同一轮次按参与基金重复计算",
    ),
    "mistake.landing_multiple": (
        "to divide by the vehicle's size, or by commitments",
        "以基金规模或认缴作分母",
    ),
}

_READINGS = {
    "reading.irr_distribution": (
        "Half of the paths lie between {p25} and {p75}; {below} of those with a net IRR are below zero.",
        "一半路径介于 {p25} 与 {p75} 之间；有定义的路径中 {below} 低于零。",
    ),
    "reading.vehicle_comparison": (
        (
            "Medians run from {low} ({worst}) to {high} ({best}); the bars show how far luck alone "
            "can carry each fund."
        ),
        "中位数从 {low}（{worst}）到 {high}（{best}）；横条表示仅因运气各基金可能偏离多远。",
    ),
    "reading.j_curve": (
        (
            "On the median path the investor is {deepest} out of pocket at the deepest, in {year}, "
            "and ends at {end}."
        ),
        "中位路径上，出资人累计净出资最深为 {deepest}（{year} 年），期末为 {end}。",
    ),
    "reading.dpi_reached": (
        "The median path has its money back in {year}; {share} of paths end below DPI 1.",
        "中位路径于 {year} 年收回本金；{share} 的路径期末 DPI 低于 1。",
    ),
    "reading.dpi_never": (
        "The median path does not get its money back; {share} of paths end below DPI 1.",
        "中位路径未能收回本金；{share} 的路径期末 DPI 低于 1。",
    ),
    "reading.calls_and_distributions": (
        "Calls are highest in {call_year} ({call}), distributions in {back_year} ({back}), in the mean.",
        "平均而言，出资最高在 {call_year} 年（{call}），分配最高在 {back_year} 年（{back}）。",
    ),
    "reading.leverage_by_definition": (
        (
            "One cluster, multiples from {low} to {high}: a number without definition, basis and "
            "money says nothing."
        ),
        "同一基金群，倍数从 {low} 到 {high}：不说明口径、基础与资金范围的倍数没有意义。",
    ),
    "reading.leverage_by_year": (
        (
            "What is paid in lags behind what is committed: {paid_in} against {commitment} at the "
            "end, in the median."
        ),
        "实缴滞后于认缴：期末中位数实缴口径 {paid_in}，认缴口径 {commitment}。",
    ),
    "reading.exits_proceeds": (
        "{channel} brings {share} of all proceeds; exits return {multiple} of their cost.",
        "{channel}贡献全部回款的 {share}；退出整体回款为成本的 {multiple}。",
    ),
    "reading.exits_count": (
        "Of {n} exits on a path, {share} are write-offs.",
        "每条路径平均 {n} 笔退出，其中 {share} 为核销。",
    ),
    "reading.landing": (
        "{met} of {n} vehicles with an obligation meet it on their median path.",
        "{n} 只有返投约定的基金中，{met} 只在中位路径上达标。",
    ),
}

_REPLIES = {
    "reply.1": (
        "{multiple} in the median ({definition}, {basis}, {money}); the table shows every other definition.",
        "中位数 {multiple}（{definition}，{basis}，{money}）；其余口径见表。",
    ),
    "reply.2": (
        "In {year} on the median path; {share} of paths never get there.",
        "中位路径 {year} 年；{share} 的路径始终达不到。",
    ),
    "reply.2_never": (
        "Not on the median path; {share} of paths never get there.",
        "中位路径达不到；{share} 的路径始终达不到。",
    ),
    "reply.3": (
        (
            "Listings bring {share} of proceeds here; what a tighter window takes away is the "
            "difference of two runs "
            "with the same seed."
        ),
        "本情景中上市贡献 {share} 的回款；窗口收紧的影响为同一种子下两次运行之差。",
    ),
    "reply.4": (
        "{count} buybacks on a path return {multiple} of cost after default and delay, {share} of proceeds.",
        "每条路径平均 {count} 笔回购，扣除违约与拖延后回款为成本的 {multiple}，占回款 {share}。",
    ),
    "reply.4_none": ("No vehicle exercised a buyback clause.", "没有基金行使回购条款。"),
    "reply.5": (
        (
            "{met} of {n} obligations are met on the median path; the price of a term is the "
            "difference of two runs "
            "with the same seed."
        ),
        "{n} 项返投约定中 {met} 项在中位路径上达标；条款的代价为同一种子下两次运行之差。",
    ),
    "reply.5_none": ("No vehicle has a landing obligation.", "没有基金约定返投。"),
    "reply.6": ("This version does not model concessions.", "本版本尚未模拟让利。"),
    "reply.7": (
        (
            "{loss} of paths lose money in {vehicle}; the table gives the chance of every deeper "
            "loss, vehicle by vehicle."
        ),
        "{vehicle}亏损的路径占 {loss}；更深亏损的概率按基金见表。",
    ),
    "reply.8": (
        (
            "The heaviest year is {year}: {mean} in the mean, {p95} to be safe in 95% of cases; idle "
            "cash is not tabulated."
        ),
        "出资压力最大的年份为 {year} 年：均值 {mean}，按 95% 保障需 {p95}；闲置资金未单列。",
    ),
    "reply.9": (
        "{share} of proceeds come from sales at term, at {multiple} of cost.",
        "{share} 的回款来自到期处置，回款为成本的 {multiple}。",
    ),
    "reply.9_none": ("Nothing is left to sell at term.", "到期时无剩余资产需处置。"),
}

REPORT |= _PARTS | _TABLES | _GRADES | _MISTAKES | _READINGS | _REPLIES
