/*
 * whale.c
 *		The whale curve, in memory, as bytes and as text.
 */
#include "profit/whale.h"

#include <math.h>

#include "common/bytes.h"
#include "common/json.h"
#include "common/row_order.h"

/* Totals of as many of the largest amounts fit 128 bits. */
#define MOST_CUSTOMERS INT64CONST(1000000000)

/* Amounts have at most 23 digits before the point. */
static const int64 scales[] = {1, 100, 10000, 1000000};

static i128
decimal_limit(int pairs)
{
	return (i128) INT64CONST(100000000000000) * INT64CONST(1000000000) * scales[pairs];
}

/* ---- in memory ---- */

void
whale_open(Whale *w, Distribution *d)
{
	size_t		n = d->count;

	memset(w, 0, sizeof(Whale));
	w->d = *d;
	w->customers = cv_alloc((n + 1) * sizeof(int64));
	w->customers[0] = 0;
	if (w->d.exact)
	{
		w->sum = cv_alloc((n + 1) * sizeof(i128));
		w->sum[0] = 0;
	}
	else
	{
		w->real_sum = cv_alloc((n + 1) * sizeof(Twofold));
		w->real_sum[0].hi = w->real_sum[0].lo = 0.0;
	}
	for (size_t i = 0; i < n; i++)
	{
		size_t		from_top = n - 1 - i;
		double		value = w->d.value[from_top];
		int64		weight = w->d.weight[from_top];

		w->customers[i + 1] = w->customers[i] + weight;
		if (w->d.exact)
			w->sum[i + 1] = w->sum[i] + w->d.integer[from_top] * weight;
		else
			w->real_sum[i + 1] = twofold_add(w->real_sum[i],
											 twofold_product(value, (double) weight));
		if (value > 0.0)
			w->gainers += weight;
		else if (value < 0.0)
			w->losers += weight;
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
	w->d.customers = w->customers[n];
}

void
whale_close(Whale *w)
{
	distribution_close(&w->d);
	cv_free(w->customers);
	if (w->sum)
		cv_free(w->sum);
	if (w->real_sum)
		cv_free(w->real_sum);
}

/* How many distinct values are wholly among so many customers. */
static size_t
whole_values(const Whale *w, int64 customers)
{
	size_t		low = 0;
	size_t		high = w->d.count;

	while (low < high)
	{
		size_t		mid = low + (high - low + 1) / 2;

		if (w->customers[mid] <= customers)
			low = mid;
		else
			high = mid - 1;
	}
	return low;
}

i128
whale_exact_top(const Whale *w, int64 customers)
{
	size_t		whole = whole_values(w, customers);
	int64		rest = customers - w->customers[whole];

	Assert(w->d.exact && customers >= 0 && customers <= w->d.customers);
	if (rest == 0)
		return w->sum[whole];
	return w->sum[whole] + w->d.integer[w->d.count - 1 - whole] * rest;
}

Twofold
whale_real_top(const Whale *w, int64 customers)
{
	size_t		whole = whole_values(w, customers);
	int64		rest = customers - w->customers[whole];

	Assert(!w->d.exact && customers >= 0 && customers <= w->d.customers);
	if (rest == 0)
		return w->real_sum[whole];
	return twofold_add(w->real_sum[whole],
					   twofold_product(w->d.value[w->d.count - 1 - whole], (double) rest));
}

Exact
whale_from_units(const Whale *w, i128 total)
{
	Exact		result;

	exact_make(total, 2 * w->d.pairs, &result);
	return result;
}

/* 15 digits: what a double shows of a decimal. */
Exact
whale_from_real(Twofold total)
{
	return exact_from_double(twofold_value(total), 15);
}

Exact
whale_top(const Whale *w, int64 customers)
{
	return w->d.exact ? whale_from_units(w, whale_exact_top(w, customers)) :
		whale_from_real(whale_real_top(w, customers));
}

Exact
whale_value(const Whale *w, int64 customers)
{
	size_t		i = w->d.count - 1 - whole_values(w, customers);

	Assert(customers >= 0 && customers < w->d.customers);
	return w->d.exact ? whale_from_units(w, w->d.integer[i]) :
		exact_from_double(w->d.value[i], 15);
}

/* ---- bytes ---- */

size_t
whale_max_size(const Whale *w)
{
	/* at most 2^31 values: no overflow in 64 bits */
	return 32 + w->d.count * (size_t) (2 * INTEGER_MAX_BYTES);
}

/*
 * Every step is one-to-one, given the bytes, and mixes well enough that what
 * one word changes is not undone by the next: two curves that differ have the
 * same fingerprint by a chance of 2^-64.
 */
static uint64
fingerprint(const uint8 *p, size_t length, uint64 start)
{
	uint64		h = start ^ length;

	while (length > 0)
	{
		uint8		last[8] = {0};
		size_t		step = Min(length, 8);
		const uint8 *word = p;

		if (step < 8)
			word = memcpy(last, p, step);
		h = hash_mix(h, bytes_load64(word));
		p += step;
		length -= step;
	}
	return h;
}

void
whale_stamp(uint8 *bytes, size_t length)
{
	bytes_store64(bytes + 2, fingerprint(bytes + WHALE_HEAD_SIZE,
										 length - WHALE_HEAD_SIZE, bytes[1]));
}

size_t
whale_encode(const Whale *w, uint8 *bytes)
{
	const Distribution *d = &w->d;
	uint8	   *p = bytes;

	*p++ = WHALE_VERSION;
	*p++ = d->exact ? (uint8) d->pairs : FORM_REAL;
	p = write_integer(bytes + WHALE_HEAD_SIZE, d->count);
	for (size_t i = d->count; i-- > 0;)
	{
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
		if (d->exact)
		{
			u128		distance = i == d->count - 1 ? fold_sign128(d->integer[i]) :
			(u128) (d->integer[i + 1] - d->integer[i]);

			p = write_integer(p, distance << 1 | (d->weight[i] > 1));
			if (d->weight[i] == 1)
				continue;
		}
		else
		{
			uint64		bits;

			memcpy(&bits, &d->value[i], sizeof(bits));
			bytes_store64(p, bits);
			p += 8;
		}
		p = write_integer(p, (u128) d->weight[i]);
	}
	whale_stamp(bytes, (size_t) (p - bytes));
	return (size_t) (p - bytes);
}

static void
allocate(Distribution *d, size_t count)
{
	memset(d, 0, sizeof(Distribution));
	d->count = count;
	d->value = cv_alloc(count * sizeof(double));
	d->weight = cv_alloc(count * sizeof(int64));
}

/* Turn a list that came from the highest down. */
static void
turn_around(Distribution *d)
{
	for (size_t i = 0, j = d->count; i + 1 < j; i++)
	{
		double		value = d->value[i];
		int64		weight = d->weight[i];
		i128		integer;

		j--;
		d->value[i] = d->value[j];
		d->value[j] = value;
		if (d->integer)
		{
			integer = d->integer[i];
			d->integer[i] = d->integer[j];
			d->integer[j] = integer;
		}
		d->weight[i] = d->weight[j];
		d->weight[j] = weight;
	}
}

static const uint8 *
read_weight(const uint8 *p, const uint8 *end, int64 least, int64 *weight)
{
	u128		wide;

	if (p == NULL || (p = read_checked(p, end, &wide)) == NULL ||
		wide < (u128) least || wide > MOST_CUSTOMERS)
		return NULL;
	*weight = (int64) wide;
	return p;
}

/* One value in a decimal form. */
static const uint8 *
read_decimal(const uint8 *p, const uint8 *end, bool first, i128 limit,
			 i128 *integer, int64 *weight)
{
	u128		wide;
	u128		distance;

	if ((p = read_checked(p, end, &wide)) == NULL || wide >> 100 != 0)
		return NULL;
	distance = wide >> 1;
	if (first)
		*integer = unfold_sign128(distance);
	else if (distance == 0)
		return NULL;
	else
		*integer -= (i128) distance;
	if (*integer >= limit || *integer <= -limit)
		return NULL;
	*weight = 1;
	return (wide & 1) ? read_weight(p, end, 2, weight) : p;
}

static const uint8 *
read_real(const uint8 *p, const uint8 *end, bool first, double *value, int64 *weight)
{
	uint64		bits;
	double		v;

	if (end - p < 8)
		return NULL;
	bits = bytes_load64(p);
	memcpy(&v, &bits, sizeof(v));
	if (!(fabs(v) < VALUES_LIMIT) || (!first && !(v < *value)) ||
		(v == 0.0 && bits != 0))
		return NULL;
	*value = v;
	return read_weight(p + 8, end, 1, weight);
}

/* Values from the highest down, as they come. */
static const uint8 *
read_values(const uint8 *p, const uint8 *end, int form, Distribution *d)
{
	i128		limit = form == FORM_REAL ? 0 : decimal_limit(form);
	i128		integer = 0;
	double		value = 0.0;

	for (size_t i = 0; i < d->count && p != NULL; i++)
	{
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
		if (form == FORM_REAL)
			p = read_real(p, end, i == 0, &value, &d->weight[i]);
		else
		{
			p = read_decimal(p, end, i == 0, limit, &integer, &d->weight[i]);
			d->integer[i] = integer;
			value = (double) integer / (double) scales[form];
		}
		d->value[i] = value;
		if (p != NULL && (d->customers += d->weight[i]) > MOST_CUSTOMERS)
			p = NULL;
	}
	return p;
}

/* Are there as few pairs of decimals as will do, and doubles only if need be? */
static bool
is_canonical(Distribution *d)
{
	if (!d->exact)
	{
		distribution_decimals(d);
		return !d->exact;
	}
	for (size_t i = 0; i < d->count && d->pairs > 0; i++)
	{
		if (d->integer[i] % 100 != 0)
			return true;
	}
	return d->pairs == 0;
}

bool
whale_decode(Whale *w, const uint8 *bytes, size_t length, const char **why)
{
	const uint8 *p;
	const uint8 *end = bytes + length;
	int			form;
	u128		count;
	Distribution d;

	*why = "It is cut off or damaged.";
	if (length <= WHALE_HEAD_SIZE)
		return false;
	p = bytes + WHALE_HEAD_SIZE;
	form = bytes[1];
	if (bytes[0] != WHALE_VERSION || form > FORM_REAL)
	{
		*why = "It is of a version or form that this release does not know.";
		return false;
	}
	if (bytes_load64(bytes + 2) != fingerprint(p, length - WHALE_HEAD_SIZE, bytes[1]))
		return false;
	if ((p = read_checked(p, end, &count)) == NULL || count == 0 || count > length)
		return false;
	allocate(&d, (size_t) count);
	if (form != FORM_REAL)
	{
		d.exact = true;
		d.pairs = form;
		d.integer = cv_alloc(d.count * sizeof(i128));
	}
	p = read_values(p, end, form, &d);
	turn_around(&d);
	if (p != end || !is_canonical(&d))
	{
		if (p == end)
			*why = "Its values are not in the form that they should be in.";
		distribution_close(&d);
		return false;
	}
	whale_open(w, &d);
	return true;
}

/* ---- text ----
 *
 *		{"values": [300, 120.5, [50, 3], -4]}
 *
 * from the highest down; [50, 3] are three customers with 50 each.  Values are
 * decimal if they all have at most six decimals and 23 digits before the
 * point; with "real": true they are doubles nevertheless.
 */

char *
whale_print(const Whale *w)
{
	size_t		room = 64;
	size_t		used;
	char	   *out = cv_alloc(room);

	used = (size_t) snprintf(out, room, "{\"values\": [");
	for (size_t i = w->d.count; i-- > 0;)
	{
		if (room - used < EXACT_TEXT_SIZE + 64)
		{
			room = room * 2 + EXACT_TEXT_SIZE + 64;
			out = cv_realloc(out, room);
		}
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
		if (w->d.weight[i] > 1)
			out[used++] = '[';
		used += (size_t) exact_print(out + used, distribution_value(&w->d, i));
		if (w->d.weight[i] > 1)
			used += (size_t) snprintf(out + used, 32, ", %lld]", (long long) w->d.weight[i]);
		if (i > 0)
		{
			out[used++] = ',';
			out[used++] = ' ';
		}
	}
	snprintf(out + used, room - used, w->d.exact ? "]}" : "], \"real\": true}");
	return out;
}

static bool
fail(char *why, const char *sentence)
{
	snprintf(why, WHALE_WHY_SIZE, "%s", sentence);
	return false;
}

static bool
json_fail(JsonReader *json, JsonToken token, char *why, const char *otherwise)
{
	if (token != JSON_ERROR)
		return fail(why, otherwise);
	snprintf(why, WHALE_WHY_SIZE, "At byte %zu: %s.", json->error_at + 1, json->error);
	return false;
}

/* What has been read: values as numbers, then as decimals or doubles. */
typedef struct Reading
{
	JsonReader	json;
	char	   *why;
	Exact	   *number;
	int64	   *weight;
	size_t		count;
	size_t		room;
	int64		customers;
	bool		real;
} Reading;

/* A number, or [number, customers]. */
static bool
parse_value(Reading *r, JsonToken token, Exact *number, int64 *weight)
{
	JsonReader *json = &r->json;
	bool		pair = token == JSON_ARRAY_BEGIN;
	Exact		count;

	if (pair)
		token = json_next(json);
	if (token != JSON_NUMBER)
		return json_fail(json, token, r->why, "Key \"values\" takes numbers and pairs of a number and how many customers have it.");
	if (!exact_parse(json->text, json->length, number) ||
		!(fabs(exact_value(*number)) < VALUES_LIMIT))
		return fail(r->why, "A value has more than 38 digits or is out of range.");
	*weight = 1;
	if (!pair)
		return true;
	if ((token = json_next(json)) != JSON_NUMBER)
		return json_fail(json, token, r->why, "A pair has a number and how many customers have it.");
	if (!exact_parse(json->text, json->length, &count) || count.exponent < 0 ||
		(*weight = exact_ceiling(count, 0)) < 1 || *weight > MOST_CUSTOMERS)
		return fail(r->why, "A number of customers is a positive whole number up to a billion.");
	if ((token = json_next(json)) != JSON_ARRAY_END)
		return json_fail(json, token, r->why, "A pair has two elements.");
	return true;
}

static bool
parse_values(Reading *r)
{
	JsonToken	token = json_next(&r->json);

	if (token != JSON_ARRAY_BEGIN)
		return json_fail(&r->json, token, r->why, "Key \"values\" takes an array.");
	if (r->number)
		return fail(r->why, "Key \"values\" is there twice.");
	r->room = 16;
	r->number = cv_alloc(r->room * sizeof(Exact));
	r->weight = cv_alloc(r->room * sizeof(int64));
	while ((token = json_next(&r->json)) != JSON_ARRAY_END)
	{
		size_t		i = r->count;

		if (i == r->room)
		{
			r->room *= 2;
			r->number = cv_realloc(r->number, r->room * sizeof(Exact));
			r->weight = cv_realloc(r->weight, r->room * sizeof(int64));
		}
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
		if (!parse_value(r, token, &r->number[i], &r->weight[i]))
			return false;
		if (i > 0 && exact_compare(r->number[i], r->number[i - 1]) >= 0)
			return fail(r->why, "The values do not come from the highest down, each once.");
		r->customers += r->weight[i];
		if (r->customers > MOST_CUSTOMERS)
			return fail(r->why, "There are more than a billion customers.");
		r->count++;
	}
	return r->count > 0 || fail(r->why, "There are no values.");
}

static bool
parse_object(Reading *r)
{
	JsonToken	token = json_next(&r->json);

	if (token != JSON_OBJECT_BEGIN)
		return json_fail(&r->json, token, r->why, "It is not a JSON object.");
	while ((token = json_next(&r->json)) == JSON_KEY)
	{
		if (json_is(&r->json, "values"))
		{
			if (!parse_values(r))
				return false;
		}
		else if (json_is(&r->json, "real") && !r->real)
		{
			if ((token = json_next(&r->json)) != JSON_TRUE)
				return json_fail(&r->json, token, r->why, "Key \"real\", if it is there, is true.");
			r->real = true;
		}
		else
			return fail(r->why, "Its keys are \"values\" and, for doubles, \"real\", each once.");
	}
	if (token != JSON_OBJECT_END || (token = json_next(&r->json)) != JSON_END)
		return json_fail(&r->json, JSON_ERROR, r->why, "");
	return r->number != NULL || fail(r->why, "There is no key \"values\".");
}

/* As decimals, with as few pairs as will do; false if some is none. */
static bool
take_decimals(const Reading *r, Distribution *d)
{
	static const Exact limit = {.digits = 1,.exponent = 23};
	static const Exact minus_limit = {.digits = -1,.exponent = 23};
	int			least = 0;

	/* the outer ones are the largest, and no power of ten below overflows */
	if (exact_compare(r->number[0], limit) >= 0 ||
		exact_compare(r->number[r->count - 1], minus_limit) <= 0)
		return false;
	for (size_t i = 0; i < r->count; i++)
		least = Min(least, r->number[i].exponent);
	if (least < -6)
		return false;
	d->exact = true;
	d->pairs = (1 - least) / 2;
	d->integer = cv_alloc(r->count * sizeof(i128));
	for (size_t i = 0; i < r->count; i++)
	{
		i128		integer = r->number[i].digits;

		for (int e = r->number[i].exponent; e > -2 * d->pairs; e--)
			integer *= 10;
		d->integer[i] = integer;
		d->value[i] = exact_value(r->number[i]);
	}
	return true;
}

/* As doubles, which must still be apart. */
static bool
take_doubles(const Reading *r, Distribution *d)
{
	for (size_t i = 0; i < r->count; i++)
	{
		d->value[i] = exact_value(r->number[i]) + 0.0;
		if (i > 0 && d->value[i] >= d->value[i - 1])
			return fail(r->why, "Two values are the same double; numbers with more than 6 decimals are kept as doubles.");
	}
	return true;
}

bool
whale_parse(Whale *w, const char *text, size_t length, char *why)
{
	Reading		r;
	Distribution d;
	bool		good;

	memset(&r, 0, sizeof(r));
	r.why = why;
	json_open(&r.json, text, length);
	good = parse_object(&r);
	json_close(&r.json);
	if (good)
	{
		allocate(&d, r.count);
		memcpy(d.weight, r.weight, r.count * sizeof(int64));
		if (r.real || !take_decimals(&r, &d))
			good = take_doubles(&r, &d);
		turn_around(&d);
		if (good && !d.exact)
			distribution_decimals(&d);
		if (good)
			whale_open(w, &d);
		else
			distribution_close(&d);
	}
	if (r.number)
	{
		cv_free(r.number);
		cv_free(r.weight);
	}
	return good;
}
