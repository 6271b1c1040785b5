"""Owns the words of property: interests, projects, REITs, their tables, figures, description and events."""

_KINDS = {
    "interest_source.development": ("development interests", "开发权益"),
    "interest_source.acquired": ("acquired interests", "收购权益"),
    "interest_source.units": ("strategic REIT units", "REIT 战略配售份额"),
    "interest_of.development": ("{name}, development", "{name}（开发权益）"),
    "interest_of.acquired": ("{name}, acquired", "{name}（收购权益）"),
    "interest_of.units": ("{name}, units", "{name}（战略配售份额）"),
    "debt_kind.special_bond": ("special bond", "专项债"),
    "debt_kind.loan": ("loan", "贷款"),
    "repayment.bullet": ("bullet", "到期还本"),
    "repayment.amortising": ("level payments", "等额本息"),
}

_FIGURES = {
    "figure.property_debt": ("Debt of park property", "园区物业负债"),
    "figure_note.property_debt": (
        "projects outside REITs; value of all that is let",
        "REIT 之外项目的负债；全部已出租物业的估值",
    ),
    "figure.property_coverage": ("Coverage of debt service", "偿债备付率"),
    "figure_note.property_coverage": ("let projects outside REITs together", "REIT 之外已出租项目合计"),
    "figure.property_recycling": ("Recycled capital per unit of original capital", "单位原始资本的循环投入"),
    "figure_note.property_recycling": ("from the start to each year's end", "自起始至各年末累计"),
    "figure.reit_price_to_book": ("REIT price over book", "REIT 收购价与账面成本之比"),
    "figure.project_listing": ("From completion to listing", "竣工至上市用时"),
    "figure.reit_yield": ("Distribution yield of REITs", "REIT 分派率"),
    "figure_note.reit_yield": (
        "median of the paths on which the REIT is listed",
        "该 REIT 已上市路径的中位数",
    ),
    "figure_note.reit_yield_sole": (
        "paths on which the REIT is listed: median, 25–75% and 5–95%",
        "该 REIT 已上市的路径：中位数、25–75% 与 5–95% 分位",
    ),
    "figure.property_sleeve": ("Property against equity", "不动产板块与股权板块"),
    "axis.coverage": ("NOI / debt service", "净运营收入 ÷ 还本付息"),
    "axis.coverage_one": ("service = NOI", "收支相抵"),
    "axis.debt": ("debt, median", "负债中位数"),
    "axis.property_value": ("value, median", "估值中位数"),
    "axis.loan_to_value": (
        "loan to value of let projects outside REITs, median: at most {highest} ({year})",
        "REIT 之外已出租项目的贷款价值比中位数最高 {highest}（{year} 年）",
    ),
    "axis.recycled": ("recycled / original capital", "循环投入 ÷ 原始资本"),
    "axis.price_to_book": (
        "price over book, where listed: 5–95% and median",
        "上市路径：收购价 ÷ 账面成本，5–95% 分位与中位数",
    ),
    "axis.years_to_listing": ("years, where listed: 5–95% and median", "上市路径：年数，5–95% 分位与中位数"),
    "axis.never_listed": ("never {share}", "未上市 {share}"),
    "axis.more_projects": ("{n:,} more projects not shown", "另有 {n:,} 个项目未列出"),
    "axis.distribution_yield": ("dividends of the year / opening value", "年度分派 ÷ 年初市值"),
    "axis.property_tvpi": ("TVPI of property vehicles", "不动产基金 TVPI"),
    "axis.equity_tvpi": ("TVPI of equity vehicles", "股权基金 TVPI"),
    "axis.correlation": ("correlation {value} ± {error}", "相关系数 {value} ± {error}"),
}

