/*
 * arguments_sql.h
 *		Arguments of an aggregate that are one for all rows: a number of
 *		segments, options, a scheme, a date.
 *
 * They come with every row, so each row's are compared with those of the
 * first: by their bytes, which nearly always are the same.
 */
#ifndef CV_ARGUMENTS_SQL_H
#define CV_ARGUMENTS_SQL_H

#include "customer_value.h"

#include "utils/date.h"

/* An error: such an argument is not the same in all rows. */
CV_NORETURN extern void argument_changes(const char *what);

/* The same bytes, whatever the header; NULL is none, and like none only. */
static inline bool
argument_is(const struct varlena *a, const struct varlena *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

/* A copy of these bytes, with a header of its own. */
extern struct varlena *argument_copy(MemoryContext context, const void *bytes, size_t size);

/* An error unless it is finite. */
extern void as_of_check(DateADT as_of);

#endif							/* CV_ARGUMENTS_SQL_H */
