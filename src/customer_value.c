/*
 * customer_value.c
 *		Where the server enters the library: module magic and start-up.
 */
#include "customer_value.h"

#include "utils/guc.h"

#include "common/amount.h"

CV_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

/*
 * SQL reads the settings with current_setting(); that they are defined here
 * lets the server tell a misspelt one.
 */
static void
define_settings(void)
{
	static char *customer_view;
	static char *as_of;

	DefineCustomStringVariable("customer_value.customer_view",
							   "Customer view that this session sees the directory by.",
							   "Empty is the view named legal.",
							   &customer_view, "", PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("customer_value.as_of",
							   "Day as of which this session sees the directory.",
							   "Empty is today.",
							   &as_of, "", PGC_USERSET, 0, NULL, NULL, NULL);
	MarkGUCPrefixReserved("customer_value");
}

void
_PG_init(void)
{
	amount_init();
	define_settings();
}
