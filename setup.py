"""Mount the rooms of the house, which are top-level folders, under one package ``rigtalk``.

A room that is not there is left out: the extension's wheel is built from `rigs` and `core` alone.
"""

from pathlib import Path

from setuptools import setup

HERE = Path(__file__).resolve().parent
ROOMS = ("rigs", "core", "training", "blender_addon")

package_dir = {"rigtalk": "rigtalk"}
for room in ROOMS:
    for init in sorted((HERE / room).rglob("__init__.py")):
        folder = init.parent.relative_to(HERE)
        package_dir["rigtalk." + ".".join(folder.parts)] = folder.as_posix()

setup(packages=list(package_dir), package_dir=package_dir)
