"""Run any Jobflow Flow and keep its documents; knows nothing of chemistry."""
