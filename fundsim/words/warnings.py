"""Owns the warnings of a scenario: what is allowed but probably not meant, and what would be right."""

WARNINGS = {
    "warning.horizon": (
        "the horizon ends {end}, before the end of its term with extension, {term}; NAV then counts",
        "模拟期止于 {end}，早于其含延长期的到期日 {term}；届时以净值计",
    ),
    "remedy.horizon": (
        "raise horizon_years to {years:.3g} or more",
        "将 horizon_years 提高至 {years:.3g} 或以上",
    ),
    "warning.tail": (
        "the horizon ends {end}, before the end of its tail, {tail}; NAV then counts",
        "模拟期止于 {end}，早于其到期后持有期的终点 {tail}；届时以净值计",
    ),
    "remedy.tail": (
        "raise horizon_years to {years:.3g} or more, or shorten tail_years",
        "将 horizon_years 提高至 {years:.3g} 或以上，或缩短 tail_years",
    ),
    "warning.mother_without_holdings": ("the mother fund holds nothing", "母基金没有任何投资"),
    "remedy.mother_without_holdings": ("add vehicles in which it invests", "添加其所投基金"),
    "warning.nobody_pays_carry": ("no investor pays carry", "没有出资人承担业绩报酬"),
    "remedy.nobody_pays_carry": ("set pays_carry on investors", "在出资人处设定 pays_carry"),
    "warning.fee_ends_early": (
        "the fee ends after {late:g} years, before the term of {term:g}",
        "管理费止于第 {late:g} 年，早于 {term:g} 年的期限",
    ),
    "remedy.fee_ends_early": (
        "add a phase, with rate 0 if that is meant",
        "增加一个阶段；若确为此意，rate 填 0",
    ),
    "warning.huge_commitment": (
        "the commitment is {yi:,.0f} times CNY 100 million, more than any park fund",
        "认缴 {yi:,.0f} 亿元，超过任何园区基金",
    ),
    "remedy.huge_commitment": (
        "check the unit: an amount in CNY 10,000 may stand where CNY 100 million is meant",
        "检查单位：可能把万元的数字填作亿元",
    ),
    "warning.outsized_commitment": (
        "the commitment is {times:,.0f} times the size of the median other vehicle, {middle:.4g}",
        "认缴为其他基金规模中位数 {middle:.4g} 的 {times:,.0f} 倍",
    ),
    "remedy.outsized_commitment": (
        "check the unit of amounts: all are in that of the block currency",
        "检查金额单位：全部金额均以 currency 的单位计",
    ),
    "warning.few_deals": (
        (
            "{deals} deals of {deal:.4g} come to {planned:.4g}; with stakes and property that is {share:.1%} "
            "of the size {size:.4g}"
        ),
        (
            "{deals} 个项目、每个 {deal:.4g}，合计 {planned:.4g}；"
            "连同份额与物业仅为规模 {size:.4g} 的 {share:.1%}"
        ),
    ),
    "remedy.few_deals": (
        "check deals and the unit of ticket, or with a stake that of entry values, or lower the commitments",
        "检查 deals 与 ticket 的单位（按 stake 投资时检查入场估值的单位），或调低认缴",
    ),
    "warning.thin_investing": (
        (
            "expected investments, reserve included, come to {expected:.4g}, {share:.1%} of the size "
            "{size:.4g}, where 85% or more is usual"
        ),
        "预计投资（含后续投资预留）合计 {expected:.4g}，为规模 {size:.4g} 的 {share:.1%}；通常在 85% 以上",
    ),
    "remedy.thin_investing": (
        "plan more deals or larger ones, or the rest is called for fees alone or never",
        "增加项目数或单笔金额，否则其余资金只付费用或始终不会缴付",
    ),
    "warning.small_rounds": (
        (
            "of {planned:.4g} planned for deals, rounds at its stages and the cap on one enterprise let in "
            "{deals:.4g}; expected investments come to {expected:.4g}, {share:.1%} of the size {size:.4g}, "
            "where 85% or more is usual"
        ),
        (
            "计划投向项目 {planned:.4g}，因所投阶段的融资额与单个企业上限，预计只能投出 {deals:.4g}；"
            "预计投资合计 {expected:.4g}，为规模 {size:.4g} 的 {share:.1%}；通常在 85% 以上"
        ),
    ),
    "remedy.small_rounds": (
        "plan more and smaller deals, buy at later stages, or raise max_round_share",
        "增加项目数并减小单笔金额，投资较后阶段，或提高 max_round_share",
    ),
    "warning.few_to_join": (
        (
            "the vehicles with which it buys plan {n} deals, where it plans {deals}; expected investments "
            "come to {expected:.4g}, {share:.1%} of the size {size:.4g}, where 85% or more is usual"
        ),
        (
            "与其共同投资的基金仅计划 {n} 个项目，而其自身计划 {deals} 个；预计投资合计 {expected:.4g}，"
            "为规模 {size:.4g} 的 {share:.1%}；通常在 85% 以上"
        ),
    ),
    "remedy.few_to_join": (
        "name more vehicles in with_vehicles, or plan fewer and larger deals",
        "在 with_vehicles 中加入更多基金，或减少项目数并提高单笔金额",
    ),
    "warning.thin_stakes": (
        (
            "its stakes in {n} of the vehicles come to {expected:.4g}, {share:.1%} of the size {size:.4g}, "
            "where 85% or more is usual"
        ),
        "其在 {n} 只基金中的份额合计 {expected:.4g}，为规模 {size:.4g} 的 {share:.1%}；通常在 85% 以上",
    ),
    "remedy.thin_stakes": (
        "raise its commitments to them, add vehicles, or lower its size",
        "提高其对所投基金的认缴，增加所投基金，或调低其规模",
    ),
    "warning.thin_property": (
        (
            "what it may buy of the property comes to {expected:.4g}, {share:.1%} of the size {size:.4g}, "
            "where 85% or more is usual"
        ),
        "其可购入的物业权益约合 {expected:.4g}，为规模 {size:.4g} 的 {share:.1%}；通常在 85% 以上",
    ),
    "remedy.thin_property": (
        "check the unit of cost and rent, add projects, buy for longer, or lower the size",
        "检查 cost 与 rent 的单位，增加项目，延长购入期，或调低规模",
    ),
    "warning.thin_pool": (
        "the pool takes {expected:.4g}, {share:.1%} of the size {size:.4g}, where 85% or more is usual",
        "资产池投入 {expected:.4g}，为规模 {size:.4g} 的 {share:.1%}；通常在 85% 以上",
    ),
    "remedy.thin_pool": (
        "raise the contributions, or the rest is called for fees alone or never",
        "提高投入比例，否则其余资金只付费用或始终不会缴付",
    ),
    "warning.heavy_fees": (
        "scheduled fees come to {share:.1%} of commitments over its life, above {limit:.0%}",
        "存续期内计划管理费合计为认缴的 {share:.1%}，高于 {limit:.0%}",
    ),
    "remedy.heavy_fees": (
        "check rates and phases: a rate is a decimal a year",
        "检查费率与阶段：费率按年、以小数或百分数填写",
    ),
    "warning.parent_ends_first": (
        (
            "with its extension it ends {end}, before {n} of the {of} vehicles that it holds, the last of "
            "them '{child}', {last}"
        ),
        "其含延长期的期限止于 {end}，早于所投 {of} 只基金中的 {n} 只，最晚为“{child}”，{last}",
    ),
    "remedy.parent_ends_first": (
        "lengthen the term, or let it sell its interests with live_children: sell",
        "延长期限，或以 live_children: sell 转让所持份额",
    ),
    "warning.loan_without_covenants": (
        "it has a loan without covenants, so unpaid interest grows and nobody enforces",
        "其贷款没有约定条款，未付利息会不断累积而无人处置",
    ),
    "remedy.loan_without_covenants": (
        "give covenants: {{}} for the usual ones",
        "填 covenants: {{}} 以采用通常条款",
    ),
    "warning.buyers_keep_loan": (
        "its buyers' loan falls due after {years:g} years, but they neither list nor sell",
        "受让方的贷款 {years:g} 年后到期，但其既不上市也不出售",
    ),
    "remedy.buyers_keep_loan": (
        "give hold_years, a reit, a refinancing, or loan_to_value 0",
        "填写 hold_years、reit、refinancing，或令 loan_to_value 为 0",
    ),
    "warning.reit_before_first": (
        "{date} is before the first listing of a public REIT in China, {first}",
        "{date} 早于中国首批公募 REIT 上市日 {first}",
    ),
    "remedy.reit_before_first": ("give {first} or later", "填 {first} 或以后"),
    "warning.reit_after_end": (
        "{date} is not before the horizon's end, {end}, so it never lists",
        "{date} 不早于模拟期末 {end}，始终不会上市",
    ),
    "remedy.reit_after_end": ("list earlier, or raise horizon_years", "提前上市，或提高 horizon_years"),
    "warning.complete_after_end": (
        "it would be complete {completed}, after the horizon's end, {end}",
        "将于 {completed} 竣工，晚于模拟期末 {end}",
    ),
    "remedy.complete_after_end": ("start earlier, or raise horizon_years", "提前开工，或提高 horizon_years"),
    "warning.operator_without_project": ("it has no project", "其名下没有项目"),
    "remedy.operator_without_project": (
        "name it as operator of projects, or drop it",
        "将其填为项目的 operator，或删去",
    ),
    "warning.nothing_reinvested": (
        "it builds nothing with its proceeds, so '{project}' never starts",
        "其回收资金不再投资，“{project}”始终不会开工",
    ),
    "remedy.nothing_reinvested": ("give a share above 0", "填大于 0 的 share"),
    "warning.nothing_recovered": (
        "none of its projects is ever sold or listed, so '{project}' never starts",
        "其项目均不出售也不上市，“{project}”始终不会开工",
    ),
    "remedy.nothing_recovered": (
        "give a project a sale or a REIT, or a start instead of waits",
        "为某个项目填写 sale 或 reit，或以 start 代替 waits",
    ),
    "warning.never_on_offer": (
        "nothing that it buys of '{name}' is ever on offer",
        "其拟购的“{name}”权益始终不会出让",
    ),
    "remedy.never_on_offer": (
        "drop it, or look at buys and max_debt_share",
        "删去，或检查 buys 与 max_debt_share",
    ),
    "warning.no_start_while_buying": (
        "none of its projects starts while it buys, from {first} to {last}",
        "其购入期 {first} 至 {last} 内没有项目开工",
    ),
    "remedy.no_start_while_buying": (
        "change from_years or over_years, or the projects' starts",
        "调整 from_years、over_years，或项目的 start",
    ),
}
