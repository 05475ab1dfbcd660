/*
 * value_options_sql.c
 *		What aggregates over the values of customers are given beside a value.
 */
#include "customer_value.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"

#include "common/arguments_sql.h"
#include "segment/value_options_sql.h"

static bool
numeric_is(Numeric a, Numeric b)
{
	return DatumGetBool(DirectFunctionCall2(numeric_eq, NumericGetDatum(a), NumericGetDatum(b)));
}

/*
 * Arguments that are passed by reference
 */

static inline bool
is_given_again(Datum given, const struct varlena *known)
{
	return known != NULL && argument_is(PG_DETOAST_DATUM_PACKED(given), known);
}

static struct varlena *
keep_argument(FunctionCallInfo fcinfo, int arg)
{
	MemoryContext old = MemoryContextSwitchTo(aggregate_context(fcinfo));
	struct varlena *copy = PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(arg));

	MemoryContextSwitchTo(old);
	return copy;
}

/*
 * The number of segments
 */

static void
segments_are_null(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("number of segments must not be null"),
			 errdetail("Without it there is no telling how to divide the values."),
			 errhint("Give a whole number such as 8.")));
}

void
value_options_segments(ValueOptions *options, FunctionCallInfo fcinfo, int arg)
{
	int32		k;

	if (PG_ARGISNULL(arg))
		segments_are_null();
	k = PG_GETARG_INT32(arg);
	if (likely(options->kind == OPTION_SEGMENTS && options->number == k))
		return;
	if (k < 1 || k > SEGMENTATION_MAX_SEGMENTS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of segments must be between 1 and %d", SEGMENTATION_MAX_SEGMENTS),
				 errdetail("It is %d.", k),
				 errhint("Give a whole number such as 8.")));
	if (options->kind != OPTION_NONE)
		argument_changes("number of segments");
	options->kind = OPTION_SEGMENTS;
	options->number = options->most = k;
}

static void
range_is_wrong(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("range of numbers of segments %s", what),
			 errdetail("The best number is looked for among all those in the range."),
			 errhint("Write int4range(3, 9) for 3 to 8 segments; 1 to %d are possible.",
					 SEGMENTATION_MAX_SEGMENTS)));
}

static void
read_range(ValueOptions *options, RangeType *range)
{
	RangeBound	lower;
	RangeBound	upper;
	bool		empty;

	range_deserialize(lookup_type_cache(INT4RANGEOID, TYPECACHE_RANGE_INFO), range,
					  &lower, &upper, &empty);
	if (empty)
		range_is_wrong("is empty");
	if (lower.infinite || upper.infinite)
		range_is_wrong("has an end that is open");

	/* int4range is always written with its lower and without its upper bound */
	options->number = DatumGetInt32(lower.val);
	options->most = DatumGetInt32(upper.val) - 1;
	if (options->number < 1 || options->most > SEGMENTATION_MAX_SEGMENTS)
		range_is_wrong("goes too far");
}

void
value_options_range(ValueOptions *options, FunctionCallInfo fcinfo, int arg)
{
	if (PG_ARGISNULL(arg))
		segments_are_null();
	if (likely(is_given_again(PG_GETARG_DATUM(arg), options->argument)))
		return;
	if (options->kind != OPTION_NONE)
		argument_changes("number of segments");
	read_range(options, PG_GETARG_RANGE_P(arg));
	options->argument = keep_argument(fcinfo, arg);
	options->kind = OPTION_RANGE;
}

/*
 * A fraction
 */

static void
fraction_is_null(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("share must not be null"),
			 errdetail("Without it there is no telling what to measure."),
			 errhint("Give a number between 0 and 1, such as 0.2 for a fifth.")));
}

static void
fraction_out_of_range(const char *text)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("share must be between 0 and 1"),
			 errdetail("It is %s.", text),
			 errhint("Write 0.2 for a fifth, or 20 percent.")));
}

static bool
is_share(Numeric fraction)
{
	return !numeric_is_nan(fraction) &&
		DatumGetBool(DirectFunctionCall2(numeric_ge, NumericGetDatum(fraction),
										 NumericGetDatum(int64_to_numeric(0)))) &&
		DatumGetBool(DirectFunctionCall2(numeric_le, NumericGetDatum(fraction),
										 NumericGetDatum(int64_to_numeric(1))));
}

void
share_check(Numeric fraction)
{
	if (!is_share(fraction))
		fraction_out_of_range(DatumGetCString(DirectFunctionCall1(numeric_out,
																  NumericGetDatum(fraction))));
}

