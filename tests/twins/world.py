"""Slow, obvious twins of the market, closing and enterprises passes, written from §1–3 of docs/model.md."""

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import linalg, special

from fundsim.kernels.base.random import seed_key
from tests.twins import random
from tests.twins.random import derive, hash_name, uniform


def normal(u):
    return float(special.ndtri(u))


def draw(spec, u):
    """The quantile of a distribution written as a tuple."""
    kind, *numbers = spec
    if kind == "fixed":
        return numbers[0]
    if kind == "lognormal":
        median, log_sd = numbers
        return median * math.exp(log_sd * normal(u))
    if kind == "exponential":
        return -numbers[0] * math.log(1 - u)
    if kind == "gamma":
        mean, shape = numbers
        return mean / shape * float(random.gamma(shape, u))
    mean, sd = numbers
    weight = mean * (1 - mean) / sd**2 - 1
    return float(random.beta(mean * weight, (1 - mean) * weight, u))


def pick(probabilities, u):
    """The first category whose cumulative probability is above u."""
    reached = 0.0
    for category, probability in enumerate(probabilities):
        reached += probability
        if u < reached and probability > 0:
            return category
    return max(category for category, probability in enumerate(probabilities) if probability > 0)


class Market:
    """§1 on one path."""

    def __init__(self, world, path):
        self.world, self.m, self.T = world, world.periods_per_year, world.n_periods
        self.key = derive(int(seed_key(world.seed)), path)
        self.is_mirrored = world.is_antithetic and path % 2 == 1
        self.pair = derive(int(seed_key(world.seed)), path - path % 2)
        self.factors = self.walk_factors()
        self.index = self.walk_index()
        self.window = self.walk_window()

    def stream(self, name):
        return derive(self.key, hash_name(name))

    def shared(self, name, n):
        """Draw n of what all funds share; the second path of a mirrored pair has one less the first one's."""
        if self.is_mirrored:
            return 1 - uniform(derive(self.pair, hash_name(name)), n)
        return uniform(self.stream(name), n)

    def walk_index(self):
        """(1.1)"""
        drift = (self.world.index_drift - self.world.factor_volatility[0] ** 2 / 2) / self.m
        return [math.exp(drift * n + self.factors[0][n]) for n in range(self.T + 1)]

    def walk_factors(self):
        """(1.3)"""
        world = self.world
        names = ["market/index", *(f"market/factor/{name}" for name in world.factor_names[1:])]
        root = np.linalg.cholesky(world.correlation)
        levels = [[0.0] for _ in names]
        for t in range(self.T):
            z = root @ [normal(self.shared(name, t)) for name in names]
            for f, volatility in enumerate(world.factor_volatility):
                levels[f].append(levels[f][-1] + volatility * math.sqrt(1 / self.m) * z[f])
        return levels

    def walk_window(self):
        """(1.2)"""
        world, states = self.world, []
        step = linalg.expm(np.asarray(world.generator) / self.m)
        for t in range(self.T):
            if t in world.known:
                states.append(world.known[t])
            else:
                row = world.initial if t == 0 else step[states[-1]]
                states.append(pick(row, self.shared("market/window", t)))
        return states

    def factor(self, period, column):
        """A column of the window's factors in a period; beyond the horizon the last state stays."""
        return self.world.states[self.window[min(period, self.T - 1)]][column]

    def period_of(self, time):
        return max(math.ceil(time * self.m - 1e-9) - 1, 0)

    def is_beyond(self, time):
        return time * self.m > self.T + 1e-9

    def financing_years(self, a, b):
        """(3.2) the time of the financing clock between two dates, years."""
        return sum(self.factor(period, 0) for period in range(a, b)) / self.m

    def run_clock(self, time, years):
        """(3.1) period after period, until the financing rate has used up the clock."""
        period = min(math.floor(time * self.m), self.T - 1)
        while years > 1e-12:
            rate = self.factor(period, 0)
            is_last = period == self.T - 1
            end = math.inf if is_last else (period + 1) / self.m
            if rate > 0 and time + years / rate <= end:
                return time + years / rate
            if is_last:
                return math.inf
            years -= rate * (end - time)
            time, period = end, period + 1
        return time


