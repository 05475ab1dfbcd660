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
extern void segmentation_read(const struct varlena *value, Segmentation *s);

/* Checks, for whatever makes a segmentation ends here. */
extern struct varlena *segmentation_make(const Segmentation *s);

#endif							/* CV_SEGMENTATION_SQL_H */
