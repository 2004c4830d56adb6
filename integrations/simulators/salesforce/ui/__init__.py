"""The pages of the simulated org: log in, lists, records in two dresses, forms, and its Setup."""
