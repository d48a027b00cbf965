"""Every English text that the extension shows: names and tooltips, and what its code draws."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import bpy

from rigtalk import rigs
from rigtalk.blender_addon.characters.finding import COUNTED
from rigtalk.blender_addon.dialogue.status import Status

OURS = "RIGTALK"
BLENDERS = {
    "rna_type",
    "filepath",
    "check_existing",
    "filter_glob",
    *bpy.types.Operator.bl_rna.properties.keys(),
    *bpy.types.AddonPreferences.bl_rna.properties.keys(),
} - {"name"}
"""Properties that Blender translates by itself."""
SHOWN_WORDS = {"text", "heading"}
"""Arguments of layout calls that are shown."""
TRANSLATED = "translated"
REPORTED = {"report": 1, "poll_message_set": 0}
"""Calls whose argument at that place people read."""


def shown_texts(folder: Path) -> set[str]:
    """All texts of the registered extension, whose code is in a folder."""
    found = _of_classes() | {text for path in _code(folder) for text in _of_code(path)}
    found |= {status.label for status in Status} | set(COUNTED.values()) | _titles_of_rigs()
    return {text for text in found if any(letter.isalpha() for letter in text.replace("{:g}", ""))}


def _titles_of_rigs() -> set[str]:
    paths = Path(rigs.__file__).parent.rglob("*.toml")
    tables = (tomllib.loads(path.read_text("utf-8")) for path in paths)
    return {str(table["title"]) for table in tables if "title" in table}


def put_together(folder: Path) -> list[str]:
    """Where a text with something filled in is shown without having been translated."""
    return [
        f"{path.name}:{argument.lineno}"
        for path in _code(folder)
        for call in _calls(path)
        for argument in _read_by_people(call)
        if isinstance(argument, ast.JoinedStr) and _has_words(argument) and not _is_error(call)
    ]


def our_classes() -> list[type]:
    """Classes of ours that Blender knows."""
    found = [getattr(bpy.types, name) for name in dir(bpy.types) if name.upper().startswith(OURS)]
    for kind in (bpy.types.AddonPreferences, bpy.types.PropertyGroup):
        found += [cls for cls in kind.__subclasses__() if _is_ours(cls) and cls not in found]
    return found


def our_operators() -> dict[str, bpy.types.Struct]:
    """Operators of ours by their Python names, without the ``rigtalk.``."""
    return {
        name: getattr(bpy.ops.rigtalk, name).get_rna_type() for name in sorted(dir(bpy.ops.rigtalk))
    }


def our_properties() -> Iterator[tuple[str, bpy.types.Property]]:
    """Properties of ours that people see, each with where it is."""
    for name, rna in our_operators().items():
        yield from ((f"rigtalk.{name}", each) for each in _properties(rna))
    for cls in our_classes():
        if issubclass(cls, bpy.types.PropertyGroup | bpy.types.AddonPreferences):
            yield from ((cls.__name__, each) for each in _properties(cls.bl_rna))
    for owner in (bpy.types.Scene, bpy.types.Object, bpy.types.WindowManager):
        for each in owner.bl_rna.properties:
            if each.identifier.startswith("rigtalk") and each.type != "POINTER":
                yield owner.__name__, each


def _has_words(joined: ast.JoinedStr) -> bool:
    parts = (part.value for part in joined.values if isinstance(part, ast.Constant))
    return any(letter.isalpha() for part in parts for letter in str(part))


def _is_error(call: ast.Call) -> bool:
    """Whether it reports an error: these say in English what the command line says."""
    return bool(call.args) and "ERROR" in ast.unparse(call.args[0])


def _is_ours(type_: type) -> bool:
    return type_.__module__.startswith("rigtalk.") and type_.is_registered


def _properties(rna: bpy.types.Struct) -> Iterator[bpy.types.Property]:
    for each in rna.properties:
        named = each.description == bpy.types.PropertyGroup.bl_rna.properties["name"].description
        # The path in a file browser is named by Blender, one among our settings by us.
        known = BLENDERS - {"filepath"} if _is_group(rna) else BLENDERS
        theirs = each.identifier in known or named or each.type == "COLLECTION"
        if not theirs and not each.is_hidden:
            yield each


def _is_group(rna: bpy.types.Struct) -> bool:
    return rna.base is not None and rna.base.identifier == "PropertyGroup"


def _of_classes() -> set[str]:
    texts: set[str] = set()
    for cls in our_classes():
        texts.add(getattr(cls, "bl_label", ""))
        if issubclass(cls, bpy.types.Menu):
            texts.add(tooltip(cls))
    for rna in our_operators().values():
        texts |= {rna.name, rna.description}
    for _, each in our_properties():
        texts |= {each.description, _title(each.name, each.identifier)}
        if each.type == "ENUM":
            for item in each.enum_items_static:
                texts |= {item.description, _title(item.name, item.identifier)}
    return texts - {""}


def tooltip(cls: type) -> str:
    """The tooltip of a class, as Blender takes it."""
    return str(getattr(cls, "bl_description", "") or cls.__doc__ or "")


def _title(name: str, identifier: str) -> str:
    # A name that is the identifier is a name of data, as those of control sets are.
    return "" if name == identifier else name


def _code(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def _calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def _of_code(path: Path) -> set[str]:
    texts: set[str] = set()
    for call in _calls(path):
        for argument in _read_by_people(call):
            texts |= set(_literals(argument))
    return texts


def _read_by_people(call: ast.Call) -> Iterator[ast.expr]:
    yield from (word.value for word in call.keywords if word.arg in SHOWN_WORDS)
    called = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    called = call.func.id if isinstance(call.func, ast.Name) else called
    place = 0 if called == TRANSLATED else REPORTED.get(called, len(call.args))
    yield from call.args[place : place + 1]


def _literals(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield argument.value
    elif isinstance(argument, ast.IfExp):
        yield from _literals(argument.body)
        yield from _literals(argument.orelse)
    elif isinstance(argument, ast.BoolOp):
        for value in argument.values:
            yield from _literals(value)