_TABLES = {
    "report.property": ("Park property", "园区不动产"),
    "report.first_rows": ("The first {shown} of {all:,} rows.", "仅列 {all:,} 行中的前 {shown} 行。"),
    "table.projects": ("What becomes of each project (amounts in {unit})", "各项目结局（金额单位：{unit}）"),
    "table.projects_note": (
        (
            "Probabilities with their standard errors; elsewhere the median and the range of 90% of "
            "the paths. Years "
            "to listing and price over book are of the paths on which the project is listed; never "
            "listed is the "
            "rest. Coverage is the least of any period; trapped is the share of private let periods in which "
            "covenants held cash back; support is what issuers of special bonds paid, mean of a path."
        ),
        (
            "概率附标准误；其余为中位数及 90% 路径的范围。上市年数与价格/账面仅统计上市路径，"
            "其余为始终未上市。备付率取各期最低；"
            "资金归集为因触发约定而不得分配的期数占比；财政补足为专项债发行人代为支付额的路径均值。"
        ),
    ),
    "table.property_years": ("Property by year (amounts in {unit})", "分年度不动产（金额单位：{unit}）"),
    "table.property_years_note": (
        (
            "Means for amounts, median and range of 90% of the paths for ratios. Loan to value and "
            "coverage are of let "
            "projects outside REITs; recycled and recovered count from the start, for operators."
        ),
        (
            "金额为均值，比率为中位数及 90% 路径的范围。贷款价值比与备付率只计 REIT "
            "之外的已出租项目；循环与回收为运营方自起始累计。"
        ),
    ),
    "table.reits": ("REITs at the end of the horizon (amounts in {unit})", "期末各 REIT（金额单位：{unit}）"),
    "table.reits_note": (
        (
            "Raised is the mean of all paths, follow-on offerings included; the rest is of the last "
            "year, median and "
            "range of the paths on which the REIT is listed. The distribution yield is the year's "
            "dividends over the "
            "market value at its opening (and half of what was raised in it); the year of listing has none."
        ),
        (
            "募集额为全部路径均值，含扩募；其余为最后一年、已上市路径的中位数与范围。"
            "分派率＝当年分派 ÷ 年初市值（加当年募集额之半）；"
            "上市当年无定义。"
        ),
    ),
    "table.holdings": (
        "Interests taken by vehicles (amounts in {unit})",
        "各基金所持不动产权益（金额单位：{unit}）",
    ),
    "table.sleeves": ("Property and equity sleeves", "不动产板块与股权板块"),
    "table.sleeves_note": (
        (
            "Correlation over paths of the TVPI of property vehicles with that of vehicles with "
            "enterprises or pools, "
            "each weighted by what was paid in; jackknife standard error. Below a mother fund: of "
            "what it holds."
        ),
        (
            "不动产基金与股权基金（按实缴加权）的 TVPI 在各路径间的相关系数；标准误按刀切法。"
            "母基金一行只计其所持基金。"
        ),
    ),
    "column.project": ("Project", "项目"),
    "column.reit": ("REIT", "REIT 名称"),
    "column.interest": ("Interest", "权益"),
    "column.completed": ("Completed", "竣工"),
    "column.sold": ("Sold to Pre-REIT", "售予 Pre-REIT"),
    "column.listed": ("Listed", "上市"),
    "column.enforced": ("Enforced", "被处置"),
    "column.years_to_listing": ("Years to listing", "竣工至上市（年）"),
    "column.price_to_book": ("Price / book", "价格/账面"),
    "column.least_coverage": ("Least coverage", "最低备付率"),
    "column.trapped_share": ("Trapped", "资金归集"),
    "column.support": ("Fiscal support", "财政补足"),
    "column.property_value": ("Value", "估值"),
    "column.debt": ("Debt", "负债"),
    "column.noi": ("NOI", "净运营收入"),
    "column.loan_to_value": ("Loan to value", "贷款价值比"),
    "column.coverage": ("Coverage", "备付率"),
    "column.recycled": ("Recycled / original", "循环/原始资本"),
    "column.recovered": ("Recovered so far", "累计回收"),
    "column.listed_by_end": ("Listed by the end", "期末已上市"),
    "column.raised": ("Raised, mean", "募集均值"),
    "column.distribution_yield": ("Distribution yield", "分派率"),
    "column.unit_price": ("Price / issue price", "价格/发行价"),
    "column.price_to_nav": ("Price / NAV", "价格/净值"),
    "column.gearing": ("Gearing", "资产负债率"),
    "column.bought": ("Bought", "买入"),
    "column.correlation": ("Correlation", "相关系数"),
    "column.property_tvpi": ("Property TVPI", "不动产 TVPI"),
    "column.equity_tvpi": ("Equity TVPI", "股权 TVPI"),
    "column.paths": ("Paths", "路径数"),
}

