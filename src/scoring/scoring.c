/*
 * scoring.c
 *		From the measures of customers to a segmentation by RFM scores.
 */
#include "scoring/scoring.h"

#include "segment/quantiles.h"
#include "segment/values.h"

/* ---- options ---- */

void
scoring_default(Scoring *scoring)
{
	memset(scoring, 0, sizeof(Scoring));
	scoring->scores = RFM_CUSTOMARY_SCORES;
}

/* Cut points of the current key; how many there must be is known later. */
static bool
read_cuts(JsonObject *o, Scoring *scoring, Measure measure, int *count)
{
	JsonToken	token = json_next(o->json);
	Exact	   *cut = scoring->cut[measure];

	if (token != JSON_ARRAY_BEGIN)
		return object_wrong(o, token, "an array");
	for (*count = 0; (token = json_next(o->json)) != JSON_ARRAY_END; ++*count)
	{
		if (token != JSON_NUMBER)
			return object_wrong(o, token, "numbers");
		if (*count == RFM_MAX_CUTS)
			return object_fail(o, "Key \"%s\" has more than %d elements.",
							   measure_names[measure], RFM_MAX_CUTS);
		if (!exact_parse(o->json->text, o->json->length, &cut[*count]) ||
			!rfm_cut_is_valid(measure, cut[*count]))
			return object_fail(o, "Key \"%s\" has a cut point that %s cannot be.",
							   measure_names[measure], measure_names[measure]);
		if (*count > 0 && measure == RECENCY && exact_compare(cut[*count], cut[*count - 1]) <= 0)
			return object_fail(o, "Key \"recency\" takes days in ascending order: those of the best score first.");
		if (*count > 0 && measure != RECENCY && exact_compare(cut[*count], cut[*count - 1]) >= 0)
			return object_fail(o, "Key \"%s\" takes values in descending order: that of the best score first.",
							   measure_names[measure]);
	}
	scoring->fixed[measure] = true;
	return true;
}

bool
scoring_parse(const char *text, size_t length, Scoring *scoring, char *why, size_t why_size)
{
	static const char *const keys[] = {"k", "recency", "frequency", "monetary"};
	int			count[MEASURES];
	int64		scores = RFM_CUSTOMARY_SCORES;
	JsonReader	json;
	JsonObject	o;
	int			key = OBJECT_ERROR;
	bool		good;

	scoring_default(scoring);
	good = object_open_text(&o, &json, text, length, keys, lengthof(keys), why, why_size);
	while (good && (key = object_next(&o)) >= 0)
		good = key == 0 ? object_count(&o, RFM_MIN_SCORES, RFM_MAX_SCORES, &scores) :
			read_cuts(&o, scoring, (Measure) (key - 1), &count[key - 1]);
	good = good && key == OBJECT_END && object_close_text(&o);
	for (int measure = 0; good && measure < MEASURES; measure++)
	{
		if (scoring->fixed[measure] && count[measure] != scores - 1)
			good = object_fail(&o, "For scores from 1 to %d key \"%s\" takes %d cut points, not %d.",
							   (int) scores, measure_names[measure], (int) scores - 1, count[measure]);
	}
	json_close(&json);
	scoring->scores = (int) scores;
	return good;
}

/* ---- cut points from quantiles ---- */

/*
 * A measure of a customer in millionths, so that more is better.
 */
static i128
merit_of(const Measures *m, Measure measure)
{
	switch (measure)
	{
		case RECENCY:
			return -(i128) m->recency * 1000000;
		case FREQUENCY:
			return (i128) m->frequency * 1000000;
		default:
			return m->monetary;
	}
}

/* All of them as values, exactly. */
static void
collect(Values *values, const Measures *customer, size_t customers, Measure measure)
{
	static const int64 scales[] = {1, 100, 10000, 1000000};

	memset(values, 0, sizeof(Values));
	values->room = customers;
	values->value = cv_alloc(customers * sizeof(double));
	for (size_t i = 0; i < customers; i++)
	{
		i128		micros = merit_of(&customer[i], measure);
		int			pairs = 0;

		while (micros % scales[3 - pairs] != 0)
			pairs++;
		micros /= scales[3 - pairs];
		if (micros <= VALUES_NARROW_LIMIT && micros >= -VALUES_NARROW_LIMIT)
			values_add(values, (double) (int64) micros / (double) scales[pairs]);
		else
		{
			if (values->wide == NULL)
				values->wide = cv_alloc(customers * sizeof(i128));
			values->wide[values->nwide++] = micros * scales[3 - pairs];
		}
		if ((i & 0xffff) == 0)
			cv_check_interrupts();
	}
	values->wide_room = customers;
}

static bool
quantile_cuts(RfmScheme *s, const Measures *customer, size_t customers, Measure measure,
			  ScoringProblem *problem)
{
	size_t		first[RFM_MAX_SCORES];
	Values		values;
	Distribution d;
	bool		good;

	collect(&values, customer, customers, measure);
	distribution_open(&d, &values, false);
	good = quantile_classes(d.weight, d.count, s->scores, first);
	for (int i = 0; good && i < s->scores - 1; i++)
	{
		Exact	   *cut = &s->cut[measure][i];

		*cut = distribution_value(&d, first[s->scores - 1 - i]);
		if (measure == RECENCY)
			cut->digits = -cut->digits;
	}
	problem->measure = measure;
	problem->values = d.count;
	distribution_close(&d);
	cv_free(values.value);
	if (values.wide)
		cv_free(values.wide);
	return good;
}

/* ---- the scheme ---- */

static ScoringStatus
count_cells(RfmScheme *s, const Measures *customer, size_t customers)
{
	RfmScorer	scorer;

	rfm_scorer_open(&scorer, s);
	rfm_add_cells(s);
	for (size_t i = 0; i < customers; i++)
	{
		RfmCell    *cell = &s->cell[rfm_cell_of(&scorer, &customer[i])];

		/* 2^32 customers with 10^35 each would fit */
		cell->customers++;
		cell->total += customer[i].monetary;
		if (cell->total <= -RFM_TOTAL_LIMIT || cell->total >= RFM_TOTAL_LIMIT)
			return SCORING_OVERFLOW;
		if ((i & 0xffff) == 0)
			cv_check_interrupts();
	}
	return SCORING_OK;
}

ScoringStatus
scoring_apply(const Scoring *scoring, const Measures *customer, size_t customers,
			  RfmScheme **result, ScoringProblem *problem)
{
	RfmScheme  *s = (RfmScheme *) segmentation_new(METHOD_RFM_SCORES, 1);
	ScoringStatus status = SCORING_OK;

	s->scores = scoring->scores;
	for (int measure = 0; status == SCORING_OK && measure < MEASURES; measure++)
	{
		if (scoring->fixed[measure])
			memcpy(s->cut[measure], scoring->cut[measure], sizeof(scoring->cut[measure]));
		else if (!quantile_cuts(s, customer, customers, (Measure) measure, problem))
			status = SCORING_TOO_FEW_VALUES;
	}
	if (status == SCORING_OK)
	{
		if (s->scores == RFM_CUSTOMARY_SCORES)
			rfm_set_customary_rules(s);
		else
			rfm_drop_rules(s);
		status = count_cells(s, customer, customers);
	}
	if (status == SCORING_OK)
		*result = s;
	else
		segmentation_free(&s->head);
	return status;
}
