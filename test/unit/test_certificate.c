/*
 * test_certificate.c
 *		Certificates against sums the slow way; their bytes and texts, mutated
 *		ones included.  And the calendar that their periods come from.
 */
#include "common/host.h"

#include "profit/certificate.h"
#include "random.h"
#include "tap.h"

#include "mutate.h"

/*
 * The calendar: walk through days, counting months as everybody does.
 */
static void
test_calendar(void)
{
	static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int			year = 1896,
				month = 1,
				dom = 1;
	int			wrong = 0;
	int			weekday = 2;	/* 1896-01-01 was a Wednesday */
	int32		day;

	ledger_parse_day("1896-01-01", 10, &day);
	for (; year < 2105; day++)
	{
		bool		leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
		char		text[32],
					expected[64];

		ledger_print_day(text, day);
		snprintf(expected, sizeof(expected), "%04d-%02d-%02d", year, month, dom);
		wrong += strcmp(text, expected) != 0;
		wrong += ledger_period_of(day, UNIT_YEAR) != year;
		wrong += ledger_period_of(day, UNIT_MONTH) != year * 12 + month - 1;
		wrong += ledger_period_of(day, UNIT_QUARTER) != year * 4 + (month - 1) / 3;
		wrong += ledger_period_start(ledger_period_of(day, UNIT_WEEK), UNIT_WEEK) != day - weekday;
		wrong += ledger_period_start(ledger_period_of(day, UNIT_MONTH), UNIT_MONTH) != day - dom + 1;
		weekday = (weekday + 1) % 7;
		if (++dom > month_days[month - 1] + (month == 2 && leap))
		{
			dom = 1;
			if (++month > 12)
			{
				month = 1;
				year++;
			}
		}
	}
	ok(wrong == 0, "two centuries of days, their weeks, months, quarters and years");
	wrong = 0;
	for (int i = 0; i < 200000; i++)
	{
		int32		any = (int32) (LEDGER_DAY_MIN + (int64) (random64() % (LEDGER_DAY_MAX - (int64) LEDGER_DAY_MIN + 1)));

		any = i == 0 ? LEDGER_DAY_MIN : i == 1 ? LEDGER_DAY_MAX : any;
		for (int unit = 0; unit < N_UNITS; unit++)
		{
			int64		period = ledger_period_of(any, (LedgerUnit) unit);

			wrong += ledger_period_start(period, (LedgerUnit) unit) > any ||
				ledger_period_start(period + 1, (LedgerUnit) unit) <= any;
		}
	}
	ok(wrong == 0, "every day of the calendar is in its period");
}

/*
 * Ledgers, and what they add up to.
 */
#define MOST_DAYS 40

typedef struct Entry
{
	int32		day;
	int64		purchases;
	uint32		accounts;
	i128		amounts[MAX_ACCOUNTS];
} Entry;

typedef struct Book
{
	Entry		entry[MOST_DAYS];
	int			count;
	uint16		currency;
	uint8		digest[CHECKSUM_SIZE];
	LedgerWriter writer;
} Book;

static void
random_book(Book *book)
{
	int32		day = (int32) (random64() % 9000);

	memset(book, 0, sizeof(Book));
	ledger_writer_open(&book->writer, 64);
	book->currency = (uint16) (random64() % 3);
	book->count = (int) (random64() % MOST_DAYS);
	for (int i = 0; i < CHECKSUM_SIZE; i++)
		book->digest[i] = (uint8) random64();
	for (int i = 0; i < book->count; i++)
	{
		Entry	   *e = &book->entry[i];

		e->day = day;
		day += 1 + (int32) (random64() % 50);
		e->purchases = (int64) (random64() % 5) - 1;
		e->accounts = (uint32) random64() & ALL_ACCOUNTS;
		for (int a = 0; a < N_ACCOUNTS; a++)
		{
			e->amounts[a] = (i128) (random64() % 100000) * 10000 - 300000000;
			if (random64() % 50 == 0)
				e->amounts[a] *= INT64CONST(1000000000000000);
			if (random64() % 10 == 0)
				e->amounts[a] += 1;
		}
		ledger_write(&book->writer, e->day, e->purchases, e->accounts, e->amounts, LEDGER_FINISHED);
	}
	if (book->writer.used == 0)
		book->currency = LEDGER_NO_CURRENCY;
}

static bool
add_book(Certificate *c, const Book *book)
{
	return certificate_add(c, book->writer.bytes, book->writer.used, book->currency, book->digest);
}