_SAID = {
    "tile.recycled": ("Recycled per unit of original", "单位原始资本循环额"),
    "tile.recycled_note": (
        "by the end, median · 5% to 95%: {p05} to {p95}",
        "期末中位数 · 5% 至 95%：{p05} 至 {p95}",
    ),
    "tile.listed": ("Projects ever listed", "项目上市概率"),
    "tile.listed_note": ("mean of {n} meant for a REIT", "拟注入 REIT 的 {n} 个项目均值"),
    "tile.coverage": ("Coverage in the weakest year", "最弱年份备付率"),
    "tile.coverage_note": ("median of the paths, {year}", "路径中位数，{year} 年"),
    "tile.correlation": ("Property with equity", "不动产与股权相关系数"),
    "tile.correlation_note": (
        "correlation of TVPI · standard error {error}",
        "TVPI 相关系数 · 标准误 {error}",
    ),
    "reading.property_debt": (
        "Debt outside REITs is highest in {year}, {debt} in the mean; listings repay it.",
        "REIT 之外的负债在 {year} 年最高，平均 {debt}；上市时偿还。",
    ),
    "reading.property_coverage": (
        (
            "The weakest year is {year}: coverage {coverage} on the median path, {low} or less on "
            "one path in twenty."
        ),
        "最弱年份为 {year} 年：中位路径备付率 {coverage}，二十分之一的路径不高于 {low}。",
    ),
    "reading.property_recycling": (
        (
            "By the end {mean} of each unit of original capital is built with again in the mean, "
            "{p50} in the median and {p95} at 95%."
        ),
        "至期末，每单位原始资本平均循环投入 {mean}，中位数 {p50}，95% 分位 {p95}。",
    ),
    "reading.reit_price_to_book": (
        "{n} of {all} projects are listed above what was spent on them on their median path.",
        "{all} 个项目中 {n} 个在中位路径上以不低于账面成本的价格上市。",
    ),
    "reading.project_listing": (
        (
            "{project} is listed most often: on {share} of the paths, {years} years after completion "
            "in the median."
        ),
        "{project}上市概率最高：{share} 的路径上市，竣工后中位数 {years} 年。",
    ),
    "reading.reit_yield": (
        "Median distribution yields run from {low} to {high}.",
        "分派率中位数介于 {low} 与 {high} 之间。",
    ),
    "reading.property_sleeve": (
        "Each point is a path. The correlation of the two sleeves is {value} (standard error {error}).",
        "每点为一条路径。两个板块的相关系数为 {value}（标准误 {error}）。",
    ),
    "reply.10": (
        "{p50} of each unit of original capital is built with again by the end (5% to 95%: {p05} to {p95}).",
        "至期末每单位原始资本循环投入中位数 {p50}（5% 至 95%：{p05} 至 {p95}）。",
    ),
    "reply.10_not": (
        "No capital is built with again in this scenario.",
        "本情景中没有循环投入的资本。",
    ),
    "reply.10_listed": (
        "{n} of {all} projects meant for a REIT are listed on at least half of the paths.",
        "拟注入 REIT 的 {all} 个项目中，{n} 个在至少一半路径上上市。",
    ),
    "reply.10_correlation": (
        "Property and equity sleeves correlate at {value} ± {error}.",
        "不动产与股权板块的相关系数为 {value} ± {error}。",
    ),
    "reply.10_none": ("The scenario has no property.", "本情景不含不动产。"),
}

