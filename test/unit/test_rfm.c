/*
 * test_rfm.c
 *		Text of doubles, what makes an rfm sound, its text, hostile ones
 *		included, and the rfm of a ledger against counting occasion by occasion.
 */
#include "common/host.h"

#include <math.h>

#include "common/real.h"
#include "ledger/ledger.h"
#include "rfm/rfm.h"
#include "tap.h"

#include "random.h"

static int
random_below(int n)
{
	return (int) (random64() % (uint64) n);
}

static bool
reads_back(double v, size_t most)
{
	char		text[REAL_TEXT_SIZE];
	size_t		length = (size_t) real_print(text, v);
	char	   *exact = cv_alloc(length);	/* reading past the end is seen */
	double		back;
	bool		same;

	memcpy(exact, text, length);
	same = real_parse(exact, length, &back) && memcmp(&back, &v, sizeof(v)) == 0 && length <= most;
	cv_free(exact);
	if (!same)
		printf("# %.17g as %s\n", v, text);
	return same;
}

static void
test_real(void)
{
	static const char *const too_much[] = {"1e309", "-1e400", "1e-400", "-0.1e-99999", "1e99999999999999999999"};
	static const char *const zeros[] = {"0", "-0", "0.000", "0e5", "0.0E-9999"};
	char		text[REAL_TEXT_SIZE];
	double		v;
	int			wrong = 0;

	for (int i = 0; i < 200000; i++)
	{
		uint64		bits = random64();

		memcpy(&v, &bits, sizeof(v));
		if (isfinite(v))
			wrong += !reads_back(v, REAL_TEXT_SIZE - 1);
		/* two decimals stay two decimals */
		v = (double) random_below(1000000000) / 100.0;
		wrong += !reads_back(v, 10);
	}
	ok(wrong == 0, "real: any double reads back the same, and is as short as it was");
	ok(reads_back(5e-324, 7) && reads_back(2.2250738585072014e-308, 23) && reads_back(-1.7976931348623157e308, 24) &&
	   reads_back(0.1, 3) && reads_back(9007199254740991.0, 16), "real: ends of the range");
	real_print(text, 5e-324);
	ok(strcmp(text, "5e-324") == 0, "real: the smallest number has one digit");

	wrong = 0;
	for (size_t i = 0; i < lengthof(too_much); i++)
		wrong += real_parse(too_much[i], strlen(too_much[i]), &v);
	for (size_t i = 0; i < lengthof(zeros); i++)
		wrong += !real_parse(zeros[i], strlen(zeros[i]), &v) || v != 0;
	ok(wrong == 0, "real: what does not fit is refused, zero is not");
}

static Rfm
make(double frequency, double recency, double age, double monetary, RfmBasis basis)
{
	Rfm			rfm;

	rfm_init(&rfm, TIME_UNIT_WEEK, basis);
	rfm.frequency = frequency;
	rfm.recency = recency;
	rfm.age = age;
	rfm.monetary = monetary;
	return rfm;
}

