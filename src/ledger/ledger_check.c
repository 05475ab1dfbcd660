/*
 * ledger_check.c
 *		Checking bytes that come from outside.
 *
 * A record is read with every step checked, and its form compared with the
 * canonical one: what passes is read by the rest without a further look, and
 * equal ledgers stay equal bytes.
 */
#include "common/host.h"

#include "ledger/ledger.h"

/* A folded integer that must fit the short form. */
static const uint8 *
check_short(const uint8 *p, const uint8 *end, uint64 *v)
{
	u128		wide;

	p = read_checked(p, end, &wide);
	if (p == NULL || wide >= SHORT_INTEGER_LIMIT)
		return NULL;
	*v = (uint64) wide;
	return p;
}

static const char *
check_day(const uint8 **p, const uint8 *end, bool run_start, LedgerScan *scan)
{
	uint64		v;
	int64		day;

	*p = check_short(*p, end, &v);
	if (*p == NULL)
		return "a day is cut off or malformed";
	day = run_start ? RUN_EPOCH + unfold_sign64(v) : (int64) scan->day + 1 + (int64) v;
	if (day < LEDGER_DAY_MIN || day > LEDGER_DAY_MAX)
		return "a day is out of range";
	scan->day = (int32) day;
	return NULL;
}

static const char *
check_accounts(const uint8 **p, const uint8 *end, uint8 tag, bool run_start,
			   LedgerScan *scan)
{
	uint32		before = scan->accounts;
	uint64		v;

	switch (tag & TAG_ACCOUNTS)
	{
		case TAG_ACCOUNTS_REVENUE:
			scan->accounts = ACCOUNT_BIT(ACCOUNT_REVENUE);
			break;
		case TAG_ACCOUNTS_NONE:
			scan->accounts = 0;
			break;
		case TAG_ACCOUNTS_SAME:
			if (run_start || before == 0 || before == ACCOUNT_BIT(ACCOUNT_REVENUE))
				return "the accounts of a day are not in canonical form";
			break;
		case TAG_ACCOUNTS_GIVEN:
			*p = check_short(*p, end, &v);
			if (*p == NULL)
				return "the accounts of a day are cut off or malformed";
			if (v == 0 || v == ACCOUNT_BIT(ACCOUNT_REVENUE) ||
				(!run_start && v == before))
				return "the accounts of a day are not in canonical form";
			if ((v & ~(uint64) ALL_ACCOUNTS) != 0)
				return "an account is unknown to this version";
			scan->accounts = (uint32) v;
			break;
	}
	return NULL;
}

static const char *
check_purchases(const uint8 **p, const uint8 *end, uint8 tag, LedgerForm form,
				int64 *purchases)
{
	uint64		v;

	*purchases = (tag & TAG_PURCHASES) == TAG_PURCHASES_ONE;
	if ((tag & TAG_PURCHASES) == TAG_PURCHASES)
		return "a day has an unknown form";
	if ((tag & TAG_PURCHASES) != TAG_PURCHASES_GIVEN)
		return NULL;

	*p = check_short(*p, end, &v);
	if (*p == NULL)
		return "a purchase count is cut off or malformed";
	*purchases = unfold_sign64(v);
	if (*purchases == 0 || *purchases == 1)
		return "a purchase count is not in canonical form";
	if (*purchases >= ledger_purchases_limit(form) ||
		*purchases <= -ledger_purchases_limit(form))
		return "a purchase count is out of range";
	return NULL;
}

static const char *
check_amounts(const uint8 **p, const uint8 *end, const LedgerScan *scan,
			  LedgerForm form)
{
	i128		limit = ledger_amount_limit(form);
	int64		unit = ledger_micros_per_unit[scan->pairs];
	bool		minimal = scan->pairs == 0;

	for (uint32 left = scan->accounts; left != 0; left &= left - 1)
	{
		u128		folded;
		i128		v;

		*p = read_checked(*p, end, &folded);
		if (*p == NULL)
			return "an amount is cut off or malformed";
		v = unfold_sign128(folded);
		if (v == 0)
			return "an amount is zero";
		if (v > (limit - 1) / unit || v < -((limit - 1) / unit))
			return "an amount is out of range";
		minimal |= v % 100 != 0;
	}
	return minimal ? NULL : "the amounts of a day are not in canonical form";
}

const char *
ledger_check(const uint8 *body, size_t length, LedgerForm form)
{
	const uint8 *p = body;
	const uint8 *end = body + length;
	LedgerScan	scan;
	size_t		n = 0;

	memset(&scan, 0, sizeof(scan));
	for (; p < end; n++)
	{
		uint8		tag = *p++;
		bool		run_start = (tag & TAG_RUN_START) != 0;
		const char *problem;

		if ((n & 0xfff) == 0xfff)
			cv_check_interrupts();
		if (tag & ~(TAG_PAIRS | TAG_PURCHASES | TAG_ACCOUNTS | TAG_RUN_START))
			return "a day has an unknown form";
		if (n == 0 && !run_start)
			return "the first day is not given in full";
		if (n > 0 && run_start && form == LEDGER_FINISHED)
			return "it is not in canonical form";

		scan.pairs = tag & TAG_PAIRS;
		if ((problem = check_day(&p, end, run_start, &scan)) != NULL ||
			(problem = check_accounts(&p, end, tag, run_start, &scan)) != NULL ||
			(problem = check_purchases(&p, end, tag, form, &scan.purchases)) != NULL)
			return problem;
		if (scan.accounts == 0)
		{
			if (scan.purchases == 0)
				return "a day is empty";
			if (scan.pairs != 0)
				return "the amounts of a day are not in canonical form";
		}
		else if ((problem = check_amounts(&p, end, &scan, form)) != NULL)
			return problem;
	}
	return NULL;
}
