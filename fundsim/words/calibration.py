"""Owns the words of calibrations: the table of a fit, and what target statistics are called."""

CALIBRATION = {
    "calibrate.how": (
        (
            "Fitted in {runs} runs of {paths:,} paths, seed {seed}. Figures: {check_paths:,} other "
            "paths, seed {check_seed}."
        ),
        (
            "拟合运行 {runs} 次，每次 {paths:,} 条路径，种子 {seed}。下表数字取自种子 {check_seed} "
            "的另外 {check_paths:,} 条路径。"
        ),
    ),
    "calibrate.parameter": ("parameter", "参数"),
    "calibrate.start": ("start", "初值"),
    "calibrate.fitted": ("fitted", "拟合值"),
    "calibrate.low": ("low", "下限"),
    "calibrate.high": ("high", "上限"),
    "calibrate.statistic": ("statistic", "统计量"),
    "calibrate.target": ("target", "目标"),
    "calibrate.before": ("before", "拟合前"),
    "calibrate.got": ("got", "结果"),
    "calibrate.error": ("std. error", "标准误"),
    "calibrate.distance": ("distance", "偏离"),
    "calibrate.source": ("source", "来源"),
    "calibrate.only_measured": ("; not fitted", "；未参与拟合"),
    "calibrate.only_reported": ("; reported, as no figure is published", "；仅列示，未见公布数字"),
    "calibrate.missed": ("Missed: {name}", "未达到：{name}"),
    "calibrate.missed_noted": ("Missed: {name}: {note}", "未达到：{name}：{note}"),
    "calibrate.sourced": ("{grade}: {source}", "{grade}：{source}"),
    "calibrate.grade_seed": ("seed", "原始文件"),
    "calibrate.grade_read": ("read", "查阅"),
    "calibrate.grade_recalled": ("recalled", "常识"),
    "calibrate.grade_assumed": ("assumed", "假设"),
    "calibrate.filing": ("filing", "申报上市"),
    "calibrate.listing": ("listing", "上市"),
    "calibrate.of_quantile": (
        "{measure} at {years} years, {quantile} % quantile",
        "第 {years} 年{measure}，{quantile}%分位",
    ),
    "calibrate.of_quantile_at_end": ("{measure}, {quantile} % quantile", "{measure}，{quantile}%分位"),
    "calibrate.of_share_reached": (
        "DPI of {level} reached by {years} years, share",
        "第 {years} 年前 DPI 达到 {level} 的占比",
    ),
    "calibrate.of_years_to_reach": (
        "years to a DPI of {level}, {quantile} % quantile",
        "DPI 达到 {level} 所需年数，{quantile}%分位",
    ),
    "calibrate.of_pooled": ("{measure}, all cash together", "{measure}，现金流合并计算"),
    "calibrate.of_time_to_liquidity": ("time to liquidity, years", "变现时间（年）"),
    "calibrate.of_conversion": ("{start} to {end}", "{start} → {end} 转化率"),
    "calibrate.of_conversion_within": (
        "{start} to {end} within {years} years of entry",
        "入场 {years} 年内 {start} → {end} 转化率",
    ),
    "calibrate.of_step_up": (
        "step-up after {start}, {quantile} % quantile",
        "{start} 之后的估值增幅，{quantile}%分位",
    ),
    "calibrate.of_exit_share": ("exits by {channels}", "{channels}退出占比"),
    "calibrate.of_multiple_on_cost": ("multiple of cost by {channels}", "{channels}回款倍数"),
    "calibrate.of_multiple_quantile": (
        "multiple of cost by {channels}, {quantile} % quantile",
        "{channels}回款倍数，{quantile}%分位",
    ),
    "calibrate.of_multiple_share": (
        "deals at {low} to {high} times cost",
        "回款为成本 {low} 至 {high} 倍的项目占比",
    ),
    "calibrate.of_multiple_share_above": ("deals from {low} times cost", "回款达成本 {low} 倍的项目占比"),
    "calibrate.of_cost_share": ("cost of exits by {channels}", "{channels}退出的成本占比"),
    "calibrate.of_proceeds_share": ("proceeds of exits by {channels}", "{channels}退出的回款占比"),
    "calibrate.of_called": ("called over commitments at {years} years", "第 {years} 年实缴占认缴"),
    "calibrate.of_called_at_end": ("called over commitments", "实缴占认缴"),
    "calibrate.of_holding_all": ("holding time, years", "持有时间（年）"),
    "calibrate.of_holding_below": (
        "holding time below {high} times cost, years",
        "回款低于成本 {high} 倍的持有时间（年）",
    ),
    "calibrate.of_holding_above": (
        "holding time from {low} times cost, years",
        "回款达成本 {low} 倍的持有时间（年）",
    ),
    "calibrate.of_holding_between": (
        "holding time at {low} to {high} times cost, years",
        "回款为成本 {low} 至 {high} 倍的持有时间（年）",
    ),
    "calibrate.quantile_of": ("{name}, {quantile} % quantile", "{name}，{quantile}%分位"),
    "calibrate.of_window_share": ("listings while the window is {state}", "窗口“{state}”时的上市占比"),
    "cli.calibrating": (
        "Fitting {parameters} parameters to {targets} targets, {paths:,} paths a run",
        "以 {targets} 个目标拟合 {parameters} 个参数，每次运行 {paths:,} 条路径",
    ),
    "cli.calibrating_run": (
        "run {run}: sum of squares {squares:.2f}",
        "第 {run} 次运行：平方和 {squares:.2f}",
    ),
    "cli.calibrated": (
        "Written to {file}; try: fundsim run {file}",
        "已写入 {file}；可运行：fundsim run {file}",
    ),
}