static void
test_check(void)
{
	Rfm			good[] = {
		make(0, 0, 0, 0, RFM_NO_MONETARY), make(0, 0, 5, 0, RFM_GIVEN), make(1, 5, 5, -3.5, RFM_CONTRIBUTION),
		make(RFM_MAX_FREQUENCY, 5e-324, 1e308, 1e308, RFM_GIVEN), make(2, 1, 3, 0, RFM_NET_REVENUE)
	};
	Rfm			bad[] = {
		make(-1, 1, 2, 0, RFM_GIVEN), make(1.5, 1, 2, 0, RFM_GIVEN), make(1e16, 1, 2, 0, RFM_GIVEN),
		make(0, 1, 2, 0, RFM_GIVEN), make(1, 0, 2, 0, RFM_GIVEN), make(1, 3, 2, 0, RFM_GIVEN),
		make(1, -1, 2, 0, RFM_GIVEN), make(0, 0, -1, 0, RFM_GIVEN), make(1, 1, 2, 1, RFM_NO_MONETARY),
		make(0, 0, 2, 1, RFM_GIVEN), make(NAN, 1, 2, 0, RFM_GIVEN), make(1, NAN, 2, 0, RFM_GIVEN),
		make(1, 1, NAN, 0, RFM_GIVEN), make(1, 1, 2, NAN, RFM_GIVEN), make(1, 1, INFINITY, 0, RFM_GIVEN),
		make(INFINITY, 1, 2, 0, RFM_GIVEN), make(1, 1, 2, -INFINITY, RFM_GIVEN), make(1, 2, nextafter(2, 0), 0, RFM_GIVEN)
	};
	Rfm			zero = make(-0.0, -0.0, -0.0, -0.0, RFM_GIVEN);
	Rfm			plus = make(0, 0, 0, 0, RFM_GIVEN);
	Rfm			head = good[0];
	int			wrong = 0;

	for (size_t i = 0; i < lengthof(good); i++)
		wrong += rfm_check(&good[i]) != NULL;
	ok(wrong == 0, "check: sound values pass");
	wrong = 0;
	for (size_t i = 0; i < lengthof(bad); i++)
		wrong += rfm_check(&bad[i]) == NULL;
	ok(wrong == 0, "check: others do not");
	ok(rfm_check(&zero) == NULL && memcmp(&zero, &plus, sizeof(Rfm)) == 0, "check: -0 becomes 0");

	wrong = 0;
	for (size_t i = 0; i < offsetof(Rfm, frequency); i++)
	{
		Rfm			other = head;

		((uint8 *) &other)[i] = 77;
		wrong += rfm_check(&other) == NULL;
	}
	ok(wrong == 0, "check: unknown version, unit, basis and reserved bytes");

	wrong = 0;
	for (size_t i = 0; i < lengthof(good); i++)
		for (size_t j = 0; j < lengthof(good); j++)
			wrong += (rfm_compare(&good[i], &good[j]) == 0) != (memcmp(&good[i], &good[j], sizeof(Rfm)) == 0) ||
				rfm_compare(&good[i], &good[j]) != -rfm_compare(&good[j], &good[i]);
	ok(wrong == 0, "compare: equal is equal bytes, and the order has two directions");
}

/* What is accepted must come back the same from its own text. */
static bool
text_holds(const char *text, size_t length, bool *accepted)
{
	char	   *exact = cv_alloc(length);
	char		printed[RFM_TEXT_SIZE];
	Rfm			rfm,
				back;
	RfmTextError error;
	bool		same = true;

	memcpy(exact, text, length);
	*accepted = rfm_parse(exact, length, &rfm, &error);
	cv_free(exact);
	if (*accepted)
	{
		size_t		n = rfm_print(printed, &rfm);

		same = n < RFM_TEXT_SIZE && n == strlen(printed) && rfm_check(&rfm) == NULL &&
			rfm_parse(printed, n, &back, &error) && memcmp(&rfm, &back, sizeof(Rfm)) == 0;
	}
	else
		same = strlen(error.detail) > 0 && error.detail[strlen(error.detail) - 1] == '.';
	if (!same)
		printf("# %.*s\n", (int) length, text);
	return same;
}

