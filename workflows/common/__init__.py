"""What several studies share: results, references, relaxations, corrections, the work that jobs are."""
