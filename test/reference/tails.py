#!/usr/bin/env python3
"""Tails of F and chi-square by their series, with 60 digits: the numbers in test/unit/test_quality.c.

Needs mpmath (Debian: python3-mpmath).
"""
from mpmath import exp, log, loggamma, mp, mpf

mp.dps = 60


def f_tail(f, degrees1, degrees2):
	"""I_y(b, a) as a series of positive terms, or the other side where that converges sooner."""
	f, a, b = mpf(f), mpf(degrees1) / 2, mpf(degrees2) / 2
	x, y = a * f / (a * f + b), b / (a * f + b)
	factor = exp(a * log(x) + b * log(y) + loggamma(a + b) - loggamma(a) - loggamma(b))

	def series(p, q, z):
		term = total = 1 / p
		n = 0
		while term > total * mpf(10) ** -50:
			term *= (p + q + n) / (p + 1 + n) * z
			total += term
			n += 1
		return factor * total

	return series(b, a, y) if f >= 1 else 1 - series(a, b, x)


def chi_square_tail(x, degrees):
	h, a = mpf(x) / 2, mpf(degrees) / 2
	term = total = 1 / a
	n = 1
	while term > total * mpf(10) ** -60:
		term *= h / (a + n)
		total += term
		n += 1
	return 1 - total * exp(a * log(h) - h - loggamma(a))


F = [
	(1, 1, 1), (161.4476387975881, 1, 1), (4.0, 2, 7), (0.001, 3, 5), (0.9, 0.5, 5000), (0.999, 7, 9999),
	(1.0001, 20, 30), (1.3, 999, 200), (2.5, 7, 19993), (14.4, 1, 3), (20, 5000, 0.8), (100, 100, 100),
	(100, 9.37, 5000), (100, 5000, 30.5), (1.01, 999, 5000), (50, 3, 1000), (2000, 1, 800), (0.3, 0.25, 0.5),
	(1e-8, 0.5, 3), (1e12, 2, 3),
]
CHI = [(501, 501), (600, 501), (1000, 1000), (1300, 1000), (9000, 9801), (9900, 9801), (10500, 9801), (20000, 20000), (21000, 20000)]

for case in F:
	print('\t\t{%r, %r, %r, %s},' % (*case, mp.nstr(f_tail(*case), 20, min_fixed=-5)))
print()
for case in CHI:
	print('\t\t{%r, %r, %s},' % (*case, mp.nstr(chi_square_tail(*case), 20, min_fixed=-5)))
