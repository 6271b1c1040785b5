"""Owns who computes a run of the command line: threads, further processes, or a cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from fundsim.cli.estimate import cores_used
from fundsim.cli.terminal import remark
from fundsim.errors import ArgumentError
from fundsim.scenario import Scenario
from fundsim.words import label

if TYPE_CHECKING:
    from fundsim.engine.executors import Executor


class Crew(NamedTuple):
    """Who computes a run, None for threads of this process, and how many blocks they make at a time."""

    executor: "Executor | None"
    n_cores: int


def require_one(threads: int | None, workers: int | None, cluster: str | None) -> None:
    """Raise where more than one of the options is given that say who computes."""
    given = {"--threads": threads, "--workers": workers, "--cluster": cluster}
    names = [name for name, value in given.items() if value is not None]
    if len(names) > 1:
        raise ArgumentError(f"{' and '.join(names)} exclude each other; give one of them")


@contextmanager
def crew_of(scenario: Scenario, workers: int | None, cluster: str | None, lang: str) -> Iterator[Crew]:
    """Who computes a run, while it goes on; a cluster that does not
    answer is told before anything is written.
    """
    if workers is not None:
        from fundsim.engine.processes import Processes

        yield Crew(Processes(workers), workers)
    elif cluster is not None:
        from fundsim.engine.cluster import connected

        with connected(cluster) as found:
            if not (n_threads := found.n_threads):
                remark(label("cli.no_workers", lang))
            yield Crew(found, max(n_threads, 1))
    else:
        yield Crew(None, cores_used(scenario))
