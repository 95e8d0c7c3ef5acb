"""Every policy by its name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hybrid_env.baselines.registry import OPTIMISING, RULES, PolicyError, make_policy, policy_kind, policy_names


@pytest.mark.parametrize("name", policy_names())
def test_a_name_makes_a_policy_of_that_name(name: str) -> None:
    policy = make_policy(name)
    assert policy.name == name
    assert make_policy(name) is not policy


def test_kinds_tell_rules_from_controllers_and_references() -> None:
    assert {policy_kind(name) for name in RULES} == {"rule"}
    kinds = {name: policy_kind(name) for name in OPTIMISING}
    assert kinds == {"mpc": "mpc", "p24": "reference", "plan_replay": "reference", "reachable": "reference"}


def test_an_unknown_name_lists_all_that_are_known() -> None:
    with pytest.raises(PolicyError, match=r"there is no policy 'naiv'; known: naive, random, .*, reachable"):
        make_policy("naiv")


BLOCKED = """
import sys
sys.modules["highspy"] = None
from hybrid_env.baselines.registry import RULES, PolicyError, make_policy
assert [make_policy(name).name for name in RULES] == list(RULES)
try:
    make_policy("mpc")
except PolicyError as error:
    print(error)
"""


def test_rules_need_no_optimiser_and_the_others_say_how_to_get_it() -> None:
    found = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True, timeout=300, check=True)
    assert found.stdout.strip() == (
        "policy 'mpc' needs the package highspy, which is not installed: pip install 'hybrid-env[lp]'"
    )
