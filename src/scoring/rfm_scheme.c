/*
 * rfm_scheme.c
 *		Segmentations by RFM scores: in memory and as bytes.
 */
#include "scoring/rfm_scheme.h"

#include "segment/pack.h"

#define FLAG_RULES 0x01
#define FLAG_CELLS 0x02
#define FLAGS_KNOWN 0x03

/* Any more is surely a mistake; doubles hold it, too. */
#define MAX_CUSTOMERS (INT64CONST(1) << 52)

/* Purchases beyond this are no cut point: exact_ceiling() goes further. */
#define MAX_FREQUENCY_CUT INT64CONST(1000000000000000)

const char *const rule_side_names[RULE_SIDES] = {"r", "f", "m", "fm"};

/*
 * The names that guides to RFM analysis have handed on to each other; their
 * tables have gaps and overlaps, this one has none.  In the customary order,
 * but whom one cannot lose is worth more than who is at risk.
 */
static const struct
{
	const char *label;
	uint8		r[2];
	uint8		fm[2];
}			customary[] =

{
	{"champions", {5, 5}, {4, 5}},
	{"loyal customers", {3, 4}, {4, 5}},
	{"potential loyalists", {4, 5}, {2, 3}},
	{"new customers", {5, 5}, {1, 1}},
	{"promising", {4, 4}, {1, 1}},
	{"need attention", {3, 3}, {3, 3}},
	{"about to sleep", {3, 3}, {1, 2}},
	{"cannot lose them", {1, 2}, {5, 5}},
	{"at risk", {1, 2}, {3, 4}},
	{"hibernating", {2, 2}, {1, 2}},
	{"lost", {1, 1}, {1, 2}},
};

/* ---- in memory ---- */

void
rfm_drop_rules(RfmScheme *s)
{
	s->rule = NULL;
	s->head.label = NULL;
	s->head.k = rfm_cells(s->scores);
}

void
rfm_set_customary_rules(RfmScheme *s)
{
	Assert(s->scores == RFM_CUSTOMARY_SCORES);
	s->head.k = lengthof(customary);
	s->rule = segmentation_alloc(&s->head, s->head.k * sizeof(RfmRule));
	segmentation_add_labels(&s->head);
	for (int i = 0; i < s->head.k; i++)
	{
		RfmRule    *rule = &s->rule[i];

		memset(rule->low, 1, sizeof(rule->low));
		memset(rule->high, RFM_CUSTOMARY_SCORES, sizeof(rule->high));
		rule->low[RECENCY] = customary[i].r[0];
		rule->high[RECENCY] = customary[i].r[1];
		rule->low[SIDE_FM] = customary[i].fm[0];
		rule->high[SIDE_FM] = customary[i].fm[1];
		s->head.label[i].text = customary[i].label;
		s->head.label[i].length = strlen(customary[i].label);
	}
}

void
rfm_add_cells(RfmScheme *s)
{
	s->cell = segmentation_alloc(&s->head, rfm_cells(s->scores) * sizeof(RfmCell));
}

void
rfm_segments_of_cells(const RfmScheme *s, uint16 *segment)
{
	for (int cell = 0; cell < rfm_cells(s->scores); cell++)
	{
		int			score[RULE_SIDES];

		segment[cell] = s->rule ? 0 : (uint16) (cell + 1);
		rfm_cell_scores(s->scores, cell, score);
		for (int i = 0; s->rule && i < s->head.k; i++)
		{
			if (rfm_rule_matches(&s->rule[i], score))
			{
				segment[cell] = (uint16) (i + 1);
				break;
			}
		}
	}
}

/* ---- is it consistent? ---- */

bool
rfm_cut_is_valid(Measure measure, Exact cut)
{
	int64		v = exact_ceiling(cut, 0);

	switch (measure)
	{
		case RECENCY:
			return cut.exponent >= 0 && v >= 0 && v <= INT32_MAX;
		case FREQUENCY:
			return cut.exponent >= 0 && v >= -MAX_FREQUENCY_CUT && v <= MAX_FREQUENCY_CUT;
		default:
			return true;
	}
}

static bool
check_cuts(const RfmScheme *s, SegmentationError *error)
{
	for (int measure = 0; measure < MEASURES; measure++)
	{
		const Exact *cut = s->cut[measure];

		for (int i = 0; i < s->scores - 1; i++)
		{
			int			order = i == 0 ? -1 : exact_compare(cut[i], cut[i - 1]);

			if (!rfm_cut_is_valid((Measure) measure, cut[i]))
				return segmentation_fail(error, "Cut point %d of %s is not a whole number that %s can be.",
										 i + 1, measure_names[measure], measure_names[measure]);
			if (i > 0 && (measure == RECENCY ? order <= 0 : order >= 0))
				return segmentation_fail(error, "Cut point %d of %s is not %s cut point %d; they come from the best score to the worst, %s.",
										 i + 1, measure_names[measure],
										 measure == RECENCY ? "above" : "below", i,
										 measure == RECENCY ? "the fewest days first" : "the highest value first");
		}
	}
	return true;
}

