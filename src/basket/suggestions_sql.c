/*
 * suggestions_sql.c
 *		next_best_products(): what to offer a customer next.
 *
 * It is called for one customer after the other with the same rules, so these
 * are read once and kept with the function, along with what they were read
 * from.  A rule is known again by where it is stored, without fetching it;
 * what is not stored elsewhere is compared byte by byte.
 */
#include "customer_value.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "nodes/primnodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/typcache.h"

#include "basket/association_sql.h"
#include "basket/suggestions.h"
#include "common/decimal.h"

PG_FUNCTION_INFO_V1(next_best_products);

#define MOST_PRODUCTS 1000

typedef enum RuleMeasure
{
	MEASURE_CONFIDENCE,
	MEASURE_LIFT,
	MEASURE_COSINE,
	MEASURE_JACCARD
} RuleMeasure;

static const char *const measure_names[] = {"confidence", "lift", "cosine", "jaccard"};
static const RuleField measure_fields[] = {
	RULE_CONFIDENCE, RULE_LIFT, RULE_COSINE, RULE_JACCARD
};

#define IS_ADDITIVE(measure) ((measure) >= MEASURE_COSINE)

/* A rule as it was read. */
typedef struct ReadRule
{
	Datum		antecedent;
	Datum	   *antecedents;	/* its texts */
	int			count;			/* of them */
	Datum		consequent;
	Datum		measure;		/* numeric */
	Datum		lift;
} ReadRule;

/* What is kept between calls. */
typedef struct RuleCache
{
	MemoryContext context;		/* of all but itself */
	bool		constant;
	RuleMeasure measure;
	size_t		length;			/* of what they were read from, as it came */
	char	   *bytes;
	Suggestions suggestions;
	ReadRule   *rule;			/* best first */
	Datum	   *item;			/* texts */
	Suggestion *best;
} RuleCache;

/*
 * Reading rules
 */

static void
rule_is_wrong(int64 number, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid association rule"),
			 errdetail("Rule %lld %s.", (long long) number, what),
			 errhint("Give the result of association_rules(), or a part of it made with array_agg().")));
}

/* As numeric, between NULL and nonsense. */
static Datum
measure_of(Datum *values, bool *nulls, RuleField field, int64 number)
{
	Datum		v;

	if (nulls[field])
		rule_is_wrong(number, "has no figure to judge it by");
	v = field == RULE_COSINE ? DirectFunctionCall1(float8_numeric, values[field]) :
		PointerGetDatum(PG_DETOAST_DATUM_COPY(values[field]));
	if (numeric_is_nan(DatumGetNumeric(v)) || numeric_is_inf(DatumGetNumeric(v)))
		rule_is_wrong(number, "has a figure that is not finite");
	return v;
}

static void
read_rule(Datum row, RuleMeasure measure, int64 number, ReadRule *rule)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(row);
	TupleDesc	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header),
											  HeapTupleHeaderGetTypMod(header));
	HeapTupleData tuple;
	Datum		values[RULE_FIELDS];
	bool		nulls[RULE_FIELDS];
	bool	   *null_items;

	if (desc->natts != RULE_FIELDS)
		elog(ERROR, "the type association_rule has %d fields", desc->natts);
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, desc, values, nulls);
	ReleaseTupleDesc(desc);
	if (nulls[RULE_ANTECEDENT] || nulls[RULE_CONSEQUENT])
		rule_is_wrong(number, "has no antecedent or no consequent");
	rule->antecedent = PointerGetDatum(PG_DETOAST_DATUM_COPY(values[RULE_ANTECEDENT]));
	deconstruct_array(DatumGetArrayTypeP(rule->antecedent), TEXTOID, -1, false, TYPALIGN_INT,
					  &rule->antecedents, &null_items, &rule->count);
	for (int i = 0; i < rule->count; i++)
	{
		if (null_items[i])
			rule_is_wrong(number, "has NULL among its antecedents");
	}
	pfree(null_items);
	rule->consequent = PointerGetDatum(PG_DETOAST_DATUM_COPY(values[RULE_CONSEQUENT]));
	rule->measure = measure_of(values, nulls, measure_fields[measure], number);
	rule->lift = measure_of(values, nulls, RULE_LIFT, number);
}

