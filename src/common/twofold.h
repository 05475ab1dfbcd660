/*
 * twofold.h
 *		Numbers held as an unevaluated sum of two doubles, about 32 digits.
 *
 * The classical error-free transformations (Knuth's two-sum, Dekker's
 * two-product with Veltkamp's splitting).  They hold for IEEE doubles with
 * round to nearest as long as the compiler neither reorders nor contracts, so
 * no fast-math, no fused multiply-add (-ffp-contract=off): the same bits on
 * every machine.  Operands stay well within 1e-140 .. 1e140, or their errors
 * underflow; whoever starts from other magnitudes scales by a power of two.
 */
#ifndef CV_TWOFOLD_H
#define CV_TWOFOLD_H

#include "common/host.h"

typedef struct Twofold
{
	double		hi;
	double		lo;
} Twofold;

/* a + b exactly */
static inline Twofold
twofold_sum(double a, double b)
{
	Twofold		r;
	double		bb;

	r.hi = a + b;
	bb = r.hi - a;
	r.lo = (a - (r.hi - bb)) + (b - bb);
	return r;
}

/* a + b exactly, where |a| >= |b| */
static inline Twofold
twofold_quick_sum(double a, double b)
{
	Twofold		r;

	r.hi = a + b;
	r.lo = b - (r.hi - a);
	return r;
}

/* a * b exactly */
static inline Twofold
twofold_product(double a, double b)
{
	const double splitter = 134217729.0;	/* 2^27 + 1 */
	double		t;
	double		a1,
				a2,
				b1,
				b2;
	Twofold		r;

	t = splitter * a;
	a1 = t - (t - a);
	a2 = a - a1;
	t = splitter * b;
	b1 = t - (t - b);
	b2 = b - b1;
	r.hi = a * b;
	r.lo = ((a1 * b1 - r.hi) + a1 * b2 + a2 * b1) + a2 * b2;
	return r;
}

static inline Twofold
twofold_add(Twofold a, Twofold b)
{
	Twofold		s = twofold_sum(a.hi, b.hi);
	Twofold		t = twofold_sum(a.lo, b.lo);

	s = twofold_quick_sum(s.hi, s.lo + t.hi);
	return twofold_quick_sum(s.hi, s.lo + t.lo);
}

static inline Twofold
twofold_negate(Twofold a)
{
	Twofold		r = {-a.hi, -a.lo};

	return r;
}

static inline Twofold
twofold_subtract(Twofold a, Twofold b)
{
	return twofold_add(a, twofold_negate(b));
}

/* a * b for a plain double b */
static inline Twofold
twofold_scale(Twofold a, double b)
{
	Twofold		p = twofold_product(a.hi, b);

	return twofold_quick_sum(p.hi, p.lo + a.lo * b);
}

static inline Twofold
twofold_multiply(Twofold a, Twofold b)
{
	Twofold		p = twofold_product(a.hi, b.hi);

	return twofold_quick_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

/* a / b for a plain double b */
static inline Twofold
twofold_divide(Twofold a, double b)
{
	double		q = a.hi / b;
	Twofold		rest = twofold_subtract(a, twofold_product(q, b));

	return twofold_quick_sum(q, rest.hi / b);
}

static inline bool
twofold_less(Twofold a, Twofold b)
{
	return a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo);
}

static inline double
twofold_value(Twofold a)
{
	return a.hi + a.lo;
}

#endif							/* CV_TWOFOLD_H */
