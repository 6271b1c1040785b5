"""Owns the words of the command line: what it checks, shows and did."""

COMMAND_LINE = {
    "cli.running": ("Simulating {name}", "正在模拟{name}"),
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
    "cli.audit_failed": (
        "Audit failed: {check}, relative error {worst:.1e} above {limit:.0e}",
        "账目校验未通过：{check}，相对误差 {worst:.1e} 超过 {limit:.0e}",
    ),
    "cli.created": ("Created {file}; try: fundsim run {file}", "已创建 {file}；可运行：fundsim run {file}"),
    "cli.warmed_up": ("Kernels compiled in {seconds:.0f} s", "计算核已编译，用时 {seconds:.0f} 秒"),
    "cli.warning": ("warning: {message}", "警告：{message}"),
    "cli.error": ("error: {message}", "错误：{message}"),
    "cli.interrupted_plain": ("interrupted", "已中断"),
    "cli.compiling": (
        "Compiling the kernels, once; this takes about a minute.",
        "首次运行需编译计算核，约一分钟，仅此一次。",
    ),
    "cli.resume_nothing": (
        "{folder} holds no unfinished run; starting from the first path.",
        "{folder} 中没有未完成的运行；从头开始。",
    ),
    "cli.resume_complete": (
        "{folder} is complete already; nothing was left to do.",
        "{folder} 已经完整，无需继续。",
    ),
    "cli.check_vehicle": (
        "{name}: {kind}, {size} {unit}, {investors} investors, {deals} planned deals",
        "{name}：{kind}，规模 {size} {unit}，{investors} 个出资人，计划 {deals} 个项目",
    ),
    "cli.check_total": (
        "{vehicles} vehicles, {investors} outside investors, {deals} planned deals, {periods} periods",
        "共 {vehicles} 只基金、{investors} 个外部出资人、{deals} 个计划项目、{periods} 个期间",
    ),
    "cli.check_cost": (
        "{paths:,} paths need about {memory} of memory, {disk} of disk and {time} on {cores} cores.",
        "{paths:,} 条路径约需内存 {memory}、磁盘 {disk}，在 {cores} 个核心上约需 {time}。",
    ),
    "cli.time_left": ("About {time} left", "预计还需 {time}"),
    "cli.refused": ("{message}; --force runs all the same", "{message}；如仍要运行，请加 --force"),
    "needs.memory": (
        "{paths:,} paths need about {needed} of memory, and there are {has}",
        "{paths:,} 条路径约需内存 {needed}，而本机可用 {has}",
    ),
    "needs.disk": (
        "{paths:,} paths need about {needed} of disk, and {has} are free for {folder}",
        "{paths:,} 条路径约需磁盘 {needed}，而 {folder} 处可用 {has}",
    ),
    "needs.lower_both": (
        "lower run.paths to {fitting:,}, or run.kept_paths to {kept:,}",
        "请将 run.paths 降至 {fitting:,}，或将 run.kept_paths 降至 {kept:,}",
    ),
    "needs.lower_paths": ("lower run.paths to {fitting:,}", "请将 run.paths 降至 {fitting:,}"),
    "needs.lower_nothing": ("not one path would fit", "一条路径也容不下"),
    "needs.refused": ("{message}; {remedy}", "{message}；{remedy}"),
    "cli.no_workers": (
        "The cluster has no workers yet; the run begins with the first one.",
        "集群尚无工作进程，待其加入后开始运行。",
    ),
    "cli.processors": (
        "Paths were simulated on several kinds of processors, so last bits may differ: {shares}",
        "路径在不同型号的处理器上模拟，末位数字可能略有差异：{shares}",
    ),
    "workers.differs": (
        "worker {worker} would give other numbers: {differences}; install there what is here",
        "工作进程 {worker} 会得出不同的数值：{differences}；请在该处安装与本机相同的版本",
    ),
    "workers.foreign": (
        "a worker cannot take up a block ({failure}); install there the fundsim that is here",
        "有工作进程无法接收任务（{failure}）；请在该处安装与本机相同的 fundsim",
    ),
    "workers.lost": (
        "the executor lost its workers; give a new one, finished blocks are kept",
        "执行器已失去工作进程；请另建执行器，已完成的部分均已保留",
    ),
    "workers.lost_twice": (
        "workers end again and again, as for lack of memory; go on with --resume and fewer workers",
        "工作进程一再终止，常因内存不足；可减少工作进程，用 --resume 继续",
    ),
    "workers.no_scheduler": (
        "no scheduler answers at {address}; start one with: dask scheduler",
        "{address} 处没有调度器应答；可用 dask scheduler 启动",
    ),
    "workers.scheduler_lost": (
        "the scheduler at {address} is lost; finished blocks are kept, go on with --resume",
        "与 {address} 处的调度器失去联系；已完成的部分均已保留，可用 --resume 继续",
    ),
    "cli.seconds": ("{count:,.0f} s", "{count:,.0f} 秒"),
    "cli.minutes": ("{count:,.0f} min", "{count:,.0f} 分钟"),
    "cli.hours": ("{count:,.1f} h", "{count:,.1f} 小时"),
    "cli.schema_written": ("Written to {file}", "已写入 {file}"),
    "cli.info_cores": ("cores", "处理器核心"),
    "cli.info_processor": ("kind of processor", "处理器型号"),
    "cli.info_memory": ("memory", "内存"),
    "cli.info_system": ("system", "操作系统"),
    "cli.info_cache": ("kernel cache", "计算核缓存"),
    "cli.info_no_cache": ("none, kernels compile at every start", "无，每次启动均需编译"),
    "cli.info_compiled": ("kernels compiled", "计算核已编译"),
    "cli.info_data": ("package data", "随附数据"),
    "cli.info_font": ("Chinese font", "中文字体"),
    "cli.info_encoding": ("output encoding", "输出编码"),
    "cli.info_missing": ("missing", "缺失"),
}
