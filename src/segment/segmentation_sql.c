/*
 * segmentation_sql.c
 *		Type segmentation: input and output.
 */
#include "customer_value.h"

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "segment/segmentation_sql.h"

PG_FUNCTION_INFO_V1(segmentation_in);
PG_FUNCTION_INFO_V1(segmentation_out);
PG_FUNCTION_INFO_V1(segmentation_recv);
PG_FUNCTION_INFO_V1(segmentation_send);

Segmentation *
segmentation_read(const struct varlena *value)
{
	SegmentationError error;
	Segmentation *s = segmentation_decode((const uint8 *) VARDATA_ANY(value),
										  VARSIZE_ANY_EXHDR(value), &error);

	if (s == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid value of type %s", "segmentation"),
				 errdetail("%s", error.detail),
				 errhint("It was stored by a newer release of the extension, or is damaged.")));
	return s;
}

Segmentation *
segmentation_read_form(const struct varlena *value, const SegmentationForm *form,
					   const char *function)
{
	Segmentation *s = segmentation_read(value);
	const SegmentationForm *has = segmentation_form(s->method);

	if (has != form)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s takes a segmentation by %s", function, form->name),
				 errdetail("This one is a segmentation by %s, made by %s.", has->name,
						   segment_method_name(s->method)),
				 errhint("It is applied with %s.", has->use)));
	return s;
}

struct varlena *
segmentation_make(const Segmentation *s)
{
	struct varlena *result = palloc(VARHDRSZ + segmentation_max_size(s));
	SegmentationError error;

	if (!segmentation_check(s, &error))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid segmentation"),
				 errdetail("%s", error.detail)));
	SET_VARSIZE(result, VARHDRSZ + segmentation_encode(s, (uint8 *) VARDATA(result)));
	return result;
}

/*
 * Text and binary form.  The latter is a version byte and the text, as jsonb
 * does it: one validator for both, and labels change their encoding on the
 * way like any text.
 */

/* The labels of segmentations within it, too: they are all in its text. */
static bool
labels_are_encoded(const Segmentation *s)
{
	char	   *text = segmentation_print(s);
	bool		good = pg_verifymbstr(text, (int) strlen(text), true);

	pfree(text);
	return good;
}

static Segmentation *
parse(const char *text, SegmentationError *error)
{
	Segmentation *s = segmentation_parse(text, strlen(text), error);

	if (s == NULL || labels_are_encoded(s))
		return s;
	error->hint = segmentation_form(s->method)->hint;
	strlcpy(error->detail, "A label has characters that this database's encoding does not have.",
			sizeof(error->detail));
	return NULL;
}

Datum
segmentation_in(PG_FUNCTION_ARGS)
{
	SegmentationError error;
	Segmentation *s = parse(PG_GETARG_CSTRING(0), &error);

	if (s == NULL)
	{
		cv_soft_error(fcinfo,
					  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					   errmsg("invalid input syntax for type %s", "segmentation"),
					   errdetail("%s", error.detail),
					   errhint("%s", error.hint)));
		PG_RETURN_NULL();
	}
	PG_RETURN_SEGMENTATION_P(segmentation_make(s));
}

Datum
segmentation_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(segmentation_print(segmentation_read(PG_GETARG_SEGMENTATION_P(0))));
}

Datum
segmentation_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	Segmentation *s = NULL;
	SegmentationError error = {.hint = cuts_form.hint};
	int			version = buf->cursor < buf->len ? pq_getmsgbyte(buf) : 0;
	int			length;
	char	   *text;

	if (version != SEGMENTATION_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", "segmentation"),
				 errdetail("Its version is %d; this release knows version %d.",
						   version, SEGMENTATION_VERSION),
				 errhint("Send the text form instead.")));
	text = pq_getmsgtext(buf, buf->len - buf->cursor, &length);
	if (strlen(text) == (size_t) length)
		s = parse(text, &error);
	if (s == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", "segmentation"),
				 errdetail("%s", strlen(text) == (size_t) length ? error.detail :
						   "It has a zero byte."),
				 errhint("%s", error.hint)));
	PG_RETURN_SEGMENTATION_P(segmentation_make(s));
}

Datum
segmentation_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	char	   *text = segmentation_print(segmentation_read(PG_GETARG_SEGMENTATION_P(0)));

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SEGMENTATION_VERSION);
	pq_sendtext(&buf, text, (int) strlen(text));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}
