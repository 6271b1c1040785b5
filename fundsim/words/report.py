"""Owns the words of the report and the ten questions it answers."""

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
    "report.title": ("Simulation report: {name}", "模拟报告：{name}"),
    "report.summary": ("The answer in short", "结论摘要"),
    "report.returns": ("Returns by vehicle and investor", "各基金与出资人收益"),
    "report.leverage": ("Guidance leverage", "财政资金放大倍数"),
    "report.cash": ("Calls, distributions and idle cash", "出资、分配与闲置资金"),
    "report.exits": ("Exits", "退出情况"),
    "report.risk": ("Loss and tolerance", "亏损与容亏线"),
    "report.landing": ("Landing", "返投情况"),
    "report.checks": ("Audit", "账目校验"),
    "report.assumptions": ("Parameters and their evidence", "参数及其依据"),
    "report.glossary": ("What the words mean", "名词解释"),
    "report.method": (
        "{paths:,} paths from seed {seed}, fundsim {version}. Every statistic has a standard error.",
        "共 {paths:,} 条路径，随机种子 {seed}，fundsim {version}。各统计量均附标准误。",
    ),
    "report.kept_paths": (
        "Fans and by-year quantiles use the first {kept:,} paths; means use all {paths:,}.",
        "扇形图与分年度分位数使用前 {kept:,} 条路径；均值使用全部 {paths:,} 条。",
    ),
    "report.pooled": ("pooled over all paths", "全部路径合并计算"),
    "report.undefined": ("{count:,} of {paths:,} paths undefined", "{paths:,} 条路径中有 {count:,} 条无定义"),
    "report.not_advice": (
        "A simulation shows what follows from its assumptions. It is no forecast and no offer.",
        "模拟结果仅反映所设假设的推论，不构成预测或要约。",
    ),
}
