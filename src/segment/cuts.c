/*
 * cuts.c
 *		Segmentations by cut points: in memory, as bytes, and finding a value's
 *		segment.
 */
#include "segment/cuts.h"

#include "segment/pack.h"

#define FLAG_CUT_AT 0x01
#define FLAG_MIN_CUSTOMERS 0x02
#define FLAG_SUMMARY 0x04
#define FLAGS_KNOWN 0x07

/* ---- in memory ---- */

Cuts *
cuts_new(SegmentMethod method, int k)
{
	Cuts	   *s = (Cuts *) segmentation_new(method, k);

	s->cut = segmentation_alloc(&s->head, k * sizeof(Exact));
	return s;
}

void
cuts_add_summary(Cuts *s)
{
	s->summary = segmentation_alloc(&s->head, s->head.k * sizeof(SegmentSummary));
}

static bool
squares_are_valid(SegmentSquares q)
{
	/* false for NaN, too */
	return q.total >= 0.0 && q.total <= 1e300 && q.within >= 0.0 && q.within <= q.total;
}

/* The shares of two classes may be reached with the same customer. */
static bool
may_be_empty(const Cuts *s)
{
	return s->head.method == METHOD_SHARE_BREAKS;
}

static bool
check_summary(const Cuts *s, SegmentationError *error)
{
	int64		customers = 0;

	for (int i = 0; i < s->head.k; i++)
	{
		const SegmentSummary *one = &s->summary[i];

		if (one->customers < (may_be_empty(s) ? 0 : 1) || one->customers > INT64CONST(1) << 52)
			return segmentation_fail(error, "Segment %d has no valid number of customers.", i + 1);
		customers += one->customers;
		if (one->customers == 0)
		{
			if (one->total.digits != 0)
				return segmentation_fail(error, "Segment %d has no customers, but a total.", i + 1);
			continue;
		}
		if (exact_compare(one->lowest, one->highest) > 0)
			return segmentation_fail(error, "The lowest value of segment %d is above its highest.", i + 1);
		if ((i < s->head.k - 1 && exact_compare(one->lowest, s->cut[i]) < 0) ||
			(i > 0 && exact_compare(one->highest, s->cut[i - 1]) >= 0))
			return segmentation_fail(error, "The values of segment %d are not between its cut points.", i + 1);
	}
	if (customers < 1 || customers > INT64CONST(1) << 52)
		return segmentation_fail(error, "There are no customers, or too many.");
	if (!squares_are_valid(s->raw) || !squares_are_valid(s->used))
		return segmentation_fail(error, "Sums of squares are not negative, and the second, within segments, is not above the first.");
	return true;
}

static bool
cuts_check(const Segmentation *segmentation, SegmentationError *error)
{
	const Cuts *s = (const Cuts *) segmentation;

	for (int i = 1; i < s->head.k - 1; i++)
	{
		if (exact_compare(s->cut[i - 1], s->cut[i]) < (may_be_empty(s) ? 0 : 1))
			return segmentation_fail(error, "Cut point %d is not below cut point %d; they come from the highest to the lowest.",
									 i + 1, i);
	}
	if (s->scale == SCALE_ASINH && s->unit.digits <= 0)
		return segmentation_fail(error, "The unit of scale \"asinh\" is not positive.");
	if (s->min_customers < 0)
		return segmentation_fail(error, "The least number of customers is negative.");
	return s->summary == NULL || check_summary(s, error);
}

/* ---- bytes ---- */

static size_t
cuts_max_size(const Segmentation *segmentation)
{
	const Cuts *s = (const Cuts *) segmentation;
	size_t		size = 256;

	size += s->head.k * (size_t) (EXACT_MAX_BYTES);
	if (s->summary)
		size += s->head.k * (size_t) (3 * EXACT_MAX_BYTES + INTEGER_MAX_BYTES);
	return size;
}

