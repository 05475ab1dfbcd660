/*
 * whale.c
 *		The whale curve, in memory, as bytes and as text.
 */
#include "profit/whale.h"

#include <math.h>

#include "common/bytes.h"
#include "common/json.h"

/* Sums of weights stay exact in doubles. */
#define MOST_CUSTOMERS (INT64CONST(1) << 52)

/* ---- in memory ---- */

void
whale_open(Whale *w, Distribution *d)
{
	size_t		n = d->count;

	memset(w, 0, sizeof(Whale));
	w->d = *d;
	w->d.rounded = false;		/* doubles are all that is left of them */
	distribution_decimals(&w->d);
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
			w->sum[i + 1] = w->sum[i] + (i128) w->d.integer[from_top] * weight;
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

Exact
whale_top(const Whale *w, int64 customers)
{
	size_t		whole = whole_values(w, customers);
	int64		rest = customers - w->customers[whole];
	Exact		result;

	Assert(customers >= 0 && customers <= w->d.customers);
	if (w->d.exact)
	{
		i128		sum = w->sum[whole];

		if (rest > 0)
			sum += (i128) w->d.integer[w->d.count - 1 - whole] * rest;
		exact_make(sum, 2 * w->d.pairs, &result);
	}
	else
	{
		Twofold		sum = w->real_sum[whole];

		if (rest > 0)
			sum = twofold_add(sum, twofold_product(w->d.value[w->d.count - 1 - whole],
												   (double) rest));
		result = exact_from_double(twofold_value(sum), 15);
	}
	return result;
}

Exact
whale_value(const Whale *w, int64 customers)
{
	Assert(customers >= 0 && customers < w->d.customers);
	return distribution_value(&w->d, w->d.count - 1 - whole_values(w, customers));
}

/* ---- bytes ---- */

size_t
whale_max_size(const Whale *w)
{
	/* at most 2^31 values: no overflow in 64 bits */
	return 32 + w->d.count * (size_t) (2 * INTEGER_MAX_BYTES);
}

size_t
whale_encode(const Whale *w, uint8 *bytes)
{
	const Distribution *d = &w->d;
	uint8	   *p = bytes;

	*p++ = WHALE_VERSION;
	*p++ = d->exact ? (uint8) d->pairs : FORM_REAL;
	p = write_integer(p, d->count);
	for (size_t i = d->count; i-- > 0;)
	{
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
		if (d->exact)
		{
			uint64		distance = i == d->count - 1 ? fold_sign64(d->integer[i]) :
				(uint64) (d->integer[i + 1] - d->integer[i]);

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

		j--;
		d->value[i] = d->value[j];
		d->value[j] = value;
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
read_decimal(const uint8 *p, const uint8 *end, bool first, int64 *integer, int64 *weight)
{
	u128		wide;
	uint64		distance;

	if ((p = read_checked(p, end, &wide)) == NULL || wide > UINT64CONST(1) << 54)
		return NULL;
	distance = (uint64) wide >> 1;
	if (first)
		*integer = unfold_sign64(distance);
	else if (distance == 0)
		return NULL;
	else
		*integer -= (int64) distance;
	if (*integer > VALUES_EXACT_LIMIT || *integer < -VALUES_EXACT_LIMIT)
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

bool
whale_decode(Whale *w, const uint8 *bytes, size_t length, const char **why)
{
	static const double scales[] = {1.0, 100.0, 10000.0, 1000000.0};
	const uint8 *p = bytes + 2;
	const uint8 *end = bytes + length;
	uint8		form;
	u128		count;
	Distribution d;
	int64		integer = 0;
	double		value = 0.0;
	int64		customers = 0;

	*why = "It is cut off or damaged.";
	if (length < 3)
		return false;
	form = bytes[1];
	if (bytes[0] != WHALE_VERSION || form > FORM_REAL)
	{
		*why = "It is of a version or form that this release does not know.";
		return false;
	}
	if ((p = read_checked(p, end, &count)) == NULL || count == 0 || count > length)
		return false;
	allocate(&d, (size_t) count);
	for (size_t i = 0; i < d.count && p != NULL; i++)
	{
		if (form == FORM_REAL)
			p = read_real(p, end, i == 0, &value, &d.weight[i]);
		else
		{
			p = read_decimal(p, end, i == 0, &integer, &d.weight[i]);
			value = (double) integer / scales[form];
		}
		d.value[i] = value;
		if (p != NULL)
			customers += d.weight[i];
		if (customers > MOST_CUSTOMERS)
			p = NULL;
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
	if (p != end)
	{
		distribution_close(&d);
		return false;
	}
	turn_around(&d);
	whale_open(w, &d);
	if ((w->d.exact ? w->d.pairs : FORM_REAL) != form)
	{
		whale_close(w);
		*why = "Its values are not in the form that they should be in.";
		return false;
	}
	return true;
}

/* ---- text ----
 *
 *		{"values": [300, 120.5, [50, 3], -4]}
 *
 * from the highest down; [50, 3] are three customers with 50 each.
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
	snprintf(out + used, room - used, "]}");
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

/* A number, or [number, customers]. */
static bool
parse_value(JsonReader *json, JsonToken token, double *value, int64 *weight, char *why)
{
	bool		pair = token == JSON_ARRAY_BEGIN;
	Exact		number;

	if (pair)
		token = json_next(json);
	if (token != JSON_NUMBER)
		return json_fail(json, token, why, "Key \"values\" takes numbers and pairs of a number and how many customers have it.");
	if (!exact_parse(json->text, json->length, &number) ||
		!(fabs(exact_value(number)) < VALUES_LIMIT))
		return fail(why, "A value has more than 38 digits or is out of range.");
	*value = exact_value(number) + 0.0;
	*weight = 1;
	if (!pair)
		return true;
	if ((token = json_next(json)) != JSON_NUMBER)
		return json_fail(json, token, why, "A pair has a number and how many customers have it.");
	if (!exact_parse(json->text, json->length, &number) || number.exponent < 0 ||
		(*weight = exact_ceiling(number, 0)) < 1 || *weight > MOST_CUSTOMERS)
		return fail(why, "A number of customers is a positive whole number.");
	if ((token = json_next(json)) != JSON_ARRAY_END)
		return json_fail(json, token, why, "A pair has two elements.");
	return true;
}

static bool
parse_values(JsonReader *json, Distribution *d, char *why)
{
	size_t		room = 16;
	int64		customers = 0;
	JsonToken	token;

	allocate(d, room);
	d->count = 0;
	while ((token = json_next(json)) != JSON_ARRAY_END)
	{
		size_t		i = d->count;

		if (i == room)
		{
			room *= 2;
			d->value = cv_realloc(d->value, room * sizeof(double));
			d->weight = cv_realloc(d->weight, room * sizeof(int64));
		}
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
		if (!parse_value(json, token, &d->value[i], &d->weight[i], why))
			return false;
		if (i > 0 && !(d->value[i] < d->value[i - 1]))
			return fail(why, "The values do not come from the highest down, each once.");
		customers += d->weight[i];
		if (customers > MOST_CUSTOMERS)
			return fail(why, "There are too many customers.");
		d->count++;
	}
	if (d->count == 0)
		return fail(why, "There are no values.");
	return true;
}

bool
whale_parse(Whale *w, const char *text, size_t length, char *why)
{
	JsonReader	json;
	JsonToken	token;
	Distribution d;
	bool		good;

	memset(&d, 0, sizeof(d));
	json_open(&json, text, length);
	if ((token = json_next(&json)) != JSON_OBJECT_BEGIN)
		good = json_fail(&json, token, why, "It is not a JSON object.");
	else if ((token = json_next(&json)) != JSON_KEY || !json_is(&json, "values"))
		good = json_fail(&json, token, why, "It has one key, \"values\".");
	else if ((token = json_next(&json)) != JSON_ARRAY_BEGIN)
		good = json_fail(&json, token, why, "Key \"values\" takes an array.");
	else
		good = parse_values(&json, &d, why);
	if (good && ((token = json_next(&json)) != JSON_OBJECT_END ||
				 (token = json_next(&json)) != JSON_END))
		good = json_fail(&json, token, why, "It has one key, \"values\".");
	json_close(&json);
	if (good)
	{
		turn_around(&d);
		whale_open(w, &d);
	}
	else if (d.value)
		distribution_close(&d);
	return good;
}
