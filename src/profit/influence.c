/*
 * influence.c
 *		What a curve would be without one of its customers.
 */
#include "profit/influence.h"

void
influence_open(Influence *f, Whale *w)
{
	Distribution others = w->d;

	memset(f, 0, sizeof(Influence));
	f->w = *w;
	gains_open(&f->gains, &f->w);
	if (others.exact || others.weight[others.count - 1] > 1)
		return;
	/* values ascend, so these are the same arrays, one shorter */
	others.count--;
	f->has_rest = true;
	whale_open(&f->rest, &others);
	gains_open(&f->rest_gains, &f->rest);
}

void
influence_close(Influence *f)
{
	if (f->has_rest)
	{
		cv_free(f->rest.customers);
		cv_free(f->rest.real_sum);
	}
	whale_close(&f->w);
}

bool
influence_find_decimal(const Influence *f, i128 millionths, size_t *place)
{
	static const int64 units[] = {1000000, 10000, 100, 1};
	const Distribution *d = &f->w.d;
	i128		integer = millionths / units[d->pairs];
	size_t		low = 0;
	size_t		high = d->count;

	if (millionths % units[d->pairs] != 0)
		return false;
	while (low < high)
	{
		size_t		mid = low + (high - low) / 2;

		if (d->integer[mid] < integer)
			low = mid + 1;
		else
			high = mid;
	}
	*place = d->count - 1 - low;
	return low < d->count && d->integer[low] == integer;
}

bool
influence_find_real(const Influence *f, double value, size_t *place)
{
	const Distribution *d = &f->w.d;
	size_t		low = 0;
	size_t		high = d->count;

	while (low < high)
	{
		size_t		mid = low + (high - low) / 2;

		if (d->value[mid] < value)
			low = mid + 1;
		else
			high = mid;
	}
	*place = d->count - 1 - low;
	return low < d->count && d->value[low] == value;
}

Exact
influence_own(const Influence *f, size_t place)
{
	const Distribution *d = &f->w.d;
	size_t		i = d->count - 1 - place;

	return d->exact ? whale_from_units(&f->w, d->integer[i]) : exact_from_double(d->value[i], 15);
}

static inline bool
is_rest(const Influence *f, size_t place)
{
	return place == 0 && f->has_rest;
}

void
influence_gains(const Influence *f, size_t place, Gains *without)
{
	if (is_rest(f, place))
		*without = f->rest_gains;
	else
		gains_without(without, &f->gains, &f->w, place);
}

int64
influence_gainers(const Influence *f, size_t place)
{
	return f->w.gainers - (f->w.d.value[f->w.d.count - 1 - place] > 0.0);
}

/* How many stand before the one who leaves, the last with that value. */
static inline int64
customers_before(const Influence *f, size_t place)
{
	return f->w.customers[place + 1] - 1;
}

/* The total of those before, of doubles. */
static Twofold
real_before(const Whale *w, size_t place)
{
	size_t		i = w->d.count - 1 - place;

	return twofold_add(w->real_sum[place],
					   twofold_product(w->d.value[i], (double) (w->d.weight[i] - 1)));
}

Exact
influence_top(const Influence *f, size_t place, int64 customers)
{
	const Whale *w = &f->w;
	int64		before = customers_before(f, place);

	if (is_rest(f, place))
		return whale_top(&f->rest, customers);
	if (customers <= before)
		return whale_top(w, customers);
	if (w->d.exact)
		return whale_from_units(w, whale_exact_top(w, customers + 1) -
								w->d.integer[w->d.count - 1 - place]);
	/* two stretches rather than one less: who leaves may have lost most */
	return whale_from_real(twofold_add(real_before(w, place),
									   twofold_subtract(whale_real_top(w, customers + 1),
														w->real_sum[place + 1])));
}

Exact
influence_value(const Influence *f, size_t place, int64 customers)
{
	return whale_value(&f->w, customers + (customers >= customers_before(f, place)));
}
