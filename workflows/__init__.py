"""Jobflow makers and jobs with their typed results: bulk, surfaces, adsorption, migration."""
