/*
 * gains.c
 *		How unequally the gains of customers are spread.
 *
 * Sizes: units are below 10^29 and customers at most 10^9, so a sum of units
 * is below 10^38 and its square below 10^76, which 256 bits hold; all other
 * sums are smaller.
 */
#include "profit/gains.h"

#include <math.h>

static void
add_units(Gains *g, u128 x, int64 before, int64 weight)
{
	/* the sum of 2j - 1 over these customers */
	uint64		ranks = (uint64) weight * (uint64) (2 * before + weight);

	g->sum += x * (uint64) weight;
	g->ranked = wide_add(g->ranked, wide_product(x, ranks));
	g->squares = wide_add(g->squares, wide_product(x * (uint64) weight, x));
}

static void
add_real(Gains *g, double v, int64 before, int64 weight)
{
	double		x = ldexp(v, -g->scale);
	Twofold		weighted = twofold_product(x, (double) weight);

	g->real_sum = twofold_add(g->real_sum, weighted);
	g->real_ranked = twofold_add(g->real_ranked,
								 twofold_scale(weighted, (double) (2 * before + weight)));
	g->real_squares = twofold_add(g->real_squares,
								  twofold_scale(twofold_product(x, x), (double) weight));
}

void
gains_open(Gains *g, const Whale *w)
{
	const Distribution *d = &w->d;

	memset(g, 0, sizeof(Gains));
	g->exact = d->exact;
	g->customers = d->customers;
	if (!d->exact && d->count > 0)
		(void) frexp(d->value[d->count - 1], &g->scale);
	for (size_t i = d->count; i-- > 0 && d->value[i] > 0.0;)
	{
		int64		before = w->customers[d->count - 1 - i];

		if (d->exact)
			add_units(g, (u128) d->integer[i], before, d->weight[i]);
		else
			add_real(g, d->value[i], before, d->weight[i]);
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
}

/*
 * Of several with one value, the last leaves; it makes no difference.  Those
 * below come up by one rank, so each of them counts two times less.
 */
void
gains_without(Gains *without, const Gains *g, const Whale *w, size_t place)
{
	size_t		i = w->d.count - 1 - place;
	int64		rank = w->customers[place + 1];

	*without = *g;
	without->customers--;
	if (!(w->d.value[i] > 0.0))
		return;
	if (g->exact)
	{
		u128		x = (u128) w->d.integer[i];
		u128		lower = g->sum - (u128) w->sum[place + 1];

		without->sum -= x;
		without->ranked = wide_subtract(without->ranked, wide_product(x, (u128) (2 * rank - 1)));
		without->ranked = wide_subtract(without->ranked, wide_product(lower, 2));
		without->squares = wide_subtract(without->squares, wide_product(x, x));
	}
	else
	{
		double		x = ldexp(w->d.value[i], -g->scale);
		Twofold		top = w->real_sum[place + 1];
		Twofold		lower;

		top.hi = ldexp(top.hi, -g->scale);
		top.lo = ldexp(top.lo, -g->scale);
		lower = twofold_subtract(g->real_sum, top);
		without->real_sum = twofold_subtract(g->real_sum, twofold_product(x, 1.0));
		without->real_ranked = twofold_subtract(g->real_ranked,
												twofold_product(x, (double) (2 * rank - 1)));
		without->real_ranked = twofold_subtract(without->real_ranked, twofold_scale(lower, 2.0));
		without->real_squares = twofold_subtract(g->real_squares, twofold_product(x, x));
	}
}

/* One step of correction: the nearest double but for a hair. */
static double
ratio(Twofold a, Twofold b)
{
	double		q = a.hi / b.hi;
	Twofold		rest = twofold_subtract(a, twofold_scale(b, q));

	return q + rest.hi / b.hi;
}

/* Sums of up to a billion twofold doubles are not further from the truth. */
#define NOISE 1e-22

bool
gains_gini(const Gains *g, Quotient *result)
{
	Twofold		all;
	Twofold		apart;

	result->exact = g->exact;
	if (g->exact)
	{
		if (g->sum == 0)
			return false;
		result->below = wide_product(g->sum, (u128) g->customers);
		result->above = wide_subtract(result->below, g->ranked);
		return true;
	}
	if (!(g->real_sum.hi > 0.0))
		return false;
	all = twofold_scale(g->real_sum, (double) g->customers);
	apart = twofold_subtract(all, g->real_ranked);
	/* of equal gains nothing but rounding is left */
	result->value = apart.hi < NOISE * all.hi ? 0.0 : ratio(apart, all);
	return true;
}

bool
gains_herfindahl(const Gains *g, Quotient *result)
{
	result->exact = g->exact;
	if (g->exact)
	{
		result->above = g->squares;
		result->below = wide_product(g->sum, g->sum);
		return g->sum > 0;
	}
	if (!(g->real_sum.hi > 0.0))
		return false;
	result->value = ratio(g->real_squares, twofold_multiply(g->real_sum, g->real_sum));
	return true;
}
