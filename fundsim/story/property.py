"""Owns how property is put into words: what it is called, its
markets, operators, projects, REITs and their buyers.
"""

from collections.abc import Iterator

from fundsim.scenario import Scenario
from fundsim.scenario.projects import Debt, Project, Sale
from fundsim.scenario.property import Operator, Property, PropertyMandate, PropertyMarket
from fundsim.scenario.reits import Reit
from fundsim.story.layout import COMMA, SEMICOLON
from fundsim.story.phrases import listed, rate
from fundsim.words import label, unit_label
from fundsim.words.numbers import amount, multiple, title

ITEMS = ("projects", "reits", "operators", "markets")


def item_title(scenario: Scenario, field: str, name: str, lang: str) -> str:
    """What a project, REIT, operator or market of that name is called."""
    return name if scenario.property_ is None else scenario.property_.title_of(field, name, lang)


def interest_title(scenario: Scenario, text: str, lang: str) -> str:
    """What an interest is called, given its label; the text itself if it is no interest's."""
    for interest in scenario.property_.interests() if scenario.property_ is not None else ():
        if interest.label == text:
            field = "reits" if interest.kind == "units" else "projects"
            name = item_title(scenario, field, interest.name, lang)
            return label(f"interest_of.{interest.kind}", lang, name=name)
    return text


def known_title(scenario: Scenario, text: str, lang: str) -> str:
    """What anything of property is called, given its name or label."""
    found = interest_title(scenario, text, lang)
    for field in ITEMS if found == text else ():
        found = item_title(scenario, field, text, lang)
        if found != text:
            break
    return found


def property_lines(scenario: Scenario, lang: str) -> Iterator[str]:
    """A line for each market, operator, project and REIT."""
    of_property = scenario.property_
    if of_property is None:
        return
    yield from (_market(market, lang) for market in of_property.markets)
    yield from (_operator(operator, lang) for operator in of_property.operators)
    for project in of_property.projects:
        text = SEMICOLON[lang].join(_project(scenario, of_property, project, lang))
        yield label("describe.project", lang, name=title(project, lang), text=text)
    for reit in of_property.reits:
        text = SEMICOLON[lang].join(_reit(reit, lang))
        yield label("describe.reit", lang, name=title(reit, lang), text=text)


def _market(market: PropertyMarket, lang: str) -> str:
    return label(
        "describe.property_market",
        lang,
        name=title(market, lang),
        drift=rate(market.rent.drift),
        volatility=rate(market.rent.volatility),
        mean=rate(market.yields.mean),
    )


def _operator(operator: Operator, lang: str) -> str:
    rules = [label("describe.from_day", lang, value=rate(r.share), date=r.from_) for r in operator.reinvest]
    key = "describe.operator" if rules else "describe.operator_keeps"
    return label(key, lang, name=title(operator, lang), rules=listed(rules, lang))


def _project(scenario: Scenario, of_property: Property, project: Project, lang: str) -> Iterator[str]:
    if project.operator is not None:
        owner = of_property.title_of("operators", project.operator, lang)
    else:
        owner = project.owner or ""
    currency = unit_label(scenario.currency.code, 1, lang)
    yield label(
        "describe.space",
        lang,
        area=f"{project.area:,.0f}",
        rent=f"{project.rent:g}",
        market=of_property.title_of("markets", project.market, lang),
        currency=currency,
    )
    yield label("describe.owner", lang, owner=owner, share=rate(project.owner_share))
    if project.built is not None:
        yield label("describe.built", lang, cost=amount(project.built.cost), years=project.built.age_years)
    if project.build is not None:
        build = project.build
        key = "describe.build_waits" if build.waits else "describe.build"
        yield label(key, lang, cost=amount(build.cost), date=build.start, years=build.over_years)
    let = project.occupancy
    yield label(
        "describe.let", lang, opening=rate(let.opening), stable=rate(let.stable), years=let.ramp_years
    )
    if let.letting_cost > 0.0:
        yield label("describe.letting_cost", lang, cost=f"{let.letting_cost:g}", currency=currency)
    for debt in project.debts:
        yield _debt(debt, lang)
    yield from _rules(scenario, project, lang)
    if project.sale is not None:
        yield _sale(project.sale, lang)
    if project.reit is not None:
        key = "describe.listed_with" if project.initial else "describe.injected_into"
        yield label(key, lang, reit=of_property.title_of("reits", project.reit, lang))


