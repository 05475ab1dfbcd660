/*
 * test_profile.c
 *		Sums over ledgers, against sums over what was written into them.
 */
#include "common/host.h"

#include "common/tally.h"
#include "profile/profile.h"

#include "tap.h"

static uint32 noise_state = 1;

static uint32
noise(uint32 n)
{
	noise_state = noise_state * 1664525 + 1013904223;
	return (noise_state >> 8) % n;
}

/* A customer of some days with amounts of all sizes, and the totals grow. */
static void
random_customer(i128 *expected, LedgerWriter *writer)
{
	int32		day = (int32) noise(9000);
	i128		profit = 0;
	bool		buyer = false;

	for (uint32 days = noise(40); days > 0; days--)
	{
		i128		amounts[MAX_ACCOUNTS] = {0};
		uint32		accounts = noise(ALL_ACCOUNTS + 1);
		int64		purchases = noise(3) == 0 ? (int64) noise(5) - 2 : 0;

		for (int account = 0; account < N_ACCOUNTS; account++)
		{
			if (!(accounts & ACCOUNT_BIT(account)))
				continue;
			amounts[account] = ((i128) noise(100000) - 50000) * (noise(9) == 0 ? INT64CONST(1000000000000) : 10000);
			expected[account] += amounts[account];
			profit += account == ACCOUNT_REVENUE ? amounts[account] : -amounts[account];
		}
		(void) ledger_write(writer, day, purchases, accounts, amounts, LEDGER_FINISHED);
		expected[PROFILE_PURCHASES] += purchases;
		expected[PROFILE_PURCHASE_DAYS] += purchases > 0;
		buyer |= purchases > 0;
		day += 1 + (int32) noise(30);
	}
	expected[PROFILE_GAINS] += profit > 0 ? profit : 0;
	expected[PROFILE_BUYERS] += buyer;
	expected[PROFILE_GAINERS] += profit > 0;
	expected[PROFILE_LOSERS] += profit < 0;
}

static void
sums(void)
{
	i128		totals[PROFILE_WIDTH] = {0};
	i128		expected[PROFILE_WIDTH] = {0};
	bool		fits = true;
	i128		costs = 0;

	for (int i = 0; i < 3000; i++)
	{
		LedgerWriter writer;

		ledger_writer_open(&writer, 64);
		random_customer(expected, &writer);
		fits &= profile_add(totals, writer.bytes, writer.used);
		ledger_writer_close(&writer);
	}
	ok(fits && memcmp(totals, expected, sizeof(totals)) == 0, "totals of 3000 customers");
	ok(totals[PROFILE_GAINERS] > 500 && totals[PROFILE_LOSERS] > 500 &&
	   totals[PROFILE_GAINERS] + totals[PROFILE_LOSERS] < 3000, "some gain, some lose, some neither");
	for (int account = 1; account < N_ACCOUNTS; account++)
		costs += totals[account];
	ok(profile_sum(totals, ACCOUNT_BIT(ACCOUNT_REVENUE), ALL_ACCOUNTS & ~ACCOUNT_BIT(ACCOUNT_REVENUE)) == totals[ACCOUNT_REVENUE] - costs,
	   "profit is revenue less every other account");
}

static void
overflow(void)
{
	i128		totals[PROFILE_WIDTH] = {0};
	i128		amounts[MAX_ACCOUNTS] = {0};
	LedgerWriter writer;

	amounts[ACCOUNT_COGS] = 1;
	ledger_writer_open(&writer, 64);
	(void) ledger_write(&writer, 1, 0, ACCOUNT_BIT(ACCOUNT_COGS), amounts, LEDGER_FINISHED);
	totals[ACCOUNT_COGS] = (i128) (((u128) 1 << 127) - 2);
	ok(profile_add(totals, writer.bytes, writer.used), "the largest total fits");
	ok(!profile_add(totals, writer.bytes, writer.used), "one more does not");
	ledger_writer_close(&writer);
}

/* Totals that fit one by one, while profit, their sum, would not. */
static void
range(void)
{
	const i128	most = (i128) 1 << 123;
	i128		totals[PROFILE_WIDTH] = {0};

	totals[ACCOUNT_REVENUE] = -most;
	for (int account = 1; account < N_ACCOUNTS; account++)
		totals[account] = most;
	totals[PROFILE_GAINS] = most;
	ok(profile_in_range(totals), "the largest totals are in range");
	ok(profile_sum(totals, ACCOUNT_BIT(ACCOUNT_REVENUE), ALL_ACCOUNTS & ~ACCOUNT_BIT(ACCOUNT_REVENUE)) - most ==
	   -(N_ACCOUNTS + 1) * most, "and so are profit and losses");
	totals[ACCOUNT_REVENUE]--;
	ok(!profile_in_range(totals), "one millionth less is not");
	totals[ACCOUNT_REVENUE]++;
	totals[PROFILE_GAINS]++;
	ok(!profile_in_range(totals), "nor are larger gains");
}

int
main(void)
{
	sums();
	overflow();
	range();
	return done_testing("profile");
}
