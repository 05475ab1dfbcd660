/*
 * test_ledger.c
 *		The bytes of a ledger against a plain model: an array of days.
 *
 * Random entries go into the model and into bodies; both must say the same
 * whatever is added, negated, cut or compacted, and the bytes must depend on
 * nothing but the content.  Then bytes and texts are damaged at random: what
 * passes the check must be canonical, and nothing may touch memory outside
 * (the sanitizers watch).
 */
#include "common/host.h"

#include "ledger/ledger.h"
#include "tap.h"

#include "random.h"

static int
random_below(int n)
{
	return (int) (random64() % (uint64) n);
}

/* The model: days 0 .. MODEL_DAYS - 1 behind some first day. */
#define MODEL_DAYS 60

typedef struct Model
{
	int32		first_day;
	i128		amounts[MODEL_DAYS][N_ACCOUNTS];
	int64		purchases[MODEL_DAYS];
} Model;

/* Everyday money takes other ways through the code than extremes do. */
static bool everyday;

/* An amount of random size, sign and number of decimals. */
static i128
random_amount(void)
{
	i128		v = (i128) (random64() >> random_below(64));

	if (everyday)
	{
		int			decimals = random_below(100) ? 2 : 4;

		v = random_below(10000000);
		for (; decimals < 6; decimals++)
			v *= 10;
		return random_below(3) == 0 ? -v : v;
	}

	if (random_below(20) == 0)
		v *= (i128) (random64() >> 34);
	for (int d = random_below(4); d > 0; d--)
		v *= 100;
	v %= AMOUNT_LIMIT / 1000;
	return random_below(3) == 0 ? -v : v;
}

/* Add one random entry to the model and, as a run, to the body. */
static void
add_entry(Model *model, LedgerWriter *body)
{
	int			day = random_below(MODEL_DAYS);
	i128		amounts[MAX_ACCOUNTS];
	uint32		accounts = (uint32) random64() & (uint32) random64() & ALL_ACCOUNTS;
	int64		purchases = random_below(4) - 1;

	for (int a = 0; a < N_ACCOUNTS; a++)
		if (accounts & ACCOUNT_BIT(a))
		{
			amounts[a] = random_amount();
			model->amounts[day][a] += amounts[a];
		}
	model->purchases[day] += purchases;
	ledger_writer_new_run(body);
	if (ledger_write(body, model->first_day + day, purchases, accounts, amounts,
					 LEDGER_FINISHED) != LEDGER_OK)
		abort();
}

/* The model written straight down as one run. */
static void
write_model(const Model *model, LedgerWriter *out, int first, int behind)
{
	ledger_writer_new_run(out);
	for (int day = first; day < behind; day++)
		if (ledger_write(out, model->first_day + day, model->purchases[day],
						 ALL_ACCOUNTS, model->amounts[day],
						 LEDGER_FINISHED) != LEDGER_OK)
			abort();
}

static bool
same(const LedgerWriter *a, const LedgerWriter *b)
{
	return a->used == b->used && memcmp(a->bytes, b->bytes, a->used) == 0;
}

static bool
compacts_to(const uint8 *body, size_t length, const LedgerWriter *expected)
{
	LedgerWriter out;
	bool		result;

	ledger_writer_open(&out, 16);
	result = ledger_compact(body, length, LEDGER_FINISHED, &out) == LEDGER_OK &&
		same(&out, expected);
	ledger_writer_close(&out);
	return result;
}

/* Copy to a block of exactly this size, so that reading past it is seen. */
static uint8 *
exactly(const uint8 *bytes, size_t length)
{
	uint8	   *copy = malloc(length ? length : 1);

	memcpy(copy, bytes, length);
	return copy;
}

/* How many of these went wrong. */
static struct
{
	int			total,
				check,
				again,
				inverse,
				slice,
				sums,
				text;
}			wrong;