static uint8 *
cuts_pack(const Segmentation *segmentation, uint8 *p)
{
	const Cuts *s = (const Cuts *) segmentation;
	int			k = s->head.k;

	*p++ = (uint8) s->scale;
	*p++ = (s->has_cut_at ? FLAG_CUT_AT : 0) |
		(s->min_customers ? FLAG_MIN_CUSTOMERS : 0) |
		(s->summary ? FLAG_SUMMARY : 0);
	for (int i = 0; i < k - 1; i++)
		p = exact_write(p, s->cut[i]);
	if (s->scale == SCALE_ASINH)
		p = exact_write(p, s->unit);
	if (s->has_cut_at)
		p = exact_write(p, s->cut_at);
	if (s->min_customers)
		p = write_integer(p, (u128) s->min_customers);
	for (int i = 0; s->summary && i < k; i++)
	{
		p = write_integer(p, (u128) s->summary[i].customers);
		if (s->summary[i].customers == 0)
			continue;
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
	return p;
}

static const uint8 *
unpack_summary(Cuts *s, const uint8 *p, const uint8 *end)
{
	cuts_add_summary(s);
	for (int i = 0; i < s->head.k; i++)
	{
		SegmentSummary *one = &s->summary[i];
		uint64		customers = 0;

		p = read_limited(p, end, UINT64CONST(1) << 52, &customers);
		one->customers = (int64) customers;
		if (customers == 0)
			continue;
		p = read_exact(p, end, &one->total);
		p = read_exact(p, end, &one->lowest);
		p = read_exact(p, end, &one->highest);
	}
	p = read_double(p, end, &s->raw.total);
	p = read_double(p, end, &s->raw.within);
	p = read_double(p, end, &s->used.total);
	return read_double(p, end, &s->used.within);
}

static const uint8 *
cuts_unpack(Segmentation *segmentation, const uint8 *p, const uint8 *end)
{
	Cuts	   *s = (Cuts *) segmentation;
	uint64		min_customers = 0;
	uint8		flags;

	if (end - p < 2 || p[0] >= SEGMENT_SCALES || (p[1] & ~FLAGS_KNOWN) != 0)
		return NULL;
	s->scale = (SegmentScale) *p++;
	flags = *p++;
	s->cut = segmentation_alloc(segmentation, s->head.k * sizeof(Exact));
	for (int i = 0; i < s->head.k - 1; i++)
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
			return NULL;
	}
	s->min_customers = (int64) min_customers;
	return flags & FLAG_SUMMARY ? unpack_summary(s, p, end) : p;
}

/* ---- looking ---- */

static void
cuts_default_label(const Segmentation *segmentation, int number, TextBuffer *t)
{
	const Cuts *s = (const Cuts *) segmentation;
	char		lower[EXACT_TEXT_SIZE];
	char		upper[EXACT_TEXT_SIZE];

	if (number < s->head.k)
		exact_print(lower, s->cut[number - 1]);
	if (number > 1)
		exact_print(upper, s->cut[number - 2]);
	if (s->head.k == 1)
		text_put(t, "all");
	else if (number == s->head.k)
	{
		text_put(t, "below ");
		text_put(t, upper);
	}
	else
	{
		text_put(t, lower);
		text_put(t, number == 1 ? " and more" : " to below ");
		text_put(t, number == 1 ? "" : upper);
	}
}

static void
cuts_describe(const Segmentation *segmentation, int number, SegmentRow *row)
{
	const Cuts *s = (const Cuts *) segmentation;
	const SegmentSummary *one;

	row->has_lower = number < s->head.k;
	if (row->has_lower)
		row->lower = s->cut[number - 1];
	row->has_upper = number > 1;
	if (row->has_upper)
		row->upper = s->cut[number - 2];
	if (s->summary == NULL)
		return;
	one = &s->summary[number - 1];
	row->has_customers = row->has_total = true;
	row->has_extremes = one->customers > 0;
	row->customers = one->customers;
	row->total = one->total;
	row->lowest = one->lowest;
	row->highest = one->highest;
}

static bool
cuts_squares(const Segmentation *segmentation, bool used, SegmentSquares *squares)
{
	const Cuts *s = (const Cuts *) segmentation;

	*squares = used ? s->used : s->raw;
	return s->summary != NULL;
}

const SegmentationForm cuts_form = {
	.name = "cut points",
	.use = "segment(segmentation, value)",
	.hint = "Write the lower bounds of all segments but the last, from the highest down, as in {\"cuts\": [5000, 1000, 0]}.",
	.size = sizeof(Cuts),
	.keys = cuts_keys,
	.nkeys = CUTS_KEYS,
	.read = cuts_read,
	.complete = cuts_complete,
	.print = cuts_print,
	.max_size = cuts_max_size,
	.pack = cuts_pack,
	.unpack = cuts_unpack,
	.check = cuts_check,
	.default_label = cuts_default_label,
	.describe = cuts_describe,
	.squares = cuts_squares,
};

/* ---- finding ---- */

SegmentFinder *
segment_finder_make(const Cuts *s)
{
	size_t		ncuts = (size_t) s->head.k - 1;
	SegmentFinder *finder = cv_alloc(sizeof(SegmentFinder) + ncuts * 5 * sizeof(int64));
	char	   *p = (char *) (finder + 1);

	finder->ncuts = s->head.k - 1;
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
