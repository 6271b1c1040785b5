"""Owns the words of the vocabulary: what members of its enums are called, a group of labels for each enum.

Groups that a scenario chooses from, such as strategies, stand here too.
"""

MEASURES = {
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
}

LEVERAGE = {
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

KINDS = {
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
    "investor_kind.in_cluster": ("parent fund", "上级基金"),
    "investor.all": ("all", "合计"),
    "channel.listing": ("listing", "上市"),
    "channel.merger": ("merger", "并购"),
    "channel.transfer": ("transfer", "转让"),
    "channel.buyback": ("buyback", "回购"),
    "channel.write_off": ("write-off", "核销"),
    "channel.term_sale": ("sale at term", "到期处置"),
    "channel.in_kind": ("in kind", "实物分配"),
    "channel.property_sale": ("property sale", "物业出售"),
    "channel.reit_offering": ("REIT offering", "REIT 发售"),
    "channel.reit_units": ("REIT units", "REIT 份额减持"),
    "channel.enforcement": ("enforcement", "担保处置"),
    "compounding.compound": ("compound", "复利"),
    "compounding.simple": ("simple", "单利"),
    "fee_base.commitments": ("commitments", "认缴"),
    "fee_base.paid_in": ("paid-in capital", "实缴"),
    "fee_base.unrealised_cost": ("unrealised cost", "未退出成本"),
    "instrument.landing": ("landing", "返投"),
    "style.european": ("whole fund", "整体分配"),
    "style.deal_by_deal": ("deal by deal", "逐项目分配"),
    "evidence.seed": ("printed in a source document", "载于原始文件"),
    "evidence.read": ("read in a public source", "查自公开来源"),
    "evidence.recalled": ("general knowledge", "未经来源核实的一般知识"),
    "evidence.assumed": ("modelling choice without a source", "无来源的建模选择"),
}

CHECKS = {
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
    "check.reit": ("dividends and net asset value of REITs add up", "REIT 分派与净值勾稽一致"),
    "check.interest_share": (
        "shares of an interest stay within what is on offer",
        "权益份额合计不超过可售份额",
    ),
    "check.interest_part": (
        "shares pay and receive their part of the interest",
        "份额按比例承担并分得权益的收付",
    ),
    "check.exit_line": ("every exit has its line in the exits table", "每笔退出均在退出明细中有记录"),
}