def close(vehicles, world, path):
    """(2.1)–(2.4) on one path: lists (closed, callable) of investor rows by
    vehicle, whether each started, and its scale.
    """
    market = Market(world, path)
    closed, paid, started, scale = [], [], [], []
    for vehicle in vehicles:
        investors = vehicle["investors"]
        name = f"closing/{vehicle['name']}"
        share = draw(vehicle["raised"], closing_uniform(market, vehicle, market.shared(name, 0)))
        paid_in = draw(vehicle["paid_in_rate"], market.shared(name, 1))
        rows = []
        for kind, parent, planned, _ in investors:
            rows.append(planned * (share if kind == 2 else scale[parent] if kind == 4 else 1.0))
        for _ in range(5000):  # each parent in turn gives up what is above its cap, until none has to
            for i, (kind, _, _, cap) in enumerate(investors):
                if kind == 4 and cap is not None:
                    rows[i] = min(rows[i], cap / (1 - cap) * (sum(rows) - rows[i]))
        planned = sum(row[2] for row in investors)
        is_started = sum(rows) >= vehicle["minimum_close"] * planned - 1e-9
        rows = [amount if is_started else 0.0 for amount in rows]
        callable_rows = [
            amount * (paid_in if row[0] == 2 else 1.0) for amount, row in zip(rows, investors, strict=True)
        ]
        closed.append(rows)
        paid.append(callable_rows)
        started.append(is_started)
        scale.append(sum(callable_rows) / planned)
    return closed, paid, started, scale


def closing_uniform(market, vehicle, u):
    start, rho, volatility = (
        vehicle["start_period"],
        vehicle["correlation"],
        market.world.factor_volatility[0],
    )
    end = min(start + market.m, market.T)
    if volatility == 0 or rho == 0:
        return u
    years = (end - start) / market.m
    score = (market.factors[0][end] - market.factors[0][start]) / (volatility * math.sqrt(years))
    return float(special.ndtr(rho * score + math.sqrt(1 - rho**2) * normal(u)))


@dataclass
class Segment:
    start: int
    end: int
    open: float  # V
    close: float
    stage: int
    is_stalled: bool = False
    lingers: bool = False


@dataclass
class Enterprise:
    """One enterprise and all that happened to it."""

    key: int
    stream: int
    number: int
    sector: int
    stage: int
    time: float
    quality: float
    entry_date: int | None = None
    rounds: list = field(default_factory=list)  # (period, pre-money, share sold)
    segments: list = field(default_factory=list)
    wait: int | None = None
    filing: int | None = None
    failure: int | None = None
    stall: int | None = None
    end: str = "alive"
    end_period: int | None = None
    end_value: float | None = None
    end_multiple: float | None = None
    board: int | None = None
    listing_share: float = 0.0


