"""Surrogates of one's own: sample structures, label them, train a committee, validate it, write its card."""
