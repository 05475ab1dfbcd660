/*
 * certificate.c
 *		Certificates in memory and as bytes.
 */
#include "profit/certificate.h"

#include "common/bytes.h"

const char *const certificate_key_names[N_KEYS] = {"null", "bigint", "text"};

#define FIRST_ROOM 8

/* Bytes before the number of ledgers. */
#define HEAD_SIZE 3

void
certificate_open(Certificate *c)
{
	memset(c, 0, sizeof(Certificate));
	c->unit = NO_UNIT;
}

void
certificate_close(Certificate *c)
{
	if (c->totals)
		cv_free(c->totals);
	if (c->slot)
		cv_free(c->slot);
	certificate_open(c);
}

/* ---- totals by currency and period ---- */

void
certificate_period(CertificateTotals *t, int64 period, LedgerUnit unit)
{
	t->period = period;
	t->first = ledger_period_start(period, unit);
	t->behind = ledger_period_start(period + 1, unit);
}

/* Where the totals are, or would be. */
static int *
slot_of(const Certificate *c, uint16 currency, int64 period)
{
	uint32		mask = 2 * (uint32) c->room - 1;
	uint64		key = (uint64) period * 32768 + currency;

	/* the upper bits of a product are the mixed ones */
	for (uint32 at = (uint32) ((key * UINT64CONST(0x9E3779B97F4A7C15)) >> 32);; at++)
	{
		int		   *slot = &c->slot[at & mask];

		if (*slot < 0 ||
			(c->totals[*slot].period == period && c->totals[*slot].currency == currency))
			return slot;
	}
}

/* Make room for one more, and find all that are there. */
static void
make_slots(Certificate *c)
{
	if (c->count >= c->room)
	{
		c->room = Max(c->room, FIRST_ROOM);
		while (c->room <= c->count)
			c->room *= 2;
		c->totals = c->totals ?
			cv_realloc(c->totals, (size_t) c->room * sizeof(CertificateTotals)) :
			cv_alloc((size_t) c->room * sizeof(CertificateTotals));
	}
	if (c->slot)
		cv_free(c->slot);
	c->slot = cv_alloc(2 * (size_t) c->room * sizeof(int));
	for (int i = 0; i < 2 * c->room; i++)
		c->slot[i] = -1;
	for (int i = 0; i < c->count; i++)
		*slot_of(c, c->totals[i].currency, c->totals[i].period) = i;
}

static CertificateTotals *
totals_of(Certificate *c, uint16 currency, int64 period)
{
	CertificateTotals *t;
	int		   *slot;

	if (c->slot == NULL)
		make_slots(c);
	slot = slot_of(c, currency, period);
	if (*slot >= 0)
		return &c->totals[*slot];
	if (c->count == c->room)
	{
		make_slots(c);
		slot = slot_of(c, currency, period);
	}
	*slot = c->count;
	t = &c->totals[c->count++];
	memset(t, 0, sizeof(CertificateTotals));
	t->currency = currency;
	certificate_period(t, period, (LedgerUnit) c->unit);
	return t;
}

/* ---- sums ---- */

static inline void
add_checksum(Certificate *c, const uint64 *more)
{
	u128		sum = 0;

	for (int i = 0; i < 4; i++)
	{
		sum += (u128) c->checksum[i] + more[i];
		c->checksum[i] = (uint64) sum;
		sum >>= 64;
	}
}

static inline void
read_digest(const uint8 *bytes, uint64 *word)
{
	for (int i = 0; i < 4; i++)
	{
		const uint8 *p = bytes + 8 * (3 - i);

		word[i] = 0;
		for (int j = 0; j < 8; j++)
			word[i] = word[i] << 8 | p[j];
	}
}

/*
 * A ledger's days ascend, so that mostly the period is that of the day before.
 */
bool
certificate_add(Certificate *c, const uint8 *body, size_t length,
				uint16 currency, const uint8 *digest)
{
	CertificateTotals *t = NULL;
	LedgerScan	scan;
	uint64		more[4];
	uint32		records = 0;
	bool		overflow = c->ledgers >= CERTIFICATE_MOST_LEDGERS;

	ledger_scan_open(&scan, body, length);
	while (ledger_scan_next(&scan))
	{
		int64		unit = ledger_micros_per_unit[scan.pairs];

		if (t == NULL || scan.day >= t->behind || scan.day < t->first)
			t = totals_of(c, currency, ledger_period_of(scan.day, (LedgerUnit) c->unit));
		overflow |= __builtin_add_overflow(t->purchases, scan.purchases, &t->purchases);
		for (uint32 left = scan.accounts; left != 0; left &= left - 1)
		{
			i128	   *total = &t->amounts[__builtin_ctz(left)];
			int64		brief;
			i128		wide;

			if (likely(ledger_read_amount(&scan.next, scan.end, &brief, &wide)))
				wide = brief;
			overflow |= __builtin_add_overflow(*total, wide * unit, total);
		}
		if ((++records & 0xffff) == 0)
			cv_check_interrupts();
	}
	c->ledgers++;
	read_digest(digest, more);
	add_checksum(c, more);
	return !overflow;
}

