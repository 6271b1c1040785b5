"""Owns the Chinese of what defaults and presets of the package rest on, by their English."""

SOURCES = {
    "0.5 to 1 % a year, often on paid-in capital; no source was found": (
        "每年0.5%–1%，常按实缴计；未找到来源"
    ),
    "1, no premium, unless multiples are given": "未给出倍数时为 1，即无溢价",
    "1.5 billion Hong Kong dollars, chapter 18A": "第 18A 章：15 亿港元",
    "10 to 25 % of the enlarged capital is floated": "公开发行占扩大后股本的 10%–25%",
    (
        "12 months after the listing under the rules of the pilot, whose first REITs were listed "
        "on 2021-06-21"
    ): ("试点规则：上市满12 个月；首批REIT 于2021-06-21 上市"),
    "12 months for ordinary holders before the listing, company law": ("公司法：上市前股东一般锁定12 个月"),
    "14 of the first 20 REITs had no debt": "前 20 只 REIT 中 14 只无负债",
    "180 days by contract with the underwriters": "与承销商约定 180 天",
    "20 % tied to the annual appraisal, Nanjing": "南京：20% 与年度考核挂钩",
    "300 days": "300 天",
    "4+4+2 after Nanjing's 4+6": "参照南京 4+6，取 4+4+2",
    "426 filings were terminated in 2024, far more than passed; a normal year is taken to be milder": (
        "2024 年终止426 家，远多于过会数；假设常态年份较温和"
    ),
    "50 % in a normal window; no rate of success is published": "常态窗口 50%；未见公布的成功率",
    (
        "90 % of net recovered money into new projects under the rules of the pilot; the pilot's "
        "filings began in 2020-08"
    ): ("试点规则：净回收资金的90% 用于新项目；试点自2020-08 起申报"),
    "71 % of funds of 2011 to 2020 have not exited; five years assumed": (
        "2011 至 2020 年设立的基金 71% 尚未退出；假设五年"
    ),
    "A-share listings of 2021 (524) against a normal year at 0.7 of that: 1.0/0.7": (
        "2021 年A 股上市524 家，常态年份取其0.7：1.0/0.7"
    ),
    "A-share listings of 2024 (100) and 2025 (116) against 0.7 of 2021 (524): 0.2/0.7": (
        "2024 年（100 家）与2025 年（116 家）A 股上市数对2021 年（524 家）的0.7：0.2/0.7"
    ),
    "CSI 300 over the last ten years, rounded": "沪深 300 近十年，取整",
    "CSRC rules on venture funds' sales, from 2020-03-31": "证监会创业投资基金减持规定，2020-03-31 起",
    (
        "CSRC rules on venture funds' sales, in force from 2020-03-31: held under 36 months "
        "auctions of 1 % and blocks of 2 % in 90 days; 36 to 48 months in 60 days; 48 to 60 months "
        "in 30 days; from 60 months no limit"
    ): (
        "证监会创业投资基金减持规定，2020-03-31 施行：持有不满36 个月，90 日内集中竞价1%、大宗2%"
        "；36–48 个月为60 日；48–60 个月为30 日；满60 个月不限"
    ),
    "Nasdaq and New York": "纳斯达克与纽约",
    "Quanzhou at most 10, Nanjing 4+6, Qingdao 5+5": "泉州不超过 10 年，南京 4+6，青岛 5+5",
    "Takahashi and Alexander 2001, venture": "Takahashi 与 Alexander（2001），创业投资",
    "a constant hazard": "恒定风险率",
    "a fifth of the profit": "利润的五分之一",
    "a filing takes about half a year": "申报约需半年",
    "a firm without a round lasts some years": "未获融资的企业可维持若干年",
    "a first year of rents": "首年租金",
    "a guidance fund waits for its sub-funds": "引导基金等待其子基金",
    "a market for shares of funds and stakes opens after some five years": (
        "基金份额与股权的转让市场约五年后形成"
    ),
    "a standard error near 1 % of a standard deviation": "标准误约为标准差的 1%",
    "a careful buyer's; published discounts are on reported NAV": (
        "审慎买方的出价；已公布折价以报告净值为基准"
    ),
    "a ten-year mother fund, extensions and a closing year": "十年期母基金，加延长期与收尾一年",
    "a year in the rules of 2015 for government funds": "2015 年政府基金办法：一年",
    "a year of block trades": "一年内以大宗交易减持",
    "a year of works": "改造一年",
    "a yield of 5.5 % that moves by about half a point a year": "资本化率 5.5%，每年约波动半个百分点",
    "about a fifth of filings are withdrawn": "约五分之一的申报撤回",
    "acquisition loans for control run up to ten years since 2025-12-31": (
        "自2025-12-31 起，控制型并购贷款最长十年"
    ),
    "all": "全部",
    "all but the general partner pay": "除普通合伙人外均承担",
    "all cores": "全部核心",
    "all paths are simulated": "模拟全部路径",
    "amounts come through the year": "金额在一年中陆续发生",
    "an exponential clock": "指数分布时钟",
    "any number serves; the same seed gives the same bits": "任意数均可；种子相同则结果逐位相同",
    "any sector": "任何行业",
    "arranger, rating and trust": "承销、评级与信托费用",
    "arrivals that do not know of each other": "到达相互独立",
    "as for the listing": "与上市相同",
    "as for transfers": "与转让相同",
    "as in the closing block": "同募资部分",
    "as much as is on offer and its money covers": "可售份额与自有资金所及",
    "at its mean": "取其均值",
    ("at least 85 % into new or existing projects, NDRC notice 1014 of 2024-07, in force from 2024-08-01"): (
        "国家发展改革委2024-07 第1014 号通知，2024-08-01 起：不低于85% 用于新建或存量项目"
    ),
    "at least 90 % of what is distributable": "不低于可供分配金额的 90%",
    (
        "at most 2 % on paid-in or unreturned cost (Zhuhai, Fujian); Nanjing 1.5 %; usually none "
        "in an extension"
    ): ("不超过实缴或未退出成本的2%（珠海、福建）；南京1.5%；延长期通常不收"),
    "at most 20 % of a sub-fund in one project, Fujian": "福建：单个项目不超过子基金的 20%",
    "at most 20 % of the excess": "不超过超额收益的 20%",
    "betas of venture portfolios are estimated above 1": "创投组合的贝塔估计高于 1",
    (
        "calibrated to the funnel of Carta's class of 2018 and to the outcomes of US financings; "
        "see docs/calibration.md"
    ): ("按Carta 2018 年入场企业漏斗与美国融资结局校准；见docs/calibration.md"),
    (
        "calibrated with ten-year sub-funds to DPI and IRR by age, exits by channel, multiples and "
        "the funnel; see docs/calibration.md"
    ): ("以十年期子基金按各年DPI 与IRR、退出渠道、回款倍数及漏斗校准；见docs/calibration.md"),
    "calibrated with the stages; see docs/calibration.md": "与各阶段一同校准；见 docs/calibration.md",
    "capital back first is the more common form of recent years": "先回本为近年更常见的形式",
    "capital back first, Nanjing measures": "南京办法：先回本",
    "capital back first, then profit, Nanjing": "南京：先回本后分利",
    "capital is called deal by deal": "逐项目缴款",
    "caps of convertible notes": "可转债的估值上限",
    "claims go through the courts": "须经法院追索",
    "no figure is published; a year beyond the usual time between rounds": (
        "未见公布数字；比通常的轮间间隔多一年"
    ),
    "no figure is published; vary it with the chances of payment": ("未见公布数字；宜与支付概率一并变动"),
    "clauses are in most deals and run out after four to six years (press, 2024)": (
        "多数交易含回购条款，四至六年后到期（2024 年媒体报道）"
    ),
    "closes in full": "足额募集",
    "common shares": "普通股",
    "contracts commonly say four to six years": "合同通常约定四至六年",
    "core Pre-REIT funds 0 to 50 %, core-plus 50 to 60 %, value-add 50 to 75 %": (
        "Pre-REIT 基金：核心型0–50%，核心增益型50%–60%，增值型50%–75%"
    ),
    "core property funds borrow up to 50 %": "核心型不动产基金借款不超过 50%",
    "courts and talks take about a year": "诉讼与协商约需一年",
    "deed tax of 3 % of the price": "契税为价款的 3%",
    "distribution yield of at least 3.8 %, earlier 4 %": "分派率不低于 3.8%，此前为 4%",
    "each phase's rate on callable, whatever its base": "各阶段费率乘可缴总额，不论计费基数",
    "each vehicle has a manager of its own": ("每只基金各有管理人"),
    "early rounds sell 10 to 25 %": "早期轮次出让 10%–25%",
    (
        "entrants within 12 months before the filing: 12 months from the listing (jiantou8, weak); "
        "taken from the purchase"
    ): ("申报前12 个月内入股：自上市起12 个月（jiantou8，依据较弱）；此处自取得起计"),
    "equal weights": "等权重",
    "equity alone": "仅用权益资金",
    "everything closes in full on its date": "均按期足额募集",
    (
        "exchange rules for holders of shares issued before the listing: auctions 1 %, blocks 2 %, in 90 days"
    ): ("交易所减持规定（首发前股份）：90 日内集中竞价1%、大宗2%"),
    "exit yields of 5 to 6 % are planned with; park REITs paid 3.94 to 5.11 % in 2024": (
        "测算退出资本化率5%–6%；2024 年园区REIT 分派率3.94%–5.11%"
    ),
    "fans and quantiles by year stay below a few gigabytes": "使扇形图与分年度分位数不超过数 GB",
    "fees lie inside commitments": "管理费含于认缴之内",
    "few stalled firms find a buyer": "停滞企业很少找到买家",
    "few venture-backed firms below 300 million US dollars go public; the exchanges ask for less": (
        "估值3 亿美元以下的创投企业很少上市；交易所门槛更低"
    ),
    "first auctions of courts start at 70 % of the appraisal": "法院首次拍卖起拍价为评估价的 70%",
    "first leases run out and space is filled after some two years": "首批租约到期、空间约两年租满",
    "fitted with the presets of sectors to benchmarks of Chinese funds": ("与行业预设一同按中国基金基准拟合"),
    "five-year loan prime rate, without a spread": "五年期 LPR，不加点",
    "fixed unless a spread is given": "未给出离散度时取定值",
    "fund and asset managers, custody": "基金与资产管理人、托管费用",
    "funds call and report by quarter": "基金按季缴款与报告",
    "give this or annual": "此项与 annual 二选一",
    "give this or build": "此项与 build 二选一",
    "give this or built": "此项与 built 二选一",
    "give this or generator": "此项与 generator 二选一",
    "give this or name": "此项与 name 二选一",
    "give this or operator": "此项与 operator 二选一",
    "give this or owner": "此项与 owner 二选一",
    "give this or schedule": "此项与 schedule 二选一",
    "give this or stake": "此项与 stake 二选一",
    "give this or takahashi_alexander": "此项与 takahashi_alexander 二选一",
    "give this or ticket": "此项与 ticket 二选一",
    "give this or vehicle": "此项与 vehicle 二选一",
    "give this, or let it wait": "给出此项，或等待资金",
    "government measures speak of an annual simple return": "政府办法以年化单利表述",
    "gross assets at most 140 % of net assets": "总资产不超过净资产的 140%",
    "half of a deviation is gone after 2.3 years": "偏离在 2.3 年后减半",
    "half of a premium is gone after 1.4 years": "溢价在 1.4 年后减半",
    "half of the gap is closed after 1.4 years": "差距在 1.4 年后减半",
    "holders below 10 % have no lock-up": "持股 10% 以下者无锁定",
    "honours every call": "按时履行每次缴款",
    "in operation for at least three years, notice of 2020-08": "2020-08 通知：运营不少于三年",
    "independent": "相互独立",
    "injected by a follow-on offering": "以扩募注入",
    "investment period of a 4+4+2 fund": "4+4+2 基金的投资期",
    "investment period of a 4+4+2 sub-fund, Nanjing measures": "南京办法：4+4+2 子基金的投资期",
    "issued at the appraised value": "按评估值发行",
    "it is never listed": "始终不上市",
    "it is not sold before a listing": "上市前不出售",
    "it is paid back when due": "到期偿还",
    "it keeps its first debts": "保留初始负债",
    "it looks at all rounds on offer": "查看全部可投轮次",
    "it starts on its date": "按期开工",
    "its rents do not feel the enterprises": "租金不受企业影响",
    "later funds buy from earlier ones in a cluster": "同群后设基金受让先设基金的持股",
    "lenders ask for 1.1 to 1.3": "贷款人要求 1.1–1.3",
    "little is left beside a sale of assets": "除出售资产外所余无几",
    "long-run growth of Chinese equities with dividends, rounded": "中国股票长期增长（含股息），取整",
    "lowered to 4 billion Hong Kong dollars for commercial companies until 2027-08 (cnyes)": (
        "已商业化公司至2027-08 降为40 亿港元（cnyes）"
    ),
    "lowest market value standard of the exchange": "该交易所最低市值标准",
    "lowest of the board's market value standards; revenue and profit tests are not modelled": (
        "该板块最低市值标准；收入与利润标准未建模"
    ),
    "market value test of the listing rules, main board": "主板上市规则市值测试",
    "mean coupon, by amount, of the six special bonds for parks of 2023 (table 6)": (
        "2023 年六只园区专项债按金额加权平均票面利率（表6）"
    ),
    "mean days from acceptance to listing: 263 (qubanbao)": "受理至上市平均 263 天（qubanbao）",
    "mean days from acceptance to listing: main 193, ChiNext 691, STAR 403, BSE 263 (qubanbao)": (
        "受理至上市平均天数：主板193、创业板691、科创板403、北交所263（qubanbao）"
    ),
    "means are those of the paths": "均值取自路径本身",
    "median pre-money values of recent years, Carta": "Carta：近年投前估值中位数",
    "median value of angel rounds 0.3 亿元 in 2022 (combofin, weak)": (
        "2022 年天使轮估值中位数0.3 亿元（combofin，依据较弱）"
    ),
    "middle of 2022 to 2025, rounded": "2022 至 2025 年中值，取整",
    "modelling choice": "建模选择",
    "most US venture funds have none": "美国创投基金多无门槛",
    "most of the principal falls due at the end": "本金大部分到期偿还",
    "moves with the market": "随市场变动",
    "name of the board": "板块名称",
    "name of the chapter": "章节名称",
    "name of the sector": "行业名称",
    "near the five-year loan prime rate of 2025": "接近 2025 年五年期 LPR",
    "near the loan prime rate with a small spread": "接近 LPR，略加点",
    "nearly stabilised": "接近稳定运营",
    "no REIT": "无 REIT",
    "no cap": "无上限",
    "no covenants, no enforcement": "无约定，不处置",
    "no deals of its own": "自身不投项目",
    "no enterprise enters at this stage": "无企业在此阶段进入",
    "no enterprises": "无企业",
    "no fee": "不收费",
    "no landing term": "无返投约定",
    "no limit": "不限",
    "no listing": "不上市",
    "no operator": "无运营方",
    "no park deals": "无园区项目",
    "no park streams": "无园区企业来源",
    "no property": "无不动产",
    "no rate is published": "未见公布的比率",
    "a fund takes up no round of what its sisters hold": "基金不承接姊妹基金所持企业的轮次",
    "a mother calls what her sub-funds call of her": "母基金按子基金的出资通知缴款",
    "agreement deposits pay 1.5 to 2.5 %, not checked": "协定存款约1.5%至2.5%，未核对",
    "fees are set aside as they are expected on each phase's own base": "按各阶段计费基数预留管理费",
    "published discounts are on NAV, and marks are stale": "已公布折价以净值计算",
    "ten points more above eight years, a default": "满八年再加十个百分点，默认",
    "a deal not found is looked for a year later": "未投出的项目次年再寻一次",
    "no recovery rate is published; vary this first": "未见公布的回收率；应首先检验此项",
    "no selection": "无筛选",
    "no series of park rents is published": "未见公布的园区租金序列",
    "no threshold": "无门槛",
    "none in most government sub-funds": "多数政府子基金无追赶",
    "none; in China agreement and notice deposits and money funds pay some 1.5 to 2.5 %": (
        "不计；国内协定存款、通知存款与货币基金年利率约1.5%至2.5%"
    ),
    "nothing is improved": "不作改造",
    "nothing is on offer to vehicles": "不向基金出让",
    "only a vehicle that is wound up needs it": "仅清算的基金需要",
    "open; only the biopharma preset names this board": "不限；仅生物医药预设指定此板块",
    "operating cost and property tax take about a quarter": "运营成本与房产税约占四分之一",
    "ordinary holders": "一般股东",
    "other strategic investors take some 20 to 50 %": "其他战略投资者约占 20%–50%",
    "other strategic investors: 12 months, rules of the pilot": "试点规则：其他战略投资者锁定 12 个月",
    "owners do not sell projects for units far below NAV": ("份额价格远低于净值时，原始权益人不会注入项目"),
    "parks report from 67 % (Zhongguancun) to 98 % (Liandong) in 2023 to 2025": (
        "2023 至2025 年园区披露67%（中关村）至98%（联东）"
    ),
    "pathfinder investors of commercial companies, six months": "已商业化公司的领航投资者：六个月",
    "paths are independent": "路径相互独立",
    "post-money of A rounds 1 to 5 亿元 (combofin, weak)": ("A 轮投后估值1–5 亿元（combofin，依据较弱）"),
    "post-money of B rounds 5 to 20 亿元 (combofin, weak)": ("B 轮投后估值5–20 亿元（combofin，依据较弱）"),
    "post-money of C rounds above 20 亿元 (combofin, weak)": (
        "C 轮投后估值20 亿元以上（combofin，依据较弱）"
    ),
    "preference shares are usual in venture rounds": "创投轮次通常为优先股",
    "preferred shares of one rank are usual": "通常为同一顺位的优先股",
    "premium is used": "采用溢价",
    "preset china: 12 months, 6 since 2025-09-12": "预设 china：12 个月，2025-09-12 起 6 个月",
    "preset china: 50 % in a normal window": "预设 china：常态窗口 50%",
    "preset china: 90 %, 85 % since 2024-08-01": "预设 china：90%，2024-08-01 起 85%",
    "preset china: counts of A-share listings": "预设 china：A 股上市家数",
    "preset china: five-year loan prime rate": "预设 china：五年期 LPR",
    "preset china: special bonds by vintage": "预设 china：各年专项债",
    "preset china: three states that last 2.5 years each": "预设 china：三种状态，各持续 2.5 年",
    "presets HKD and USD": "预设 HKD 与 USD",
    "presets of the Chinese and US boards, each with its evidence": "中美各板块预设，各附依据",
    "presets of the Chinese rules": "中国规则预设",
    "prices of at least 90 % of the mean of twenty days; half of that room": (
        "发售价不低于前二十日均价的90%；取该空间之半"
    ),
    "principal plus 6 to 8 %, rising to 10 to 12 %": "本金加 6%–8%，可升至 10%–12%",
    "rents neither rise nor fall in the long run; they fell by 6 to 13 % in 2024": (
        "租金长期不升不降；2024 年下降6%–13%"
    ),
    (
        "rents of parks in 2024: Guangzhou down 6.2 %, Shanghai 13 % (bovor-plan); every year like "
        "the milder one"
    ): ("2024 年园区租金：广州降6.2%，上海降13%（bovor-plan）；每年按较轻者计"),
    "required for outside investors": "外部出资人须填",
    "returned capital may not be invested again, Qingdao": "青岛：返还资本不得再投资",
    "rules on new shareholders of applicants, 2021-02-05": "2021-02-05 申请首发企业股东信息规则",
    "sales at 60 to 70 % of value are reported (gsmaofa); spread assumed": (
        "有报道按价值的60%–70% 成交（gsmaofa）；离散度为假设"
    ),
    "securities on offices run 9 to 24 years with options to return them": (
        "办公楼CMBS 期限9–24 年，含回售权"
    ),
    "see its fields": "见其各字段",
    "set by extends": "由 extends 设定",
    (
        "set so that listings return about 2.6 times cost in the middle and 3.6 on average, the "
        "book multiples at issue that are published for 2022 to 2025 (3.3 to 5.0); first days lie "
        "far above issue prices"
    ): (
        "使上市回款中位约为成本2.6 倍、平均3.6 倍，即2022 至2025 年公布的发行时账面倍数（3.3–5.0"
        "）；首日价格远高于发行价"
    ),
    "single A-share after listing; default of the fact sheet": "上市后单只 A 股；资料所列默认值",
    "single A-shares after listing": "上市后单只 A 股",
    "single park REITs, 15 to 20 %": "单只园区 REIT，15%–20%",
    "single shares after listing": "上市后单只股票",
    "six months after the listing, NDRC notice 782 of 2025-09-12": (
        "国家发展改革委2025-09-12 第782 号通知：上市满六个月"
    ),
    "six months, as for cornerstone investors": "六个月，与基石投资者相同",
    "small remains are not worth an extension": "余额较小不值得延期",
    "the rest is sold to other funds": "剩余部分转让给其他基金",
    "sold at its value": "按其价值出售",
    "some months from the confidential filing to the listing": "秘密递交至上市需数月",
    "space fills over the years after completion": "竣工后逐年招租",
    "special bonds are paid back at their end": "专项债到期还本",
    "special bonds for parks of 2023 run 15.3 years in the mean": "2023 年园区专项债平均期限 15.3 年",
    "special bonds issued from January to November 2025": "2025 年 1 至 11 月发行的专项债",
    "special bonds issued in November 2024, Ministry of Finance": "财政部：2024 年 11 月发行的专项债",
    "states that persist with 0.6 a year; long-run shares near 0.21, 0.44, 0.35": (
        "每年以0.6 的概率维持原状态；长期占比约0.21、0.44、0.35"
    ),
    (
        "success rates by phase 2011 to 2020: 29 %; split into advance, listing and merger "
        "calibrated, see docs/calibration.md"
    ): ("2011 至2020 年分期成功率：29%；进入下一轮、上市与并购的拆分经校准，见docs/calibration.md"),
    (
        "success rates by phase 2011 to 2020: 52 %; split into advance, listing and merger "
        "calibrated, see docs/calibration.md"
    ): ("2011 至2020 年分期成功率：52%；进入下一轮、上市与并购的拆分经校准，见docs/calibration.md"),
    (
        "success rates by phase 2011 to 2020: 58 %; split into advance, listing and merger "
        "calibrated, see docs/calibration.md"
    ): ("2011 至2020 年分期成功率：58%；进入下一轮、上市与并购的拆分经校准，见docs/calibration.md"),
    (
        "success rates by phase 2011 to 2020: 91 %; split into advance, listing and merger "
        "calibrated, see docs/calibration.md"
    ): ("2011 至2020 年分期成功率：91%；进入下一轮、上市与并购的拆分经校准，见docs/calibration.md"),
    "taxes and advisers": "税费与中介费用",
    "taxes and agents": "税费与代理费用",
    "ten years and up to three more": "十年，最多再延三年",
    "ten years as 5+5, Qingdao mother fund": "青岛母基金：5+5 共十年",
    "tenants' growth follows markets weakly; vary it": "租户增长与市场弱相关；应检验此项",
    "that of the index": "与指数相同",
    "the Chinese text, else the name, is shown": "显示中文，无则显示名称",
    "the English text, else the name, is shown": "显示英文，无则显示名称",
    "the board trades in Hong Kong dollars": "该板块以港元交易",
    "the board trades in renminbi": "该板块以人民币交易",
    "the cost falls evenly": "成本均匀发生",
    "the coupon of its vintage, from property.coupons": "当期票面利率，取自 property.coupons",
    "the documents count in renminbi": "文件以人民币计",
    "the documents count in 亿元, a hundred million yuan": "文件以亿元计",
    "the first three park REITs were listed on that day": "首批三只园区 REIT 于该日上市",
    "the long-run frequencies of the states": "各状态的长期频率",
    "the loop of develop, list and build again": "开发、上市、再建设的循环",
    "the name is shown": "显示名称",
    "the next tranche is called when it is needed": "有资金需要时才缴付下期出资",
    "the original owner keeps at least 20 % of the units": "原始权益人自持份额不低于 20%",
    "the owner's 20 %: 60 months, rules of the pilot": "试点规则：原始权益人的 20% 锁定 60 个月",
    "the owner's units beyond 20 %: 36 months, rules of the pilot": (
        "试点规则：原始权益人超出20% 的份额锁定36 个月"
    ),
    "the price follows NAV when yields move": "资本化率变动时价格随净值变动",
    "the same at any age": "与基金年龄无关",
    "the scenario's currency": "情景的货币",
    "the scenario's start": "情景的起始日",
    "the end of the planned investments": "计划投资结束时",
    "the end of the term": "存续期届满",
    "the usual base of an investment period": "投资期的通常计费基数",
    "the usual form": "通常形式",
    "they trade in US dollars": "以美元交易",
    ("those who entered within 12 months before the filing: 36 months from the purchase, since 2021-02-05"): (
        "申报前12 个月内入股：自取得起36 个月，2021-02-05 起"
    ),
    "three calls 30/40/30, Nanjing measures (order reconstructed)": (
        "南京办法：分三期缴款30/40/30（顺序为推断）"
    ),
    "three states; no published series separates them": "三种状态；未见可区分的公布序列",
    "three to five years or more by strategy": "按策略三至五年或更长",
    "three years of accounts with full rents": "三年满租账目",
    "to the horizon": "至期末",
    "two per cent of commitments, later on what is still invested": "认缴的 2%，其后按在投余额",
    "two winters for a block of workshops or laboratories": "一栋厂房或实验楼需跨两个冬季",
    "typically 6 to 8 %; Nanjing asks for at least 4 %": "通常 6%–8%；南京要求不低于 4%",
    "unlimited it multiplies means by 22 in ten years": "不设限则十年后均值放大 22 倍",
    "usually none in an extension": "延长期通常不收",
    "valuation practice of the trade": "行业估值惯例",
    "value-add Pre-REIT funds 50 to 75 %": "增值型 Pre-REIT 基金：50%–75%",
    "waiting times are skewed": "等待时间呈偏态",
    "weak firms pay less": "弱势企业支付较少",
    "what banks lend on rented property at most": "银行对出租物业的最高贷款比例",
    "whatever is on offer": "凡可购者",
    "where such firms list": "此类企业的上市地",
    "where such firms listed in recent years": "此类企业近年的上市地",
    "without effect": "无影响",
}


def source_text(source: str, lang: str) -> str:
    """What a value rests on, in a language; what users wrote themselves stays as it is."""
    return SOURCES.get(source, source) if lang == "zh" else source