static bool
same_bytes(const Certificate *a, const Certificate *b)
{
	uint8	   *x = cv_alloc(certificate_max_size(a));
	uint8	   *y = cv_alloc(certificate_max_size(b));
	size_t		nx = certificate_encode(a, x);
	size_t		ny = certificate_encode(b, y);
	bool		same = nx == ny && memcmp(x, y, nx) == 0;

	cv_free(x);
	cv_free(y);
	return same;
}

/* Byte by byte, from the last. */
static void
slow_checksum(uint8 *sum, const uint8 *digest)
{
	int			carry = 0;

	for (int i = CHECKSUM_SIZE - 1; i >= 0; i--)
	{
		carry += sum[i] + digest[i];
		sum[i] = (uint8) carry;
		carry >>= 8;
	}
}

/* Do the totals say what the entries of their currency and period add up to? */
static int
wrong_totals(const Certificate *c, const Book *books, int n)
{
	const CertificateTotals **sorted;
	int			count = certificate_sorted(c, &sorted);
	int			wrong = 0;
	i128		all = 0;

	for (int i = 0; i < count; i++)
	{
		CertificateTotals sum = {.currency = sorted[i]->currency};

		for (int b = 0; b < n; b++)
			for (int e = 0; e < books[b].count; e++)
			{
				const Entry *entry = &books[b].entry[e];

				if (books[b].currency != sum.currency ||
					ledger_period_of(entry->day, (LedgerUnit) c->unit) != sorted[i]->period)
					continue;
				sum.purchases += entry->purchases;
				for (int a = 0; a < N_ACCOUNTS; a++)
					if (entry->accounts & ACCOUNT_BIT(a))
						sum.amounts[a] += entry->amounts[a];
			}
		wrong += sum.purchases != sorted[i]->purchases ||
			memcmp(sum.amounts, sorted[i]->amounts, sizeof(sum.amounts)) != 0;
		for (int a = 0; a < N_ACCOUNTS; a++)
			all += sorted[i]->amounts[a];
		wrong += i > 0 && compare_totals(sorted[i - 1], sorted[i]) >= 0;
	}
	/* and is nothing left out? */
	for (int b = 0; b < n; b++)
		for (int e = 0; e < books[b].count; e++)
			for (int a = 0; a < N_ACCOUNTS; a++)
				if (books[b].entry[e].accounts & ACCOUNT_BIT(a))
					all -= books[b].entry[e].amounts[a];
	cv_free(sorted);
	return wrong + (all != 0);
}

static bool
bytes_hold(const uint8 *bytes, size_t length, bool *accepted)
{
	Certificate c;
	uint8	   *again;
	bool		same;

	*accepted = certificate_decode(&c, bytes, length) == NULL;
	if (!*accepted)
	{
		certificate_close(&c);
		return true;
	}
	again = cv_alloc(certificate_max_size(&c));
	same = certificate_encode(&c, again) == length && memcmp(again, bytes, length) == 0;
	cv_free(again);
	certificate_close(&c);
	return same;
}

/* The text of a certificate gives its bytes. */
static bool
text_holds(const char *text, size_t length, bool *accepted, const Certificate *original)
{
	char		why[CERTIFICATE_WHY_SIZE];
	Certificate c;
	uint8	   *again;
	size_t		size;
	bool		same = true;
	bool		good;

	*accepted = certificate_parse(&c, text, length, why);
	if (*accepted)
	{
		again = cv_alloc(certificate_max_size(&c));
		size = certificate_encode(&c, again);
		same = bytes_hold(again, size, &good) && good;
		cv_free(again);
		if (original)
			same = same && same_bytes(&c, original);
	}
	certificate_close(&c);
	return same;
}

static void
test_forms(const Certificate *c, int *wrong, int *mutants_wrong, int *mutants_accepted)
{
	uint8	   *bytes = cv_alloc(certificate_max_size(c));
	size_t		length = certificate_encode(c, bytes);
	char	   *text = certificate_print(c);
	bool		accepted;

	*wrong += length > certificate_max_size(c);
	*wrong += !bytes_hold(bytes, length, &accepted) || !accepted;
	*wrong += !text_holds(text, strlen(text), &accepted, c) || !accepted;
	for (int i = 0; i < 400; i++)
	{
		size_t		size = length;
		uint8	   *mutant = copy_of(bytes, length);

		mutate(mutant, &size);
		mutant = cv_realloc(mutant, size);
		*mutants_wrong += !bytes_hold(mutant, size, &accepted);
		*mutants_accepted += accepted;
		cv_free(mutant);

		size = strlen(text);
		mutant = copy_of(text, size);
		mutate(mutant, &size);
		mutant = cv_realloc(mutant, size);
		*mutants_wrong += !text_holds((char *) mutant, size, &accepted, NULL);
		*mutants_accepted += accepted;
		cv_free(mutant);
	}
	cv_free(bytes);
	cv_free(text);
}

