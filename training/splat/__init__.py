"""Training of what a head of Gaussians does with sound."""