bool
certificate_merge(Certificate *into, const Certificate *from)
{
	bool		overflow = false;

	for (int i = 0; i < from->count; i++)
	{
		const CertificateTotals *more = &from->totals[i];
		CertificateTotals *t = totals_of(into, more->currency, more->period);

		overflow |= __builtin_add_overflow(t->purchases, more->purchases, &t->purchases);
		for (int account = 0; account < MAX_ACCOUNTS; account++)
			overflow |= __builtin_add_overflow(t->amounts[account], more->amounts[account],
											   &t->amounts[account]);
		if ((i & 0xfff) == 0xfff)
			cv_check_interrupts();
	}
	into->ledgers += from->ledgers;
	add_checksum(into, from->checksum);
	return !overflow && into->ledgers <= CERTIFICATE_MOST_LEDGERS;
}

bool
certificate_in_range(const Certificate *c)
{
	for (int i = 0; i < c->count; i++)
		for (int account = 0; account < MAX_ACCOUNTS; account++)
			if (c->totals[i].amounts[account] >= CERTIFICATE_AMOUNT_LIMIT ||
				c->totals[i].amounts[account] <= -CERTIFICATE_AMOUNT_LIMIT)
				return false;
	return true;
}

static int
compare_pointers(const void *a, const void *b)
{
	return compare_totals(*(const CertificateTotals *const *) a,
						  *(const CertificateTotals *const *) b);
}

int
certificate_sorted(const Certificate *c, const CertificateTotals ***sorted)
{
	int			n = 0;

	*sorted = cv_alloc((size_t) c->count * sizeof(CertificateTotals *) + 1);
	for (int i = 0; i < c->count; i++)
		if (!totals_are_zero(&c->totals[i]))
			(*sorted)[n++] = &c->totals[i];
	qsort(*sorted, (size_t) n, sizeof(CertificateTotals *), compare_pointers);
	return n;
}

/* ---- the checksum ---- */

void
certificate_checksum_bytes(const Certificate *c, uint8 *bytes)
{
	for (int i = 0; i < CHECKSUM_SIZE; i++)
		bytes[i] = (uint8) (c->checksum[3 - i / 8] >> (56 - 8 * (i % 8)));
}

