"""The embedded head as a Blender character: mesh, materials, board, light and camera."""
