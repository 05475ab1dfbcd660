/*
 * lifecycle.c
 *		How far a customer is in his life as a customer, at some date.
 */
#include "scoring/lifecycle.h"

#include "ledger/ledger.h"

const char *const lifecycle_stage_names[LIFECYCLE_STAGES] = {
	"prospect", "new", "active", "at_risk", "lapsed", "won_back"
};

/*
 * Dates as 64-bit integers: differences of any two fit.
 */
LifecycleStage
lifecycle_stage_of(const uint8 *body, size_t length, int32 as_of,
				   const LifecycleRule *rule)
{
	bool		bought = false;
	bool		returned = false;
	int64		first = 0;
	int64		last = 0;
	int64		return_day = 0; /* the last after a long absence */
	uint32		records = 0;
	LedgerScan	scan;

	ledger_scan_open(&scan, body, length);
	while (ledger_scan_next(&scan) && scan.day <= as_of)
	{
		if (scan.purchases > 0)
		{
			if (!bought)
				first = scan.day;
			else if (scan.day - last > rule->lapsed_after)
			{
				returned = true;
				return_day = scan.day;
			}
			bought = true;
			last = scan.day;
		}
		ledger_scan_skip_amounts(&scan);
		if ((++records & 0xffff) == 0)
			cv_check_interrupts();
	}

	if (!bought)
		return STAGE_PROSPECT;
	if (as_of - last > rule->lapsed_after)
		return STAGE_LAPSED;
	if (as_of - last > rule->active_for)
		return STAGE_AT_RISK;
	if (returned && as_of - return_day <= rule->new_for)
		return STAGE_WON_BACK;
	if (as_of - first <= rule->new_for)
		return STAGE_NEW;
	return STAGE_ACTIVE;
}
