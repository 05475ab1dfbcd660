/*
 * state_sql.h
 *		States of aggregates on their way between workers: written field by
 *		field, read strictly.
 */
#ifndef CV_STATE_SQL_H
#define CV_STATE_SQL_H

#include "customer_value.h"

#include "lib/stringinfo.h"

#include "common/names.h"

/* Room for so many bytes more, or the error that this is too much. */
extern void state_reserve(StringInfo buf, size_t size);

extern void state_open(StringInfo buf, bytea *bytes);
CV_NORETURN extern void state_invalid(void);

extern void state_write_int128(StringInfo buf, i128 v);
extern i128 state_read_int128(StringInfo buf);

/* The content of a varlena, or NULL. */
extern void state_write_bytes(StringInfo buf, const struct varlena *v);
extern struct varlena *state_read_bytes(StringInfo buf);

/* Names keep their numbers. */
extern void state_write_names(StringInfo buf, const Names *names);
extern void state_read_names(StringInfo buf, Names *names);

#endif							/* CV_STATE_SQL_H */