void
certificate_checksum_text(const Certificate *c, char *text)
{
	uint8		bytes[CHECKSUM_SIZE];

	certificate_checksum_bytes(c, bytes);
	for (int i = 0; i < CHECKSUM_SIZE; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
}

void
certificate_set_checksum(Certificate *c, const uint8 *bytes)
{
	read_digest(bytes, c->checksum);
}

/* ---- is it one? ---- */

const char *
certificate_check(const Certificate *c)
{
	if (c->ledgers < 0 || c->ledgers > CERTIFICATE_MOST_LEDGERS)
		return "Its number of ledgers is out of range.";
	if (c->ledgers > 0)
	{
		if (c->unit == NO_UNIT)
			return "There are ledgers, but no unit of periods.";
		return certificate_in_range(c) ? NULL : "An amount is out of range.";
	}
	for (int i = 0; i < 4; i++)
		if (c->checksum[i] != 0)
			return "There are no ledgers, and yet a checksum.";
	if (c->unit != NO_UNIT || c->keys != KEYS_NONE || c->count > 0)
		return "There are no ledgers, and yet a unit, keys or totals.";
	return NULL;
}

/* ---- bytes ---- */

size_t
certificate_max_size(const Certificate *c)
{
	size_t		size = HEAD_SIZE + CHECKSUM_SIZE + 2 * INTEGER_MAX_BYTES;

	/* a short integer is stored with a word that may reach past its end */
	for (int i = 0; i < c->count; i++)
		size += (4 + MAX_ACCOUNTS) * INTEGER_MAX_BYTES;
	return size + 8;
}

static uint8 *
write_totals(uint8 *p, const CertificateTotals *t)
{
	uint32		accounts = 0;

	for (int account = 0; account < MAX_ACCOUNTS; account++)
		if (t->amounts[account] != 0)
			accounts |= ACCOUNT_BIT(account);
	p = write_integer(p, t->currency);
	p = write_integer(p, fold_sign128(t->period));
	p = write_integer(p, fold_sign128(t->purchases));
	p = write_integer(p, accounts);
	for (uint32 left = accounts; left != 0; left &= left - 1)
		p = write_integer(p, fold_sign128(t->amounts[__builtin_ctz(left)]));
	return p;
}

size_t
certificate_encode(const Certificate *c, uint8 *bytes)
{
	const CertificateTotals **sorted;
	int			n = certificate_sorted(c, &sorted);
	uint8	   *p = bytes;

	*p++ = CERTIFICATE_VERSION;
	*p++ = (uint8) (c->unit + 1);
	*p++ = (uint8) c->keys;
	p = write_integer(p, (u128) c->ledgers);
	certificate_checksum_bytes(c, p);
	p += CHECKSUM_SIZE;
	p = write_integer(p, (u128) n);
	for (int i = 0; i < n; i++)
		p = write_totals(p, sorted[i]);
	cv_free(sorted);
	return (size_t) (p - bytes);
}

/* A folded integer within bounds; NULL if it is not. */
static const uint8 *
read_folded(const uint8 *p, const uint8 *end, i128 least, i128 most, i128 *v)
{
	u128		folded;

	if (p == NULL || (p = read_checked(p, end, &folded)) == NULL)
		return NULL;
	*v = unfold_sign128(folded);
	return *v >= least && *v <= most ? p : NULL;
}

static const uint8 *
read_totals(const uint8 *p, const uint8 *end, LedgerUnit unit, CertificateTotals *t)
{
	u128		currency,
				accounts = 0;
	i128		v;

	memset(t, 0, sizeof(CertificateTotals));
	if ((p = read_checked(p, end, &currency)) == NULL || currency > 26 * 26 * 26)
		return NULL;
	t->currency = (uint16) currency;
	p = read_folded(p, end, ledger_period_of(LEDGER_DAY_MIN, unit),
					ledger_period_of(LEDGER_DAY_MAX, unit), &v);
	if (p == NULL)
		return NULL;
	certificate_period(t, (int64) v, unit);
	if ((p = read_folded(p, end, INT64_MIN, INT64_MAX, &v)) == NULL)
		return NULL;
	t->purchases = (int64) v;
	if ((p = read_checked(p, end, &accounts)) == NULL || (accounts & ~(u128) ALL_ACCOUNTS) != 0)
		return NULL;
	for (uint32 left = (uint32) accounts; left != 0; left &= left - 1)
	{
		p = read_folded(p, end, -CERTIFICATE_AMOUNT_LIMIT, CERTIFICATE_AMOUNT_LIMIT, &v);
		if (p == NULL || v == 0)
			return NULL;
		t->amounts[__builtin_ctz(left)] = v;
	}
	return p;
}

const char *
certificate_decode(Certificate *c, const uint8 *bytes, size_t length)
{
	const uint8 *p = bytes + HEAD_SIZE;
	const uint8 *end = bytes + length;
	u128		v;

	certificate_open(c);
	if (length < HEAD_SIZE || bytes[0] != CERTIFICATE_VERSION || bytes[1] > N_UNITS ||
		bytes[2] >= N_KEYS)
		return "It is cut off, or of a version that this release does not know.";
	c->unit = bytes[1] - 1;
	c->keys = (CertificateKeys) bytes[2];
	if ((p = read_checked(p, end, &v)) == NULL || v > (u128) CERTIFICATE_MOST_LEDGERS ||
		end - p < CHECKSUM_SIZE)
		return "It is cut off or damaged.";
	c->ledgers = (int64) v;
	certificate_set_checksum(c, p);
	p = read_checked(p + CHECKSUM_SIZE, end, &v);

	/* each takes at least four bytes */
	if (p == NULL || v > (u128) ((end - p) / 4) || (v > 0 && c->unit == NO_UNIT))
		return "It is cut off or damaged.";
	c->count = (int) v;
	if (c->count > 0)
		c->totals = cv_alloc((size_t) c->count * sizeof(CertificateTotals));
	for (int i = 0; i < c->count; i++)
	{
		p = read_totals(p, end, (LedgerUnit) c->unit, &c->totals[i]);
		if (p == NULL)
			return "Its totals are cut off or damaged.";
		if (totals_are_zero(&c->totals[i]) ||
			(i > 0 && compare_totals(&c->totals[i - 1], &c->totals[i]) >= 0))
			return "Its totals are not in canonical form.";
		if ((i & 0xfff) == 0xfff)
			cv_check_interrupts();
	}
	if (p != end)
		return "There are bytes behind its end.";
	return certificate_check(c);
}
