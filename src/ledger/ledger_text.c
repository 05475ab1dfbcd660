/*
 * ledger_text.c
 *		The text form of a ledger.
 *
 *		{"currency": "EUR", "days": {"2024-01-05": {"purchases": 1,
 *		 "revenue": 120.50, "cogs": 61.25}, "2024-02-11": {"service": 15}}}
 *
 * Days ascend and accounts come in the order of the chart.  The zero ledger is
 * {}.  On input days and accounts may come in any order, and what is left out
 * is zero; nothing may be said twice, and every name must be known.
 */
#include "common/host.h"

#include <stdarg.h>

#include "common/decimal.h"
#include "common/json.h"
#include "ledger/ledger.h"

/*
 * Currency
 */

uint16
ledger_currency_code(const char *text, size_t length)
{
	uint16		code = 0;

	if (length != 3)
		return LEDGER_NO_CURRENCY;
	for (int i = 0; i < 3; i++)
	{
		if (text[i] < 'A' || text[i] > 'Z')
			return LEDGER_NO_CURRENCY;
		code = code * 26 + (uint16) (text[i] - 'A');
	}
	return code + 1;
}

void
ledger_currency_text(uint16 code, char *text)
{
	code--;
	text[2] = (char) ('A' + code % 26);
	text[1] = (char) ('A' + code / 26 % 26);
	text[0] = (char) ('A' + code / 676);
	text[3] = '\0';
}

/*
 * Output
 */

typedef struct Text
{
	char	   *bytes;
	size_t		used;
	size_t		room;
} Text;

static void
text_reserve(Text *text, size_t more)
{
	if (text->room - text->used < more)
	{
		text->room = text->room * 2 + more;
		text->bytes = cv_realloc(text->bytes, text->room);
	}
}

static void
text_add(Text *text, const char *what)
{
	size_t		length = strlen(what);

	text_reserve(text, length + 1);
	memcpy(text->bytes + text->used, what, length + 1);
	text->used += length;
}

int
ledger_print_amount(char *out, i128 micros)
{
	int			decimals = 6;

	while (decimals > 0 && micros % 100 == 0)
	{
		micros /= 100;
		decimals -= 2;
	}
	return decimal_print(out, micros, decimals);
}

static void
print_record(Text *text, LedgerScan *scan)
{
	char		line[80];
	const char *separator = "";
	i128		amounts[MAX_ACCOUNTS];

	ledger_print_day(line, scan->day);
	text_add(text, "\"");
	text_add(text, line);
	text_add(text, "\": {");
	if (scan->purchases != 0)
	{
		sprintf(line, "\"purchases\": %lld", (long long) scan->purchases);
		text_add(text, line);
		separator = ", ";
	}

	ledger_scan_amounts(scan, amounts);
	for (int account = 0; account < N_ACCOUNTS; account++)
	{
		if ((scan->accounts & ACCOUNT_BIT(account)) == 0)
			continue;
		text_add(text, separator);
		text_add(text, "\"");
		text_add(text, ledger_account_names[account]);
		text_add(text, "\": ");
		ledger_print_amount(line, amounts[account]);
		text_add(text, line);
		separator = ", ";
	}
	text_add(text, "}");
}

char *
ledger_print(const uint8 *body, size_t length, uint16 currency,
			 size_t *text_length)
{
	Text		text = {0};
	LedgerScan	scan;
	char		code[4];
	const char *separator = "\"days\": {";

	text.room = 64 + length * 4;
	text.bytes = cv_alloc(text.room);
	text_add(&text, "{");
	if (currency != LEDGER_NO_CURRENCY && length > 0)
	{
		ledger_currency_text(currency, code);
		text_add(&text, "\"currency\": \"");
		text_add(&text, code);
		text_add(&text, "\", ");
	}

	ledger_scan_open(&scan, body, length);
	while (ledger_scan_next(&scan))
	{
		text_add(&text, separator);
		print_record(&text, &scan);
		separator = ", ";
		cv_check_interrupts();
	}
	text_add(&text, length > 0 ? "}}" : "}");
	*text_length = text.used;
	return text.bytes;
}

/*
 * Input
 */

typedef struct Parse
{
	JsonReader	json;
	LedgerTextError *error;
	LedgerWriter raw;			/* one run for each day, in order of input */
	int32	   *days;			/* to find one said twice */
	size_t		ndays;
	size_t		days_room;
} Parse;