static void
test_text(void)
{
	static const char *const good[] = {
		"{\"frequency\": 2, \"recency\": 30.428571428571427, \"age\": 38.857142857142854, \"monetary\": 22.345, \"unit\": \"week\", \"basis\": \"net_revenue\"}",
		"{\"frequency\": 0, \"recency\": 0, \"age\": 0}",
		"{\"frequency\": 1, \"recency\": 5e-324, \"age\": 1e+300, \"monetary\": -0.01, \"unit\": \"year\", \"basis\": \"contribution\"}",
		"{\"frequency\": 9007199254740992, \"recency\": 1, \"age\": 1, \"monetary\": 3}",
	};
	static const char *const bad[] = {
		"", "{}", "[]", "1", "{\"frequency\": 2, \"recency\": 1}", "{\"frequency\": 2, \"age\": 1}", "{\"recency\": 2, \"age\": 1}",
		"{\"frequency\": 2, \"recency\": 1, \"age\": 2, \"recency\": 1}",
		"{\"frequency\": 2, \"recency\": 1, \"age\": 2, \"colour\": 1}",
		"{\"frequency\": 2, \"recency\": 1, \"age\": 2, \"basis\": \"net_revenue\"}",
		"{\"frequency\": 2, \"recency\": 1, \"age\": 2, \"monetary\": 1, \"basis\": \"revenue\"}",
		"{\"frequency\": 2, \"recency\": 1, \"age\": 2, \"unit\": \"weeks\"}",
		"{\"frequency\": 2, \"recency\": 1, \"age\": 2, \"unit\": null}",
		"{\"frequency\": 2, \"recency\": 1, \"age\": 2, \"monetary\": null}",
		"{\"frequency\": \"2\", \"recency\": 1, \"age\": 2}",
		"{\"frequency\": NaN, \"recency\": 1, \"age\": 2}",
		"{\"frequency\": 2, \"recency\": 1e-999, \"age\": 2}",
		"{\"frequency\": 2, \"recency\": 1, \"age\": 1e999}",
		"{\"frequency\": 2, \"recency\": 3, \"age\": 2}",
		"{\"frequency\": 2, \"recency\": 1, \"age\": 2} {}",
		"{\"frequency\": 2, \"recency\": 1, \"age\": 2, \"unit\": \"week\\u0041\\u0042\\u0043\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\"}",
	};
	bool		accepted;
	int			wrong = 0,
				mutants_accepted = 0;

	for (size_t i = 0; i < lengthof(good); i++)
	{
		char		printed[RFM_TEXT_SIZE];
		Rfm			rfm;
		RfmTextError error;

		wrong += !text_holds(good[i], strlen(good[i]), &accepted) || !accepted;
		if (rfm_parse(good[i], strlen(good[i]), &rfm, &error))
			rfm_print(printed, &rfm);
		wrong += strcmp(printed, good[i]) != 0;
	}
	ok(wrong == 0, "text: is printed as it was read");

	wrong = 0;
	for (size_t i = 0; i < lengthof(bad); i++)
		wrong += !text_holds(bad[i], strlen(bad[i]), &accepted) || accepted;
	ok(wrong == 0, "text: nothing is missing, unknown, said twice or out of range");

	wrong = 0;
	for (int i = 0; i < 200000; i++)
	{
		static const char alphabet[] = "{}[]\":,.-+eE0123456789 \\u\xc3\xa4";
		char		text[400];
		size_t		length = strlen(good[i % lengthof(good)]);

		memcpy(text, good[i % lengthof(good)], length);
		for (int n = random_below(3); n >= 0 && length > 1; n--)
		{
			size_t		at = (size_t) random_below((int) length);

			switch (random_below(4))
			{
				case 0:
					text[at] = alphabet[random_below(sizeof(alphabet) - 1)];
					break;
				case 1:
					memmove(text + at, text + at + 1, length - at - 1);
					length--;
					break;
				case 2:
					memmove(text + at + 1, text + at, length - at);
					length++;
					break;
				default:
					if (random_below(8) == 0)
						length = at;
			}
		}
		wrong += !text_holds(text, length, &accepted);
		mutants_accepted += accepted;
	}
	ok(wrong == 0 && mutants_accepted > 1000, "text: mutants are refused or come back the same (%d accepted)", mutants_accepted);

	wrong = 0;
	for (int i = 0; i < 100000; i++)
	{
		Rfm			rfm = make(1 + random_below(1000), 0, 0, 0, (RfmBasis) random_below(RFM_BASIS_LAST + 1));
		char		printed[RFM_TEXT_SIZE];

		rfm.unit = (uint8) random_below(TIME_UNIT_LAST + 1);
		rfm.recency = ldexp((double) (random64() >> 11) + 1, random_below(2000) - 1060);
		rfm.age = rfm.recency * 1.75;
		if (rfm.basis != RFM_NO_MONETARY)
			rfm.monetary = ldexp((double) (int64) random64(), random_below(2000) - 1120);
		if (rfm_check(&rfm) == NULL)
			wrong += !text_holds(printed, rfm_print(printed, &rfm), &accepted) || !accepted;
	}
	ok(wrong == 0, "text: any value comes back");
}

/*
 * One customer over a few days, counted the slow way: each occasion has a
 * value of its own.
 */
#define DAYS 60

typedef struct Day
{
	int64		purchases;
	i128		amount[N_ACCOUNTS];
} Day;

static void
random_days(Day *day)
{
	memset(day, 0, DAYS * sizeof(Day));
	for (int d = 0; d < DAYS; d++)
	{
		if (random_below(4) == 0)
			day[d].purchases = random_below(4) - 1;
		if (random_below(2) == 0)
			continue;
		for (int a = 0; a < N_ACCOUNTS; a++)
		{
			if (random_below(3) == 0)
				day[d].amount[a] = (i128) (random_below(20000) - 5000) * 10000;
			if (random_below(200) == 0)
				day[d].amount[a] *= INT64CONST(100000000000000);
		}
	}
}

static i128
value_of(const Day *day, RfmBasis basis)
{
	i128		v = day->amount[ACCOUNT_REVENUE] - day->amount[ACCOUNT_DISCOUNT];

	if (basis == RFM_CONTRIBUTION)
		v -= day->amount[ACCOUNT_COGS] + day->amount[ACCOUNT_SELLING] + day->amount[ACCOUNT_MARKETING] +
			day->amount[ACCOUNT_SERVICE] + day->amount[ACCOUNT_DELIVERY] + day->amount[ACCOUNT_RETENTION] +
			day->amount[ACCOUNT_CREDIT_LOSS] + day->amount[ACCOUNT_OTHER];
	return v;
}

