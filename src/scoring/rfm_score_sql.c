/*
 * rfm_score_sql.c
 *		What a segmentation by RFM scores is asked for: a customer's code and
 *		segment, its rules, other rules.
 */
#include "customer_value.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"

#include "common/arguments_sql.h"
#include "common/amount.h"
#include "scoring/rfm_scheme.h"
#include "scoring/rfm_scheme_sql.h"
#include "segment/scheme_cache_sql.h"
#include "segment/values_sql.h"

PG_FUNCTION_INFO_V1(rfm_score_ledger);
PG_FUNCTION_INFO_V1(rfm_score_numbers);
PG_FUNCTION_INFO_V1(rfm_segment_ledger);
PG_FUNCTION_INFO_V1(rfm_segment_numbers);
PG_FUNCTION_INFO_V1(rfm_rules);
PG_FUNCTION_INFO_V1(rfm_classes);
PG_FUNCTION_INFO_V1(rfm_with_rules);

/*
 * Scoring
 */

typedef struct PreparedScheme
{
	RfmScorer	scorer;
	Numeric		monetary[RFM_MAX_CUTS];
} PreparedScheme;

static PreparedScheme *
prepare(const struct varlena *scheme, const char *function)
{
	PreparedScheme *prepared = palloc(sizeof(PreparedScheme));
	RfmScheme  *s = (RfmScheme *) segmentation_read_form(scheme, &rfm_form, function);

	rfm_scorer_open(&prepared->scorer, s);
	for (int i = 0; i < s->scores - 1; i++)
		prepared->monetary[i] = exact_to_numeric(s->cut[MONETARY][i]);
	segmentation_free(&s->head);
	return prepared;
}

static void *
prepare_score(const struct varlena *scheme)
{
	return prepare(scheme, "rfm_score(segmentation, ...)");
}

static void *
prepare_segment(const struct varlena *scheme)
{
	return prepare(scheme, "segment(segmentation, ledger, as_of)");
}

/* The cell of arguments (scheme, ledger, as_of); -1 without a purchase. */
static int
cell_of_ledger(FunctionCallInfo fcinfo, const RfmScorer *scorer)
{
	DateADT		as_of = PG_GETARG_DATEADT(2);
	LedgerView	view;
	Measures	m;

	as_of_check(as_of);
	PG_READ_LEDGER(1, &view);
	return scoring_measure(&view, as_of, &m) ? rfm_cell_of(scorer, &m) : -1;
}

/* Money that no ledger holds is compared as it is. */
static int
class_of_numeric(const PreparedScheme *prepared, Datum monetary)
{
	i128		micros;
	AmountStatus status;
	int			class = 0;
	int64		value;
	int			pairs;

	if (likely(amount_fast(monetary, &value, &pairs)))
	{
		static const int64 micros_per_unit[] = {1000000, 10000, 100, 1};

		return rfm_class_of_monetary(&prepared->scorer, (i128) value * micros_per_unit[pairs]);
	}
	status = amount_decode(monetary, &micros);
	if (status == AMOUNT_OK)
		return rfm_class_of_monetary(&prepared->scorer, micros);
	if (status == AMOUNT_NAN || status == AMOUNT_INFINITE)
		amount_error(status, monetary);
	while (class < prepared->scorer.scores - 1 &&
		   DatumGetBool(DirectFunctionCall2(numeric_lt, monetary,
											NumericGetDatum(prepared->monetary[class]))))
		class++;
	return class;
}

/* The cell of arguments (scheme, recency, frequency, monetary). */
static int
cell_of_numbers(FunctionCallInfo fcinfo, const PreparedScheme *prepared)
{
	int32		recency = PG_GETARG_INT32(1);
	const RfmScorer *scorer = &prepared->scorer;

	if (recency < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("recency must not be negative"),
				 errdetail("It is %d, and counts the days since the last purchase.", recency),
				 errhint("Leave out purchases after the day that customers are scored for.")));
	return rfm_cell_of_classes(scorer, rfm_class_of_recency(scorer, recency),
							   rfm_class_of_frequency(scorer, PG_GETARG_INT64(2)),
							   class_of_numeric(prepared, PG_GETARG_DATUM(3)));
}