/* The current text for a message: its first 60 bytes, no character cut. */
#define SHOWN(r) (int) cv_clip_length((r)->text, (r)->length, 60), (r)->text

static bool
__attribute__((format(printf, 3, 4)))
fail(Parse *parse, int kind, const char *format,...)
{
	va_list		args;

	parse->error->kind = kind;
	va_start(args, format);
	vsnprintf(parse->error->detail, sizeof(parse->error->detail), format, args);
	va_end(args);
	return false;
}

/* A token that the grammar of JSON or ours does not allow here. */
static bool
fail_token(Parse *parse, JsonToken token, const char *expected)
{
	if (token == JSON_ERROR)
		return fail(parse, LEDGER_TEXT_SYNTAX, "At byte %zu: %s.",
					parse->json.error_at + 1, parse->json.error);
	return fail(parse, LEDGER_TEXT_SYNTAX, "Expected %s.", expected);
}

static bool
parse_purchases(Parse *parse, int64 *purchases)
{
	JsonReader *r = &parse->json;
	JsonToken	token = json_next(r);
	i128		v;

	if (token != JSON_NUMBER)
		return fail_token(parse, token, "a whole number of purchases");
	switch (decimal_parse(r->text, r->length, 0, &v))
	{
		case DECIMAL_OK:
			if (v < ledger_purchases_limit(LEDGER_FINISHED) &&
				v > -ledger_purchases_limit(LEDGER_FINISHED))
			{
				*purchases = (int64) v;
				return true;
			}
			/* FALLTHROUGH */
		case DECIMAL_TOO_BIG:
			return fail(parse, LEDGER_TEXT_RANGE,
						"Purchase count %.*s is out of range.", SHOWN(r));
		default:
			return fail(parse, LEDGER_TEXT_SYNTAX,
						"Purchase count %.*s is not a whole number.", SHOWN(r));
	}
}

static bool
parse_amount(Parse *parse, i128 *micros)
{
	JsonReader *r = &parse->json;
	JsonToken	token = json_next(r);

	if (token != JSON_NUMBER)
		return fail_token(parse, token, "a number as the amount");
	switch (decimal_parse(r->text, r->length, 6, micros))
	{
		case DECIMAL_OK:
			if (*micros < AMOUNT_LIMIT && *micros > -AMOUNT_LIMIT)
				return true;
			/* FALLTHROUGH */
		case DECIMAL_TOO_BIG:
			return fail(parse, LEDGER_TEXT_RANGE,
						"Amount %.*s has more than 23 digits before the decimal point.",
						SHOWN(r));
		case DECIMAL_TOO_FINE:
			return fail(parse, LEDGER_TEXT_RANGE,
						"Amount %.*s has more than 6 decimals.", SHOWN(r));
		default:
			return fail(parse, LEDGER_TEXT_SYNTAX,
						"Amount %.*s is not a number.", SHOWN(r));
	}
}

/* The object behind a day. */
static bool
parse_entries(Parse *parse, int32 day)
{
	JsonReader *r = &parse->json;
	i128		amounts[MAX_ACCOUNTS];
	uint32		accounts = 0;
	int64		purchases = 0;
	bool		seen_purchases = false;
	JsonToken	token = json_next(r);

	if (token != JSON_OBJECT_BEGIN)
		return fail_token(parse, token, "an object of amounts after the day");
	while ((token = json_next(r)) == JSON_KEY)
	{
		int			account = ledger_account_number(r->text, r->length);

		if (account >= 0 && !(accounts & ACCOUNT_BIT(account)))
		{
			accounts |= ACCOUNT_BIT(account);
			if (!parse_amount(parse, &amounts[account]))
				return false;
		}
		else if (json_is(r, "purchases") && !seen_purchases)
		{
			seen_purchases = true;
			if (!parse_purchases(parse, &purchases))
				return false;
		}
		else if (account >= 0 || json_is(r, "purchases"))
			return fail(parse, LEDGER_TEXT_SYNTAX,
						"\"%.*s\" stands twice in one day.", SHOWN(r));
		else
			return fail(parse, LEDGER_TEXT_SYNTAX,
						"\"%.*s\" is not an account.", SHOWN(r));
	}
	if (token != JSON_OBJECT_END)
		return fail_token(parse, token, "an account");

	ledger_writer_new_run(&parse->raw);
	if (ledger_write(&parse->raw, day, purchases, accounts, amounts,
					 LEDGER_FINISHED) != LEDGER_OK)
		return fail(parse, LEDGER_TEXT_RANGE, "An amount is out of range.");
	return true;
}