static bool
check_sides(const RfmScheme *s, SegmentationError *error)
{
	for (int i = 0; i < s->head.k; i++)
	{
		for (int side = 0; side < RULE_SIDES; side++)
		{
			int			low = s->rule[i].low[side];
			int			high = s->rule[i].high[side];

			if (low < 1 || low > high || high > s->scores)
				return segmentation_fail(error, "Rule %d is for %s from %d to %d; scores go from 1 to %d.",
										 i + 1, rule_side_names[side], low, high, s->scores);
		}
	}
	return true;
}

/* Every code in exactly one rule, every rule for some code. */
static bool
check_rules(const RfmScheme *s, SegmentationError *error)
{
	bool		used[RFM_MAX_CELLS] = {false};

	if (s->head.label == NULL)
		return segmentation_fail(error, "Rules have no labels.");
	if (s->head.k > rfm_cells(s->scores))
		return segmentation_fail(error, "There are %d rules, but only %d codes.",
								 s->head.k, rfm_cells(s->scores));
	if (!check_sides(s, error))
		return false;
	for (int cell = 0; cell < rfm_cells(s->scores); cell++)
	{
		int			score[RULE_SIDES];
		int			found = -1;

		rfm_cell_scores(s->scores, cell, score);
		for (int i = 0; i < s->head.k; i++)
		{
			if (!rfm_rule_matches(&s->rule[i], score))
				continue;
			if (found >= 0)
				return segmentation_fail(error, "Code %d is matched by two rules, %d and %d.",
										 rfm_cell_code(s->scores, cell), found + 1, i + 1);
			found = i;
		}
		if (found < 0)
			return segmentation_fail(error, "Code %d is matched by no rule.",
									 rfm_cell_code(s->scores, cell));
		used[found] = true;
	}
	for (int i = 0; i < s->head.k; i++)
	{
		if (!used[i])
			return segmentation_fail(error, "Rule %d matches no code.", i + 1);
	}
	return true;
}

static bool
check_cells(const RfmScheme *s, SegmentationError *error)
{
	int64		customers = 0;

	for (int i = 0; i < rfm_cells(s->scores); i++)
	{
		const RfmCell *cell = &s->cell[i];

		if (cell->customers < 0 || cell->customers > MAX_CUSTOMERS ||
			cell->total <= -RFM_TOTAL_LIMIT || cell->total >= RFM_TOTAL_LIMIT ||
			(cell->customers == 0 && cell->total != 0))
			return segmentation_fail(error, "The number of customers or the revenue of code %d is not valid.",
									 rfm_cell_code(s->scores, i));
		customers += cell->customers;
	}
	if (customers < 1 || customers > MAX_CUSTOMERS)
		return segmentation_fail(error, "There are no customers, or too many.");
	return true;
}

static bool
rfm_scheme_check(const Segmentation *segmentation, SegmentationError *error)
{
	const RfmScheme *s = (const RfmScheme *) segmentation;

	if (s->scores < RFM_MIN_SCORES || s->scores > RFM_MAX_SCORES)
		return segmentation_fail(error, "There are %d scores, not %d to %d.",
								 s->scores, RFM_MIN_SCORES, RFM_MAX_SCORES);
	if (s->rule == NULL && s->head.k != rfm_cells(s->scores))
		return segmentation_fail(error, "Without rules every code is a segment.");
	return check_cuts(s, error) && (s->rule == NULL || check_rules(s, error)) &&
		(s->cell == NULL || check_cells(s, error));
}

/* ---- bytes ---- */

static size_t
rfm_scheme_max_size(const Segmentation *segmentation)
{
	const RfmScheme *s = (const RfmScheme *) segmentation;
	size_t		size = 16 + MEASURES * RFM_MAX_CUTS * EXACT_MAX_BYTES;

	if (s->rule)
		size += s->head.k * (size_t) RULE_SIDES;
	if (s->cell)
		size += rfm_cells(s->scores) * (size_t) (2 * INTEGER_MAX_BYTES);
	return size;
}

static uint8 *
rfm_scheme_pack(const Segmentation *segmentation, uint8 *p)
{
	const RfmScheme *s = (const RfmScheme *) segmentation;

	*p++ = (uint8) s->scores;
	*p++ = (s->rule ? FLAG_RULES : 0) | (s->cell ? FLAG_CELLS : 0);
	for (int measure = 0; measure < MEASURES; measure++)
	{
		for (int i = 0; i < s->scores - 1; i++)
			p = exact_write(p, s->cut[measure][i]);
	}
	for (int i = 0; s->rule && i < s->head.k; i++)
	{
		for (int side = 0; side < RULE_SIDES; side++)
			*p++ = (uint8) (s->rule[i].low[side] << 4 | s->rule[i].high[side]);
	}
	for (int i = 0; s->cell && i < rfm_cells(s->scores); i++)
	{
		p = write_integer(p, (u128) s->cell[i].customers);
		if (s->cell[i].customers > 0)
			p = write_integer(p, fold_sign128(s->cell[i].total));
	}
	return p;
}

