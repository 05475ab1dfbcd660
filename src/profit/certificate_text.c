/*
 * certificate_text.c
 *		The text form of a certificate.
 *
 *		{"ledgers": 2, "checksum": "5f0c...", "keys": "bigint", "unit": "month",
 *		 "totals": [{"currency": "EUR", "from": "2024-01-01", "purchases": 3,
 *		 "revenue": 120.50, "cogs": 61.25}]}
 *
 * Without ledgers it is {"ledgers": 0}.  Keys are left out where all customers
 * are NULL, the currency where there is none, and what is zero.  A period is
 * named by its first day.  On input anything may come in any order.
 */
#include "profit/certificate.h"

#include "common/decimal.h"
#include "common/json_object.h"
#include "common/text_buffer.h"

enum
{
	KEY_LEDGERS, KEY_CHECKSUM, KEY_KEYS, KEY_UNIT, KEY_TOTALS
};

static const char *const keys[] = {
	[KEY_LEDGERS] = "ledgers",[KEY_CHECKSUM] = "checksum",[KEY_KEYS] = "keys",
	[KEY_UNIT] = "unit",[KEY_TOTALS] = "totals"
};

/* Of one of the totals: these, and then the accounts. */
enum
{
	KEY_CURRENCY, KEY_FROM, KEY_PURCHASES, KEY_FIRST_ACCOUNT
};

#define N_TOTALS_KEYS (KEY_FIRST_ACCOUNT + N_ACCOUNTS)

static void
totals_keys(const char **names)
{
	names[KEY_CURRENCY] = "currency";
	names[KEY_FROM] = "from";
	names[KEY_PURCHASES] = "purchases";
	for (int account = 0; account < N_ACCOUNTS; account++)
		names[KEY_FIRST_ACCOUNT + account] = ledger_account_names[account];
}

/* The day a period is named by: its first in the calendar. */
static int32
name_day(int64 first)
{
	return (int32) Max(first, LEDGER_DAY_MIN);
}

/* ---- writing ---- */

static void
put_totals(TextBuffer *t, const CertificateTotals *totals)
{
	char		word[DECIMAL_TEXT_SIZE];

	text_put(t, "{");
	if (totals->currency != LEDGER_NO_CURRENCY)
	{
		ledger_currency_text(totals->currency, word);
		text_put_key(t, "currency");
		text_put_quoted(t, word, 3);
	}
	text_put_key(t, "from");
	text_put_quoted(t, word, (size_t) ledger_print_day(word, name_day(totals->first)));
	if (totals->purchases != 0)
	{
		text_put_key(t, "purchases");
		text_put_integer(t, totals->purchases);
	}
	for (int account = 0; account < N_ACCOUNTS; account++)
	{
		if (totals->amounts[account] == 0)
			continue;
		text_put_key(t, ledger_account_names[account]);
		text_put_bytes(t, word, (size_t) ledger_print_amount(word, totals->amounts[account]));
	}
	text_put(t, "}");
}

char *
certificate_print(const Certificate *c)
{
	TextBuffer	text;
	char		checksum[CHECKSUM_TEXT_SIZE];
	const CertificateTotals **sorted;
	int			n = certificate_sorted(c, &sorted);

	text_open(&text);
	text_put(&text, "{");
	text_put_key(&text, keys[KEY_LEDGERS]);
	text_put_integer(&text, c->ledgers);
	if (c->ledgers > 0)
	{
		certificate_checksum_text(c, checksum);
		text_put_key(&text, keys[KEY_CHECKSUM]);
		text_put_quoted(&text, checksum, strlen(checksum));
		if (c->keys != KEYS_NONE)
		{
			text_put_key(&text, keys[KEY_KEYS]);
			text_put_quoted(&text, certificate_key_names[c->keys],
							strlen(certificate_key_names[c->keys]));
		}
		text_put_key(&text, keys[KEY_UNIT]);
		text_put_quoted(&text, ledger_unit_names[c->unit], strlen(ledger_unit_names[c->unit]));
		text_put_key(&text, keys[KEY_TOTALS]);
		text_put(&text, "[");
		for (int i = 0; i < n; i++)
		{
			text_put(&text, i > 0 ? ", " : "");
			put_totals(&text, sorted[i]);
			if ((i & 0xfff) == 0xfff)
				cv_check_interrupts();
		}
		text_put(&text, "]");
	}
	text_put(&text, "}");
	cv_free(sorted);
	return text.begin;
}

