/*
 * features_sql.h
 *		Features of a customer as the server hands them over: float8[].
 */
#ifndef CV_FEATURES_SQL_H
#define CV_FEATURES_SQL_H

#include "customer_value.h"

/* An array, read where it lies, aligned or not. */
typedef struct FeatureArray
{
	struct varlena *original;
	struct varlena *bytes;
	int			count;
	bool		has_nulls;
	const uint8 *null_bits;
	const char *values;
} FeatureArray;

/* An error unless it has one dimension and 1 to CENTRES_MAX_FEATURES elements. */
extern void features_open(FeatureArray *a, Datum datum);
extern void features_close(FeatureArray *a);

/*
 * Copy the values; NaN where there is NULL.  Returns the number of the first
 * that is NULL, from 1, or 0.  Values that are not finite, or 1e100 or more in
 * size, are errors.
 */
extern int	features_copy(const FeatureArray *a, double *out);

/* The error for a NULL among features, and what can be done about it. */
CV_NORETURN extern void feature_is_null(int number, const char *hint);

#endif							/* CV_FEATURES_SQL_H */