static const uint8 *
unpack_rules(RfmScheme *s, const uint8 *p, const uint8 *end)
{
	int			k = s->head.k;

	/* their labels are the segments' */
	if (p == NULL || end - p < k * RULE_SIDES || s->head.label == NULL)
		return NULL;
	s->rule = segmentation_alloc(&s->head, k * sizeof(RfmRule));
	for (int i = 0; i < k; i++)
	{
		for (int side = 0; side < RULE_SIDES; side++)
		{
			s->rule[i].low[side] = *p >> 4;
			s->rule[i].high[side] = *p++ & 0x0f;
		}
	}
	return p;
}

static const uint8 *
unpack_cells(RfmScheme *s, const uint8 *p, const uint8 *end)
{
	rfm_add_cells(s);
	for (int i = 0; i < rfm_cells(s->scores); i++)
	{
		uint64		customers = 0;
		u128		total = 0;

		p = read_limited(p, end, MAX_CUSTOMERS, &customers);
		if (p != NULL && customers > 0)
			p = read_checked(p, end, &total);
		s->cell[i].customers = (int64) customers;
		s->cell[i].total = unfold_sign128(total);
	}
	return p;
}

static const uint8 *
rfm_scheme_unpack(Segmentation *segmentation, const uint8 *p, const uint8 *end)
{
	RfmScheme  *s = (RfmScheme *) segmentation;
	uint8		flags;

	if (end - p < 2 || p[0] < RFM_MIN_SCORES || p[0] > RFM_MAX_SCORES ||
		(p[1] & ~FLAGS_KNOWN) != 0)
		return NULL;
	s->scores = *p++;
	flags = *p++;
	if (!(flags & FLAG_RULES) && s->head.k != rfm_cells(s->scores))
		return NULL;
	for (int measure = 0; measure < MEASURES; measure++)
	{
		for (int i = 0; i < s->scores - 1; i++)
			p = read_exact(p, end, &s->cut[measure][i]);
	}
	if (flags & FLAG_RULES)
		p = unpack_rules(s, p, end);
	return flags & FLAG_CELLS ? unpack_cells(s, p, end) : p;
}

/* ---- looking ---- */

static void
rfm_scheme_default_label(const Segmentation *segmentation, int number, TextBuffer *t)
{
	const RfmScheme *s = (const RfmScheme *) segmentation;

	/* rules have labels */
	text_put_integer(t, rfm_cell_code(s->scores, number - 1));
}

static void
rfm_scheme_describe(const Segmentation *segmentation, int number, SegmentRow *row)
{
	const RfmScheme *s = (const RfmScheme *) segmentation;
	i128		total = 0;

	if (s->cell == NULL)
		return;
	for (int i = 0; i < rfm_cells(s->scores); i++)
	{
		int			score[RULE_SIDES];

		if (s->rule)
			rfm_cell_scores(s->scores, i, score);
		if (s->rule ? !rfm_rule_matches(&s->rule[number - 1], score) : i != number - 1)
			continue;
		row->customers += s->cell[i].customers;
		total += s->cell[i].total;
	}
	row->has_customers = true;
	row->has_total = exact_make(total, 6, &row->total);
}

const SegmentationForm rfm_form = {
	.name = "RFM scores",
	.use = "segment(segmentation, ledger, as_of)",
	.hint = "Write the cut points of each score from the best down, as in {\"method\": \"rfm_scores\", \"recency\": [30, 90], \"frequency\": [5, 2], \"monetary\": [100, 50]}.",
	.size = sizeof(RfmScheme),
	.keys = rfm_keys,
	.nkeys = RFM_KEYS,
	.read = rfm_scheme_read,
	.complete = rfm_scheme_complete,
	.print = rfm_scheme_print,
	.max_size = rfm_scheme_max_size,
	.pack = rfm_scheme_pack,
	.unpack = rfm_scheme_unpack,
	.check = rfm_scheme_check,
	.default_label = rfm_scheme_default_label,
	.describe = rfm_scheme_describe,
};

/* ---- scoring ---- */

/* The least number of millionths that is not below the cut point. */
static i128
ceiling_in_micros(Exact cut)
{
	const i128	limit = (i128) 1 << 125;
	i128		v = cut.digits;
	i128		unit = 1;

	for (int e = cut.exponent + 6; e > 0 && v != 0; e--)
	{
		if (v > limit / 10 || v < -limit / 10)
			return v > 0 ? limit : -limit;
		v *= 10;
	}
	for (int e = cut.exponent + 6; e < 0; e++)
	{
		if (unit > limit / 10)
			return v > 0 ? 1 : 0;
		unit *= 10;
	}
	return v >= 0 ? (v + unit - 1) / unit : -(-v / unit);
}

void
rfm_scorer_open(RfmScorer *scorer, const RfmScheme *s)
{
	scorer->scores = s->scores;
	for (int i = 0; i < s->scores - 1; i++)
	{
		scorer->recency[i] = exact_ceiling(s->cut[RECENCY][i], 0);
		scorer->frequency[i] = exact_ceiling(s->cut[FREQUENCY][i], 0);
		scorer->monetary[i] = ceiling_in_micros(s->cut[MONETARY][i]);
	}
	rfm_segments_of_cells(s, scorer->segment);
}