void
value_options_real(ValueOptions *options, FunctionCallInfo fcinfo, int arg)
{
	double		fraction;

	if (PG_ARGISNULL(arg))
		fraction_is_null();
	fraction = PG_GETARG_FLOAT8(arg);
	if (likely(options->kind == OPTION_REAL && options->real == fraction))
		return;
	if (!(fraction >= 0.0 && fraction <= 1.0))
		fraction_out_of_range(DatumGetCString(DirectFunctionCall1(float8out,
																  Float8GetDatum(fraction))));
	if (options->kind != OPTION_NONE)
		argument_changes("share");
	options->kind = OPTION_REAL;
	options->real = fraction + 0.0;
}

void
value_options_numeric(ValueOptions *options, FunctionCallInfo fcinfo, int arg)
{
	Numeric		fraction;

	if (PG_ARGISNULL(arg))
		fraction_is_null();
	if (likely(is_given_again(PG_GETARG_DATUM(arg), options->argument)))
		return;
	fraction = PG_GETARG_NUMERIC(arg);
	if (options->kind == OPTION_NUMERIC && numeric_is(fraction, (Numeric) options->argument))
		return;
	share_check(fraction);
	if (options->kind != OPTION_NONE)
		argument_changes("share");
	options->argument = keep_argument(fcinfo, arg);
	options->kind = OPTION_NUMERIC;
}

Numeric
value_options_fraction(const ValueOptions *options)
{
	if (options->kind == OPTION_NUMERIC)
		return (Numeric) options->argument;
	return DatumGetNumeric(DirectFunctionCall1(float8_numeric, Float8GetDatum(options->real)));
}

/*
 * Shares
 */

static void
shares_are_wrong(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid shares"),
			 errdetail("%s", detail),
			 errhint("Write ascending shares of the gains above 0 and up to 1, as in '{0.8, 0.95}'.")));
}

static int
read_shares(struct varlena *array, Exact **share)
{
	Datum	   *element;
	bool	   *is_null;
	int			n;

	deconstruct_array((ArrayType *) array, NUMERICOID, -1, false, TYPALIGN_INT,
					  &element, &is_null, &n);
	if (ARR_NDIM((ArrayType *) array) != 1)
		shares_are_wrong(n == 0 ? "There are none." : "They are not in one row.");
	if (n >= SEGMENTATION_MAX_SEGMENTS)
		shares_are_wrong("There are too many.");
	*share = palloc(n * sizeof(Exact));
	for (int i = 0; i < n; i++)
	{
		Exact	   *one = *share + i;
		char	   *text;

		if (is_null[i])
			shares_are_wrong("One is null.");
		text = DatumGetCString(DirectFunctionCall1(numeric_out, element[i]));
		if (!is_share(DatumGetNumeric(element[i])) ||
			!exact_parse(text, strlen(text), one) || one->digits == 0)
			shares_are_wrong(psprintf("Share %d is %s, which is no number above 0 and up to 1 of at most %d digits.",
									  i + 1, text, EXACT_MAX_DIGITS));
		if (i > 0 && exact_compare(one[-1], *one) >= 0)
			shares_are_wrong(psprintf("Share %d, %s, is not above the one before.", i + 1, text));
	}
	return n;
}

static bool
shares_are_same(struct varlena *a, struct varlena *b)
{
	Exact	   *x;
	Exact	   *y;
	int			n = read_shares(a, &x);

	if (read_shares(b, &y) != n)
		return false;
	for (int i = 0; i < n; i++)
	{
		if (exact_compare(x[i], y[i]) != 0)
			return false;
	}
	return true;
}

void
value_options_shares(ValueOptions *options, FunctionCallInfo fcinfo, int arg)
{
	struct varlena *array;
	Exact	   *ignored;

	if (PG_ARGISNULL(arg))
		shares_are_wrong("There are none.");
	if (likely(is_given_again(PG_GETARG_DATUM(arg), options->argument)))
		return;
	array = (struct varlena *) PG_GETARG_ARRAYTYPE_P(arg);
	(void) read_shares(array, &ignored);
	if (options->kind == OPTION_SHARES && shares_are_same(array, options->argument))
		return;
	if (options->kind != OPTION_NONE)
		argument_changes("array of shares");
	options->argument = keep_argument(fcinfo, arg);
	options->kind = OPTION_SHARES;
}

int
value_options_share_list(const ValueOptions *options, Exact **share)
{
	return read_shares(options->argument, share);
}

/*
 * Settings
 */

void
breaking_read_settings(struct varlena *jsonb, Breaking *breaking)
{
	char	   *text = JsonbToCString(NULL, &((Jsonb *) jsonb)->root, VARSIZE(jsonb));
	char		why[BREAKING_WHY_SIZE];

	if (!breaking_read_options(breaking, text, strlen(text), why))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid options of natural breaks"),
				 errdetail("%s", why),
				 errhint("Write them as in breaking(scale => 'asinh', cut_at => 0, min_customers => 50, min_share => 0.005).")));
	pfree(text);
}

void
value_options_breaking(const ValueOptions *options, Breaking *breaking)
{
	breaking->k = options->number;
	breaking->most = options->most;
	if (options->settings)
		breaking_read_settings(options->settings, breaking);
}