class Enterprises:
    """§3 on one path."""

    def __init__(self, world, path):
        self.world, self.market = world, Market(world, path)
        self.m, self.T = world.periods_per_year, world.n_periods
        self.park = [each for stream in range(len(world.streams)) for each in self.park_entries(stream)]
        self.outside = [self.outside_entry(d) for d, deal in enumerate(world.deals) if deal.candidates > 0]
        self.all = self.park + self.outside
        for enterprise in self.all:
            if not self.market.is_beyond(enterprise.time):
                self.live(enterprise)

    # Who enters

    def park_entries(self, number):
        stream = self.world.streams[number]
        key = self.market.stream(f"park/{stream.name}")
        reached, i = 0.0, 0
        while stream.per_year > 0:
            reached = reached - math.log(1 - uniform(key, i)) if stream.is_poisson else i + 0.5
            time = stream.from_years + self.invert_intensity(stream, reached)
            if self.market.is_beyond(time) or time > stream.until_years + 1e-9:
                return
            enterprise_key = derive(key, i)
            quality = normal(uniform(enterprise_key, 0))
            yield Enterprise(enterprise_key, number, i, stream.sector, stream.stage, time, quality)
            i += 1

    @staticmethod
    def invert_intensity(stream, target):
        """Years at which the integral of per_year·(1+growth)^s is `target`."""
        if stream.growth == 0:
            return target / stream.per_year
        rate = math.log(1 + stream.growth)
        grown = 1 + target * rate / stream.per_year
        return math.log(grown) / rate if grown > 0 else math.inf

    def skill(self, deal):
        """(5.1) what the manager of a deal's vehicle can tell on this path."""
        return draw(deal.skill, self.market.shared(f"manager/{deal.manager or deal.vehicle}", 0))

    def outside_entry(self, d):
        deal = self.world.deals[d]
        key = derive(self.market.stream(f"deal/{deal.vehicle}"), deal.number)
        signals, skill = [], self.skill(deal)
        for j in range(deal.candidates):
            candidate = derive(key, j)
            quality = normal(uniform(candidate, 0))
            noise = normal(uniform(key, candidate))
            signals.append(skill * quality + math.sqrt(1 - skill**2) * noise)
        best = signals.index(max(signals))
        candidate = derive(key, best)
        total = sum(weight for _, _, weight in deal.weights)
        entry = pick([weight / total for _, _, weight in deal.weights], uniform(candidate, 2))
        sector, stage, _ = deal.weights[entry]
        is_park = uniform(key, 0) < deal.park_share
        time = deal.years + (deal.patience if is_park else 0)
        return Enterprise(candidate, -1 - d, best, sector, stage, time, normal(uniform(candidate, 0)))

    # How it lives

    def live(self, enterprise):
        """(3.0), (3.1), (3.3b), (3.4): from the entry round to the end, or to the horizon."""
        market, sector = self.market, self.world.sectors[enterprise.sector]
        time, number = enterprise.time, enterprise.stage
        period = market.period_of(time)
        enterprise.entry_date = period + 1
        value = draw(sector.stages[number].entry_value, uniform(enterprise.key, 1)) * market.factor(period, 1)
        while True:
            stage = sector.stages[number]
            key = derive(enterprise.key, hash_name(stage.name))
            sold = draw(stage.share_sold, uniform(key, 4))
            enterprise.rounds.append((period, value, sold))
            value_open = value / (1 - sold)
            milestone = market.run_clock(time, draw(stage.clock, uniform(key, 0)))
            failure_wait = math.inf
            if stage.failure_clock:
                scale, shape = stage.failure_clock
                failure_wait = scale * (-math.log(1 - uniform(key, 5))) ** (1 / shape)
            failure = time + failure_wait
            opened, time = time, min(milestone, failure)
            value = self.move(enterprise, number, time, value_open, uniform(key, 1))
            if market.is_beyond(time):
                return
            period = market.period_of(time)
            if failure < milestone:
                return self.fail(enterprise, time, value)
            outcome, w = self.outcome(enterprise, stage, math.log(value / value_open), uniform(key, 2))
            if outcome == "listing":
                failure = opened + failure_wait
                return self.seek_window(enterprise, number, time, value, w, failure, uniform(key, 7))
            if outcome == "merger":
                return self.merge(enterprise, period, value)
            if outcome == "failure":
                return self.fail(enterprise, time, value)
            if outcome == "stall":
                return self.stall(enterprise, number, time, value)
            value *= draw(stage.step_up, uniform(key, 3)) * market.factor(period, 1)
            number += 1

    def move(self, enterprise, number, time, value, u, is_stalled=False):
        """(3.2) from the last event to the one at an exact time, or to the horizon."""
        start = enterprise.segments[-1].end if enterprise.segments else enterprise.entry_date
        end = self.T if self.market.is_beyond(time) else self.market.period_of(time) + 1
        segment = Segment(start, end, value, math.nan, number, is_stalled)
        noise = self.volatility(enterprise, segment) * math.sqrt((end - start) / self.m) * normal(u)
        segment.close = value * math.exp(self.smooth(enterprise, segment, end) + noise)
        enterprise.segments.append(segment)
        return segment.close

    def volatility(self, enterprise, segment):
        return self.world.sectors[enterprise.sector].stages[segment.stage].volatility

    def smooth(self, enterprise, segment, date):
        """What drift, factors and quality add to ln V from the start of a segment to a date."""
        sector = self.world.sectors[enterprise.sector]
        a, b, sigma = segment.start, date, self.volatility(enterprise, segment)
        drift, moved, grown = -(sigma**2) / 2, 0.0, 0.0
        if segment.is_stalled:
            drift += sector.stall[0]
        elif sector.stages[segment.stage].drift < 0:
            drift += sector.stages[segment.stage].drift
        else:  # in the time of the financing clock
            grown = sector.stages[segment.stage].drift * self.market.financing_years(a, b)
        for beta, volatility, level in zip(
            sector.betas, self.world.factor_volatility, self.market.factors, strict=True
        ):
            drift -= (beta * volatility) ** 2 / 2
            moved += beta * (level[b] - level[a])
        gamma, q = sector.quality_effect, enterprise.quality
        g = {n: min((n - enterprise.entry_date) / self.m, sector.quality_years) for n in (a, b)}
        quality = gamma * q * (g[b] - g[a]) - gamma**2 / 2 * (g[b] ** 2 - g[a] ** 2)
        return drift * (b - a) / self.m + grown + moved + quality

    def outcome(self, enterprise, stage, log_growth, u):
        """(3.3): the outcome, and w where it is in the reach of a listing."""
        weights = []
        for k, base in enumerate(stage.outcomes[:4]):
            by_quality, by_value = stage.slopes[k]
            weights.append(base * math.exp(by_quality * enterprise.quality + by_value * log_growth))
        advance, listing, merger, failure = weights
        place = u * (sum(weights) + stage.outcomes[4])
        for name, weight in (("advance", advance), ("merger", merger), ("failure", failure)):
            if place < weight:
                return name, None
            place -= weight
        return ("listing", place / listing) if listing > 0 else ("stall", None)

    def seek_window(self, enterprise, number, time, value, w, failure, u):
        """(3.3): files now, waits until the window's listing rate is above w, or stalls."""
        market, sector = self.market, self.world.sectors[enterprise.sector]
        if w < market.factor(market.period_of(time), 2):
            return self.file(enterprise, number, time, value)
        if w >= 1:
            return self.stall(enterprise, number, time, value)
        enterprise.wait = market.period_of(time)
        filing = math.inf
        while not market.is_beyond(time):
            time += max(sector.refile_years, 1 / self.m)
            if not market.is_beyond(time) and w < market.factor(market.period_of(time), 2):
                filing = time
                break
        end = min(filing, failure)
        value = self.move(enterprise, number, end, value, u)
        if market.is_beyond(end):
            return None
        if failure < filing:
            return self.fail(enterprise, failure, value)
        return self.file(enterprise, number, filing, value)

    # How it ends

    def fail(self, enterprise, time, value):
        """(3.6) at once, or unseen for a time in which what will be recovered is all it is worth."""
        market, sector = self.market, self.world.sectors[enterprise.sector]
        enterprise.failure, left = market.period_of(time), sector.recovery * value
        if sector.linger_years > 0:
            u = uniform(derive(enterprise.key, hash_name("failure")), 0)
            time = time - sector.linger_years * math.log(1 - u)
            end = self.T if market.is_beyond(time) else market.period_of(time) + 1
            stage = enterprise.segments[-1].stage
            segment = Segment(enterprise.failure + 1, end, left, left, stage, lingers=True)
            enterprise.segments.append(segment)
        if not market.is_beyond(time):
            enterprise.end, enterprise.end_period = "failed", market.period_of(time)
            enterprise.end_value = left

    def merge(self, enterprise, period, value):
        sector = self.world.sectors[enterprise.sector]
        key = derive(enterprise.key, hash_name("merger"))
        enterprise.end, enterprise.end_period, enterprise.end_value = "merged", period, value
        if sector.buckets:
            _, low, high = sector.buckets[pick([share for share, _, _ in sector.buckets], uniform(key, 0))]
            enterprise.end_multiple = low + (high - low) * uniform(key, 1)
        else:
            enterprise.end_value *= draw(sector.premium, uniform(key, 0))

    def stall(self, enterprise, number, time, value):
        _, failure_rate, merger_rate = self.world.sectors[enterprise.sector].stall
        key, rate = derive(enterprise.key, hash_name("stall")), failure_rate + merger_rate
        enterprise.stall = self.market.period_of(time)
        time = time - math.log(1 - uniform(key, 0)) / rate if rate > 0 else math.inf
        value = self.move(enterprise, number, time, value, uniform(key, 2), is_stalled=True)
        if self.market.is_beyond(time):
            return
        if uniform(key, 1) < failure_rate / rate:
            self.fail(enterprise, time, value)
        else:
            self.merge(enterprise, self.market.period_of(time), value)

    def file(self, enterprise, number, time, value):
        """(3.5)"""
        world, market = self.world, self.market
        sector = world.sectors[enterprise.sector]
        key = derive(enterprise.key, hash_name("listing"))
        enterprise.filing = market.period_of(time)
        for j in range(sector.filings):
            fitting = [y for y in sector.boards if value >= world.boards[y].minimum]
            if fitting:
                board = world.boards[fitting[0]]
                time += board.review_years
                value = self.move(enterprise, number, time, value, uniform(key, 4 * j + 1))
                if market.is_beyond(time):
                    return
                period = market.period_of(time)
                if uniform(key, 4 * j) < board.pass_probability * market.factor(period, 3):
                    enterprise.end, enterprise.end_period = "listed", period
                    enterprise.end_value = value * market.factor(period, 4)
                    enterprise.board = fitting[0]
                    enterprise.listing_share = draw(sector.listing_share, uniform(key, 1000))
                    return
            if j + 1 < sector.filings:
                time += sector.refile_years
                value = self.move(enterprise, number, time, value, uniform(key, 4 * j + 2))
                if market.is_beyond(time):
                    return
        self.stall(enterprise, number, time, value)

    # What is asked of it later

    def value_at(self, enterprise, date):
        """V at a date, after the events of that date: the Brownian bridge between the ends of its segment."""
        segment = [each for each in enterprise.segments if each.start <= date][-1]
        if date == segment.start or segment.lingers:
            return segment.open
        if date >= segment.end:
            return segment.close
        key = derive(enterprise.key, hash_name("bridge"))
        whole = self.smooth(enterprise, segment, segment.end)
        known = {segment.start: 0.0, segment.end: math.log(segment.close / segment.open) - whole}
        a, b = segment.start, segment.end
        while date not in known:
            c = (a + b) // 2
            mean = known[a] + (c - a) / (b - a) * (known[b] - known[a])
            variance = self.volatility(enterprise, segment) ** 2 * (c - a) * (b - c) / (b - a) / self.m
            known[c] = mean + math.sqrt(variance) * normal(uniform(key, c))
            a, b = (a, c) if date < c else (c, b)
        return segment.open * math.exp(self.smooth(enterprise, segment, date) + known[date])

    def listed_step(self, enterprise, t, log_value):
        """ln of the listed company's value from date t to date t + 1."""
        sector, market = self.world.sectors[enterprise.sector], self.market
        growth, sigma = sector.listed
        drift = growth - sigma**2 / 2
        for beta, volatility, level in zip(
            sector.betas, self.world.factor_volatility, market.factors, strict=True
        ):
            drift -= (beta * volatility) ** 2 / 2
            log_value += beta * (level[t + 1] - level[t])
        z = normal(uniform(derive(enterprise.key, hash_name("listed")), t))
        return log_value + drift / self.m + sigma / math.sqrt(self.m) * z

    def events(self):
        """(period, row, place of the round, or None for the end), in order."""
        found = []
        for row, enterprise in enumerate(self.all):
            found += [(period, row, i) for i, (period, _, _) in enumerate(enterprise.rounds)]
            if enterprise.end_period is not None:
                found.append((enterprise.end_period, row, math.inf))
        return [(period, row, None if place == math.inf else place) for period, row, place in sorted(found)]
