"""Every English text that the extension shows: names and tooltips, and what panels draw."""

from __future__ import annotations

import ast
from pathlib import Path

import bpy

OURS = "RIGTALK_"
GROUPS = ("rigtalk", "rigtalk_direction", "rigtalk_mapping", "rigtalk_preview")
"""Properties of scenes, objects and window managers that hold our groups."""
BLENDERS = {"name", "filepath", "directory", *bpy.types.Operator.bl_rna.properties.keys()}
"""Properties that Blender translates by itself."""
LABELS = {"text", "heading"}
"""Arguments of layout calls that are shown."""


def shown_texts(folder: Path) -> set[str]:
    """All texts of the registered extension, whose code is in a folder."""
    found = _of_classes() | _of_code(folder)
    return {text for text in found if any(letter.isalpha() for letter in text)}


def _of_classes() -> set[str]:
    texts: set[str] = set()
    for name in dir(bpy.types):
        if not name.upper().startswith(OURS):
            continue
        cls = getattr(bpy.types, name)
        rna = cls.bl_rna
        label = getattr(cls, "bl_label", "")
        texts |= {label} if label else set()
        if "_OT_" in name:
            texts.add(rna.description)
    for name in dir(bpy.ops.rigtalk):
        rna = getattr(bpy.ops.rigtalk, name).get_rna_type()
        texts |= {rna.name, rna.description} | _of_properties(rna)
    seen: set[str] = set()
    for owner in (bpy.types.Scene, bpy.types.Object, bpy.types.WindowManager):
        for group in GROUPS:
            property_ = owner.bl_rna.properties.get(group)
            if property_ is not None and property_.type == "POINTER":
                texts |= _of_group(property_.fixed_type, seen)
    return texts - {""}


def _of_group(rna: bpy.types.Struct, seen: set[str]) -> set[str]:
    if rna.identifier in seen:
        return set()
    seen.add(rna.identifier)
    texts = _of_properties(rna)
    for property_ in rna.properties:
        if property_.type in {"POINTER", "COLLECTION"}:
            inner = property_.fixed_type
            if inner.identifier.upper().startswith("RIGTALK"):
                texts |= _of_group(inner, seen)
    return texts


def _of_properties(rna: bpy.types.Struct) -> set[str]:
    texts: set[str] = set()
    for property_ in rna.properties:
        name = property_.identifier
        if name in BLENDERS or property_.is_hidden:
            continue
        # A name that is the identifier is a name of data, as those of control sets are.
        texts |= {property_.description, property_.name if property_.name != name else ""}
        if property_.type == "ENUM":
            for item in property_.enum_items_static:
                texts |= {item.description, item.name if item.name != item.identifier else ""}
    return texts


def _of_code(folder: Path) -> set[str]:
    """Literal texts that panels and menus draw."""
    texts: set[str] = set()
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                texts |= {
                    word.value.value
                    for word in node.keywords
                    if word.arg in LABELS
                    and isinstance(word.value, ast.Constant)
                    and isinstance(word.value.value, str)
                }
    return texts
