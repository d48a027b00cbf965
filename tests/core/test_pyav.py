import sys

import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.pyav import pyav


def test_it_is_there():
    pytest.importorskip("av", reason="needs PyAV: the extra 'video'")
    assert pyav("a video").open


def test_it_is_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(RigtalkError) as caught:
        pyav("a video", "or draw it")
    assert str(caught.value) == 'a video needs PyAV: pip install "rigtalk[video]"; or draw it'
