"""Of what operators say, the line that helps is kept."""

import pytest

from rigtalk.blender_addon.faults import reason_of

PYTHON_OPERATOR = """Error: Python: Traceback (most recent call last):
  File "export_fbx_bin.py", line 3, in execute
    file.write(data)
OSError: [Errno 27] File too large
Location: /blender/5.0/scripts/modules/bpy/ops.py:109
"""


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Error: File too large\n", "File too large"),
        ("Error: USD Import: unable to open\nError: see console\n", "USD Import: unable to open"),
        (PYTHON_OPERATOR, "[Errno 27] File too large"),
        ("", "Blender does not say why"),
    ],
)
def test_the_telling_line_is_kept(said, kept):
    assert reason_of(RuntimeError(said)) == kept
