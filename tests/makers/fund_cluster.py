"""A mother fund with any number of sub-funds, and small runs of it, simulated once for all tests."""

from functools import cache

from fundsim import simulate
from fundsim.scenario import Scenario

STRATEGIES = {"seed": "种子", "angel": "天使", "vc": "创投", "pe": "并购", "industry": "产业"}
STAGES = {"seed": ["seed"], "angel": ["seed", "angel"], "vc": ["A"], "pe": ["B", "C"], "industry": ["A", "B"]}
MOTHER_SHARE = 0.4


def sub_fund(n, social="社会资本 social"):
    """The n-th sub-fund; every other one owes a landing multiple."""
    strategy = list(STRATEGIES)[n % 5]
    size = 5.0 + 2 * (n % 7)
    return {
        "name": f"{strategy} fund {n + 1}",
        "title": {"zh": f"{STRATEGIES[strategy]}基金{n + 1}号", "en": f"{strategy.upper()} fund {n + 1}"},
        "kind": "sub_fund",
        "strategy": strategy,
        "start": "2023-07-01",
        "investors": [
            {"vehicle": "mother", "commitment": MOTHER_SHARE * size, "cap_share": MOTHER_SHARE},
            {"name": social, "kind": "social", "commitment": 0.59 * size},
            {"name": "gp", "kind": "general_partner", "commitment": 0.01 * size},
        ],
        "mandate": {
            "sectors": ["hardtech"],
            "stages": STAGES[strategy],
            "deals": 15,
            "ticket": 0.045 * size,
            "park_share": 0.5,
        },
        "exits": {"buyback": {}, "transfer": {}},
        "terms": {"fee_rate": 0.015, "carry_rate": 0.2, "hurdle_rate": 0.08, "calls": [0.3, 0.4, 0.3]},
        "obligations": {"landing_multiple": 1.5} if n % 2 == 0 else {},
    }


@cache
def cluster(n_sub_funds, paths, **names):
    """A scenario; `fiscal` and `social` rename those investors."""
    funds = [sub_fund(n, names.get("social", "社会资本 social")) for n in range(n_sub_funds)]
    size = sum(sum(investor["commitment"] for investor in fund["investors"]) for fund in funds)
    mother = {
        "name": "mother",
        "title": {"zh": "秦创原母基金", "en": "Qinchuangyuan mother fund"},
        "kind": "mother",
        "investors": [
            {
                "name": names.get("fiscal", "provincial fiscal"),
                "kind": "fiscal",
                "commitment": 0.4 * 0.45 * size,
            },
            {"name": "state platforms", "kind": "state", "commitment": 0.6 * 0.45 * size},
        ],
        "terms": {"fee_rate": 0.006, "hurdle_rate": 0.06, "term_years": 10, "extension_years": 2},
    }
    return Scenario.from_dict(
        {
            "name": "qinchuangyuan",
            "title": names.get("title", "")
            or {"zh": "秦创原科创系列基金", "en": "Qinchuangyuan fund cluster"},
            "description": names.get("title", "") or {"zh": "示例", "en": "An example"},
            "start": "2023-01-01",
            "run": {"paths": paths, "seed": 20230101, "kept_paths": names.get("kept_paths", paths)},
            "sectors": [{"name": "hardtech", "extends": "china_hardtech"}],
            "park": {"streams": [{"name": "park", "sector": "hardtech", "stage": "seed", "per_year": 40}]},
            "vehicles": [mother, *funds],
        }
    )


@cache
def run(n_sub_funds=5, paths=200, **names):
    """A small run of a cluster."""
    return simulate(cluster(n_sub_funds, paths, **names), progress=False)


class Altered:
    """Results of which some answers are others, to show what a
    run says that no small run can be made to say.
    """

    def __init__(self, results, **answers):
        self._results = results
        self.__dict__.update(answers)

    def __getattr__(self, name):
        return getattr(self._results, name)
