/*
 * association_sql.c
 *		The aggregate association_rules, and mining(), which writes its options.
 */
#include "customer_value.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "basket/association_sql.h"
#include "basket/lines_sql.h"
#include "common/arithmetic_sql.h"
#include "common/rows_sql.h"
#include "common/state_sql.h"
#include "common/tally_sql.h"
#include "common/text_buffer.h"

PG_FUNCTION_INFO_V1(mining);
PG_FUNCTION_INFO_V1(association_rules_accum_integer);
PG_FUNCTION_INFO_V1(association_rules_accum_text);
PG_FUNCTION_INFO_V1(association_rules_accum_integer_quantity);
PG_FUNCTION_INFO_V1(association_rules_accum_text_quantity);
PG_FUNCTION_INFO_V1(association_rules_final);

/*
 * Arguments
 */

void
association_read_min_support(struct varlena *given, Mining *mining)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out, PointerGetDatum(given)));

	if (!mining_read_share(text, strlen(text), &mining->min_support))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("min_support must be a share from 0 to 1 with at most %d decimals",
						MINING_SHARE_DECIMALS),
				 errdetail("It is %s.", text),
				 errhint("It is a share of all baskets: write 0.01 for one in a hundred.")));
	pfree(text);
}

void
association_read_options(struct varlena *given, Mining *mining)
{
	char	   *text = JsonbToCString(NULL, &((Jsonb *) given)->root, VARSIZE(given));
	char		why[MINING_WHY_SIZE];

	mining_default(mining);
	if (!mining_read_options(mining, text, strlen(text), why))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid options of association rules"),
				 errdetail("%s", why),
				 errhint("Write them as in mining(min_confidence => 0.2, max_items => 3); rules have 1 to %d items.",
						 MINING_MAX_ITEMS)));
	pfree(text);
}

/* The arguments as jsonb, checked as if they had been written by hand. */
Datum
mining(PG_FUNCTION_ARGS)
{
	static const char *const key[] = {"min_confidence", "min_items", "max_items"};
	Mining		ignored;
	TextBuffer	t;
	Datum		result;

	text_open(&t);
	text_put(&t, "{");
	for (int i = 0; i < (int) lengthof(key); i++)
	{
		if (PG_ARGISNULL(i))
			continue;
		text_put_key(&t, key[i]);
		if (i > 0)
			text_put_integer(&t, PG_GETARG_INT32(i));
		else
		{
			Numeric		share = PG_GETARG_NUMERIC(i);

			/* what JSON has no number for is named in its error */
			if (numeric_is_nan(share) || numeric_is_inf(share))
				text_put(&t, "-1");
			else
				text_put(&t, DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(share))));
		}
	}
	text_put(&t, "}");
	result = DirectFunctionCall1(jsonb_in, CStringGetDatum(t.begin));
	association_read_options((struct varlena *) DatumGetPointer(result), &ignored);
	return result;
}

static void
option_is_null(const char *what, const char *example)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("%s must not be null", what),
			 errdetail("Without it there is no telling which rules are meant."),
			 errhint("Write %s.", example)));
}

/*
 * Collecting
 */

static inline Datum
accumulate(FunctionCallInfo fcinfo, bool has_integer, bool has_quantity)
{
	LinesState *state = lines_state(fcinfo);
	int			arg = has_quantity ? 4 : 3;
	i128		quantity = has_quantity ? 0 : 1;

	if (PG_ARGISNULL(arg))
		option_is_null("min_support", "a share of the baskets, such as 0.01");
	lines_set_min_support(state, aggregate_context(fcinfo),
						  PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(arg)));
	if (PG_NARGS() > ++arg)
	{
		if (PG_ARGISNULL(arg))
			option_is_null("options", "mining() for none, or leave the argument out");
		lines_set_options(state, aggregate_context(fcinfo),
						  (struct varlena *) PG_GETARG_JSONB_P(arg));
	}
	if (has_quantity)
		tally_add_argument(fcinfo, 3, &quantity);
	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && quantity != 0)
	{
		int64		basket = has_integer ? PG_GETARG_INT64(1) :
		lines_name(fcinfo, 1, &state->lines.baskets);

		lines_add_checked(fcinfo, state, basket, 0,
						  lines_name(fcinfo, 2, &state->lines.items), quantity);
	}
	PG_RETURN_POINTER(state);
}

Datum
association_rules_accum_integer(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true, false);
}

Datum
association_rules_accum_text(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false, false);
}

Datum
association_rules_accum_integer_quantity(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true, true);
}

Datum
association_rules_accum_text_quantity(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false, true);
}

/*
 * Results
 */

static void
mining_error(MiningStatus status)
{
	if (status == MINING_TOO_MANY_SETS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many sets of items"),
				 errdetail("More than %d sets of items have that support.", MINING_MAX_SETS),
				 errhint("Ask for a higher min_support, or with mining(...) for fewer items; a higher min_confidence leaves as many sets.")));
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("too many association rules"),
			 errdetail("There are more than %d.", MINING_MAX_RULES),
			 errhint("Ask for a higher min_support, or with mining(...) for a higher min_confidence or fewer items.")));
}

