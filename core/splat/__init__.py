"""A head of Gaussians: the model, its files, and the slow renderer that says what is right."""
