"""What of the machine a process may use: the least of what there is and of what its containers allow."""

import os

import pytest

from fundsim import machine

PHYSICAL = 8 * 2**30


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """Control groups as files: ``groups(membership, limits)``."""
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": PHYSICAL // 4096}.__getitem__)
    monkeypatch.setattr(machine, "_CONTROL", tmp_path / "control")
    monkeypatch.setattr(machine, "_MEMBERSHIP", tmp_path / "membership")

    def make(membership, limits):
        (tmp_path / "membership").write_text(membership)
        for name, limit in limits.items():
            file = tmp_path / "control" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{limit}\n")

    return make


@pytest.mark.parametrize(
    ("membership", "limits", "found"),
    [
        pytest.param("0::/\n", {}, PHYSICAL, id="no limit"),
        pytest.param("0::/\n", {"memory.max": 2**30}, 2**30, id="seen from inside"),
        pytest.param("0::/a/b\n", {"a/b/memory.max": "max", "a/memory.max": 2**31}, 2**31, id="of the outer"),
        pytest.param("0::/a\n", {"a/memory.max": 2**40}, PHYSICAL, id="more than there is"),
        pytest.param(
            "9:cpu:/x\n4:memory:/a\n0::/\n", {"memory/a/memory.limit_in_bytes": 2**32}, 2**32, id="version 1"
        ),
        pytest.param(
            "4:cpu,memory:/not/seen\n", {"memory/memory.limit_in_bytes": 2**29}, 2**29, id="1, from inside"
        ),
        pytest.param(
            "4:memory:/a\n", {"memory/a/memory.limit_in_bytes": 2**63 - 4096}, PHYSICAL, id="1, none"
        ),
    ],
)
def test_memory_is_the_least_that_anything_allows(groups, membership, limits, found):
    groups(membership, limits)
    assert machine.available_memory() == found


def test_memory_without_control_groups_is_that_of_the_machine(groups):
    assert machine.available_memory() == PHYSICAL


def test_where_nothing_is_known_nothing_is_said(groups, monkeypatch):
    def unknown(name):
        raise ValueError(name)

    monkeypatch.setattr(os, "sysconf", unknown)
    assert machine.available_memory() is None


def test_room_on_a_disk_is_asked_of_the_folder_that_there_is(tmp_path):
    assert machine.free_disk(tmp_path / "runs" / "mine" / "deep") > 0
    (tmp_path / "file").write_text("")
    assert machine.free_disk(tmp_path / "file") > 0
