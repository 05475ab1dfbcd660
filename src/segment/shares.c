/*
 * shares.c
 *		Cut points by number of customers, and by share of gains.
 */
#include "segment/breaking.h"

#include "common/twofold.h"
#include "segment/quantiles.h"

Cuts *
quantile_breaks(const Distribution *d, int k)
{
	size_t	   *first = cv_alloc(k * sizeof(size_t));
	Cuts	   *s = NULL;

	if (quantile_classes(d->weight, d->count, k, first))
	{
		s = cuts_new(METHOD_QUANTILE_BREAKS, k);
		cuts_from_classes(s, d, d->value, first, 0);
	}
	cv_free(first);
	return s;
}

/*
 * Shares of gains.  Groups of customers with equal values are counted from the
 * highest value down: boundary g lies after the first g groups.
 */

/*
 * The least whole number not below share * sum, digit by digit from the last:
 * share * sum = (d1 sum + (d2 sum + ...) / 10) / 10, and rounding down in
 * between does no harm as long as it is remembered.
 */
static i128
share_of_sum(Exact share, i128 sum)
{
	i128		tenth = sum / 10;
	i128		rest = sum % 10;
	i128		digits = share.digits;
	i128		part = 0;
	bool		more = false;

	if (share.exponent >= 0)
		return sum;				/* no share but 1 has no decimals */
	for (int i = 0; i < -share.exponent; i++)
	{
		i128		digit = digits % 10;
		i128		low = digit * rest + part;

		part = digit * tenth + low / 10;
		more = more || low % 10 != 0;
		digits /= 10;
	}
	return part + more;
}

/* How many groups from the top reach each share: one to all gainers. */
static void
reach_exactly(const Distribution *d, size_t gainers, const Exact *share, int nshares,
			  size_t *boundary)
{
	i128		all = 0;
	i128		sum = 0;
	size_t		g = 0;

	for (size_t i = d->count - gainers; i < d->count; i++)
		all += d->integer[i] * d->weight[i];
	for (int j = 0; j < nshares; j++)
	{
		i128		goal = share_of_sum(share[j], all);

		for (; g < gainers && (g == 0 || sum < goal); g++)
			sum += d->integer[d->count - 1 - g] * d->weight[d->count - 1 - g];
		boundary[j] = g;
	}
}

static void
reach_nearly(const Distribution *d, size_t gainers, const Exact *share, int nshares,
			 size_t *boundary)
{
	Twofold		all = {0.0, 0.0};
	Twofold		sum = {0.0, 0.0};
	size_t		g = 0;

	for (size_t i = d->count; i-- > d->count - gainers;)
		all = twofold_add(all, twofold_product(d->value[i], (double) d->weight[i]));
	for (int j = 0; j < nshares; j++)
	{
		Twofold		goal = twofold_scale(all, exact_value(share[j]));

		for (; g < gainers && (g == 0 || share[j].exponent >= 0 || twofold_less(sum, goal)); g++)
			sum = twofold_add(sum, twofold_product(d->value[d->count - 1 - g],
												   (double) d->weight[d->count - 1 - g]));
		boundary[j] = g;
	}
}

/* Boundary j, from the top, lies after boundary[j] groups. */
static Cuts *
cuts_at_boundaries(const Distribution *d, int nboundaries, const size_t *boundary)
{
	Cuts	   *s = cuts_new(METHOD_SHARE_BREAKS, nboundaries + 1);
	size_t	   *first = cv_alloc((nboundaries + 1) * sizeof(size_t));

	first[0] = 0;
	for (int j = 0; j < nboundaries; j++)
		first[nboundaries - j] = d->count - boundary[j];
	cuts_from_classes(s, d, d->value, first, 0);
	cv_free(first);
	return s;
}

Cuts *
share_breaks(const Distribution *d, const Exact *share, int nshares)
{
	size_t	   *boundary = cv_alloc(nshares * sizeof(size_t));
	size_t		gainers = 0;
	Cuts	   *s = NULL;

	while (gainers < d->count && d->value[d->count - 1 - gainers] > 0.0)
		gainers++;
	if (d->exact)
		reach_exactly(d, gainers, share, nshares, boundary);
	else
		reach_nearly(d, gainers, share, nshares, boundary);
	if (gainers > 0)
		s = cuts_at_boundaries(d, nshares, boundary);
	cv_free(boundary);
	return s;
}