def _debt(debt: Debt, lang: str) -> str:
    return label(
        "describe.debt",
        lang,
        name=title(debt, lang),
        kind=label(f"debt_kind.{debt.kind}", lang),
        share=rate(debt.share),
        rate=label("describe.coupon", lang) if debt.rate is None else rate(debt.rate),
        repayment=label(f"repayment.{debt.repayment}", lang),
        years=debt.term_years,
    )


def _rules(scenario: Scenario, project: Project, lang: str) -> Iterator[str]:
    if project.tenants is not None:
        tenants = project.tenants
        yield label(
            "describe.tenants",
            lang,
            sectors=listed([title(scenario.sector(name), lang) for name in tenants.sectors], lang),
            vacancy=f"{tenants.vacancy_response:g}",
            rent=f"{tenants.rent_response:g}",
        )
    if project.covenants is not None:
        covenants = project.covenants
        least = multiple(covenants.coverage)
        if covenants.loan_to_value is None:
            yield label("describe.covenant_coverage", lang, least=least)
        else:
            yield label("describe.covenants", lang, least=least, most=rate(covenants.loan_to_value))
    if project.refinancing is not None:
        new = project.refinancing
        yield label(
            "describe.refinancing",
            lang,
            years=new.after_years,
            share=rate(new.loan_to_value),
            rate=rate(new.rate),
        )


def _sale(sale: Sale, lang: str) -> str:
    text = label(
        "describe.sale",
        lang,
        years=sale.after_years,
        readiness=rate(sale.readiness),
        debt=rate(sale.loan_to_value),
    )
    if sale.hold_years is None:
        return text
    comma = COMMA[lang] if lang == "en" else "，"
    return text + comma + label("describe.hold", lang, years=sale.hold_years)


def _reit(reit: Reit, lang: str) -> Iterator[str]:
    yield label("describe.reit_from", lang, date=reit.from_, years=reit.operating_years)
    yield label("describe.reit_floor", lang, floor=rate(reit.yield_floor), payout=rate(reit.payout))
    yield label("describe.reit_units", lang, retained=rate(reit.retained), strategic=rate(reit.strategic))
    yield label(
        "describe.reit_lock",
        lang,
        base=reit.lock.base_months,
        excess=reit.lock.excess_months,
        strategic=reit.lock.strategic_months,
    )
    if reit.gearing:
        yield label("describe.reit_gearing", lang, share=rate(reit.gearing))
    if reit.follow_on is not None:
        rules = [
            label("describe.from_day", lang, value=label("describe.months", lang, n=r.months), date=r.from_)
            for r in reit.follow_on.wait
        ]
        yield label("describe.follow_on_offering", lang, rules=listed(rules, lang))


def purchase_phrases(mandate: PropertyMandate, scenario: Scenario, lang: str) -> Iterator[str]:
    """What a vehicle buys of the property."""
    chosen = [item_title(scenario, "projects", name, lang) for name in mandate.projects or ()]
    chosen += [item_title(scenario, "reits", name, lang) for name in mandate.reits or ()]
    yield label(
        "describe.property_buys_of" if chosen else "describe.property_buys",
        lang,
        kinds=listed([label(f"interest_source.{kind}", lang) for kind in mandate.buys], lang),
        names=listed(chosen, lang),
        years=mandate.over_years,
    )
    if mandate.share < 1:
        yield label("describe.property_share", lang, share=rate(mandate.share))
    if mandate.ticket is not None:
        yield label("describe.property_ticket", lang, amount=amount(mandate.ticket))
    yield label("describe.property_debt", lang, share=rate(mandate.max_debt_share))
