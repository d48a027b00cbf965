"""Characters as heads of Gaussians: baked from renders, previewed over the viewport."""
