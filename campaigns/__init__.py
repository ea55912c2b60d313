"""The campaign file: YAML, validated into a model, turned into one Jobflow Flow."""