static bool
slow_rfm(Rfm *rfm, const Day *day, int since, int as_of, TimeUnit unit, RfmBasis basis)
{
	static const double days_per_unit[] = {0, 1, 7, 30.4375, 365.25};
	i128		value[DAYS];
	int			at[DAYS];
	int			n = 0;
	i128		sum = 0;

	for (int d = Max(since, 0); d <= Min(as_of, DAYS - 1); d++)
	{
		if (day[d].purchases > 0)
		{
			at[n] = d;
			value[n++] = 0;
		}
		if (n > 0)
			value[n - 1] += value_of(&day[d], basis);
	}
	if (n == 0)
		return false;
	*rfm = make(n - 1, (at[n - 1] - at[0]) / days_per_unit[unit], (as_of - at[0]) / days_per_unit[unit], 0, basis);
	rfm->unit = (uint8) unit;
	for (int i = 1; i < n; i++)
		sum += value[i];
	if (n > 1)
		rfm->monetary = (double) ((long double) sum / 1000000 / (n - 1));
	return true;
}

static void
test_ledger(void)
{
	int			wrong = 0,
				customers = 0;

	for (int round = 0; round < 5000; round++)
	{
		Day			day[DAYS];
		LedgerWriter writer;
		int			start = random_below(3) == 0 ? LEDGER_DAY_MIN : random_below(10000);

		random_days(day);
		ledger_writer_open(&writer, 64);
		for (int d = 0; d < DAYS; d++)
			if (ledger_write(&writer, start + d, day[d].purchases, ALL_ACCOUNTS, day[d].amount, LEDGER_FINISHED) != LEDGER_OK)
				wrong++;
		writer.bytes = cv_realloc(writer.bytes, writer.used);
		for (int i = 0; i < 20; i++)
		{
			TimeUnit	unit = (TimeUnit) (1 + random_below(TIME_UNIT_LAST));
			RfmBasis	basis = random_below(2) ? RFM_NET_REVENUE : RFM_CONTRIBUTION;
			int			since = random_below(3) == 0 ? -1000 : random_below(DAYS + 10) - 5;
			int			as_of = random_below(DAYS + 50) - 5;
			Rfm			slow,
						fast;
			bool		found = slow_rfm(&slow, day, since, as_of, unit, basis);

			if (rfm_from_ledger(&fast, writer.bytes, writer.used, since == -1000 ? INT64_MIN : (int64) start + since,
								(int64) start + as_of, unit, basis) != found)
				wrong++;
			else if (found)
			{
				customers++;
				wrong += rfm_check(&fast) != NULL;
				wrong += fabs(fast.monetary - slow.monetary) > 4e-16 * fabs(slow.monetary);
				fast.monetary = slow.monetary;
				wrong += memcmp(&fast, &slow, sizeof(Rfm)) != 0;
			}
		}
		ledger_writer_close(&writer);
	}
	ok(wrong == 0, "ledger: as counted occasion by occasion (%d customers)", customers);
}

/* Recency never passes age, in no unit, whatever the days. */
static void
test_rounding(void)
{
	int			wrong = 0;

	for (int days = 1; days < 100000; days++)
	{
		int			unit = 1 + days % TIME_UNIT_LAST;
		LedgerWriter writer;
		const i128	amount[N_ACCOUNTS] = {1000000};
		Rfm			rfm;

		ledger_writer_open(&writer, 64);
		ledger_write(&writer, 1000, 1, ACCOUNT_BIT(ACCOUNT_REVENUE), amount, LEDGER_FINISHED);
		ledger_write(&writer, 1000 + days, 1, ACCOUNT_BIT(ACCOUNT_REVENUE), amount, LEDGER_FINISHED);
		wrong += !rfm_from_ledger(&rfm, writer.bytes, writer.used, INT64_MIN, 1000 + days, (TimeUnit) unit, RFM_NET_REVENUE);
		wrong += rfm.recency != rfm.age || rfm.monetary != 1 || rfm_check(&rfm) != NULL;
		ledger_writer_close(&writer);
	}
	ok(wrong == 0, "ledger: a purchase on the last day makes recency and age equal");
}

int
main(void)
{
	test_real();
	test_check();
	test_text();
	test_ledger();
	test_rounding();
	return done_testing("test_rfm");
}
