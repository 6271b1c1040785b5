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
        "{money} paid in is levered {p50}, looked through to the funds ({p05} to {p95})",
        "{money}实缴口径的穿透放大倍数为 {p50}（{p05} 至 {p95}）",
    ),
    "story.answer_invested_multiple": (
        "{money} paid in is levered {p50} in money that reached enterprises ({p05} to {p95})",
        "{money}实缴对应的投资放大倍数为 {p50}（{p05} 至 {p95}）",
    ),
    "story.answer_mother_multiple": (
        "{money} paid in is levered {p50} in the fund ({p05} to {p95})",
        "{money}实缴口径的放大倍数为 {p50}（{p05} 至 {p95}）",
    ),
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

STORY: dict[str, tuple[str, str]] = _ANSWER | _SUMMARY