static int
compare_texts(Datum a, Datum b)
{
	size_t		x = VARSIZE_ANY_EXHDR(DatumGetPointer(a));
	size_t		y = VARSIZE_ANY_EXHDR(DatumGetPointer(b));
	int			result = memcmp(VARDATA_ANY(DatumGetPointer(a)), VARDATA_ANY(DatumGetPointer(b)),
								Min(x, y));

	return result != 0 ? result : (x > y) - (x < y);
}

static int
compare_numbers(Datum a, Datum b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, a, b));
}

/* The best first: by the measure, then by lift, then by names. */
static int
compare_rules(const void *a, const void *b)
{
	const ReadRule *x = a;
	const ReadRule *y = b;
	int			result = compare_numbers(y->measure, x->measure);

	if (result == 0)
		result = compare_numbers(y->lift, x->lift);
	if (result == 0)
		result = compare_texts(x->consequent, y->consequent);
	for (int i = 0; result == 0 && i < Min(x->count, y->count); i++)
		result = compare_texts(x->antecedents[i], y->antecedents[i]);
	return result != 0 ? result : x->count - y->count;
}

static int32
item_of(Suggestions *s, Datum text)
{
	return names_add(&s->items, VARDATA_ANY(DatumGetPointer(text)),
					 VARSIZE_ANY_EXHDR(DatumGetPointer(text)));
}

/* A similarity in integers of 10^-15. */
static int64
similarity_of(Datum measure)
{
	Datum		scaled = DirectFunctionCall2(numeric_mul, measure,
											 NumericGetDatum(int64_to_numeric(SIMILARITY_ONE)));
	double		size = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, measure));

	if (size < 0 || size > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("similarity must be between 0 and 1"),
				 errdetail("A rule has %s.", DatumGetCString(DirectFunctionCall1(numeric_out, measure))),
				 errhint("Give the result of association_rules(), or a part of it made with array_agg().")));
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, scaled));
}

static void
add_rule(Suggestions *s, const ReadRule *rule)
{
	int32	   *antecedent = palloc(Max(rule->count, 1) * sizeof(int32));

	for (int i = 0; i < rule->count; i++)
		antecedent[i] = item_of(s, rule->antecedents[i]);
	suggestions_add(s, antecedent, rule->count, item_of(s, rule->consequent),
					s->additive ? similarity_of(rule->measure) : 0);
	pfree(antecedent);
}

/* All rules of an array, in the current memory context. */
static void
read_rules(RuleCache *cache, ArrayType *array)
{
	Suggestions *s = &cache->suggestions;
	Datum	   *row;
	bool	   *nulls;
	int			count;

	memset(s, 0, sizeof(Suggestions));
	s->additive = IS_ADDITIVE(cache->measure);
	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_DOUBLE, &row, &nulls, &count);
	cache->rule = MemoryContextAllocHuge(CurrentMemoryContext, Max((size_t) count, 1) * sizeof(ReadRule));
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (nulls[i])
			rule_is_wrong(i + 1, "is NULL");
		read_rule(row[i], cache->measure, i + 1, &cache->rule[i]);
	}
	qsort(cache->rule, count, sizeof(ReadRule), compare_rules);
	for (int i = 0; i < count; i++)
	{
		/* what is there twice counts once */
		if (s->rules > 0 && compare_rules(&cache->rule[s->rules - 1], &cache->rule[i]) == 0)
			continue;
		cache->rule[s->rules] = cache->rule[i];
		add_rule(s, &cache->rule[s->rules]);
	}
	suggestions_ready(s);
	cache->item = palloc(Max(s->items.count, 1) * sizeof(Datum));
	for (int i = 0; i < s->items.count; i++)
		cache->item[i] = PointerGetDatum(cstring_to_text_with_len(s->items.name[i].text,
																  (int) s->items.name[i].length));
	cache->best = palloc(MOST_PRODUCTS * sizeof(Suggestion));
}

/*
 * Knowing them again
 */

/* A parameter is not: a query may run with different ones. */
static bool
is_constant(const FmgrInfo *flinfo)
{
	Node	   *expr = flinfo->fn_expr;

	return expr != NULL && IsA(expr, FuncExpr) &&
		IsA(linitial(((FuncExpr *) expr)->args), Const);
}

/* For as long as the query sees it, a stored value is where it is. */
static struct varlena *
value_to_compare(FunctionCallInfo fcinfo)
{
	struct varlena *given = PG_GETARG_RAW_VARLENA_P(0);

	if (VARATT_IS_EXTERNAL(given) && !VARATT_IS_EXTERNAL_ONDISK(given))
		return PG_DETOAST_DATUM(PointerGetDatum(given));
	return given;
}