static bool
settings_are_same(struct varlena *a, struct varlena *b)
{
	return compareJsonbContainers(&((Jsonb *) a)->root, &((Jsonb *) b)->root) == 0;
}

void
value_options_settings(ValueOptions *options, FunctionCallInfo fcinfo, int arg)
{
	struct varlena *settings;
	Breaking	ignored = {0};

	if (PG_ARGISNULL(arg))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must not be null"),
				 errdetail("There is no telling which conditions are meant."),
				 errhint("Write breaking() for none, or leave the argument out.")));
	if (likely(is_given_again(PG_GETARG_DATUM(arg), options->settings)))
		return;
	settings = (struct varlena *) PG_GETARG_JSONB_P(arg);
	if (options->settings && settings_are_same(settings, options->settings))
		return;
	breaking_read_settings(settings, &ignored);
	if (options->settings)
		argument_changes("options");
	options->settings = keep_argument(fcinfo, arg);
}

/*
 * Parallel plans
 */

static struct varlena *
copy_of(const struct varlena *value, MemoryContext context)
{
	struct varlena *copy;

	if (value == NULL)
		return NULL;
	copy = MemoryContextAlloc(context, VARSIZE(value));
	memcpy(copy, value, VARSIZE(value));
	return copy;
}

static bool
arguments_are_same(const ValueOptions *a, const ValueOptions *b)
{
	if (a->kind != b->kind || a->number != b->number || a->real != b->real)
		return false;
	if (a->argument == NULL || argument_is(a->argument, b->argument))
		return true;
	return a->kind == OPTION_NUMERIC ?
		numeric_is((Numeric) a->argument, (Numeric) b->argument) :
		a->kind == OPTION_SHARES && shares_are_same(a->argument, b->argument);
}

void
value_options_combine(ValueOptions *into, const ValueOptions *from, MemoryContext context)
{
	if (from->kind == OPTION_NONE)
		return;
	if (into->kind == OPTION_NONE)
	{
		*into = *from;
		into->argument = copy_of(from->argument, context);
		into->settings = copy_of(from->settings, context);
		return;
	}
	if (!arguments_are_same(into, from))
		argument_changes(into->kind == OPTION_SEGMENTS || into->kind == OPTION_RANGE ?
						 "number of segments" :
						 into->kind == OPTION_SHARES ? "array of shares" : "share");
	if (into->settings && !settings_are_same(into->settings, from->settings))
		argument_changes("options");
}

typedef struct OptionsHeader
{
	double		real;
	int32		number;
	int32		most;
	int32		argument_size;	/* 0: there is none */
	int32		settings_size;
	uint8		kind;
	uint8		unused[7];
} OptionsHeader;

size_t
value_options_size(const ValueOptions *options)
{
	return sizeof(OptionsHeader) +
		(options->argument ? VARSIZE(options->argument) : 0) +
		(options->settings ? VARSIZE(options->settings) : 0);
}

char *
value_options_write(const ValueOptions *options, char *p)
{
	OptionsHeader header;

	memset(&header, 0, sizeof(header));
	header.real = options->real;
	header.number = options->number;
	header.most = options->most;
	header.argument_size = options->argument ? (int32) VARSIZE(options->argument) : 0;
	header.settings_size = options->settings ? (int32) VARSIZE(options->settings) : 0;
	header.kind = (uint8) options->kind;
	memcpy(p, &header, sizeof(header));
	p += sizeof(header);
	if (options->argument)
		memcpy(p, options->argument, header.argument_size);
	p += header.argument_size;
	if (options->settings)
		memcpy(p, options->settings, header.settings_size);
	return p + header.settings_size;
}

/* A value of so many bytes, checked for saying so itself. */
static const char *
read_value(struct varlena **value, const char *p, const char *end, int32 size)
{
	if (p == NULL || size == 0)
		return p;
	if (size < VARHDRSZ || end - p < size)
		return NULL;
	*value = palloc(size);
	memcpy(*value, p, size);
	return VARATT_IS_4B_U(*value) && VARSIZE(*value) == (Size) size ? p + size : NULL;
}

const char *
value_options_read(ValueOptions *options, const char *p, size_t size)
{
	const char *end = p + size;
	OptionsHeader header;

	if (size < sizeof(header))
		return NULL;
	memcpy(&header, p, sizeof(header));
	if (header.kind > LAST_OPTION ||
		(header.argument_size > 0) != (header.kind == OPTION_RANGE ||
									   header.kind == OPTION_NUMERIC ||
									   header.kind == OPTION_SHARES))
		return NULL;
	options->kind = (ValueOption) header.kind;
	options->real = header.real;
	options->number = header.number;
	options->most = header.most;
	p = read_value(&options->argument, p + sizeof(header), end, header.argument_size);
	return read_value(&options->settings, p, end, header.settings_size);
}
