"""The interface in Chinese and Japanese: every text of the tables is what Blender shows."""

from __future__ import annotations

CONTEXT = "RigTalk"
"""The context of words that mean something else in the rest of Blender."""


def test_blender_shows_the_tables(run_script):
    report = run_script("language_steps.py")
    for locale, said in (("zh_HANS", "2 / 3 条台词"), ("ja_JP", "2 / 3 セリフ")):
        found = report[locale]
        assert found["report"] == said
        contexts = [name.partition("|")[0] for name in found["other"]]
        assert CONTEXT not in contexts, "a text of ours is not known to Blender"
        # Where Blender has the word itself, its own translators' word is shown.
        assert len(found["other"]) < found["texts"] / 15, found["other"]