static void
check_sums(const Model *model, const uint8 *body, size_t length)
{
	uint32		plus = (uint32) random64() & ALL_ACCOUNTS;
	uint32		minus = (uint32) random64() & ALL_ACCOUNTS & ~plus;
	i128		expected = 0;

	for (int day = 0; day < MODEL_DAYS; day++)
		for (int a = 0; a < N_ACCOUNTS; a++)
			expected += plus & ACCOUNT_BIT(a) ? model->amounts[day][a] :
				minus & ACCOUNT_BIT(a) ? -model->amounts[day][a] : 0;
	wrong.sums += ledger_sum(body, length, plus, minus) != expected;
}

static void
check_text(const LedgerWriter *finished)
{
	uint16		currency = random_below(2) ? ledger_currency_code("EUR", 3) : LEDGER_NO_CURRENCY;
	uint16		back;
	size_t		length;
	char	   *text = ledger_print(finished->bytes, finished->used, currency, &length);
	char	   *exact = (char *) exactly((uint8 *) text, strlen(text));
	LedgerWriter out;
	LedgerTextError error;

	ledger_writer_open(&out, 16);
	if (length != strlen(text) ||
		!ledger_parse(exact, length, &back, &out, &error) ||
		!same(&out, finished) ||
		back != (finished->used > 0 ? currency : LEDGER_NO_CURRENCY))
		wrong.text++;
	ledger_writer_close(&out);
	free(exact);
	free(text);
}

static void
check_slice(const Model *model, const LedgerWriter *finished)
{
	int			first = random_below(MODEL_DAYS + 1);
	int			behind = first + random_below(MODEL_DAYS + 1 - first);
	LedgerWriter expected,
				out;

	ledger_writer_open(&expected, 16);
	ledger_writer_open(&out, 16);
	write_model(model, &expected, first, behind);
	ledger_slice(finished->bytes, finished->used, (int64) model->first_day + first,
				 (int64) model->first_day + behind, &out);
	wrong.slice += !same(&out, &expected);
	ledger_writer_close(&out);
	ledger_writer_close(&expected);
}

/* What n random entries mean. */
static void
try_entries(int n)
{
	static Model model;
	LedgerWriter runs,
				expected,
				minus;
	uint8	   *body;
	size_t		length;

	memset(&model, 0, sizeof(model));
	model.first_day = (int32) (random64() >> 32) / 1000 + 7000;
	ledger_writer_open(&runs, 16);
	ledger_writer_open(&expected, 16);
	for (int i = 0; i < n; i++)
		add_entry(&model, &runs);
	write_model(&model, &expected, 0, MODEL_DAYS);
	body = exactly(runs.bytes, runs.used);
	length = runs.used;

	wrong.total += !compacts_to(body, length, &expected);
	wrong.again += !compacts_to(expected.bytes, expected.used, &expected);
	wrong.check += ledger_check(body, length, LEDGER_GROWING) != NULL;
	wrong.check += ledger_check(expected.bytes, expected.used, LEDGER_FINISHED) != NULL;
	check_sums(&model, body, length);
	check_sums(&model, expected.bytes, expected.used);
	check_text(&expected);
	check_slice(&model, &expected);

	/* a - a, as runs behind each other */
	ledger_writer_open(&minus, 16);
	ledger_negate(expected.bytes, expected.used, &minus);
	wrong.check += ledger_check(minus.bytes, minus.used, LEDGER_FINISHED) != NULL;
	ledger_writer_new_run(&minus);
	ledger_slice(expected.bytes, expected.used, INT64_MIN, INT64_MAX, &minus);
	expected.used = 0;
	wrong.inverse += !compacts_to(minus.bytes, minus.used, &expected);

	free(body);
	ledger_writer_close(&minus);
	ledger_writer_close(&runs);
	ledger_writer_close(&expected);
}

static void
test_model(void)
{
	for (int round = 0; round < 4000; round++)
	{
		everyday = round % 2;
		try_entries(random_below(40));
	}
	for (int round = 0; round < 80; round++)
	{
		everyday = round % 2;
		try_entries(100 + random_below(2000));
	}

	ok(wrong.total == 0, "compacting sums every day and account");
	ok(wrong.again == 0, "compacting a finished body changes nothing");
	ok(wrong.check == 0, "all bodies pass the check");
	ok(wrong.inverse == 0, "a ledger and its negative are zero");
	ok(wrong.slice == 0, "slices hold the days they name");
	ok(wrong.sums == 0, "sums over any accounts are right");
	ok(wrong.text == 0, "text comes back as it went");
}

