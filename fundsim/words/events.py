"""Owns the sentences of events: one for each kind, and one more where a flag of it is set."""

EVENTS = {
    "event_kind.window": ("window: {state}", "窗口：{state}"),
    "event_kind.closing": (
        "{counterpart} commits to {vehicle} (not started)",
        "{counterpart} 认缴 {vehicle}（未设立）",
    ),
    "event_kind.closing_started": (
        "{counterpart} commits to {vehicle} (started)",
        "{counterpart} 认缴 {vehicle}（已设立）",
    ),
    "event_kind.building": ("{counterpart}: building begins", "{counterpart} 开工"),
    "event_kind.building_recycled": (
        "{counterpart}: building begins (from recycled money)",
        "{counterpart} 开工（回收资金再投资）",
    ),
    "event_kind.completion": ("{counterpart} is complete", "{counterpart} 竣工"),
    "event_kind.refinancing": (
        "{counterpart} is refinanced (value {value})",
        "{counterpart} 再融资（估值 {value}）",
    ),
    "event_kind.project_sale": (
        "{counterpart} is sold to a Pre-REIT holder (value {value})",
        "{counterpart} 售予 Pre-REIT（估值 {value}）",
    ),
    "event_kind.resale": (
        "{counterpart} is sold again (value {value})",
        "{counterpart} 再次出售（估值 {value}）",
    ),
    "event_kind.project_listing": (
        "{counterpart} joins its REIT (book {book}, owners' cash {cash})",
        "{counterpart} 注入 REIT（账面成本 {book}，原始权益人现金 {cash}）",
    ),
    "event_kind.enforcement": (
        "the lender sells {counterpart} (value {value})",
        "{counterpart} 被债权人处置（估值 {value}）",
    ),
    "event_kind.cash_trap": ("cash of {counterpart} is trapped", "{counterpart} 资金开始归集"),
    "event_kind.cash_release": ("cash of {counterpart} is free again", "{counterpart} 资金解除归集"),
    "event_kind.reit_listing": (
        "{counterpart} is listed ({units} units, price {price})",
        "{counterpart} 上市（{units} 份，单价 {price}）",
    ),
    "event_kind.follow_on_offering": (
        "{counterpart}: follow-on offering ({units} units, price {price})",
        "{counterpart} 扩募（{units} 份，单价 {price}）",
    ),
    "event_kind.dividend": ("{counterpart}: dividends of the year", "{counterpart} 全年分派"),
    "event_kind.exit": (
        "{vehicle} sells {counterpart} ({channel}, cost {cost})",
        "{vehicle} 退出 {counterpart}（{channel}，成本 {cost}）",
    ),
    "event_kind.fee": ("fees {amount}", "管理费 {amount}"),
    "event_kind.distribution": ("distributed {amount}", "分配 {amount}"),
    "event_kind.carry": ("carry {amount}", "业绩报酬 {amount}"),
    "event_kind.deal": (
        "{vehicle} buys {counterpart} ({stage}, round of {raised} at {pre_money} pre-money)",
        "{vehicle} 投资 {counterpart}（{stage}，本轮融资 {raised}，投前估值 {pre_money}）",
    ),
    "event_kind.deal_credited": (
        (
            "{vehicle} buys {counterpart} ({stage}, round of {raised} at {pre_money} pre-money, credited "
            "to the park)"
        ),
        "{vehicle} 投资 {counterpart}（{stage}，本轮融资 {raised}，投前估值 {pre_money}，计入返投）",
    ),
    "event_kind.purchase": (
        "{vehicle} takes {counterpart} (share {share})",
        "{vehicle} 购入 {counterpart}（份额 {share}）",
    ),
    "event_kind.call": ("called {amount}", "出资 {amount}"),
    "event_kind.end": ("{vehicle} ends", "{vehicle} 终止"),
}
