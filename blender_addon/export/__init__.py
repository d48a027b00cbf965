"""Characters and their motion in the files of other programs."""