Datum
rfm_score_ledger(PG_FUNCTION_ARGS)
{
	PreparedScheme *prepared = prepared_scheme(fcinfo, prepare_score);
	int			cell = cell_of_ledger(fcinfo, &prepared->scorer);

	if (cell < 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(rfm_cell_code(prepared->scorer.scores, cell));
}

Datum
rfm_score_numbers(PG_FUNCTION_ARGS)
{
	PreparedScheme *prepared = prepared_scheme(fcinfo, prepare_score);

	PG_RETURN_INT32(rfm_cell_code(prepared->scorer.scores, cell_of_numbers(fcinfo, prepared)));
}

Datum
rfm_segment_ledger(PG_FUNCTION_ARGS)
{
	PreparedScheme *prepared = prepared_scheme(fcinfo, prepare_segment);
	int			cell = cell_of_ledger(fcinfo, &prepared->scorer);

	if (cell < 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(prepared->scorer.segment[cell]);
}

Datum
rfm_segment_numbers(PG_FUNCTION_ARGS)
{
	PreparedScheme *prepared = prepared_scheme(fcinfo, prepare_segment);

	PG_RETURN_INT32(prepared->scorer.segment[cell_of_numbers(fcinfo, prepared)]);
}

/*
 * How it looks
 */

static Datum
label_datum(const Segmentation *s, int number)
{
	TextBuffer	t;

	text_open(&t);
	segmentation_put_label(s, number, &t);
	return PointerGetDatum(cstring_to_text_with_len(t.begin, (int) t.used));
}

/* 4-5, or 5; an empty text for any score. */
static char *
side_text(const RfmScheme *s, int low, int high)
{
	if (low == 1 && high == s->scores)
		return "";
	return low == high ? psprintf("%d", low) : psprintf("%d-%d", low, high);
}

/* The rule of a code that is a segment of its own. */
static RfmRule
rule_of_cell(const RfmScheme *s, int cell)
{
	int			score[RULE_SIDES];
	RfmRule		rule;

	rfm_cell_scores(s->scores, cell, score);
	for (int side = 0; side < RULE_SIDES; side++)
	{
		rule.low[side] = (uint8) (side == SIDE_FM ? 1 : score[side]);
		rule.high[side] = (uint8) (side == SIDE_FM ? s->scores : score[side]);
	}
	return rule;
}

Datum
rfm_rules(PG_FUNCTION_ARGS)
{
	enum
	{
		NUMBER, LABEL, SIDES, CODES = SIDES + RULE_SIDES, COLUMNS
	};
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	RfmScheme  *s;
	uint16		segment[RFM_MAX_CELLS];
	int			codes[SEGMENTATION_MAX_SEGMENTS + 1] = {0};

	InitMaterializedSRF(fcinfo, 0);
	s = (RfmScheme *) segmentation_read_form(PG_GETARG_SEGMENTATION_P(0), &rfm_form,
											 "rfm_rules(segmentation)");
	rfm_segments_of_cells(s, segment);
	for (int cell = 0; cell < rfm_cells(s->scores); cell++)
		codes[segment[cell]]++;
	for (int i = 0; i < s->head.k; i++)
	{
		RfmRule		rule = s->rule ? s->rule[i] : rule_of_cell(s, i);
		Datum		values[COLUMNS];
		bool		nulls[COLUMNS] = {false};

		values[NUMBER] = Int32GetDatum(i + 1);
		values[LABEL] = label_datum(&s->head, i + 1);
		for (int side = 0; side < RULE_SIDES; side++)
		{
			char	   *text = side_text(s, rule.low[side], rule.high[side]);

			values[SIDES + side] = CStringGetTextDatum(text);
			nulls[SIDES + side] = *text == '\0';
		}
		values[CODES] = Int32GetDatum(codes[i + 1]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* Customers with this score of this measure. */
static int64
customers_in_class(const RfmScheme *s, int measure, int wanted)
{
	int64		customers = 0;

	for (int cell = 0; cell < rfm_cells(s->scores); cell++)
	{
		int			score[RULE_SIDES];

		rfm_cell_scores(s->scores, cell, score);
		if (score[measure] == wanted)
			customers += s->cell[cell].customers;
	}
	return customers;
}

/* The values with the score of class number i, 0 being the best. */
static Datum
range_of_class(const RfmScheme *s, int measure, int i)
{
	bool		ascends = measure == RECENCY;
	TypeCacheEntry *type = lookup_type_cache(NUMRANGEOID, TYPECACHE_RANGE_INFO);
	RangeBound	better = {.infinite = i == 0,.inclusive = false,.lower = ascends};
	RangeBound	worse = {.infinite = i == s->scores - 1,.inclusive = true,.lower = !ascends};

	if (!better.infinite)
		better.val = NumericGetDatum(exact_to_numeric(s->cut[measure][i - 1]));
	if (!worse.infinite)
		worse.val = NumericGetDatum(exact_to_numeric(s->cut[measure][i]));
	return RangeTypePGetDatum(cv_make_range(type, ascends ? &better : &worse,
											ascends ? &worse : &better));
}

/* rfm_classes(segmentation): a row for each measure and score. */
Datum
rfm_classes(PG_FUNCTION_ARGS)
{
	enum
	{
		MEASURE, SCORE, RANGE, CUSTOMERS, COLUMNS
	};
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	RfmScheme  *s;

	InitMaterializedSRF(fcinfo, 0);
	s = (RfmScheme *) segmentation_read_form(PG_GETARG_SEGMENTATION_P(0), &rfm_form,
											 "rfm_classes(segmentation)");
	for (int measure = 0; measure < MEASURES; measure++)
	{
		for (int i = 0; i < s->scores; i++)
		{
			Datum		values[COLUMNS] = {0};
			bool		nulls[COLUMNS] = {false};

			values[MEASURE] = CStringGetTextDatum(measure_names[measure]);
			values[SCORE] = Int32GetDatum(s->scores - i);
			values[RANGE] = range_of_class(s, measure, i);
			nulls[CUSTOMERS] = s->cell == NULL;
			if (s->cell)
				values[CUSTOMERS] = Int64GetDatum(customers_in_class(s, measure, s->scores - i));
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
	}
	return (Datum) 0;
}

/*
 * Other rules
 */

#define HOW_TO_WRITE_RULES \
	"Write a rule for each segment, the most valuable first, as in [{\"label\": \"best\", \"r\": [4, 5], \"fm\": 5}, ...]; every code must be in exactly one. An empty list makes each code a segment."

static void
invalid_rules(const char *why)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid rules for RFM scores"),
			 errdetail("%s", why),
			 errhint("%s", HOW_TO_WRITE_RULES)));
}

Datum
rfm_with_rules(PG_FUNCTION_ARGS)
{
	RfmScheme  *s = (RfmScheme *) segmentation_read_form(PG_GETARG_SEGMENTATION_P(0), &rfm_form,
														 "with_rules(segmentation, rules)");
	Jsonb	   *rules = PG_GETARG_JSONB_P(1);
	char	   *text = JsonbToCString(NULL, &rules->root, VARSIZE(rules));
	SegmentationError error;
	JsonReader	json;

	json_open(&json, text, strlen(text));
	if (!rfm_read_rules(s, &json, json_next(&json), error.detail, sizeof(error.detail)) ||
		!segmentation_check(&s->head, &error))
		invalid_rules(error.detail);
	json_close(&json);
	PG_RETURN_SEGMENTATION_P(segmentation_make(&s->head));
}
