/*
 * test_segment.c
 *		Exact decimals, the values of customers, and the text and bytes of
 *		segmentations and whale curves, mutated ones included.
 */
#include "common/host.h"

#include <math.h>

#include "profit/whale.h"
#include "segment/breaking.h"
#include "tap.h"

#include "random.h"

static Exact
exact_of(const char *text)
{
	Exact		e = {0, 0};

	if (!exact_parse(text, strlen(text), &e))
		printf("# cannot parse %s\n", text);
	return e;
}

static void
test_exact(void)
{
	static const char *const ascending[] = {
		"-1e400", "-12345678901234567890123456789012345678", "-1e20", "-100.1", "-100", "-99.999999", "-1",
		"-0.1", "-1e-7", "-1e-400", "0", "1e-400", "0.0000001", "0.01", "0.1", "0.99", "1", "1.5", "10", "99.999999",
		"100", "1e15", "12345678901234567890123456789012345678", "1e99", "1e400"
	};
	static const char *const bad[] = {"", "-", ".", "1.", "-.5", "1e", "1e+", "x", "1x", "1.2.3", "1e401", "1e-401",
		"123456789012345678901234567890123456789", "1e99999999999999999999", "NaN"
	};
	int			wrong = 0,
				text_wrong = 0,
				accepted = 0,
				bytes_wrong = 0;

	for (size_t i = 0; i < lengthof(ascending); i++)
	{
		Exact		a = exact_of(ascending[i]);
		Exact		back;
		char		text[EXACT_TEXT_SIZE];
		uint8		bytes[EXACT_MAX_BYTES];
		uint8	   *end = exact_write(bytes, a);

		for (size_t j = 0; j < lengthof(ascending); j++)
		{
			if (exact_compare(a, exact_of(ascending[j])) != (i > j) - (i < j))
				wrong++;
		}
		if (!exact_parse(text, (size_t) exact_print(text, a), &back) ||
			back.digits != a.digits || back.exponent != a.exponent)
			text_wrong++;
		if (end - bytes > EXACT_MAX_BYTES || exact_read(bytes, end, &back) != end ||
			back.digits != a.digits || back.exponent != a.exponent)
			bytes_wrong++;
		for (uint8 *cut = bytes; cut < end; cut++)
		{
			if (exact_read(bytes, cut, &back) != NULL)
				bytes_wrong++;
		}
	}
	for (size_t i = 0; i < lengthof(bad); i++)
	{
		Exact		a;

		accepted += exact_parse(bad[i], strlen(bad[i]), &a);
	}
	ok(wrong == 0, "exact: comparison");
	ok(text_wrong == 0, "exact: text round-trips");
	ok(bytes_wrong == 0, "exact: bytes round-trip, cut off ones are refused");
	ok(accepted == 0, "exact: bad text is refused");
	ok(exact_of("1.500").digits == 15 && exact_of("1.500").exponent == -1 &&
	   exact_of("-0.00").digits == 0 && exact_of("-0.00").exponent == 0 &&
	   exact_of("2500e2").exponent == 4, "exact: one form for each number");

	wrong = 0;
	for (int i = 0; i < 100000; i++)
	{
		int64		v = (int64) (random64() % 2000001) - 1000000;
		int			pairs = (int) (random64() % 4);
		Exact		a;
		i128		scaled;

		/* ceiling of v / 10^e in units of 100^-pairs, the slow way */
		int			e = (int) (random64() % 9);
		int64		unit = 1;

		exact_make(v, e, &a);
		for (int p = 0; p < e; p++)
			unit *= 10;
		scaled = v;
		for (int p = 0; p < 2 * pairs; p++)
			scaled *= 10;
		scaled = scaled >= 0 ? (scaled + unit - 1) / unit : -(-scaled / unit);
		if (exact_ceiling(a, pairs) != (int64) scaled)
			wrong++;
	}
	ok(wrong == 0, "exact: ceilings");

	wrong = 0;
	for (int i = 0; i < 100000; i++)
	{
		double		v = ldexp((double) (int64) random64(), (int) (random64() % 200) - 163);
		double		next = nextafter(v, HUGE_VAL);
		double		far = v + fabs(v) * ldexp(1.0, -(int) (random64() % 40)) + 1e-30;
		Exact		a;

		exact_shortest(v, &a);
		if (exact_value(a) != v)
			wrong++;
		a = exact_between(v, next);
		if (exact_value(a) != next)
			wrong++;
		a = exact_between(v, far);
		if (!(exact_value(a) > v && exact_value(a) <= far))
			wrong++;
	}
	ok(wrong == 0, "exact: doubles there and back, numbers in between");
}

