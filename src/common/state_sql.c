/*
 * state_sql.c
 *		States of aggregates on their way between workers.
 */
#include "customer_value.h"

#include "libpq/pqformat.h"

#include "common/arguments_sql.h"
#include "common/state_sql.h"

void
state_reserve(StringInfo buf, size_t size)
{
	if ((size_t) buf->len + size >= MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows for a parallel aggregate"),
				 errdetail("What one worker collects and hands on has at most 1 GB."),
				 errhint("Set max_parallel_workers_per_gather to 0 for this query.")));
	enlargeStringInfo(buf, (int) size);
}

void
state_open(StringInfo buf, bytea *bytes)
{
	buf->data = VARDATA_ANY(bytes);
	buf->len = buf->maxlen = (int) VARSIZE_ANY_EXHDR(bytes);
	buf->cursor = 0;
}

void
state_invalid(void)
{
	elog(ERROR, "invalid state of an aggregate");
}

void
state_write_int128(StringInfo buf, i128 v)
{
	pq_sendint64(buf, (uint64) (v >> 64));
	pq_sendint64(buf, (uint64) v);
}

i128
state_read_int128(StringInfo buf)
{
	u128		high = (uint64) pq_getmsgint64(buf);

	return (i128) (high << 64 | (uint64) pq_getmsgint64(buf));
}

void
state_write_bytes(StringInfo buf, const struct varlena *v)
{
	size_t		length = v ? VARSIZE_ANY_EXHDR(v) : 0;

	state_reserve(buf, length + 5);
	pq_sendbyte(buf, v != NULL);
	pq_sendint32(buf, (uint32) length);
	if (length > 0)
		appendBinaryStringInfo(buf, VARDATA_ANY(v), (int) length);
}

struct varlena *
state_read_bytes(StringInfo buf)
{
	int			given = pq_getmsgbyte(buf);
	int			length = (int) pq_getmsgint(buf, 4);

	if (length < 0 || given > 1 || (given == 0 && length > 0))
		state_invalid();
	return given ? argument_copy(CurrentMemoryContext, pq_getmsgbytes(buf, length),
								 (size_t) length) : NULL;
}

void
state_write_names(StringInfo buf, const Names *names)
{
	pq_sendint32(buf, (uint32) names->count);
	for (int i = 0; i < names->count; i++)
	{
		state_reserve(buf, names->name[i].length + 4);
		pq_sendint32(buf, (uint32) names->name[i].length);
		appendBinaryStringInfo(buf, names->name[i].text, (int) names->name[i].length);
	}
}

void
state_read_names(StringInfo buf, Names *names)
{
	int			count = (int) pq_getmsgint(buf, 4);

	if (count < 0)
		state_invalid();
	for (int i = 0; i < count; i++)
	{
		int			length = (int) pq_getmsgint(buf, 4);

		if (length < 0 || names_add(names, pq_getmsgbytes(buf, length), (size_t) length) != i)
			state_invalid();
	}
}
