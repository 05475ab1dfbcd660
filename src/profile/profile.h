/*
 * profile.h
 *		What a segment's customers have in common: sums over their ledgers.
 */
#ifndef CV_PROFILE_H
#define CV_PROFILE_H

#include "common/host.h"

#include "ledger/ledger.h"

/*
 * The totals of a segment.  First come those of the accounts, each at its
 * number; money is in millionths, the others are counts.
 */
typedef enum ProfileTotal
{
	PROFILE_GAINS = N_ACCOUNTS, /* profits of those customers who have one */
	PROFILE_PURCHASES,
	PROFILE_PURCHASE_DAYS,
	PROFILE_BUYERS,				/* customers with a purchase */
	PROFILE_GAINERS,			/* with a profit */
	PROFILE_LOSERS,				/* with a loss */
	PROFILE_WIDTH
} ProfileTotal;

/* Adds a customer, whose ledger is one run; false: past 128 bits. */
extern bool profile_add(i128 *totals, const uint8 *body, size_t length);

/*
 * Are the totals small enough for what is computed from them?  Each fits by
 * itself, but profit is the sum of all accounts.
 */
extern bool profile_in_range(const i128 *totals);

/* Sum of the totals of some accounts less those of others; no overflow in range. */
extern i128 profile_sum(const i128 *totals, uint32 plus, uint32 minus);

#endif							/* CV_PROFILE_H */