/* The sum does not depend on how the runs are ordered and grouped. */
static void
test_order(void)
{
	int			differ = 0;

	for (int round = 0; round < 300; round++)
	{
		static Model model;
		LedgerWriter forth,
					back,
					expected;
		size_t		starts[201];
		int			n = 1 + random_below(200);

		memset(&model, 0, sizeof(model));
		ledger_writer_open(&forth, 16);
		ledger_writer_open(&back, 16);
		ledger_writer_open(&expected, 16);
		for (int i = 0; i < n; i++)
		{
			starts[i] = forth.used;
			add_entry(&model, &forth);
		}
		starts[n] = forth.used;
		write_model(&model, &expected, 0, MODEL_DAYS);

		/* the entries backwards, compacted now and then on the way */
		for (int i = n - 1; i >= 0; i--)
		{
			size_t		length = starts[i + 1] - starts[i];

			back.bytes = realloc(back.bytes, back.used + length + 16);
			back.room = back.used + length + 16;
			memcpy(back.bytes + back.used, forth.bytes + starts[i], length);
			back.used += length;
			if (random_below(10) == 0)
			{
				LedgerWriter out;

				ledger_writer_open(&out, 16);
				if (ledger_compact(back.bytes, back.used, LEDGER_GROWING, &out) != LEDGER_OK)
					abort();
				ledger_writer_close(&back);
				back = out;
			}
		}
		differ += !compacts_to(back.bytes, back.used, &expected);
		ledger_writer_close(&forth);
		ledger_writer_close(&back);
		ledger_writer_close(&expected);
	}
	ok(differ == 0, "order and grouping of runs do not matter");
}

static void
test_limits(void)
{
	LedgerWriter out;
	i128		amounts[MAX_ACCOUNTS] = {AMOUNT_LIMIT - 1};

	ledger_writer_open(&out, 16);
	ok(ledger_write(&out, 0, 0, 1, amounts, LEDGER_FINISHED) == LEDGER_OK, "the largest amount");
	ok(ledger_check(out.bytes, out.used, LEDGER_FINISHED) == NULL, "passes the check");
	amounts[0]++;
	ok(ledger_write(&out, 1, 0, 1, amounts, LEDGER_FINISHED) == LEDGER_AMOUNT_OVERFLOW, "one more is refused");
	amounts[0] = -AMOUNT_LIMIT;
	ok(ledger_write(&out, 1, 0, 1, amounts, LEDGER_FINISHED) == LEDGER_AMOUNT_OVERFLOW, "and its negative");
	ok(ledger_write(&out, 1, ledger_purchases_limit(LEDGER_FINISHED), 0, amounts, LEDGER_FINISHED) == LEDGER_PURCHASES_OVERFLOW,
	   "too many purchases are refused");

	/* twice the largest amount on one day */
	out.used = 0;
	amounts[0] = AMOUNT_LIMIT - 1;
	for (int i = 0; i < 2; i++)
	{
		ledger_writer_new_run(&out);
		(void) ledger_write(&out, 0, 0, 1, amounts, LEDGER_FINISHED);
	}
	{
		LedgerWriter sum;

		ledger_writer_open(&sum, 16);
		ok(ledger_compact(out.bytes, out.used, LEDGER_FINISHED, &sum) == LEDGER_AMOUNT_OVERFLOW,
		   "a sum past the limit is refused");
		ok(ledger_compact(out.bytes, out.used, LEDGER_GROWING, &sum) == LEDGER_OK,
		   "but may stand in a growing body");
		ledger_writer_close(&sum);
	}
	ledger_writer_close(&out);
}

