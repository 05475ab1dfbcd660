/*
 * segmentation.c
 *		Segmentations in memory and as bytes, and finding a value's segment.
 */
#include "segment/segmentation.h"

#include <stdarg.h>

#include "common/bytes.h"

#define FLAG_CUT_AT 0x01
#define FLAG_MIN_CUSTOMERS 0x02
#define FLAG_LABELS 0x04
#define FLAG_SUMMARY 0x08
#define FLAGS_KNOWN 0x0F

/* ---- in memory ---- */

void
segmentation_init(Segmentation *s, int k)
{
	Assert(k >= 1 && k <= SEGMENTATION_MAX_SEGMENTS);
	memset(s, 0, sizeof(Segmentation));
	s->k = k;
	s->cut = cv_alloc(k * sizeof(Exact));
}

void
segmentation_add_labels(Segmentation *s)
{
	s->label = cv_alloc(s->k * sizeof(SegmentLabel));
	memset(s->label, 0, s->k * sizeof(SegmentLabel));
}

void
segmentation_add_summary(Segmentation *s)
{
	s->summary = cv_alloc(s->k * sizeof(SegmentSummary));
	memset(s->summary, 0, s->k * sizeof(SegmentSummary));
}

void
segmentation_free(Segmentation *s)
{
	if (s->cut)
		cv_free(s->cut);
	if (s->label)
		cv_free(s->label);
	if (s->summary)
		cv_free(s->summary);
	memset(s, 0, sizeof(Segmentation));
}

static bool fail(SegmentationError *error, const char *format,...)
			__attribute__((format(printf, 2, 3)));

static bool
fail(SegmentationError *error, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	vsnprintf(error->detail, sizeof(error->detail), format, args);
	va_end(args);
	return false;
}

static bool
squares_are_valid(SegmentSquares q)
{
	/* false for NaN, too */
	return q.total >= 0.0 && q.total <= 1e300 && q.within >= 0.0 && q.within <= q.total;
}

static bool
check_summary(const Segmentation *s, SegmentationError *error)
{
	int64		customers = 0;

	for (int i = 0; i < s->k; i++)
	{
		const SegmentSummary *one = &s->summary[i];

		if (one->customers < 1 || one->customers > INT64CONST(1) << 52)
			return fail(error, "Segment %d has no valid number of customers.", i + 1);
		customers += one->customers;
		if (exact_compare(one->lowest, one->highest) > 0)
			return fail(error, "The lowest value of segment %d is above its highest.", i + 1);
		if ((i < s->k - 1 && exact_compare(one->lowest, s->cut[i]) < 0) ||
			(i > 0 && exact_compare(one->highest, s->cut[i - 1]) >= 0))
			return fail(error, "The values of segment %d are not between its cut points.", i + 1);
	}
	if (customers > INT64CONST(1) << 52)
		return fail(error, "There are too many customers.");
	if (!squares_are_valid(s->raw) || !squares_are_valid(s->used))
		return fail(error, "Sums of squares are not negative, and the second, within segments, is not above the first.");
	return true;
}

bool
segmentation_check(const Segmentation *s, SegmentationError *error)
{
	for (int i = 1; i < s->k - 1; i++)
	{
		if (exact_compare(s->cut[i - 1], s->cut[i]) <= 0)
			return fail(error, "Cut point %d is not below cut point %d; they come from the highest to the lowest.",
						i + 1, i);
	}
	if (s->scale == SCALE_ASINH && s->unit.digits <= 0)
		return fail(error, "The unit of scale \"asinh\" is not positive.");
	if (s->min_customers < 0)
		return fail(error, "The least number of customers is negative.");
	if (s->label)
	{
		for (int i = 0; i < s->k; i++)
		{
			if (s->label[i].length == 0 || s->label[i].length > SEGMENTATION_MAX_LABEL)
				return fail(error, "The label of segment %d is empty or longer than %d bytes.",
							i + 1, SEGMENTATION_MAX_LABEL);
		}
	}
	return s->summary == NULL || check_summary(s, error);
}

/* ---- bytes ---- */

