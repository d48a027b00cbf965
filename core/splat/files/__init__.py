"""Gaussians in files: 3DGS PLY, SPZ, glTF, sequences of them, and our own heads."""
