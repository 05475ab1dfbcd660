/*
 * customer_value.c
 *		Where the server enters the library: module magic and start-up.
 */
#include "customer_value.h"

#include "common/amount.h"

CV_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	amount_init();
}
