/*
 * segment_sql.h
 *		Which segment a numeric belongs to, row after row.
 */
#ifndef CV_SEGMENT_SQL_H
#define CV_SEGMENT_SQL_H

#include "customer_value.h"

typedef struct PreparedCuts PreparedCuts;

/* Of a segmentation by cut points; "function" is who asks, for the error. */
extern PreparedCuts *prepared_cuts(const struct varlena *scheme, const char *function);

/* NaN and infinity are errors. */
extern int	segment_of_numeric(const PreparedCuts *cuts, Datum value);

#endif							/* CV_SEGMENT_SQL_H */