static void
test_days(void)
{
	static const struct
	{
		int32		day;
		const char *text;
	}			cases[] = {
		{0, "2000-01-01"}, {-1, "1999-12-31"}, {59, "2000-02-29"}, {60, "2000-03-01"},
		{-10957, "1970-01-01"}, {7305, "2020-01-01"}, {LEDGER_DAY_MIN, "4714-11-24 BC"},
		{LEDGER_DAY_MAX, "5874897-12-31"}, {-730119, "0001-01-01"}, {-730120, "0001-12-31 BC"},
		{-36525, "1899-12-31"}
	};
	static const char *const bad[] = {
		"", "2024", "2024-13-01", "2024-00-01", "2024-02-30", "2023-02-29", "1900-02-29",
		"2024-1-01", "2024-01-01x", "0000-01-01", "24-01-01", "2024-01-32", "2024-01-00",
		"4714-11-23 BC", "5874898-01-01", "2024-01-01 AD", " 2024-01-01", "2024-01-01 B"
	};
	int			differ = 0;
	char		text[32];
	int32		back;

	for (size_t i = 0; i < lengthof(cases); i++)
	{
		ledger_print_day(text, cases[i].day);
		ok(strcmp(text, cases[i].text) == 0 &&
		   ledger_parse_day(text, strlen(text), &back) && back == cases[i].day,
		   "day %d is %s", cases[i].day, text);
	}
	for (size_t i = 0; i < lengthof(bad); i++)
		ok(!ledger_parse_day(bad[i], strlen(bad[i]), &back), "\"%s\" is no day", bad[i]);
	for (int i = 0; i < 200000; i++)
	{
		int32		day = LEDGER_DAY_MIN + (int32) (random64() % ((uint64) LEDGER_DAY_MAX - LEDGER_DAY_MIN)) ;
		int			length = ledger_print_day(text, i % 2 ? day : day % 1000000);

		if (!ledger_parse_day(text, (size_t) length, &back) ||
			back != (i % 2 ? day : day % 1000000))
			differ++;
	}
	ok(differ == 0, "200000 days come back as they went");
}

/* Read everything of a body that passed the check, and write it again. */
static bool
is_canonical(const uint8 *body, size_t length)
{
	LedgerWriter again;
	bool		result;
	size_t		text_length;

	ledger_writer_open(&again, 16);
	result = ledger_compact(body, length, LEDGER_FINISHED, &again) == LEDGER_OK &&
		again.used == length && memcmp(again.bytes, body, length) == 0;
	if (result)
	{
		/* and through amounts, not only by copying them */
		LedgerScan	scan;
		LedgerWriter anew;

		ledger_writer_open(&anew, 16);
		ledger_scan_open(&scan, body, length);
		while (ledger_scan_next(&scan))
		{
			i128		amounts[MAX_ACCOUNTS] = {0};
			uint32		accounts = scan.accounts;

			ledger_scan_amounts(&scan, amounts);
			result = result && ledger_write(&anew, scan.day, scan.purchases, accounts,
											amounts, LEDGER_FINISHED) == LEDGER_OK;
		}
		result = result && same(&anew, &again);
		ledger_writer_close(&anew);
		(void) ledger_sum(body, length, 1, 2);
		free(ledger_print(body, length, 0, &text_length));
	}
	ledger_writer_close(&again);
	return result;
}

/* Flip, cut, extend, swap. */
static size_t
damage(uint8 *bytes, size_t length, size_t room)
{
	for (int n = 1 + random_below(3); n > 0; n--)
		switch (random_below(5))
		{
			case 0:
				if (length > 0)
					bytes[random_below((int) length)] ^= (uint8) (1 << random_below(8));
				break;
			case 1:
				if (length > 0)
					length = (size_t) random_below((int) length);
				break;
			case 2:
				if (length + 4 < room)
					for (int i = random_below(4); i >= 0; i--)
						bytes[length++] = (uint8) random64();
				break;
			case 3:
				if (length > 0)
					bytes[random_below((int) length)] = (uint8) random64();
				break;
			default:
				if (length > 2)
				{
					size_t		at = (size_t) random_below((int) length - 1);

					memmove(bytes + at, bytes + at + 1, length - at - 1);
					length--;
				}
		}
	return length;
}

