"""Files that people write: YAML read as plain data, checked against a model, mistakes told in their words."""
