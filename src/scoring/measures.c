/*
 * measures.c
 *		The three measures of RFM scoring, from a customer's ledger.
 */
#include "scoring/measures.h"

#include "ledger/ledger.h"

const char *const measure_names[MEASURES] = {"recency", "frequency", "monetary"};

/* The record's revenue, in millionths: the first of its amounts if there is any. */
static inline i128
revenue_of_day(LedgerScan *scan)
{
	i128		revenue = 0;
	uint32		left = scan->accounts;

	if (left & ACCOUNT_BIT(ACCOUNT_REVENUE))
	{
		int64		brief;
		i128		wide;

		revenue = ledger_read_amount(&scan->next, scan->end, &brief, &wide) ? brief : wide;
		revenue *= ledger_micros_per_unit[scan->pairs];
		left &= left - 1;
	}
	for (; left != 0; left &= left - 1)
		scan->next += integer_size(scan->next);
	return revenue;
}

MeasuresStatus
measures_of_ledger(const uint8 *body, size_t length, int32 as_of, Measures *m)
{
	bool		bought = false;
	int32		last = 0;
	uint32		records = 0;
	LedgerScan	scan;

	m->frequency = 0;
	m->monetary = 0;
	ledger_scan_open(&scan, body, length);
	while (ledger_scan_next(&scan) && scan.day <= as_of)
	{
		if (scan.purchases > 0)
		{
			bought = true;
			last = scan.day;
		}
		if (__builtin_add_overflow(m->frequency, scan.purchases, &m->frequency))
			return MEASURES_OVERFLOW;
		m->monetary += revenue_of_day(&scan);
		if ((++records & 0xffff) == 0)
			cv_check_interrupts();
	}
	if (!bought)
		return MEASURES_NO_PURCHASE;

	/* two dates are less than 2^31 days apart */
	m->recency = as_of - last;
	return MEASURES_OK;
}