static bool
parse_days(Parse *parse)
{
	JsonReader *r = &parse->json;
	JsonToken	token = json_next(r);

	if (token != JSON_OBJECT_BEGIN)
		return fail_token(parse, token, "an object of days");
	while ((token = json_next(r)) == JSON_KEY)
	{
		int32		day;

		if (!ledger_parse_day(r->text, r->length, &day))
			return fail(parse, LEDGER_TEXT_SYNTAX,
						"\"%.*s\" is not a day; expected a form like 2024-01-31.",
						SHOWN(r));
		if (parse->ndays == parse->days_room)
		{
			parse->days_room = parse->days_room * 2 + 16;
			parse->days = cv_realloc(parse->days,
									 parse->days_room * sizeof(int32));
		}
		parse->days[parse->ndays++] = day;
		if (!parse_entries(parse, day))
			return false;
		cv_check_interrupts();
	}
	if (token != JSON_OBJECT_END)
		return fail_token(parse, token, "a day");
	return true;
}

static bool
parse_currency(Parse *parse, uint16 *currency)
{
	JsonReader *r = &parse->json;
	JsonToken	token = json_next(r);

	if (token != JSON_STRING)
		return fail_token(parse, token, "a currency in double quotes");
	*currency = ledger_currency_code(r->text, r->length);
	if (*currency == LEDGER_NO_CURRENCY)
		return fail(parse, LEDGER_TEXT_SYNTAX,
					"\"%.*s\" is not a currency; expected three capital letters.",
					SHOWN(r));
	return true;
}

static int
compare_days(const void *a, const void *b)
{
	int32		x = *(const int32 *) a;
	int32		y = *(const int32 *) b;

	return x < y ? -1 : x > y;
}

static bool
days_differ(Parse *parse)
{
	char		day[24];

	qsort(parse->days, parse->ndays, sizeof(int32), compare_days);
	for (size_t i = 1; i < parse->ndays; i++)
		if (parse->days[i] == parse->days[i - 1])
		{
			ledger_print_day(day, parse->days[i]);
			return fail(parse, LEDGER_TEXT_SYNTAX, "Day %s stands twice.", day);
		}
	return true;
}

static bool
parse_ledger(Parse *parse, uint16 *currency)
{
	JsonReader *r = &parse->json;
	bool		seen_days = false;
	JsonToken	token = json_next(r);

	if (token != JSON_OBJECT_BEGIN)
		return fail_token(parse, token, "an object");
	while ((token = json_next(r)) == JSON_KEY)
	{
		if (json_is(r, "days") && !seen_days)
		{
			seen_days = true;
			if (!parse_days(parse))
				return false;
		}
		else if (json_is(r, "currency") && *currency == LEDGER_NO_CURRENCY)
		{
			if (!parse_currency(parse, currency))
				return false;
		}
		else
			return fail(parse, LEDGER_TEXT_SYNTAX,
						"\"%.*s\" is not expected here; a ledger has \"currency\" and \"days\", once each.",
						SHOWN(r));
	}
	if (token != JSON_OBJECT_END)
		return fail_token(parse, token, "\"currency\" or \"days\"");
	token = json_next(r);
	if (token != JSON_END)
		return fail_token(parse, token, "the end");
	return days_differ(parse);
}

bool
ledger_parse(const char *text, size_t length, uint16 *currency,
			 LedgerWriter *writer, LedgerTextError *error)
{
	Parse		parse;
	size_t		before = writer->used;
	bool		good;

	memset(&parse, 0, sizeof(parse));
	memset(error, 0, sizeof(LedgerTextError));
	*currency = LEDGER_NO_CURRENCY;
	parse.error = error;
	parse.days_room = 16;
	parse.days = cv_alloc(parse.days_room * sizeof(int32));
	ledger_writer_open(&parse.raw, length / 2 + 64);
	json_open(&parse.json, text, length);

	good = parse_ledger(&parse, currency) &&
		ledger_compact(parse.raw.bytes, parse.raw.used, LEDGER_FINISHED,
					   writer) == LEDGER_OK;
	Assert(!good || ledger_check(writer->bytes + before, writer->used - before,
								 LEDGER_FINISHED) == NULL);
	if (good && writer->used == before)
		*currency = LEDGER_NO_CURRENCY; /* zero has none */

	json_close(&parse.json);
	ledger_writer_close(&parse.raw);
	cv_free(parse.days);
	return good;
}
