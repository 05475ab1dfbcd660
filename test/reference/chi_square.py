#!/usr/bin/env python3
"""The chi-squares of association rules that sql/association_rules.sql compares with.

Needs scipy (Debian: python3-scipy).  Each is of a two by two table: of n baskets, a have the
antecedent, c the consequent, and some both.  Prints SQL literals.
"""
from scipy.stats import chi2_contingency

TABLES = [
	(5, 4, 4, 3), (1000, 200, 800, 150), (9835, 2513, 1903, 736), (100000, 12500, 30000, 4800),
	(20003, 17, 19983, 14), (3000, 1500, 1500, 750), (20000, 1, 1, 1),
]

for n, a, c, together in TABLES:
	table = [[together, a - together], [c - together, n - a - c + together]]
	chi = chi2_contingency(table, correction=False)[0]
	print(f"\t({n}, {a}, {c}, {together}, {float(chi)!r}),")