#define MOST_BOOKS 25

static void
test_sums(void)
{
	static Book books[MOST_BOOKS];
	int			wrong = 0,
				forms_wrong = 0,
				mutants_wrong = 0,
				mutants_accepted = 0;

	for (int round = 0; round < 100; round++)
	{
		int			n = 1 + (int) (random64() % MOST_BOOKS);
		Certificate whole,
					backwards,
					part[3];
		uint8		slow[CHECKSUM_SIZE] = {0};
		uint8		checksum[CHECKSUM_SIZE];

		certificate_open(&whole);
		certificate_open(&backwards);
		whole.unit = backwards.unit = round % N_UNITS;
		whole.keys = backwards.keys = (CertificateKeys) (round % N_KEYS);
		for (int p = 0; p < 3; p++)
		{
			certificate_open(&part[p]);
			part[p].unit = whole.unit;
			part[p].keys = whole.keys;
		}
		for (int i = 0; i < n; i++)
		{
			random_book(&books[i]);
			wrong += !add_book(&whole, &books[i]);
			wrong += !add_book(&part[random64() % 3], &books[i]);
			slow_checksum(slow, books[i].digest);
		}
		for (int i = n; i-- > 0;)
			wrong += !add_book(&backwards, &books[i]);
		certificate_checksum_bytes(&whole, checksum);
		wrong += memcmp(checksum, slow, CHECKSUM_SIZE) != 0;
		wrong += whole.ledgers != n || !same_bytes(&whole, &backwards);
		wrong += wrong_totals(&whole, books, n);
		wrong += !certificate_merge(&part[2], &part[0]) || !certificate_merge(&part[2], &part[1]);
		wrong += !same_bytes(&whole, &part[2]);
		test_forms(&whole, &forms_wrong, &mutants_wrong, &mutants_accepted);

		for (int i = 0; i < n; i++)
			ledger_writer_close(&books[i].writer);
		for (int p = 0; p < 3; p++)
			certificate_close(&part[p]);
		certificate_close(&whole);
		certificate_close(&backwards);
	}
	ok(wrong == 0, "certificates are the sums of their ledgers, in any order and in parts");
	ok(forms_wrong == 0, "certificates: bytes and text round-trip");
	ok(mutants_wrong == 0, "mutants are refused or come back the same (%d accepted)", mutants_accepted);
}

/* A certificate that was read can be added to: it has no slots, and no room. */
static void
test_adding_to_read(void)
{
	Certificate c,
				read,
				twice;
	Book		book;
	uint8	   *bytes;
	size_t		length;
	int			wrong = 0;

	certificate_open(&c);
	certificate_open(&twice);
	c.unit = twice.unit = UNIT_DAY;
	for (int i = 0; i < 30; i++)
	{
		random_book(&book);
		wrong += !add_book(&c, &book) || !add_book(&twice, &book) || !add_book(&twice, &book);
		ledger_writer_close(&book.writer);
	}
	bytes = cv_alloc(certificate_max_size(&c));
	length = certificate_encode(&c, bytes);
	wrong += certificate_decode(&read, bytes, length) != NULL;
	wrong += !certificate_merge(&read, &c);
	ok(wrong == 0 && same_bytes(&read, &twice), "what was read can be added to");
	cv_free(bytes);
	certificate_close(&c);
	certificate_close(&read);
	certificate_close(&twice);
}

static void
test_limits(void)
{
	Certificate c,
				more;
	char		why[CERTIFICATE_WHY_SIZE];
	static const char form[] =
		"{\"ledgers\": 1, \"unit\": \"year\", \"checksum\": \"%064d\", \"totals\": [{\"from\": \"2024-01-01\", \"%s\": %s}]}";
	char		text[400];

	snprintf(text, sizeof(text), form, 1, "other", "99999999999999999999999999999999.999999");
	ok(certificate_parse(&c, text, strlen(text), why) && certificate_in_range(&c), "the largest total");
	ok(certificate_parse(&more, text, strlen(text), why) &&
	   (!certificate_merge(&c, &more) || !certificate_in_range(&c)), "twice that is too much");
	certificate_close(&c);
	certificate_close(&more);
	snprintf(text, sizeof(text), form, 1, "purchases", "9223372036854775807");
	ok(certificate_parse(&c, text, strlen(text), why), "the most purchases");
	ok(certificate_parse(&more, text, strlen(text), why) && !certificate_merge(&c, &more), "twice that is too many");
	certificate_close(&c);
	certificate_close(&more);
}

int
main(void)
{
	test_calendar();
	test_sums();
	test_adding_to_read();
	test_limits();
	return done_testing("test_certificate");
}