_DESCRIPTION = {
    "describe.property": ("Park property", "园区不动产"),
    "describe.property_market": (
        "property market {name}: rents {drift} a year, volatility {volatility}; yield {mean}",
        "物业市场 {name}：租金年增 {drift}，波动率 {volatility}；资本化率 {mean}",
    ),
    "describe.from_day": ("{value} from {date}", "{date} 起 {value}"),
    "describe.months": ("{n} months", "{n} 个月"),
    "describe.operator": (
        "operator {name}: share of its proceeds that it builds with again: {rules}",
        "运营方 {name}：回收资金再投资比例 {rules}",
    ),
    "describe.operator_keeps": (
        "operator {name}: keeps its proceeds{rules}",
        "运营方 {name}：回收资金不再投资{rules}",
    ),
    "describe.project": ("project {name}: {text}", "项目 {name}：{text}"),
    "describe.space": (
        "{area} m² at {currency} {rent} a m² and month, {market}",
        "{area} 平方米，月租每平方米 {rent} {currency}，{market}",
    ),
    "describe.owner": ("{owner} keeps {share}", "{owner}持有 {share}"),
    "describe.built": ("built for {cost}, {years:g} years old", "已建成 {years:g} 年，成本 {cost}"),
    "describe.build": (
        "built for {cost} from {date} over {years:g} years",
        "{date} 起建设 {years:g} 年，成本 {cost}",
    ),
    "describe.build_waits": (
        "built for {cost} over {years:g} years when recycled money can pay for it",
        "待回收资金足够时建设 {years:g} 年，成本 {cost}",
    ),
    "describe.let": (
        "let {opening} at completion, {stable} after {years:g} years",
        "竣工时出租率 {opening}，{years:g} 年后 {stable}",
    ),
    "describe.letting_cost": (
        "letting space for the first time costs {cost} {currency} a square metre, paid from rents",
        "首次出租每平方米费用 {cost} {currency}，由租金支付",
    ),
    "describe.coupon": ("coupon of its vintage", "当期票面利率"),
    "describe.debt": (
        "{name}: {kind} for {share} at {rate}, {years:g} years, {repayment}",
        "{name}：{kind} {share}，{rate}，{years:g} 年，{repayment}",
    ),
    "describe.tenants": (
        "houses {sectors}; failures empty it at {vacancy} and lower rents at {rent}",
        "承租行业 {sectors}；企业失败的空置响应 {vacancy}、租金响应 {rent}",
    ),
    "describe.covenants": (
        "lenders ask for coverage {least} and loan to value {most}",
        "要求备付率不低于 {least}、贷款价值比不高于 {most}",
    ),
    "describe.covenant_coverage": ("lenders ask for coverage {least}", "要求备付率不低于 {least}"),
    "describe.refinancing": (
        "refinanced from year {years:g} at {share} of value and {rate}",
        "第 {years:g} 年起可再融资至估值的 {share}，利率 {rate}",
    ),
    "describe.sale": (
        (
            "sold to a Pre-REIT holder from year {years:g} once {readiness} of the way to stable "
            "letting, with {debt} debt"
        ),
        "第 {years:g} 年起、出租率达稳定水平的 {readiness} 后售予 Pre-REIT，负债 {debt}",
    ),
    "describe.hold": ("sold again after {years:g} years if not listed", "{years:g} 年内未上市则再次出售"),
    "describe.listed_with": ("listed with {reit}", "随 {reit} 首发上市"),
    "describe.injected_into": ("injected into {reit} later", "后续注入 {reit}"),
    "describe.reit": ("REIT {name}: {text}", "公募 REIT {name}：{text}"),
    "describe.reit_from": (
        "from {date}, projects in operation for {years:g} years",
        "{date} 起，项目运营满 {years:g} 年",
    ),
    "describe.reit_floor": (
        "distribution yield at least {floor}, pays out {payout}",
        "分派率不低于 {floor}，分派比例 {payout}",
    ),
    "describe.reit_units": (
        "owners keep {retained}, strategic investors take {strategic}",
        "原始权益人自持 {retained}，战略投资者 {strategic}",
    ),
    "describe.reit_lock": (
        "locked for {base}, {excess} and {strategic} months",
        "锁定 {base}、{excess}、{strategic} 个月",
    ),
    "describe.reit_gearing": ("gearing {share}", "杠杆 {share}"),
    "describe.follow_on_offering": ("follow-on offerings after {rules}", "扩募间隔：{rules}"),
    "describe.property_buys": ("{kinds} over {years:g} years", "{years:g} 年内购入{kinds}"),
    "describe.property_buys_of": (
        "{kinds} of {names} over {years:g} years",
        "{years:g} 年内购入{names}的{kinds}",
    ),
    "describe.property_share": ("at most {share} of each", "每项不超过 {share}"),
    "describe.property_ticket": ("at most {amount} each", "每项不超过 {amount}"),
    "describe.property_debt": ("debt up to {share}", "负债率不高于 {share}"),
}

PROPERTY: dict[str, tuple[str, str]] = _KINDS | _FIGURES | _TABLES | _SAID | _DESCRIPTION
