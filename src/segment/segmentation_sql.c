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

void
segmentation_read(const struct varlena *value, Segmentation *s)
{
	SegmentationError error;

	if (!segmentation_decode(s, (const uint8 *) VARDATA_ANY(value),
							 VARSIZE_ANY_EXHDR(value), &error))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid value of type %s", "segmentation"),
				 errdetail("%s", error.detail),
				 errhint("It was stored by a newer release of the extension, or is damaged.")));
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

#define HOW_TO_WRITE_ONE \
	"Write the lower bounds of all segments but the last, from the highest down, as in {\"cuts\": [5000, 1000, 0]}."

static bool
labels_are_encoded(const Segmentation *s)
{
	for (int i = 0; s->label && i < s->k; i++)
	{
		if (!pg_verifymbstr(s->label[i].text, (int) s->label[i].length, true))
			return false;
	}
	return true;
}

static bool
parse(Segmentation *s, const char *text, SegmentationError *error)
{
	if (!segmentation_parse(s, text, strlen(text), error))
		return false;
	if (!labels_are_encoded(s))
	{
		strlcpy(error->detail, "A label has characters that this database's encoding does not have.",
				sizeof(error->detail));
		return false;
	}
	return true;
}

Datum
segmentation_in(PG_FUNCTION_ARGS)
{
	Segmentation s;
	SegmentationError error;

	if (!parse(&s, PG_GETARG_CSTRING(0), &error))
	{
		cv_soft_error(fcinfo,
					  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					   errmsg("invalid input syntax for type %s", "segmentation"),
					   errdetail("%s", error.detail),
					   errhint("%s", HOW_TO_WRITE_ONE)));
		PG_RETURN_NULL();
	}
	PG_RETURN_SEGMENTATION_P(segmentation_make(&s));
}

Datum
segmentation_out(PG_FUNCTION_ARGS)
{
	Segmentation s;

	segmentation_read(PG_GETARG_SEGMENTATION_P(0), &s);
	PG_RETURN_CSTRING(segmentation_print(&s));
}

Datum
segmentation_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	Segmentation s;
	SegmentationError error;
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
	if (strlen(text) != (size_t) length || !parse(&s, text, &error))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", "segmentation"),
				 errdetail("%s", strlen(text) == (size_t) length ? error.detail :
						   "It has a zero byte."),
				 errhint("%s", HOW_TO_WRITE_ONE)));
	PG_RETURN_SEGMENTATION_P(segmentation_make(&s));
}

Datum
segmentation_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	Segmentation s;
	char	   *text;

	segmentation_read(PG_GETARG_SEGMENTATION_P(0), &s);
	text = segmentation_print(&s);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, SEGMENTATION_VERSION);
	pq_sendtext(&buf, text, (int) strlen(text));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}
