/*
 * influence_sql.c
 *		What the concentration would be without one customer, customer by
 *		customer.
 *
 * A curve takes milliseconds to decode and a customer microseconds, so curves
 * are remembered from one call to the next; several of them, for customers of
 * different segments or periods come in any order.
 */
#include "customer_value.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/float.h"
#include "utils/memutils.h"

#include "common/amount.h"
#include "profit/influence.h"
#include "profit/whale_sql.h"
#include "segment/values_sql.h"

PG_FUNCTION_INFO_V1(whale_curve_influence_numeric);
PG_FUNCTION_INFO_V1(whale_curve_influence_float8);

/* ---- curves that are remembered ---- */

/* So many, and no more values than this in all but the newest. */
#define MOST_CURVES 32
#define MOST_REMEMBERED 4000000

/*
 * A value is known by its length and the first bytes of what it holds or, if
 * it is stored elsewhere, of what says where: there is nothing to compare
 * beyond the fingerprint.
 */
typedef struct CurveKey
{
	bool		elsewhere;
	size_t		length;
	char		bytes[WHALE_HEAD_SIZE + 8];
} CurveKey;

typedef struct KnownCurve
{
	CurveKey	key;
	MemoryContext context;
	Influence	f;
	Datum		net;
	Datum		gains;
	bool		is_net;			/* there is something to be a share of */
	bool		is_gains;

	/* the fraction last asked for, of one customer less */
	struct varlena *fraction;
	TopPlace	place;
} KnownCurve;

typedef struct CurveCache
{
	TupleDesc	row;
	int			count;
	KnownCurve *curve[MOST_CURVES]; /* the one last used comes first */
} CurveCache;

/* What is compressed is unpacked first: it is small, or it would be elsewhere. */
static struct varlena *
key_of(struct varlena *value, CurveKey *key)
{
	const char *bytes;
	size_t		length;

	memset(key, 0, sizeof(CurveKey));
	key->elsewhere = VARATT_IS_EXTERNAL_ONDISK(value);
	if (key->elsewhere)
	{
		bytes = (const char *) value;
		length = VARSIZE_EXTERNAL(value);
		StaticAssertStmt(VARHDRSZ_EXTERNAL + sizeof(varatt_external) <= sizeof(key->bytes),
						 "no room for a toast pointer");
	}
	else
	{
		value = pg_detoast_datum_packed(value);
		bytes = VARDATA_ANY(value);
		length = VARSIZE_ANY_EXHDR(value);
	}
	key->length = length;
	memcpy(key->bytes, bytes, Min(length, key->elsewhere ? sizeof(key->bytes) : WHALE_HEAD_SIZE));
	return value;
}

static void
forget_last(CurveCache *cache)
{
	MemoryContextDelete(cache->curve[--cache->count]->context);
}