/* A distribution of random values of some kind. */
static void
random_values(Values *values, size_t n, int kind)
{
	memset(values, 0, sizeof(Values));
	values->room = 1;
	values->value = cv_alloc(sizeof(double));
	for (size_t i = 0; i < n; i++)
	{
		int64		v = (int64) (random64() % 20000) - 5000;

		if (kind == 3)
		{
			if (values->wide == NULL)
				values->wide = cv_alloc(n * sizeof(i128));
			values->wide[values->nwide++] = (i128) v * INT64CONST(1000000000000000000) + v;
		}
		else
			values_add(values, kind == 0 ? (double) v : kind == 1 ? (double) v / 100.0 : (double) v / 7.0);
	}
}

static void
free_values(Values *values)
{
	cv_free(values->value);
	if (values->wide)
		cv_free(values->wide);
}

static void
test_sort(void)
{
	static const size_t sizes[] = {1, 2, 32, 33, 2047, 2048, 50000};
	int			wrong = 0;

	for (size_t s = 0; s < lengthof(sizes); s++)
	{
		Values		values = {0};

		values.room = 1;
		values.value = cv_alloc(sizeof(double));
		for (size_t i = 0; i < sizes[s]; i++)
			values_add(&values, ldexp((double) (int64) random64(), (int) (random64() % 300) - 200) *
					   (random64() % 10 != 0));
		values_sort(&values);
		for (size_t i = 1; i < sizes[s]; i++)
			wrong += !(values.value[i - 1] <= values.value[i]);
		free_values(&values);
	}
	ok(wrong == 0, "values: sorted");
}

/* Keep bytes in memory of exactly their size, so that reading past is seen. */
#include "mutate.h"

/* Bytes that are accepted must come back the same. */
static bool
segmentation_bytes_hold(const uint8 *bytes, size_t length, bool *accepted)
{
	SegmentationError error;
	Segmentation *s = segmentation_decode(bytes, length, &error);
	uint8	   *again;
	bool		same = true;

	*accepted = s != NULL && segmentation_check(s, &error);
	if (*accepted)
	{
		again = cv_alloc(segmentation_max_size(s));
		same = segmentation_encode(s, again) == length && memcmp(again, bytes, length) == 0;
		cv_free(again);
	}
	if (s)
		segmentation_free(s);
	return same;
}

static bool
segmentation_text_holds(const char *text, size_t length, bool *accepted)
{
	SegmentationError error;
	Segmentation *s = segmentation_parse(text, length, &error);
	bool		same = true;

	*accepted = s != NULL;
	if (s)
	{
		char	   *printed = segmentation_print(s);
		Segmentation *back = segmentation_parse(printed, strlen(printed), &error);
		char	   *twice = back ? segmentation_print(back) : (char *) copy_of((const uint8 *) "", 1);

		same = strcmp(printed, twice) == 0;
		cv_free(printed);
		cv_free(twice);
		if (back)
			segmentation_free(back);
		segmentation_free(s);
	}
	return same;
}

static void
test_segmentation(void)
{
	int			wrong = 0,
				refused = 0,
				mutants_wrong = 0,
				mutants_accepted = 0;

	for (int round = 0; round < 200; round++)
	{
		Values		values;
		Distribution d;
		Cuts	   *s = NULL;
		Breaking	breaking = {.method = METHOD_NATURAL_BREAKS,.k = 1 + round % 9,.most = 1 + round % 9};
		BreakingFailure failure;
		uint8	   *bytes;
		uint8	   *damaged;
		size_t		length;
		char	   *text;
		bool		accepted;
		SegmentationError error;

		if (round % 2)
		{
			breaking.method = METHOD_VALUE_SEGMENTS;
			breaking.scale = SCALE_ASINH;
			breaking.has_cut_at = true;
			breaking.min_share = 0.005;
			breaking.gives_way = true;
		}
		else if (round % 4 == 0)
			breaking.scale = SCALE_RANK;
		random_values(&values, 300, round % 4);
		distribution_open(&d, &values, false);
		if (round % 5 == 4)
		{
			/* classes without customers, at either end and in between */
			Exact		share[] = {exact_of("1e-9"), exact_of("2e-9"), exact_of("0.5"), exact_of("1")};

			s = share_breaks(&d, share, lengthof(share));
		}
		else if (breaking_apply(&breaking, &d, &s, &failure) != BREAKS_OK)
			wrong++;
		if (round % 3 == 0)
		{
			segmentation_add_labels(&s->head);
			for (int i = 0; i < s->head.k; i++)
			{
				s->head.label[i].text = "a \"label\"\n\xc3\xa4";
				s->head.label[i].length = 1 + (size_t) i;
			}
		}
		bytes = cv_alloc(segmentation_max_size(&s->head));
		length = segmentation_encode(&s->head, bytes);
		text = segmentation_print(&s->head);
		wrong += !segmentation_bytes_hold(bytes, length, &accepted);
		refused += !accepted;
		if (round % 3 != 0)		/* cut labels are no text */
		{
			wrong += !segmentation_text_holds(text, strlen(text), &accepted);
			refused += !accepted;
		}
		/* the last eight bytes are a sum of squares; here it is NaN */
		damaged = copy_of(bytes, length);
		memset(damaged + length - 8, 0xFF, 8);
		mutants_wrong += segmentation_decode(damaged, length, &error) != NULL;
		cv_free(damaged);
		for (int i = 0; i < 500; i++)
		{
			size_t		size = length;
			uint8	   *mutant;

			mutant = copy_of(bytes, length);
			mutate(mutant, &size);
			mutant = cv_realloc(mutant, size);
			mutants_wrong += !segmentation_bytes_hold(mutant, size, &accepted);
			mutants_accepted += accepted;
			cv_free(mutant);

			size = strlen(text);
			mutant = copy_of((uint8 *) text, size);
			mutate(mutant, &size);
			mutant = cv_realloc(mutant, size);
			mutants_wrong += !segmentation_text_holds((char *) mutant, size, &accepted);
			cv_free(mutant);
		}
		cv_free(bytes);
		cv_free(text);
		segmentation_free(&s->head);
		distribution_close(&d);
		free_values(&values);
	}
	ok(wrong == 0 && refused == 0, "segmentation: bytes and text round-trip");
	ok(mutants_wrong == 0, "segmentation: mutants are refused or come back the same (%d accepted)", mutants_accepted);
}

