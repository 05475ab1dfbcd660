/*
 * rfm_ledger.c
 *		The statistic of a customer's purchases from the customer's ledger.
 *
 * A day with a purchase is an occasion.  Its value is what was booked from
 * then on until the next one, so that a return is netted against the purchase
 * before it; what was booked before the first occasion belongs to none.  The
 * mean over the repeat occasions is therefore the sum from the second of them
 * onwards, divided by how many there are: no occasion needs a sum of its own.
 */
#include "rfm/rfm.h"

#include "ledger/ledger.h"

/* Accounts that are not in the value of an occasion. */
static uint32
accounts_left_out(RfmBasis basis)
{
	if (basis == RFM_NET_REVENUE)
		return ALL_ACCOUNTS &
			~(ACCOUNT_BIT(ACCOUNT_REVENUE) | ACCOUNT_BIT(ACCOUNT_DISCOUNT));
	return ACCOUNT_BIT(ACCOUNT_ACQUISITION) | ACCOUNT_BIT(ACCOUNT_OVERHEAD);
}

/*
 * Read the amounts of a record: revenue less all costs but some, in
 * millionths.
 */
static inline i128
value_of_day(LedgerScan *scan, uint32 left_out)
{
	int64		brief_sum = 0;
	i128		wide_sum = 0;

	for (uint32 left = scan->accounts; left != 0; left &= left - 1)
	{
		uint32		bit = left & -left;
		int64		brief;
		i128		wide;

		/* 28 amounts of 55 bits are summed in 64 */
		if (likely(ledger_read_amount(&scan->next, scan->end, &brief, &wide)))
		{
			if (!(bit & left_out))
				brief_sum += bit == ACCOUNT_BIT(ACCOUNT_REVENUE) ? brief : -brief;
		}
		else if (!(bit & left_out))
			wide_sum += bit == ACCOUNT_BIT(ACCOUNT_REVENUE) ? wide : -wide;
	}
	return (brief_sum + wide_sum) * ledger_micros_per_unit[scan->pairs];
}

bool
rfm_from_ledger(Rfm *rfm, const uint8 *body, size_t length,
				int64 since, int64 as_of, TimeUnit unit, RfmBasis basis)
{
	uint32		left_out = accounts_left_out(basis);
	double		days_per_unit = time_unit_days(unit);
	int64		occasions = 0;
	int64		first = 0;
	int64		last = 0;
	i128		value = 0;		/* of the repeat occasions, in millionths */
	uint32		records = 0;
	LedgerScan	scan;

	ledger_scan_open(&scan, body, length);
	while (ledger_scan_next(&scan) && scan.day <= as_of)
	{
		if (scan.purchases > 0 && scan.day >= since)
		{
			if (occasions++ == 0)
				first = scan.day;
			last = scan.day;
		}
		if (occasions > 1)
			value += value_of_day(&scan, left_out);
		else
			ledger_scan_skip_amounts(&scan);
		if ((++records & 0xffff) == 0)
			cv_check_interrupts();
	}
	if (occasions == 0)
		return false;

	/* days and their quotients ascend: recency cannot exceed age */
	rfm_init(rfm, unit, basis);
	rfm->frequency = (double) (occasions - 1);
	rfm->recency = (double) (last - first) / days_per_unit;
	rfm->age = (double) (as_of - first) / days_per_unit;
	if (occasions > 1)
		rfm->monetary = (double) value / ((double) (occasions - 1) * 1e6);
	return true;
}
