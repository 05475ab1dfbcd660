/*
 * segmentation_sql.h
 *		The type "segmentation" as the server sees it.
 *
 * Read by bytes at any alignment, hence ALIGNMENT = int4 and short headers
 * without a copy.
 */
#ifndef CV_SEGMENTATION_SQL_H
#define CV_SEGMENTATION_SQL_H

#include "customer_value.h"

#include "segment/segmentation.h"

#define DatumGetSegmentationP(d) PG_DETOAST_DATUM_PACKED(d)
#define PG_GETARG_SEGMENTATION_P(n) DatumGetSegmentationP(PG_GETARG_DATUM(n))
#define PG_RETURN_SEGMENTATION_P(s) PG_RETURN_POINTER(s)

/* Labels keep pointing into the value. */
extern Segmentation *segmentation_read(const struct varlena *value);

/*
 * The same of one that must have a certain form; an error otherwise, saying
 * what the function asked for takes, and how this one is applied.
 */
extern Segmentation *segmentation_read_form(const struct varlena *value,
											const SegmentationForm *form,
											const char *function);

/* Checks, for whatever makes a segmentation ends here. */
extern struct varlena *segmentation_make(const Segmentation *s);

/* An error unless there is a segment of this number. */
extern void segmentation_check_number(const Segmentation *s, int number);

/* The labels of a text[] go into a segmentation, one for each segment. */
extern void segmentation_set_labels(Segmentation *s, Datum labels);

#endif							/* CV_SEGMENTATION_SQL_H */
