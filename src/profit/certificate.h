/*
 * certificate.h
 *		The type certificate: what a set of ledgers adds up to.
 *
 * It has the number of ledgers, a checksum of them, and for each currency and
 * period the purchases and the total of each account.  All of these are sums:
 * of the checksum, the sum modulo 2^256 of a digest of each ledger with its
 * customer.  So they do not depend on the order of the ledgers, and the
 * certificate of a union is the sum of the certificates of its parts.
 *
 * Stored, after the server's length word:
 *
 *		version		one byte, 1
 *		unit		one byte: 0 if there are no ledgers, else LedgerUnit + 1
 *		keys		one byte: CertificateKeys
 *		ledgers		an integer as in common/bytes.h, as are all that follow
 *		checksum	32 bytes, the most significant first
 *		totals		their number, and for each of them, in ascending order of
 *					currency and period:
 *			currency	0 for none, see ledger.h
 *			period		its number, folded
 *			purchases	folded
 *			accounts	bit mask of those whose total is not zero
 *			amounts		folded, in millionths, one for each bit
 *
 * Totals that are all zero are left out, so that equal certificates have equal
 * bytes.
 */
#ifndef CV_CERTIFICATE_H
#define CV_CERTIFICATE_H

#include "common/host.h"

#include "ledger/ledger.h"

#define CERTIFICATE_VERSION 1
#define CHECKSUM_SIZE 32

/* What the customers are called by.  Stored: never renumber. */
typedef enum CertificateKeys
{
	KEYS_NONE,					/* all are NULL */
	KEYS_BIGINT,
	KEYS_TEXT,
	N_KEYS
} CertificateKeys;

extern const char *const certificate_key_names[N_KEYS];

/* A unit where there are no ledgers. */
#define NO_UNIT (-1)

/* Each total is below this many millionths in size, 10^38. */
#define CERTIFICATE_AMOUNT_LIMIT (AMOUNT_LIMIT * 1000000000)

#define CERTIFICATE_MOST_LEDGERS (INT64CONST(1) << 53)

/* What one currency adds up to in one period. */
typedef struct CertificateTotals
{
	uint16		currency;
	int64		period;
	int64		first;			/* its days, as [first, behind) */
	int64		behind;
	int64		purchases;
	i128		amounts[MAX_ACCOUNTS];	/* in millionths */
} CertificateTotals;

typedef struct Certificate
{
	int			unit;			/* LedgerUnit, or NO_UNIT */
	CertificateKeys keys;
	int64		ledgers;
	uint64		checksum[4];	/* the least significant first */
	CertificateTotals *totals;
	int			count;
	int			room;			/* 0 or a power of two */
	int		   *slot;			/* 2 * room of them: a place in totals, or -1 */
} Certificate;

/* No ledgers. */
extern void certificate_open(Certificate *c);
extern void certificate_close(Certificate *c);

/*
 * Add a finished body with its digest, or all ledgers of another certificate.
 * Units and keys are the caller's to compare and to set.  False: a sum is out
 * of range.
 */
extern bool certificate_add(Certificate *c, const uint8 *body, size_t length,
							uint16 currency, const uint8 *digest);
extern bool certificate_merge(Certificate *into, const Certificate *from);

/* Is every total within its limit? */
extern bool certificate_in_range(const Certificate *c);

static inline bool
totals_are_zero(const CertificateTotals *t)
{
	i128		any = t->purchases;

	for (int account = 0; account < MAX_ACCOUNTS; account++)
		any |= t->amounts[account];
	return any == 0;
}

/* The totals that are not zero, by currency and period; returns how many. */
extern int	certificate_sorted(const Certificate *c, const CertificateTotals ***sorted);

/* By currency, then period. */
static inline int
compare_totals(const CertificateTotals *a, const CertificateTotals *b)
{
	if (a->currency != b->currency)
		return a->currency < b->currency ? -1 : 1;
	return (a->period > b->period) - (a->period < b->period);
}

extern void certificate_period(CertificateTotals *t, int64 period, LedgerUnit unit);

#define CHECKSUM_TEXT_SIZE (2 * CHECKSUM_SIZE + 1)

extern void certificate_checksum_bytes(const Certificate *c, uint8 *bytes);
extern void certificate_checksum_text(const Certificate *c, char *text);
extern void certificate_set_checksum(Certificate *c, const uint8 *bytes);

/* Bytes. */
extern size_t certificate_max_size(const Certificate *c);
extern size_t certificate_encode(const Certificate *c, uint8 *bytes);

/* From bytes not to be trusted: NULL, or what is wrong, as a sentence. */
extern const char *certificate_decode(Certificate *c, const uint8 *bytes, size_t length);

/* Text, see certificate_text.c.  On failure "why" holds a sentence. */
#define CERTIFICATE_WHY_SIZE 200

extern char *certificate_print(const Certificate *c);
extern bool certificate_parse(Certificate *c, const char *text, size_t length, char *why);

/* What bytes and text must have in common: NULL, or what is wrong. */
extern const char *certificate_check(const Certificate *c);

#endif							/* CV_CERTIFICATE_H */