static KnownCurve *
remember(CurveCache *cache, FmgrInfo *flinfo, const CurveKey *key, struct varlena *value)
{
	MemoryContext context = AllocSetContextCreate(flinfo->fn_mcxt, "decoded whale curve",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	KnownCurve *curve = palloc0(sizeof(KnownCurve));
	struct varlena *bytes;
	size_t		values;
	Whale		w;

	memcpy(&curve->key, key, sizeof(CurveKey));
	curve->context = context;
	bytes = pg_detoast_datum_packed(value);
	whale_read(bytes, &w);
	if (bytes != value)
		pfree(bytes);
	influence_open(&curve->f, &w);
	curve->net = EXACT(whale_top(&w, w.d.customers));
	curve->gains = EXACT(whale_top(&w, w.gainers));
	curve->is_net = less(whole(0), curve->net);
	curve->is_gains = w.gainers > 0;
	MemoryContextSwitchTo(old);

	values = w.d.count;
	for (int i = 0; i < cache->count; i++)
		values += cache->curve[i]->f.w.d.count;
	while (cache->count > 0 && (cache->count == MOST_CURVES || values > MOST_REMEMBERED))
	{
		values -= cache->curve[cache->count - 1]->f.w.d.count;
		forget_last(cache);
	}
	memmove(cache->curve + 1, cache->curve, cache->count * sizeof(KnownCurve *));
	cache->curve[0] = curve;
	cache->count++;
	return curve;
}

static KnownCurve *
known_curve(CurveCache *cache, FmgrInfo *flinfo, struct varlena *given)
{
	CurveKey	key;
	struct varlena *value = key_of(given, &key);
	KnownCurve *curve = NULL;

	for (int i = 0; i < cache->count && curve == NULL; i++)
	{
		if (memcmp(&cache->curve[i]->key, &key, sizeof(key)) != 0)
			continue;
		curve = cache->curve[i];
		memmove(cache->curve + 1, cache->curve, i * sizeof(KnownCurve *));
		cache->curve[0] = curve;
	}
	if (curve == NULL)
		curve = remember(cache, flinfo, &key, value);
	if (value != given)
		pfree(value);
	return curve;
}

/* What this fraction of all customers but one is. */
static const TopPlace *
place_among_others(KnownCurve *curve, Numeric fraction)
{
	struct varlena *bytes = (struct varlena *) fraction;
	TopPlace	place;
	MemoryContext old;

	if (curve->fraction != NULL && VARSIZE(curve->fraction) == VARSIZE(bytes) &&
		memcmp(curve->fraction, bytes, VARSIZE(bytes)) == 0)
		return &curve->place;
	share_check(fraction);
	place = top_place(fraction, curve->f.w.d.customers - 1);

	/* a fraction may be another one in each row, and these are kept */
	if (curve->fraction != NULL)
	{
		pfree(curve->fraction);
		pfree(DatumGetPointer(curve->place.part));
		curve->fraction = NULL;
	}
	old = MemoryContextSwitchTo(curve->context);
	curve->place.whole = place.whole;
	curve->place.part = datumCopy(place.part, false, -1);
	curve->fraction = memcpy(palloc(VARSIZE(bytes)), bytes, VARSIZE(bytes));
	MemoryContextSwitchTo(old);
	return &curve->place;
}

/* ---- finding the customer ---- */

CV_NORETURN static void
not_in_curve(const KnownCurve *curve, Datum text)
{
	const Whale *w = &curve->f.w;
	char		least[EXACT_TEXT_SIZE];
	char		most[EXACT_TEXT_SIZE];

	exact_print(least, distribution_value(&w->d, 0));
	exact_print(most, distribution_value(&w->d, w->d.count - 1));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no customer of the whale curve has value %s", DatumGetCString(text)),
			 errdetail("The %lld customers of the curve have values from %s to %s.",
					   (long long) w->d.customers, least, most),
			 errhint("Give the value that the curve was made of, the same expression over the same rows.")));
}

static size_t
find_real(const KnownCurve *curve, double v)
{
	i128		millionths;
	size_t		place;
	bool		found;

	v += 0.0;
	if (curve->f.w.d.exact)
		found = value_millionths(v, &millionths) &&
			influence_find_decimal(&curve->f, millionths, &place);
	else
		found = influence_find_real(&curve->f, v, &place);
	if (!found)
		not_in_curve(curve, DirectFunctionCall1(float8out, Float8GetDatum(v)));
	return place;
}

/* The value goes the way it went into the curve. */
static size_t
find_numeric(const KnownCurve *curve, Datum numeric)
{
	Values		one = {0};
	double		v;
	size_t		place;

	one.room = 1;
	one.value = &v;
	value_collect(&one, numeric, CurrentMemoryContext);
	if (one.nwide == 0)
	{
		i128		millionths;

		if (!curve->f.w.d.exact ? influence_find_real(&curve->f, v, &place) :
			value_millionths(v, &millionths) &&
			influence_find_decimal(&curve->f, millionths, &place))
			return place;
	}
	else if (curve->f.w.d.exact ?
			 influence_find_decimal(&curve->f, one.wide[0], &place) :
			 influence_find_real(&curve->f, value_from_millionths(one.wide[0]), &place))
		return place;
	not_in_curve(curve, DirectFunctionCall1(numeric_out, numeric));
}

