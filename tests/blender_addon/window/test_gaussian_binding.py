"""Binding a captured head as users do it: through the file browser, with a window that is alive."""

from __future__ import annotations


def test_a_captured_head_is_bound_and_undone(run_script):
    report = run_script("gaussian_binding_steps.py")
    assert report["file"].endswith("capture on Head.splathead")
    assert report["undone"] == ""
