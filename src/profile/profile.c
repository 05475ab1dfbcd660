/*
 * profile.c
 *		What a segment's customers have in common: sums over their ledgers.
 */
#include "common/host.h"

#include "common/tally.h"
#include "profile/profile.h"

bool
profile_add(i128 *totals, const uint8 *body, size_t length)
{
	i128		sums[MAX_ACCOUNTS] = {0};
	int64		purchase_days = 0;
	i128		purchases = 0;
	i128		profit;
	LedgerScan	scan;
	uint32		records = 0;
	bool		fits = true;

	ledger_scan_open(&scan, body, length);
	while (ledger_scan_next(&scan))
	{
		i128		amounts[MAX_ACCOUNTS];

		ledger_scan_amounts(&scan, amounts);
		for (uint32 left = scan.accounts; left != 0; left &= left - 1)
		{
			int			account = __builtin_ctz(left);

			fits &= tally_add(&sums[account], amounts[account]);
		}
		purchases += scan.purchases;
		purchase_days += scan.purchases > 0;
		if ((++records & 0xffff) == 0)
			cv_check_interrupts();
	}
	for (int account = 0; account < N_ACCOUNTS; account++)
		fits &= tally_add(&totals[account], sums[account]);
	profit = profile_sum(sums, ACCOUNT_BIT(ACCOUNT_REVENUE),
						 ALL_ACCOUNTS & ~ACCOUNT_BIT(ACCOUNT_REVENUE));
	if (profit > 0)
		fits &= tally_add(&totals[PROFILE_GAINS], profit);
	totals[PROFILE_PURCHASES] += purchases;
	totals[PROFILE_PURCHASE_DAYS] += purchase_days;
	totals[PROFILE_BUYERS] += purchase_days > 0;
	totals[PROFILE_GAINERS] += profit > 0;
	totals[PROFILE_LOSERS] += profit < 0;
	return fits;
}

/*
 * Losses are profit less gains, and so a sum of all accounts and gains: fewer
 * than sixteen amounts.
 */
#define PROFILE_LIMIT ((i128) 1 << 123)

bool
profile_in_range(const i128 *totals)
{
	for (int i = 0; i <= PROFILE_GAINS; i++)
	{
		if (totals[i] > PROFILE_LIMIT || totals[i] < -PROFILE_LIMIT)
			return false;
	}
	return true;
}

i128
profile_sum(const i128 *totals, uint32 plus, uint32 minus)
{
	i128		sum = 0;

	for (int account = 0; account < N_ACCOUNTS; account++)
	{
		if (plus & ACCOUNT_BIT(account))
			sum += totals[account];
		if (minus & ACCOUNT_BIT(account))
			sum -= totals[account];
	}
	return sum;
}
