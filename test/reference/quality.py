#!/usr/bin/env python3
"""The figures that sql/quality.sql and test/unit/test_quality.c compare with.

Needs numpy, scipy and scikit-learn (Debian: python3-sklearn).  The data are made by integer
arithmetic, the same in SQL; what is not in these libraries is computed from its definition
with fractions.  Prints SQL literals.
"""
from fractions import Fraction
from math import asinh, log, sqrt

import numpy
from scipy import stats
from sklearn.metrics import adjusted_rand_score, cohen_kappa_score

N = 500
I = range(1, N + 1)
SEGMENT = [1 + i * 7919 % 5 for i in I]
VALUE = [((i * 104729 % 1009) - 300 + (120 * s if i % 3 else 0)) / 4 for i, s in zip(I, SEGMENT)]
OTHER = [1 + s % 4 if i % 4 else 1 + i * 31 % 11 % 4 for i, s in zip(I, SEGMENT)]
AFTER = [s if i % 3 else 1 + (s + i * 17) % 5 for i, s in zip(I, SEGMENT)]
X = [i * 7919 % 101 for i in I]
Y = [x // 3 + i * 104729 % 37 for i, x in zip(I, X)]


def groups(values):
	return [[v for v, s in zip(values, SEGMENT) if s == g] for g in sorted(set(SEGMENT))]


def eta_squared(values):
	values = [Fraction(v) for v in values]
	mean = sum(values) / len(values)
	between = sum(len(g) * (sum(g) / len(g) - mean) ** 2 for g in groups(values))
	return float(between / sum((v - mean) ** 2 for v in values))


def bergsma(chi_square, n, r, c):
	phi = max(0, chi_square / n - (r - 1) * (c - 1) / (n - 1))
	return sqrt(phi / min(r - (r - 1) ** 2 / (n - 1) - 1, c - (c - 1) ** 2 / (n - 1) - 1))


def show(name, value):
	print(f"\t('{name}', {float(value)!r}),")


f = stats.f_oneway(*groups(VALUE))
show('eta_squared', eta_squared(VALUE))
show('f', f.statistic)
show('f_p', f.pvalue)
unit = sorted(abs(v) for v in VALUE if v != 0)
unit = unit[(len(unit) - 1) // 2]
show('asinh', eta_squared([asinh(v / unit) for v in VALUE]))

table = numpy.zeros((5, 4))
for s, o in zip(SEGMENT, OTHER):
	table[s - 1][o - 1] += 1
chi = stats.chi2_contingency(table, correction=False)
show('chi_square', chi[0])
show('chi_p', chi[1])
show('v', stats.contingency.association(table.astype(int), method='cramer'))
show('v_corrected', bergsma(chi[0], N, 5, 4))
show('adjusted_rand', adjusted_rand_score(SEGMENT, OTHER))
show('kappa', cohen_kappa_score(SEGMENT, AFTER))
show('spearman', stats.spearmanr(X, Y)[0])
show('kendall', stats.kendalltau(X, Y)[0])
h = stats.kruskal(*groups(VALUE))
show('kruskal_h', h.statistic)
show('kruskal_p', h.pvalue)

# the index of two periods from its definition
BASE = [100, 200, 300, 400]
NOW = [130, 170, 310, 390]
for name, more in (('half', 0.5), ('laplace', 1), ('none', 0)):
	p = [(b + more) / (sum(BASE) + more * len(BASE)) for b in BASE]
	q = [(b + more) / (sum(NOW) + more * len(NOW)) for b in NOW]
	show('psi_' + name, sum((b - a) * log(b / a) for a, b in zip(p, q)))