static void
fill_cache(RuleCache *cache, const FmgrInfo *flinfo, struct varlena *given, RuleMeasure measure)
{
	size_t		length = VARSIZE_ANY(given);
	ArrayType  *array;
	MemoryContext old;

	/* an error in between leaves an empty one */
	cache->length = 0;
	cache->constant = false;
	if (cache->context)
		MemoryContextDelete(cache->context);
	cache->context = NULL;
	cache->context = AllocSetContextCreate(flinfo->fn_mcxt, "association rules",
										   ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(cache->context);
	cache->measure = measure;
	array = DatumGetArrayTypeP(PointerGetDatum(given));
	read_rules(cache, array);
	if ((struct varlena *) array != given)
		pfree(array);
	cache->bytes = MemoryContextAllocHuge(cache->context, length);
	memcpy(cache->bytes, given, length);
	MemoryContextSwitchTo(old);
	cache->length = length;
	cache->constant = is_constant(flinfo);
}

static RuleCache *
rules_argument(FunctionCallInfo fcinfo, RuleMeasure measure)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	RuleCache  *cache = (RuleCache *) flinfo->fn_extra;
	struct varlena *given;

	if (cache == NULL)
		cache = flinfo->fn_extra = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(RuleCache));
	if (cache->constant && cache->measure == measure)
		return cache;
	given = value_to_compare(fcinfo);
	if (cache->length != VARSIZE_ANY(given) || cache->measure != measure ||
		memcmp(cache->bytes, given, cache->length) != 0)
		fill_cache(cache, flinfo, given, measure);
	return cache;
}

/*
 * The function
 */

static RuleMeasure
measure_argument(FunctionCallInfo fcinfo)
{
	struct varlena *given = PG_GETARG_TEXT_PP(3);
	size_t		length = VARSIZE_ANY_EXHDR(given);

	for (int i = 0; i < (int) lengthof(measure_names); i++)
	{
		if (length == strlen(measure_names[i]) &&
			memcmp(VARDATA_ANY(given), measure_names[i], length) == 0)
			return (RuleMeasure) i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown measure of association rules \"%.*s\"",
					(int) cv_clip_length(VARDATA_ANY(given), length, 40), VARDATA_ANY(given)),
			 errdetail("The measures are confidence, lift, cosine and jaccard."),
			 errhint("Write 'confidence' for the probability of a product, or 'cosine' for its similarity to what is owned.")));
}

static int32
count_argument(FunctionCallInfo fcinfo)
{
	int32		n = PG_GETARG_INT32(2);

	if (n < 1 || n > MOST_PRODUCTS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of products must be between 1 and %d", MOST_PRODUCTS),
				 errdetail("It is %d.", n),
				 errhint("Say how many to offer each customer, such as 3.")));
	return n;
}

static void
own_all(Suggestions *s, ArrayType *owned)
{
	Datum	   *text;
	bool	   *nulls;
	int			count;

	deconstruct_array(owned, TEXTOID, -1, false, TYPALIGN_INT, &text, &nulls, &count);
	suggestions_begin(s);
	for (int i = 0; i < count; i++)
	{
		if (!nulls[i])
			suggestions_own(s, VARDATA_ANY(DatumGetPointer(text[i])),
							VARSIZE_ANY_EXHDR(DatumGetPointer(text[i])));
	}
}

static Datum
sum_of_similarities(i128 sum)
{
	char		text[DECIMAL_TEXT_SIZE];

	decimal_print(text, sum, SIMILARITY_DECIMALS);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
							   Int32GetDatum(-1));
}

Datum
next_best_products(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int32		n = count_argument(fcinfo);
	RuleCache  *cache = rules_argument(fcinfo, measure_argument(fcinfo));
	Suggestions *s = &cache->suggestions;
	int32		count;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	own_all(s, PG_GETARG_ARRAYTYPE_P(1));
	count = suggestions_find(s, n, cache->best);
	for (int32 i = 0; i < count; i++)
	{
		const Suggestion *one = &cache->best[i];
		const ReadRule *rule = &cache->rule[one->rule];
		Datum		values[3];
		bool		nulls[3] = {false};

		values[0] = cache->item[one->item];
		values[1] = s->additive ? sum_of_similarities(one->sum) : rule->measure;
		values[2] = rule->antecedent;
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
