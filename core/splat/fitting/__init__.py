"""Fitting a head of Gaussians to pictures of its mesh."""
