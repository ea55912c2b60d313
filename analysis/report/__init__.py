"""One page that holds a run's results together: tables, figures, structures to turn, sources."""
