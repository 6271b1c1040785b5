"""Owns the words of a comparison: what differs, by how much, and whether it is noise."""

COMPARISON = {
    "compare.changed": ("{where}: {base} → {other}", "{where}：{base} → {other}"),
    "compare.added": ("{where}: added", "{where}：新增"),
    "compare.removed": ("{where}: removed", "{where}：删除"),
    "compare.unit_a_year": ("a year", "/年"),
    "compare.unit_years": ("years", "年"),
    "compare.unit_months": ("months", "个月"),
    "compare.unit_days": ("days", "天"),
    "compare.unit_multiple": ("times", "倍"),
    "compare.unit_square_metres": ("square metres", "平方米"),
    "compare.unit_enterprises_a_year": ("a year", "家/年"),
    "compare.unit_events_a_year": ("a year", "次/年"),
    "compare.head": (
        "{other} against {base}: {paths:,} paths in pairs, seed {seed}",
        "“{other}”对比“{base}”：{paths:,} 条路径逐条配对，随机种子 {seed}",
    ),
    "compare.what_differs": ("What differs", "方案差异"),
    "compare.nothing_differs": ("nothing", "无"),
    "compare.more_changes": (
        "… and {n:,} more; all of them are in the table of changes.",
        "……另有 {n:,} 处，全部见差异表。",
    ),
    "compare.what_comes": ("What comes of it", "结果差异"),
    "compare.by_year": ("{name} by year", "{name}：分年度"),
    "compare.same": ("Same on every path: {names}", "各路径均相同：{names}"),
    "compare.no_pairs": (
        "Nothing to compare, as no path has figures on both sides: {names}",
        "无可比较（没有路径在两侧均有定义）：{names}",
    ),
    "compare.n_vehicles": ("{n} vehicles", "{n} 只基金"),
    "compare.more_vehicles": (
        "… and {n:,} more among the smaller vehicles; all of them are in the tables.",
        "……另有 {n:,} 只较小基金，全部见各表。",
    ),
    "compare.notes": ("To be known", "说明"),
    "compare.of_pairs": ("{figure}, {paths:,} pairs", "{figure}，{paths:,} 对"),
    "compare.of_difference": ("difference", "差值"),
    "compare.of_error": ("error", "标准误"),
    "compare.of_verdict": ("verdict", "判定"),
    "compare.figure_net_irr": ("net IRR", "净内部收益率"),
    "compare.figure_tvpi": ("TVPI", "TVPI"),
    "compare.figure_dpi": ("DPI", "DPI"),
    "compare.figure_loss": ("P(TVPI < 1)", "TVPI < 1 概率"),
    "compare.figure_dpi_loss": ("P(DPI < 1)", "DPI < 1 概率"),
    "compare.figure_landing": ("landing", "返投倍数"),
    "compare.figure_dpi_by_year": ("DPI, year {year}", "第 {year} 年 DPI"),
    "compare.figure_calls_by_year": ("calls, year {year}", "第 {year} 年缴款"),
    "compare.verdict_none": ("same", "相同"),
    "compare.verdict_noise": ("noise", "噪声"),
    "compare.verdict_noise_needs": ("noise; {paths} paths", "噪声；需 {paths} 条"),
    "compare.verdict_real": ("real", "显著"),
    "compare.verdict_open": ("open", "未定"),
    "compare.says_none": ("no difference on any path", "任一路径均无差异"),
    "compare.says_none_in_mean": ("no difference in the mean", "均值无差异"),
    "compare.says_noise": (
        "noise: about {paths} paths would settle a difference as large as this",
        "属噪声：差异若确有此大小，约需 {paths} 条路径方可判定",
    ),
    "compare.says_noise_never": (
        "noise: paths differ, and the mean does not",
        "属噪声：各路径有差异，均值无差异",
    ),
    "compare.says_real": ("beyond noise", "超出噪声"),
    "compare.says_open": ("cannot be told from these runs", "据此无法判定"),
    "compare.pass_market": ("market", "市场"),
    "compare.pass_closing": ("closing", "募集"),
    "compare.pass_enterprises": ("enterprises", "企业"),
    "compare.pass_property": ("property", "物业"),
    "compare.pass_funds": ("funds", "基金"),
    "compare.pass_returns": ("returns", "收益"),
    "compare.pass_leverage": ("leverage", "杠杆"),
    "compare.note_shared": ("{name} took {passes} from {first}", "“{name}”沿用“{first}”的{passes}"),
    "compare.note_none_shared": (
        "{name} shares no pass with {first}",
        "“{name}”与“{first}”没有可共用的计算环节",
    ),
    "compare.note_versions": (
        (
            "The runs are of different versions of fundsim ({versions}); they are paired path by path, and "
            "differences hold what changed between the versions too."
        ),
        "各次运行所用的 fundsim 版本不同（{versions}）；仍按路径配对，差值也包含版本之间的变化。",
    ),
    "compare.note_kernels": (
        (
            "The runs are of fundsim {version}, and not known to be of the same kernels and processor; they "
            "are paired path by path, and differences hold what changed between them too."
        ),
        "各次运行同为 fundsim {version}，但无法确认计算核与处理器相同；仍按路径配对，差值也包含其间的变化。",
    ),
    "compare.note_followed": (
        "{name} was run with the seed, paths and pairs that all have here, not with its own.",
        "“{name}”按各方案共同的随机种子、路径数与对偶设置运行，未用自身设置。",
    ),
    "compare.note_kept": (
        "DPI and calls by year are those of the first {kept:,} of {paths:,} paths.",
        "分年度的 DPI 与缴款取前 {kept:,} 条路径（共 {paths:,} 条）。",
    ),
    "compare.note_bound": (
        (
            "The folder of {name} has not all calls by year path by path: their errors are upper bounds "
            "where it has not, and there is no DPI by year. Its scenario file, run here, gives them."
        ),
        (
            "“{name}”的结果目录未含全部分年度缴款的逐路径数值：缺者标准误为上限，且无分年度 DPI；"
            "直接比较方案文件即可得到。"
        ),
    ),
    "compare.note_leverage_kept": (
        "Leverage of {name} is that of its first {kept:,} paths.",
        "“{name}”的放大倍数取其前 {kept:,} 条路径。",
    ),
    "compare.note_only_in": ("Only in {side}, not compared: {names}.", "仅见于“{side}”，未比较：{names}。"),
    "compare.note_horizon": (
        "{name} runs for {years:g} years and {first} for {base:g}; measures are those at each one's end.",
        "“{name}”模拟 {years:g} 年，“{first}”模拟 {base:g} 年；各指标取各自期末值。",
    ),
    "compare.note_noise": (
        (
            "Differences of percentages are in points. One is called noise where its 95% interval holds 0; "
            "of many that are nothing, one in twenty looks real."
        ),
        (
            "百分比的差值以百分点计。95% 区间包含 0 的差异记为噪声；若实际均无差异，"
            "每二十项中约有一项会显得显著。"
        ),
    ),
}