/* ---- reading ---- */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static bool
parse_checksum(JsonObject *o, Certificate *c)
{
	JsonToken	token = json_next(o->json);
	uint8		bytes[CHECKSUM_SIZE];

	if (token != JSON_STRING)
		return object_wrong(o, token, "a string");
	if (o->json->length != 2 * CHECKSUM_SIZE)
		return object_fail(o, "A checksum has %d hexadecimal digits.", 2 * CHECKSUM_SIZE);
	for (int i = 0; i < CHECKSUM_SIZE; i++)
	{
		int			high = hex_digit(o->json->text[2 * i]);
		int			low = hex_digit(o->json->text[2 * i + 1]);

		if (high < 0 || low < 0)
			return object_fail(o, "A checksum has the digits 0 to 9 and a to f.");
		bytes[i] = (uint8) (high << 4 | low);
	}
	certificate_set_checksum(c, bytes);
	return true;
}

static bool
parse_currency(JsonObject *o, uint16 *currency)
{
	JsonToken	token = json_next(o->json);

	if (token != JSON_STRING)
		return object_wrong(o, token, "a string");
	*currency = ledger_currency_code(o->json->text, o->json->length);
	return *currency != LEDGER_NO_CURRENCY ||
		object_fail(o, "A currency is three capital letters.");
}

/* The day goes where the number of its period will be: the unit may follow. */
static bool
parse_from(JsonObject *o, int64 *period)
{
	JsonToken	token = json_next(o->json);
	int32		day;

	if (token != JSON_STRING)
		return object_wrong(o, token, "a string");
	if (!ledger_parse_day(o->json->text, o->json->length, &day))
		return object_fail(o, "Key \"from\" takes a day in a form like 2024-01-31.");
	*period = day;
	return true;
}

static bool
parse_number(JsonObject *o, int decimals, i128 most, i128 *v)
{
	JsonToken	token = json_next(o->json);

	if (token != JSON_NUMBER)
		return object_wrong(o, token, "a number");
	switch (decimal_parse(o->json->text, o->json->length, decimals, v))
	{
		case DECIMAL_OK:
			if (*v <= most && *v >= -most)
				return true;
			/* FALLTHROUGH */
		case DECIMAL_TOO_BIG:
			return object_fail(o, "The number under key \"%s\" is out of range.", o->keys[o->key]);
		default:
			return object_fail(o, "The number under key \"%s\" has more than %d decimals.",
							   o->keys[o->key], decimals);
	}
}

static bool
parse_totals_value(JsonObject *o, int key, CertificateTotals *t)
{
	i128		v;

	switch (key)
	{
		case KEY_CURRENCY:
			return parse_currency(o, &t->currency);
		case KEY_FROM:
			return parse_from(o, &t->period);
		case KEY_PURCHASES:
			if (!parse_number(o, 0, INT64_MAX, &v))
				return false;
			t->purchases = (int64) v;
			return true;
		default:
			return parse_number(o, 6, CERTIFICATE_AMOUNT_LIMIT - 1,
								&t->amounts[key - KEY_FIRST_ACCOUNT]);
	}
}

static bool
parse_totals(JsonObject *parent, CertificateTotals *t)
{
	const char *names[N_TOTALS_KEYS];
	JsonObject	o;
	int			key;

	totals_keys(names);
	memset(t, 0, sizeof(CertificateTotals));
	object_open(&o, parent->json, names, N_TOTALS_KEYS, parent->why, parent->why_size);
	while ((key = object_next(&o)) >= 0)
		if (!parse_totals_value(&o, key, t))
			return false;
	if (key == OBJECT_ERROR)
		return false;
	return OBJECT_SAW(&o, KEY_FROM) || object_fail(&o, "Totals are without key \"from\".");
}

