"""The verb ``head``: heads of Gaussians from the command line, one file for each of its verbs."""
