"""A bake in a real window; times go into the report, none is asserted."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("bpy", reason="needs the bpy wheel: python build.py test installs it")

from rigtalk.core.splat.files.head_file import read_head
from rigtalk.core.splat.native.library import library_path

SHOTS = 32


@pytest.fixture(autouse=True)
def _fast() -> None:
    if not library_path("cpu").is_file():
        pytest.skip("needs the native renderer: python build.py native")


def test_a_head_is_baked_while_the_window_is_used(run_script, tmp_path: Path) -> None:
    report = run_script("baking_steps.py", simulate=True)
    assert report["words"].startswith("Picture")
    stopped = report["after escape"]
    assert not stopped["file"]
    assert 0 < stopped["pictures"] < SHOTS
    assert stopped["status"] == ""
    assert report["begins at"] == pytest.approx(0.5 * stopped["pictures"] / SHOTS, abs=1e-3)
    assert report["ended"]
    assert report["file"]
    assert not report["left"]
    # No expression of the bake is ever seen.
    assert report["jaw"] == [0.25]
    assert report["objects"] == ["Camera", "Head", "Head Neck", "Hook"]
    assert len(read_head(tmp_path / "small.splathead")) > 100
