/*
 * rfm_sql.h
 *		The type "rfm" as the server sees it: a pointer to an Rfm.
 *
 * It has a fixed length, and the alignment of its doubles: never toasted,
 * never copied to be read.
 */
#ifndef CV_RFM_SQL_H
#define CV_RFM_SQL_H

#include "customer_value.h"

#include "rfm/rfm.h"

extern void rfm_unknown_version(uint8 version);

static inline const Rfm *
DatumGetRfmP(Datum datum)
{
	const Rfm  *rfm = (const Rfm *) DatumGetPointer(datum);

	if (unlikely(rfm->version != RFM_VERSION))
		rfm_unknown_version(rfm->version);
	return rfm;
}

#define PG_GETARG_RFM_P(n) DatumGetRfmP(PG_GETARG_DATUM(n))
#define PG_RETURN_RFM_P(rfm) PG_RETURN_POINTER(rfm)

/* A unit argument; an error if there is no unit of that name. */
extern TimeUnit time_unit_from_text(const struct varlena *name);

#endif							/* CV_RFM_SQL_H */