size_t
segmentation_max_size(const Segmentation *s)
{
	/* k is at most 1000, so nothing overflows */
	size_t		size = 256;

	size += s->k * (size_t) (EXACT_MAX_BYTES);
	if (s->label)
		size += s->k * (size_t) (SEGMENTATION_MAX_LABEL + 8);
	if (s->summary)
		size += s->k * (size_t) (3 * EXACT_MAX_BYTES + INTEGER_MAX_BYTES);
	return size;
}

static uint8 *
write_double(uint8 *p, double v)
{
	uint64		bits;

	v += 0.0;
	memcpy(&bits, &v, sizeof(bits));
	bytes_store64(p, bits);
	return p + 8;
}

/* The reverse; which doubles are allowed is checked afterwards. */
static const uint8 *
read_double(const uint8 *p, const uint8 *end, double *v)
{
	uint64		bits;

	if (p == NULL || end - p < 8)
		return NULL;
	bits = bytes_load64(p);
	memcpy(v, &bits, sizeof(bits));
	return p + 8;
}

size_t
segmentation_encode(const Segmentation *s, uint8 *bytes)
{
	uint8	   *p = bytes;

	*p++ = SEGMENTATION_VERSION;
	*p++ = (uint8) s->method;
	*p++ = (uint8) s->scale;
	*p++ = (s->has_cut_at ? FLAG_CUT_AT : 0) |
		(s->min_customers ? FLAG_MIN_CUSTOMERS : 0) |
		(s->label ? FLAG_LABELS : 0) |
		(s->summary ? FLAG_SUMMARY : 0);
	p = write_integer(p, (u128) s->k);
	for (int i = 0; i < s->k - 1; i++)
		p = exact_write(p, s->cut[i]);
	if (s->scale == SCALE_ASINH)
		p = exact_write(p, s->unit);
	if (s->has_cut_at)
		p = exact_write(p, s->cut_at);
	if (s->min_customers)
		p = write_integer(p, (u128) s->min_customers);
	for (int i = 0; s->label && i < s->k; i++)
	{
		p = write_integer(p, s->label[i].length);
		memcpy(p, s->label[i].text, s->label[i].length);
		p += s->label[i].length;
	}
	for (int i = 0; s->summary && i < s->k; i++)
	{
		p = write_integer(p, (u128) s->summary[i].customers);
		p = exact_write(p, s->summary[i].total);
		p = exact_write(p, s->summary[i].lowest);
		p = exact_write(p, s->summary[i].highest);
	}
	if (s->summary)
	{
		p = write_double(p, s->raw.total);
		p = write_double(p, s->raw.within);
		p = write_double(p, s->used.total);
		p = write_double(p, s->used.within);
	}
	return (size_t) (p - bytes);
}

/* An integer up to a limit. */
static const uint8 *
read_limited(const uint8 *p, const uint8 *end, uint64 limit, uint64 *v)
{
	u128		wide;

	if (p == NULL || (p = read_checked(p, end, &wide)) == NULL || wide > limit)
		return NULL;
	*v = (uint64) wide;
	return p;
}

static const uint8 *
read_exact(const uint8 *p, const uint8 *end, Exact *v)
{
	return p == NULL ? NULL : exact_read(p, end, v);
}

static const uint8 *
read_labels(const uint8 *p, const uint8 *end, Segmentation *s)
{
	segmentation_add_labels(s);
	for (int i = 0; i < s->k; i++)
	{
		uint64		length = 0;

		p = read_limited(p, end, SEGMENTATION_MAX_LABEL, &length);
		if (p == NULL || (size_t) (end - p) < length)
			return NULL;
		s->label[i].text = (const char *) p;
		s->label[i].length = length;
		p += length;
	}
	return p;
}

