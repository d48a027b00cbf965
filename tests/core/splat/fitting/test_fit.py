from dataclasses import replace

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.files.head_file import read_head, write_head
from rigtalk.core.splat.fitting.capture import CaptureFolder
from rigtalk.core.splat.fitting.fit import fit
from rigtalk.core.splat.fitting.options import FitOptions
from rigtalk.core.splat.fitting.plan import Quality, plan_shots
from rigtalk.core.splat.native.library import library_path

from .painting import take_all

pytestmark = pytest.mark.skipif(
    not library_path("cpu").is_file(), reason="the native renderer is not built"
)
SMALL = Quality(24, 4, 64, 1500, 400, 1)
OPTIONS = FitOptions(gaussians=1500, steps=400, degree=1, threads=1)


@pytest.fixture(scope="module")
def folder(head, tmp_path_factory) -> CaptureFolder:
    path = tmp_path_factory.mktemp("bake") / "work"
    folder = CaptureFolder.create(path, head, plan_shots(head, SMALL), {"engine": "painted"})
    take_all(folder)
    return folder


@pytest.fixture(scope="module")
def fitted(folder):
    states = []
    made = fit(folder, OPTIONS, progress=states.append)
    return made, states


def test_unseen_views_and_expressions_look_right(fitted):
    made, _ = fitted
    assert made.facts["psnr view"] > 29, made.facts
    assert made.facts["psnr expression"] > 26, made.facts
    assert made.facts["ssim view"] > 0.95


def test_looks_that_change_with_an_expression_need_correctives(folder, fitted):
    plain = fit(folder, replace(OPTIONS, correctives=False))
    assert plain.correctives is None
    assert fitted[0].facts["psnr expression"] > plain.facts["psnr expression"] + 0.2


def test_the_budget_is_used_and_kept_to(fitted):
    made, states = fitted
    assert 1000 < len(made) <= 1500
    assert states[0].gaussians < states[-1].gaussians
    assert [s.step for s in states] == list(range(1, 401))
    assert states[-1].fraction == 1
    assert states[-1].psnr > states[30].psnr


def test_a_fitted_head_goes_through_its_file(fitted, tmp_path):
    made, _ = fitted
    write_head(tmp_path / "ball.splathead", made)
    again = read_head(tmp_path / "ball.splathead")
    assert again.facts == made.facts
    assert again.shape_names == made.shape_names


def test_cut_off_and_gone_on_with_is_as_if_it_never_was(folder, tmp_path):
    options = replace(OPTIONS, steps=60)
    whole = fit(folder, options)
    checkpoint = tmp_path / "fit.npz"
    for stop in (20, 25):  # before and after correctives begin
        assert fit(folder, options, checkpoint=checkpoint, cancelled=_after(stop)) is None
        assert checkpoint.is_file()
    steps = []
    gone_on = fit(folder, options, checkpoint=checkpoint, progress=lambda s: steps.append(s.step))
    assert steps[0] == 46
    assert not checkpoint.exists()
    np.testing.assert_array_equal(gone_on.gaussians.positions, whole.gaussians.positions)
    np.testing.assert_array_equal(gone_on.gaussians.sh, whole.gaussians.sh)


def test_a_damaged_checkpoint_begins_anew(folder, tmp_path):
    checkpoint = tmp_path / "fit.npz"
    checkpoint.write_bytes(b"PK\x03\x04 not much of an archive")
    made = fit(folder, replace(OPTIONS, steps=3), checkpoint=checkpoint)
    assert made.facts["steps"] == 3


def test_it_ends_in_time(folder):
    states = []
    fit(folder, replace(OPTIONS, steps=100_000, minutes=0.02), progress=states.append)
    assert states[-1].step < 100_000
    assert states[-1].fraction == 1


def test_pictures_that_are_missing(head, tmp_path):
    folder = CaptureFolder.create(tmp_path / "w", head, plan_shots(head, SMALL), {})
    take_all(folder, only=3)
    with pytest.raises(RigtalkError, match="29 pictures"):
        fit(folder, OPTIONS)


def test_pictures_without_the_head(head, tmp_path):
    folder = CaptureFolder.create(tmp_path / "w", head, plan_shots(head, SMALL), {})
    for i in folder.missing():
        folder.add(i, np.zeros((64, 64, 4)), head.mesh.vertices)
    with pytest.raises(RigtalkError, match="in none of the pictures"):
        fit(folder, OPTIONS)


@pytest.mark.parametrize(
    "change",
    [{"gaussians": 0}, {"gaussians": 10**9}, {"steps": 0}, {"minutes": -1}, {"degree": 4}],
)
def test_numbers_out_of_range(change):
    with pytest.raises(RigtalkError, match="of a bake"):
        replace(OPTIONS, **change)


def _after(steps):
    seen = []

    def cancelled():
        seen.append(1)
        return len(seen) >= steps

    return cancelled
