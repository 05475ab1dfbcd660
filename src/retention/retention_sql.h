/*
 * retention_sql.h
 *		What the glue files of this room share: arguments, and the type
 *		"transition_matrix" as the server sees it.
 *
 * A transition_matrix is stored as a version byte and its text form, as
 * transition_matrix_print() writes it: equal matrices have equal bytes.
 */
#ifndef CV_RETENTION_SQL_H
#define CV_RETENTION_SQL_H

#include "customer_value.h"

#include "utils/array.h"

#include "retention/matrix.h"

#define PG_GETARG_TRANSITION_MATRIX_P(n) PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n))
#define PG_RETURN_TRANSITION_MATRIX_P(m) PG_RETURN_POINTER(m)

extern void transition_matrix_read(const struct varlena *value, TransitionMatrix *m);
extern struct varlena *transition_matrix_make(const TransitionMatrix *m);

/* Arguments and results that are checked in one way everywhere. */
extern double finite_argument(const char *name, double v);
extern double discount_rate_argument(double v);
extern int32 periods_argument(int32 periods);
extern double finite_result(double v);
extern double *float8_array(ArrayType *array, const char *name, int *count);

#endif							/* CV_RETENTION_SQL_H */
