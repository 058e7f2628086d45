"""The entries of the two files: looked at, written in a form or as YAML, compared, saved and removed."""
