/*
 * frame_sql.c
 *		Frames of features, collected from jsonb.
 */
#include "customer_value.h"

#include <float.h>
#include <math.h>

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "common/amount.h"
#include "common/state_sql.h"
#include "features/frame_sql.h"
#include "segment/values.h"

/* ---- errors ---- */

static void
frame_error(FrameStatus status, const char *name, size_t length)
{
	char	   *feature = pnstrdup(name, cv_clip_length(name, length, FRAME_MAX_NAME));

	switch (status)
	{
		case FRAME_OK:
			return;
		case FRAME_CHANGES_SHAPE:
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("feature \"%s\" is a number in some rows and a text in others", feature),
					 errdetail("A feature is either numeric or categorical, in all rows."),
					 errhint("Convert it, for example with jsonb_build_object('%s', value::text), or leave it out with features - '%s'.",
							 feature, feature)));
			break;
		case FRAME_TOO_MANY_FEATURES:
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many features"),
					 errdetail("There can be %d different keys; \"%s\" is one more.",
							   FRAME_MAX_FEATURES, feature),
					 errhint("Build the object from the attributes that may matter.")));
			break;
		case FRAME_TOO_MANY_CATEGORIES:
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("feature \"%s\" has too many different values", feature),
					 errdetail("A categorical feature can have %d.", FRAME_MAX_CATEGORIES),
					 errhint("Leave identifiers out with features - '%s', or group the values.", feature)));
			break;
		case FRAME_TOO_LONG:
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("name or value of feature \"%s\" is too long", feature),
					 errdetail("Names and categories have at most %d bytes.", FRAME_MAX_CATEGORY),
					 errhint("Leave free text out with features - '%s', or cut it with left().", feature)));
			break;
	}
}

static void
not_an_object(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("features must be a JSON object"),
			 errdetail("Its keys are the names of features."),
			 errhint("Write jsonb_build_object('region', region, 'age', age), or to_jsonb(row) - 'customer_id'.")));
}

static void
not_scalar(const JsonbValue *key)
{
	char	   *feature = pnstrdup(key->val.string.val, key->val.string.len);

	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("feature \"%s\" is not a single value", feature),
			 errdetail("A feature is a number, a string, a boolean or null."),
			 errhint("Write features - '%s', or take what matters out of it.", feature)));
}

/* ---- rows ---- */

/*
 * Is this double the number that numeric_out() has written, or may it be
 * another one that is near?
 */
static bool
is_rounded(const char *text, double v)
{
	int			digits = 0;
	int			zeros = 0;		/* held back */

	for (; *text; text++)
	{
		if (*text == '0')
			zeros += digits > 0;
		else if (*text >= '1' && *text <= '9')
		{
			digits += zeros + 1;
			zeros = 0;
		}
	}
	return digits > DBL_DIG || (digits > 0 && fabs(v) < DBL_MIN);
}

/* As double; an error past 1e100 in size. */
static double
read_number(const char *name, size_t length, Numeric v, bool *rounded)
{
	static const double scales[] = {1.0, 100.0, 10000.0, 1000000.0};
	int64		integer;
	int			pairs;
	char	   *text;
	double		real;

	if (likely(amount_fast(NumericGetDatum(v), &integer, &pairs)) &&
		integer <= VALUES_NARROW_LIMIT && integer >= -VALUES_NARROW_LIMIT)
	{
		/* 15 digits at most */
		*rounded = false;
		return (double) integer / scales[pairs];
	}

	/* through text, so that it is rounded once and to the nearest */
	text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(v)));
	real = strtod(text, NULL);
	*rounded = is_rounded(text, real);
	pfree(text);
	if (!(fabs(real) < VALUES_LIMIT))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("feature \"%s\" is out of range", pnstrdup(name, length)),
				 errdetail("Numbers are below 1e100 in size."),
				 errhint("Check where this one comes from.")));
	return real;
}

static void
add_feature(Frame *frame, const JsonbValue *key, const JsonbValue *value, int *guess)
{
	const char *name = key->val.string.val;
	size_t		length = (size_t) key->val.string.len;
	FrameStatus status;
	int			feature;
	double		number;
	bool		rounded;

	status = frame_feature(frame, name, length, guess, &feature);
	if (unlikely(status != FRAME_OK))
		frame_error(status, name, length);
	switch (value->type)
	{
		case jbvNull:
			break;
		case jbvNumeric:
			number = read_number(name, length, value->val.numeric, &rounded);
			status = frame_set_number(frame, feature, number, rounded);
			break;
		case jbvString:
			status = frame_set_category(frame, feature, value->val.string.val,
										(size_t) value->val.string.len);
			break;
		case jbvBool:
			status = value->val.boolean ?
				frame_set_category(frame, feature, "true", 4) :
				frame_set_category(frame, feature, "false", 5);
			break;
		default:
			not_scalar(key);
	}
	if (unlikely(status != FRAME_OK))
		frame_error(status, name, length);
}