static const uint8 *
read_summary(const uint8 *p, const uint8 *end, Segmentation *s)
{
	segmentation_add_summary(s);
	for (int i = 0; i < s->k; i++)
	{
		SegmentSummary *one = &s->summary[i];
		uint64		customers = 0;

		p = read_limited(p, end, UINT64CONST(1) << 52, &customers);
		one->customers = (int64) customers;
		p = read_exact(p, end, &one->total);
		p = read_exact(p, end, &one->lowest);
		p = read_exact(p, end, &one->highest);
	}
	p = read_double(p, end, &s->raw.total);
	p = read_double(p, end, &s->raw.within);
	p = read_double(p, end, &s->used.total);
	return read_double(p, end, &s->used.within);
}

bool
segmentation_decode(Segmentation *s, const uint8 *bytes, size_t length,
					SegmentationError *error)
{
	const uint8 *p = bytes + 4;
	const uint8 *end = bytes + length;
	uint64		k = 0;
	uint64		min_customers = 0;
	uint8		flags;

	memset(s, 0, sizeof(Segmentation));
	if (length < 5)
		return fail(error, "It is cut off.");
	if (bytes[0] != SEGMENTATION_VERSION)
		return fail(error, "Its version is %d; this release knows version %d.",
					bytes[0], SEGMENTATION_VERSION);
	flags = bytes[3];
	if (bytes[1] > METHOD_VALUE_SEGMENTS || bytes[2] > SCALE_ASINH ||
		(flags & ~FLAGS_KNOWN) != 0)
		return fail(error, "It uses a method, scale or flag this release does not know.");
	p = read_limited(p, end, SEGMENTATION_MAX_SEGMENTS, &k);
	if (p == NULL || k == 0)
		return fail(error, "Its number of segments is not valid.");

	segmentation_init(s, (int) k);
	s->method = (SegmentMethod) bytes[1];
	s->scale = (SegmentScale) bytes[2];
	for (int i = 0; i < s->k - 1; i++)
		p = read_exact(p, end, &s->cut[i]);
	if (s->scale == SCALE_ASINH)
		p = read_exact(p, end, &s->unit);
	s->has_cut_at = (flags & FLAG_CUT_AT) != 0;
	if (s->has_cut_at)
		p = read_exact(p, end, &s->cut_at);
	if (flags & FLAG_MIN_CUSTOMERS)
	{
		p = read_limited(p, end, UINT64CONST(1) << 52, &min_customers);
		if (min_customers == 0)
			p = NULL;
	}
	s->min_customers = (int64) min_customers;
	if (p != NULL && (flags & FLAG_LABELS))
		p = read_labels(p, end, s);
	if (p != NULL && (flags & FLAG_SUMMARY))
		p = read_summary(p, end, s);
	if (p != end)
		return fail(error, "Its bytes do not add up.");
	return true;
}

/* ---- finding ---- */

SegmentFinder *
segment_finder_make(const Segmentation *s)
{
	size_t		ncuts = (size_t) s->k - 1;
	SegmentFinder *finder = cv_alloc(sizeof(SegmentFinder) + ncuts * 5 * sizeof(int64));
	char	   *p = (char *) (finder + 1);

	finder->ncuts = s->k - 1;
	finder->real = (double *) p;
	p += ncuts * sizeof(double);
	for (int pairs = 0; pairs < 4; pairs++)
	{
		finder->integer[pairs] = (int64 *) p;
		p += ncuts * sizeof(int64);
	}
	for (size_t i = 0; i < ncuts; i++)
	{
		finder->real[i] = exact_value(s->cut[i]);
		for (int pairs = 0; pairs < 4; pairs++)
			finder->integer[pairs][i] = exact_ceiling(s->cut[i], pairs);
	}
	return finder;
}

int
segmentation_default_label(char *out, size_t size, const Segmentation *s, int number)
{
	char		lower[EXACT_TEXT_SIZE];
	char		upper[EXACT_TEXT_SIZE];

	if (number < s->k)
		exact_print(lower, s->cut[number - 1]);
	if (number > 1)
		exact_print(upper, s->cut[number - 2]);
	if (s->k == 1)
		return snprintf(out, size, "all");
	if (number == 1)
		return snprintf(out, size, "%s and more", lower);
	if (number == s->k)
		return snprintf(out, size, "below %s", upper);
	return snprintf(out, size, "%s to below %s", lower, upper);
}