static bool
whale_bytes_hold(const uint8 *bytes, size_t length, bool *accepted)
{
	const char *why;
	Whale		w;
	uint8	   *again;
	bool		same;

	*accepted = whale_decode(&w, bytes, length, &why);
	if (!*accepted)
		return true;
	again = cv_alloc(whale_max_size(&w));
	same = whale_encode(&w, again) == length && memcmp(again, bytes, length) == 0;
	cv_free(again);
	(void) whale_top(&w, w.d.customers);
	whale_close(&w);
	return same;
}

/* The text of a curve gives the bytes of the curve. */
static bool
whale_text_holds(const char *text, size_t length, bool *accepted, const uint8 *bytes, size_t nbytes)
{
	char		why[WHALE_WHY_SIZE];
	Whale		w;
	uint8	   *again;
	size_t		size;
	bool		same;
	bool		good;

	*accepted = whale_parse(&w, text, length, why);
	if (!*accepted)
		return true;
	again = cv_alloc(whale_max_size(&w));
	size = whale_encode(&w, again);
	same = whale_bytes_hold(again, size, &good) && good;
	if (bytes)
		same = same && size == nbytes && memcmp(again, bytes, nbytes) == 0;
	cv_free(again);
	whale_close(&w);
	return same;
}

static void
test_whale(void)
{
	int			wrong = 0,
				refused = 0,
				mutants_wrong = 0,
				mutants_accepted = 0;

	for (int round = 0; round < 200; round++)
	{
		Values		values;
		Distribution d;
		Whale		w;
		uint8	   *bytes;
		size_t		length;
		char	   *text;
		bool		accepted;

		random_values(&values, 1 + round, round % 4);
		distribution_open(&d, &values, true);
		whale_open(&w, &d);
		bytes = cv_alloc(whale_max_size(&w));
		length = whale_encode(&w, bytes);
		text = whale_print(&w);
		wrong += !whale_bytes_hold(bytes, length, &accepted);
		refused += !accepted;
		wrong += !whale_text_holds(text, strlen(text), &accepted, bytes, length);
		refused += !accepted;
		for (int i = 0; i < 500; i++)
		{
			size_t		size = length;
			uint8	   *mutant = copy_of(bytes, length);

			mutate(mutant, &size);
			mutant = cv_realloc(mutant, size);
			/* with the right fingerprint, too, or all would end there */
			if (i % 10 > 0 && size > WHALE_HEAD_SIZE)
				whale_stamp(mutant, size);
			mutants_wrong += !whale_bytes_hold(mutant, size, &accepted);
			mutants_accepted += accepted;
			cv_free(mutant);

			size = strlen(text);
			mutant = copy_of((uint8 *) text, size);
			mutate(mutant, &size);
			mutant = cv_realloc(mutant, size);
			mutants_wrong += !whale_text_holds((char *) mutant, size, &accepted, NULL, 0);
			cv_free(mutant);
		}
		cv_free(bytes);
		cv_free(text);
		whale_close(&w);
		free_values(&values);
	}
	ok(wrong == 0 && refused == 0, "whale curve: bytes and text round-trip");
	ok(mutants_wrong == 0, "whale curve: mutants are refused or come back the same (%d accepted)", mutants_accepted);
}

int
main(void)
{
	test_exact();
	test_sort();
	test_segmentation();
	test_whale();
	return done_testing("test_segment");
}