static bool
parse_list(JsonObject *o, Certificate *c)
{
	JsonToken	token = json_next(o->json);

	if (token != JSON_ARRAY_BEGIN)
		return object_wrong(o, token, "an array");
	while ((token = json_next(o->json)) != JSON_ARRAY_END)
	{
		if (token != JSON_OBJECT_BEGIN)
			return object_wrong(o, token, "objects");
		if (c->count >= c->room)
		{
			c->room = c->room > 0 ? 2 * c->room : 8;
			c->totals = c->totals ?
				cv_realloc(c->totals, (size_t) c->room * sizeof(CertificateTotals)) :
				cv_alloc((size_t) c->room * sizeof(CertificateTotals));
		}
		if (!parse_totals(o, &c->totals[c->count]))
			return false;
		c->count++;
		cv_check_interrupts();
	}
	return true;
}

static bool
parse_value(JsonObject *o, int key, Certificate *c)
{
	int			which;

	switch (key)
	{
		case KEY_LEDGERS:
			return object_count(o, 0, CERTIFICATE_MOST_LEDGERS, &c->ledgers);
		case KEY_CHECKSUM:
			return parse_checksum(o, c);
		case KEY_KEYS:
			if (!object_word(o, certificate_key_names + 1, N_KEYS - 1, &which))
				return false;
			c->keys = (CertificateKeys) (which + 1);
			return true;
		case KEY_UNIT:
			return object_word(o, ledger_unit_names, N_UNITS, &c->unit);
		default:
			return parse_list(o, c);
	}
}

/* From days to periods, each of which is there once. */
static bool
number_periods(JsonObject *o, Certificate *c)
{
	const CertificateTotals **sorted;
	bool		good = true;
	int			n;

	if (c->unit == NO_UNIT)
		return c->count == 0 || object_fail(o, "There are totals, but no key \"unit\".");
	for (int i = 0; i < c->count; i++)
	{
		int32		day = (int32) c->totals[i].period;
		char		text[24];

		certificate_period(&c->totals[i], ledger_period_of(day, (LedgerUnit) c->unit),
						   (LedgerUnit) c->unit);
		if (name_day(c->totals[i].first) == day)
			continue;
		ledger_print_day(text, day);
		return object_fail(o, "A %s does not begin on %s.", ledger_unit_names[c->unit], text);
	}
	n = certificate_sorted(c, &sorted);
	for (int i = 1; i < n && good; i++)
		good = compare_totals(sorted[i - 1], sorted[i]) != 0 ||
			object_fail(o, "The totals of a currency and period are there twice.");
	cv_free(sorted);
	return good;
}

bool
certificate_parse(Certificate *c, const char *text, size_t length, char *why)
{
	JsonReader	json;
	JsonObject	o;
	int			key = OBJECT_ERROR;
	bool		good;
	const char *problem;

	certificate_open(c);
	good = object_open_text(&o, &json, text, length, keys, lengthof(keys), why,
							CERTIFICATE_WHY_SIZE);
	while (good && (key = object_next(&o)) >= 0)
		good = parse_value(&o, key, c);
	good = good && key == OBJECT_END && object_close_text(&o);
	if (good && !OBJECT_SAW(&o, KEY_LEDGERS))
		good = object_fail(&o, "There is no key \"ledgers\".");
	if (good && c->ledgers > 0 && !OBJECT_SAW(&o, KEY_CHECKSUM))
		good = object_fail(&o, "There are ledgers, but no key \"checksum\".");
	good = good && number_periods(&o, c);
	if (good && (problem = certificate_check(c)) != NULL)
		good = object_fail(&o, "%s", problem);
	json_close(&json);
	return good;
}
