"""Carries the outcome of the GoogleTest binary, which `./x test` runs first, into pytest's summary: the last line that
anybody reads must not say "passed" when a unit test failed."""

import os

import pytest


def test_unit_tests_passed():
    status = os.environ.get("SAMPAN_UNIT_TESTS")
    if status is None:
        pytest.skip("pytest was not started by ./x test")
    assert status == "0", f"sampan_tests ended with {status}; see its output above"
