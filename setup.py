"""Mount the rooms of the house, which are top-level folders, under one package ``rigtalk``.

A room that is not there is left out: the extension's wheel is built from `rigs` and `core` alone.
Where the native renderers are built, they are part of the wheel, which is then for this platform.
"""

from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel

HERE = Path(__file__).resolve().parent
ROOMS = ("rigs", "core", "training", "blender_addon")

package_dir = {"rigtalk": "rigtalk"}
for room in ROOMS:
    for init in sorted((HERE / room).rglob("__init__.py")):
        folder = init.parent.relative_to(HERE)
        package_dir["rigtalk." + ".".join(folder.parts)] = folder.as_posix()

LIBRARIES = HERE / "core" / "splat" / "native" / "lib"


class WithLibraries(Distribution):
    """What is installed is for one platform."""

    def has_ext_modules(self) -> bool:
        return True


class PlatformWheel(bdist_wheel):
    """For any Python, as the libraries are loaded with ctypes."""

    def get_tag(self) -> tuple[str, str, str]:
        return "py3", "none", super().get_tag()[2]


built = {"distclass": WithLibraries, "cmdclass": {"bdist_wheel": PlatformWheel}}
setup(
    packages=list(package_dir),
    package_dir=package_dir,
    **(built if any(LIBRARIES.glob("lib*")) else {}),
)