/* Items as the results have them: alone and as an array of one. */
typedef struct ItemDatums
{
	Datum	   *text;
	Datum	   *array;
} ItemDatums;

static Datum
array_of(Datum *text, int count)
{
	return PointerGetDatum(construct_array(text, count, TEXTOID, -1, false, TYPALIGN_INT));
}

static ItemDatums
item_datums(const Lines *lines, const Rules *rules)
{
	int			items = lines->items.count;
	ItemDatums	d;

	d.text = MemoryContextAllocHuge(CurrentMemoryContext, (size_t) items * sizeof(Datum));
	d.array = MemoryContextAllocHuge(CurrentMemoryContext, (size_t) items * sizeof(Datum));
	for (int place = 0; place < items; place++)
	{
		const KnownName *name = &lines->items.name[rules->name[place]];

		d.text[place] = PointerGetDatum(cstring_to_text_with_len(name->text, (int) name->length));
		d.array[place] = array_of(&d.text[place], 1);
	}
	return d;
}

static Datum
antecedent_datum(const ItemDatums *d, const Rule *rule)
{
	Datum		text[MINING_MAX_ITEMS - 1];

	if (rule->antecedents == 1)
		return d->array[rule->antecedent[0]];
	for (int i = 0; i < rule->antecedents; i++)
		text[i] = d->text[rule->antecedent[i]];
	return array_of(text, rule->antecedents);
}

static Datum
quotient(int64 a, int64 b)
{
	return over(whole(a), whole(b));
}

/* Counts are below 2^30, so products of two are integers. */
static void
rule_figures(const Rules *rules, const Rule *rule, Datum *values, bool *nulls)
{
	int64		n = rules->baskets;
	int64		both = rule->baskets;
	int64		a = rule->with_antecedent;
	int64		c = rule->with_consequent;
	double		chi_square = 0;

	values[RULE_BASKETS] = Int64GetDatum(both);
	values[RULE_ANTECEDENT_BASKETS] = Int64GetDatum(a);
	values[RULE_CONSEQUENT_BASKETS] = Int64GetDatum(c);
	values[RULE_ALL_BASKETS] = Int64GetDatum(n);
	values[RULE_SUPPORT] = quotient(both, n);
	values[RULE_CONFIDENCE] = quotient(both, a);
	values[RULE_LIFT] = quotient(both * n, a * c);
	values[RULE_LEVERAGE] = quotient(both * n - a * c, n * n);
	nulls[RULE_CONVICTION] = both == a;
	if (both < a)
		values[RULE_CONVICTION] = quotient(a * (n - c), n * (a - both));
	nulls[RULE_CHI_SQUARE] = !rule_chi_square(rules, rule, &chi_square);
	values[RULE_CHI_SQUARE] = Float8GetDatum(chi_square);
	values[RULE_COSINE] = Float8GetDatum(rule_cosine(rule));
	values[RULE_JACCARD] = quotient(both, a + c - both);
}

static Datum
array_of_rules(FunctionCallInfo fcinfo, const Lines *lines, const Rules *rules)
{
	ItemDatums	d = item_datums(lines, rules);
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "association rule",
												  ALLOCSET_DEFAULT_SIZES);
	Rows		rows;

	rows_open(&rows, fcinfo);
	for (size_t i = 0; i < rules->count; i++)
	{
		const Rule *rule = &rules->rule[i];
		Datum		values[RULE_FIELDS] = {0};
		bool		nulls[RULE_FIELDS] = {false};
		MemoryContext old = MemoryContextSwitchTo(scratch);

		values[RULE_ANTECEDENT] = antecedent_datum(&d, rule);
		values[RULE_CONSEQUENT] = d.text[rule->consequent];
		rule_figures(rules, rule, values, nulls);
		MemoryContextSwitchTo(old);
		rows_add(&rows, values, nulls);
		MemoryContextReset(scratch);
	}
	MemoryContextDelete(scratch);
	return rows_finish(&rows);
}

Datum
association_rules_final(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	LinesState *state = lines_final_state(fcinfo);
	Mining		asked;
	MiningStatus status;
	Rules		rules;
	MemoryContext old;

	if (state == NULL)
		PG_RETURN_NULL();
	if (state->min_support == NULL)
		state_invalid();
	mining_default(&asked);
	if (state->options)
		association_read_options(state->options, &asked);
	association_read_min_support(state->min_support, &asked);
	/* lines are put in order, and a window may go on with them */
	old = MemoryContextSwitchTo(context);
	lines_net(&state->lines);
	MemoryContextSwitchTo(old);
	status = mining_rules(&state->lines, &asked, &rules);
	if (status != MINING_OK)
		mining_error(status);
	if (rules.baskets == 0)
		PG_RETURN_NULL();
	return array_of_rules(fcinfo, &state->lines, &rules);
}