void
frame_add_row(Frame *frame, double target, Jsonb *features)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	key;
	JsonbValue	value;
	int			guess = 0;

	if (!JB_ROOT_IS_OBJECT(features))
		not_an_object();
	frame_begin_row(frame, target);
	it = JsonbIteratorInit(&features->root);
	(void) JsonbIteratorNext(&it, &key, true);
	while ((token = JsonbIteratorNext(&it, &key, true)) == WJB_KEY)
	{
		(void) JsonbIteratorNext(&it, &value, true);
		add_feature(frame, &key, &value, &guess);
	}

	/* the iterator frees itself with the call after the end of the object */
	Assert(token == WJB_END_OBJECT);
	(void) JsonbIteratorNext(&it, &key, true);
}

/* ---- parallel plans ---- */

void
frame_combine(Frame *into, const Frame *from)
{
	int			which = 0;
	FrameStatus status = frame_append(into, from, &which);

	if (status != FRAME_OK)
		frame_error(status, from->names.name[which].text, from->names.name[which].length);
}

static void
write_column(StringInfo buf, const void *column, size_t size)
{
	state_reserve(buf, size);
	if (size > 0)
		appendBinaryStringInfo(buf, column, (int) size);
}

void
frame_write(StringInfo buf, const Frame *frame)
{
	pq_sendint64(buf, (int64) frame->count);
	state_write_names(buf, &frame->names);
	write_column(buf, frame->target, frame->count * sizeof(double));
	for (int i = 0; i < frame->nfeatures; i++)
	{
		const Feature *f = &frame->feature[i];

		pq_sendbyte(buf, (uint8) f->kind);
		pq_sendint64(buf, (int64) f->filled);
		if (f->kind == FEATURE_NUMBER)
		{
			pq_sendbyte(buf, f->rounded);
			write_column(buf, f->number, f->filled * sizeof(double));
		}
		else if (f->kind == FEATURE_CATEGORY)
		{
			state_write_names(buf, &f->categories);
			write_column(buf, f->category, f->filled * sizeof(int32));
		}
	}
}

/* "most" of them, of that length at most, no two alike. */
static void
read_names(StringInfo buf, Names *names, int most, int longest)
{
	int			count = (int) pq_getmsgint(buf, 4);

	if (count < 0 || count > most)
		state_invalid();
	for (int i = 0; i < count; i++)
	{
		int			length = (int) pq_getmsgint(buf, 4);

		if (length < 0 || length > longest)
			state_invalid();
		if (names_add(names, pq_getmsgbytes(buf, length), (size_t) length) != i)
			state_invalid();
	}
}

static void *
read_column(StringInfo buf, size_t count, size_t room, size_t width)
{
	void	   *column;

	if (count > room || count > (size_t) (buf->len - buf->cursor) / width)
		state_invalid();
	column = cv_alloc(Max(room, 1) * width);
	if (count > 0)
		memcpy(column, pq_getmsgbytes(buf, (int) (count * width)), count * width);
	return column;
}

static void
read_feature(StringInfo buf, Feature *f, size_t count)
{
	int			kind = pq_getmsgbyte(buf);
	int64		filled = pq_getmsgint64(buf);

	if (kind > FEATURE_CATEGORY || filled < 0 || (uint64) filled > count ||
		(kind == FEATURE_UNKNOWN && filled > 0))
		state_invalid();
	f->kind = (FeatureKind) kind;
	f->filled = (size_t) filled;
	if (f->kind == FEATURE_NUMBER)
	{
		f->rounded = pq_getmsgbyte(buf) != 0;
		f->number = read_column(buf, f->filled, count, sizeof(double));
	}
	else if (f->kind == FEATURE_CATEGORY)
	{
		read_names(buf, &f->categories, FRAME_MAX_CATEGORIES, FRAME_MAX_CATEGORY);
		f->category = read_column(buf, f->filled, count, sizeof(int32));
		for (size_t row = 0; row < f->filled; row++)
		{
			if (f->category[row] < CATEGORY_MISSING ||
				f->category[row] >= f->categories.count)
				state_invalid();
		}
	}
	for (size_t row = 0; f->kind == FEATURE_NUMBER && row < f->filled; row++)
	{
		if (isinf(f->number[row]))
			state_invalid();
	}
}

void
frame_read(StringInfo buf, Frame *frame)
{
	int64		count = pq_getmsgint64(buf);

	memset(frame, 0, sizeof(Frame));
	if (count < 0 || (uint64) count > MaxAllocSize / sizeof(double))
		state_invalid();
	frame->count = frame->room = (size_t) count;
	read_names(buf, &frame->names, FRAME_MAX_FEATURES, FRAME_MAX_NAME);
	frame->nfeatures = frame->features_room = frame->names.count;
	frame->target = read_column(buf, frame->count, frame->room, sizeof(double));
	for (size_t row = 0; row < frame->count; row++)
	{
		if (!isfinite(frame->target[row]))
			state_invalid();
	}
	frame->feature = cv_alloc(Max(frame->nfeatures, 1) * sizeof(Feature));
	memset(frame->feature, 0, Max(frame->nfeatures, 1) * sizeof(Feature));
	for (int i = 0; i < frame->nfeatures; i++)
		read_feature(buf, &frame->feature[i], frame->count);
}
