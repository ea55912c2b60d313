"""How far settings of a calculator are from convergence."""
