/*
 * frame_sql.h
 *		Frames of features as aggregates collect them, from jsonb.
 *
 * A feature is a key of the object: numbers are numbers, strings and booleans
 * are categories, null is missing, as is a key that is not there.
 */
#ifndef CV_FRAME_SQL_H
#define CV_FRAME_SQL_H

#include "customer_value.h"

#include "lib/stringinfo.h"
#include "utils/jsonb.h"

#include "features/frame.h"

/*
 * Add a row.  An error if the features are no object, or something in it is
 * an object or array, or a feature changes between number and category.  To
 * be called in the memory context that the frame lives in; leaves nothing
 * else behind there.
 */
extern void frame_add_row(Frame *frame, double target, Jsonb *features);

/* Join, for combine functions; errors as above. */
extern void frame_combine(Frame *into, const Frame *from);

/* For another worker of the same server; "read" checks and fails strictly. */
extern void frame_write(StringInfo buf, const Frame *frame);
extern void frame_read(StringInfo buf, Frame *frame);

#endif							/* CV_FRAME_SQL_H */
