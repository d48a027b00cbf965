"""The interface in other languages: a table of English and translated texts for each."""