static void
test_damaged_bytes(void)
{
	int			accepted = 0,
				refused = 0,
				not_canonical = 0,
				unreadable = 0;
	uint8		bytes[4096];

	for (int round = 0; round < 200000; round++)
	{
		static Model model;
		static LedgerWriter source;
		size_t		length;
		uint8	   *body;

		if (round % 50 == 0)
		{
			if (source.bytes)
				ledger_writer_close(&source);
			memset(&model, 0, sizeof(model));
			ledger_writer_open(&source, 16);
			for (int i = random_below(12); i >= 0; i--)
				add_entry(&model, &source);
			source.used = 0;
			write_model(&model, &source, 0, MODEL_DAYS);
		}
		length = Min(source.used, sizeof(bytes));
		memcpy(bytes, source.bytes, length);
		length = damage(bytes, length, sizeof(bytes));
		body = exactly(bytes, length);
		if (ledger_check(body, length, LEDGER_FINISHED) == NULL)
		{
			accepted++;
			not_canonical += !is_canonical(body, length);
		}
		else
			refused++;
		if (ledger_check(body, length, LEDGER_GROWING) == NULL)
		{
			LedgerWriter out;
			LedgerStatus status;

			ledger_writer_open(&out, 16);
			status = ledger_compact(body, length, LEDGER_FINISHED, &out);
			if (status == LEDGER_OK)
				unreadable += ledger_check(out.bytes, out.used, LEDGER_FINISHED) != NULL;
			ledger_writer_close(&out);
		}
		free(body);
	}
	ok(refused > 100000 && accepted > 1000,
	   "damaged bytes: %d refused, %d still a ledger", refused, accepted);
	ok(not_canonical == 0, "what is accepted is canonical");
	ok(unreadable == 0, "what can be read compacts to something finished");
}

static void
test_damaged_text(void)
{
	static const char *const seeds[] = {
		"{}",
		"{\"days\": {\"2024-01-05\": {\"purchases\": 1, \"revenue\": 120.50, \"cogs\": 61.25}, \"2024-02-11\": {\"service\": 15}}}",
		"{\"currency\": \"EUR\", \"days\": {\"0044-03-15 BC\": {\"other\": -1e-6, \"overhead\": 99999999999999999999999.999999}}}",
		"{\"days\": {\"2024-01-05\": {}, \"1999-12-31\": {\"discount\": 0.000}}}"
	};
	static const char alphabet[] = "{}[]\":,.-+eE0123456789 \\ununltrfaBC\n\xc3\xa9";
	int			accepted = 0,
				refused = 0,
				not_canonical = 0,
				silent = 0;

	for (int round = 0; round < 200000; round++)
	{
		char		text[512];
		size_t		length;
		char	   *exact;
		uint16		currency;
		LedgerWriter out;
		LedgerTextError error;

		strcpy(text, seeds[random_below(lengthof(seeds))]);
		length = strlen(text);
		for (int n = random_below(4); n >= 0; n--)
		{
			size_t		at = (size_t) random_below((int) length + 1);

			if (random_below(3) == 0 && at < length)
			{
				memmove(text + at, text + at + 1, length - at - 1);
				length--;
			}
			else if (random_below(2) == 0 && at < length)
				text[at] = alphabet[random_below(sizeof(alphabet) - 1)];
			else
			{
				memmove(text + at + 1, text + at, length - at);
				text[at] = alphabet[random_below(sizeof(alphabet) - 1)];
				length++;
			}
		}
		exact = (char *) exactly((uint8 *) text, length);
		ledger_writer_open(&out, 16);
		if (ledger_parse(exact, length, &currency, &out, &error))
		{
			accepted++;
			not_canonical += ledger_check(out.bytes, out.used, LEDGER_FINISHED) != NULL;
		}
		else
		{
			refused++;
			silent += error.kind == LEDGER_TEXT_OK || error.detail[0] == '\0';
		}
		ledger_writer_close(&out);
		free(exact);
	}
	ok(refused > 50000 && accepted > 1000,
	   "damaged texts: %d refused, %d still a ledger", refused, accepted);
	ok(not_canonical == 0, "what is accepted is finished and canonical");
	ok(silent == 0, "what is refused says why");
}

int
main(void)
{
	test_model();
	test_order();
	test_limits();
	test_days();
	test_damaged_bytes();
	test_damaged_text();
	return done_testing("ledger");
}