/* ---- the row ---- */

enum
{
	RANK, SHARE_OF_NET, SHARE_OF_GAINS, NET_WITHOUT,
	TOP_SHARE_WITHOUT, GINI_WITHOUT, HERFINDAHL_WITHOUT,
	COLUMNS
};

static CurveCache *
curve_cache(FunctionCallInfo fcinfo)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	CurveCache *cache = (CurveCache *) flinfo->fn_extra;
	MemoryContext old;

	if (cache != NULL)
		return cache;
	old = MemoryContextSwitchTo(flinfo->fn_mcxt);
	cache = palloc0(sizeof(CurveCache));
	if (get_call_result_type(fcinfo, NULL, &cache->row) != TYPEFUNC_COMPOSITE ||
		cache->row->natts != COLUMNS)
		elog(ERROR, "unexpected result type of influence");
	cache->row = BlessTupleDesc(CreateTupleDescCopy(cache->row));
	MemoryContextSwitchTo(old);
	flinfo->fn_extra = cache;
	return cache;
}

/* The share of the first customers in the gains, were this one not there. */
static Datum
top_share_without(const KnownCurve *curve, size_t place, const TopPlace *top)
{
	const Influence *f = &curve->f;
	int64		most = influence_gainers(f, place);
	Datum		sum = EXACT(influence_top(f, place, Min(top->whole, most)));

	if (top->whole < most)
		sum = plus(sum, times(top->part, EXACT(influence_value(f, place, top->whole))));
	return over(sum, EXACT(influence_top(f, place, most)));
}

static Datum
influence(FunctionCallInfo fcinfo, const CurveCache *cache, KnownCurve *curve, size_t place)
{
	const Influence *f = &curve->f;
	const Whale *w = &f->w;
	const TopPlace *top = place_among_others(curve, PG_GETARG_NUMERIC(2));
	bool		gains = w->d.value[w->d.count - 1 - place] > 0.0;
	Datum		value = EXACT(influence_own(f, place));
	Gains		without;
	Quotient	quotient;
	Datum		values[COLUMNS] = {0};
	bool		nulls[COLUMNS] = {false};

	influence_gains(f, place, &without);
	values[RANK] = Int64GetDatum(w->customers[place] + 1);
	if (curve->is_net)
		values[SHARE_OF_NET] = over(value, curve->net);
	if (curve->is_gains)
		values[SHARE_OF_GAINS] = over(gains ? value : whole(0), curve->gains);
	values[NET_WITHOUT] = EXACT(influence_top(f, place, w->d.customers - 1));
	if (influence_gainers(f, place) > 0)
		values[TOP_SHARE_WITHOUT] = top_share_without(curve, place, top);
	if (gains_gini(&without, &quotient))
		values[GINI_WITHOUT] = quotient_to_numeric(&quotient);
	if (gains_herfindahl(&without, &quotient))
		values[HERFINDAHL_WITHOUT] = quotient_to_numeric(&quotient);
	for (int i = SHARE_OF_NET; i < COLUMNS; i++)
		nulls[i] = values[i] == (Datum) 0;
	return HeapTupleGetDatum(heap_form_tuple(cache->row, values, nulls));
}

/* (curve, value, fraction of the customers) */
Datum
whale_curve_influence_numeric(PG_FUNCTION_ARGS)
{
	CurveCache *cache = curve_cache(fcinfo);
	KnownCurve *curve = known_curve(cache, fcinfo->flinfo, PG_GETARG_RAW_VARLENA_P(0));

	return influence(fcinfo, cache, curve, find_numeric(curve, PG_GETARG_DATUM(1)));
}

Datum
whale_curve_influence_float8(PG_FUNCTION_ARGS)
{
	CurveCache *cache = curve_cache(fcinfo);
	KnownCurve *curve = known_curve(cache, fcinfo->flinfo, PG_GETARG_RAW_VARLENA_P(0));

	return influence(fcinfo, cache, curve, find_real(curve, value_from_float8(PG_GETARG_FLOAT8(1))));
}
