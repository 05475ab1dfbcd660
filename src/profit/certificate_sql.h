/*
 * certificate_sql.h
 *		The type "certificate" as the server sees it.  Read by bytes, hence
 *		ALIGNMENT = int4.
 */
#ifndef CV_CERTIFICATE_SQL_H
#define CV_CERTIFICATE_SQL_H

#include "customer_value.h"

#include "profit/certificate.h"

#define PG_GETARG_CERTIFICATE_P(n) PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n))
#define PG_RETURN_CERTIFICATE_P(c) PG_RETURN_POINTER(c)

extern void certificate_read(const struct varlena *value, Certificate *c);
extern struct varlena *certificate_make(const Certificate *c);

/* Raise the error of a sum that is out of range. */
CV_NORETURN extern void certificate_overflow(void);

#endif							/* CV_CERTIFICATE_SQL_H */
