"""Pure functions from stored results to tables and figures."""
