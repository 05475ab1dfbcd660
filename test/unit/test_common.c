/*
 * test_common.c
 *		Variable-length integers, decimal text and the JSON reader.
 */
#include "common/host.h"

#include "common/bytes.h"
#include "common/decimal.h"
#include "common/json.h"
#include "tap.h"

#include "random.h"

static void
test_bytes(void)
{
	int			wrong = 0,
				cut = 0;
	uint8		buf[64];

	for (int i = 0; i < 200000; i++)
	{
		u128		v = ((u128) random64() << 64 | random64()) >> (random64() % 128);
		u128		back = 0;
		uint64		brief = 0;
		uint8	   *end = write_integer(buf, v);
		const uint8 *p = buf;
		int			size = (int) (end - buf);

		if (size > INTEGER_MAX_BYTES || integer_size(buf) != size)
			wrong++;
		if (read_checked(buf, end, &back) != end || back != v)
			wrong++;
		if (read_short(&p, &brief))
			wrong += brief != v || p != end || v >= SHORT_INTEGER_LIMIT;
		else
			wrong += read_long(buf, &back) != end || back != v;
		for (int n = 0; n < size; n++)
			if (read_checked(buf, buf + n, &back) != NULL)
				cut++;
	}
	ok(wrong == 0, "200000 integers come back as they went");
	ok(cut == 0, "no integer is read from bytes cut short");
	ok(read_checked((const uint8 *) "\x02\x00", (const uint8 *) "\x02\x00" + 2, &(u128){0}) == NULL,
	   "a longer form of zero is refused");
	ok(unfold_sign64(fold_sign64(INT64_MIN)) == INT64_MIN &&
	   unfold_sign64(fold_sign64(-1)) == -1 && fold_sign64(-1) == 1,
	   "signs fold and unfold");
}

static bool
parses(const char *text, int decimals, i128 expected)
{
	i128		v = 0;

	return decimal_parse(text, strlen(text), decimals, &v) == DECIMAL_OK && v == expected;
}

static DecimalStatus
status_of(const char *text)
{
	i128		v;

	return decimal_parse(text, strlen(text), 6, &v);
}

static void
test_decimal(void)
{
	char		out[DECIMAL_TEXT_SIZE];
	int			wrong = 0;

	decimal_print(out, -5, 2);
	ok(strcmp(out, "-0.05") == 0, "-0.05");
	decimal_print(out, 0, 0);
	ok(strcmp(out, "0") == 0, "0");
	decimal_print(out, (i128) 1 << 100, 6);
	ok(strcmp(out, "1267650600228229401496703.205376") == 0, "2^100 millionths");

	ok(parses("1.5", 6, 1500000), "1.5");
	ok(parses("1.5000000000", 6, 1500000), "zeros past the sixth decimal");
	ok(parses("-12e-2", 6, -120000), "-12e-2");
	ok(parses("1200e-8", 6, 12), "1200e-8");
	ok(parses("1e5", 6, (i128) 100000000000), "1e5");
	ok(parses("0.000", 6, 0), "0.000");
	ok(parses("0e99999999999", 6, 0), "zero with a giant exponent");
	ok(status_of("0.0000001") == DECIMAL_TOO_FINE, "seven decimals");
	ok(status_of("1e-7") == DECIMAL_TOO_FINE, "1e-7");
	ok(status_of("1e-99999999999") == DECIMAL_TOO_FINE, "giant negative exponent");
	ok(status_of("1e33") == DECIMAL_TOO_BIG, "1e33");
	{
		static char zeros[200020];

		zeros[0] = '1';
		memset(zeros + 1, '0', 200000);
		strcpy(zeros + 200001, "e-2000000");
		ok(status_of(zeros) == DECIMAL_TOO_FINE, "zeros do not make up for a larger exponent");
		strcpy(zeros + 200001, "e-200000");
		ok(parses(zeros, 6, 1000000), "but for an equal one");
	}
	ok(status_of("") == DECIMAL_SYNTAX && status_of("-") == DECIMAL_SYNTAX &&
	   status_of("1.") == DECIMAL_SYNTAX && status_of(".5") == DECIMAL_SYNTAX &&
	   status_of("1e") == DECIMAL_SYNTAX && status_of("1x") == DECIMAL_SYNTAX &&
	   status_of("1.2.3") == DECIMAL_SYNTAX, "malformed numbers");

	for (int i = 0; i < 100000; i++)
	{
		i128		v = (i128) (((u128) random64() << 64 | random64()) >> (2 + random64() % 126));
		i128		back = 0;
		int			decimals = (int) (random64() % 7);
		int			length;

		if (random64() & 1)
			v = -v;
		v %= (i128) 1000000000000000000 * 1000000000000000000;
		length = decimal_print(out, v, decimals);
		if (decimal_parse(out, (size_t) length, decimals, &back) != DECIMAL_OK || back != v)
			wrong++;
	}
	ok(wrong == 0, "100000 numbers come back as they went");
}

/* The tokens of a text, one letter each; '!' for an error. */
static const char *
tokens(const char *text)
{
	static char seen[200];
	static const char letters[] = "!$){}[]kstfn";
	JsonReader	r;
	int			n = 0;

	json_open(&r, text, strlen(text));
	for (;;)
	{
		JsonToken	t = json_next(&r);

		switch (t)
		{
			case JSON_ERROR:
				seen[n++] = '!';
				break;
			case JSON_END:
				break;
			case JSON_OBJECT_BEGIN:
				seen[n++] = '{';
				break;
			case JSON_OBJECT_END:
				seen[n++] = '}';
				break;
			case JSON_ARRAY_BEGIN:
				seen[n++] = '[';
				break;
			case JSON_ARRAY_END:
				seen[n++] = ']';
				break;
			case JSON_KEY:
				seen[n++] = 'k';
				break;
			case JSON_STRING:
				seen[n++] = 's';
				break;
			case JSON_NUMBER:
				seen[n++] = '1';
				break;
			default:
				seen[n++] = letters[t - 1 < 12 ? t - 1 : 0];
		}
		if (t == JSON_END || t == JSON_ERROR)
			break;
	}
	seen[n] = '\0';
	json_close(&r);
	return seen;
}

static void
test_json(void)
{
	static const struct
	{
		const char *text;
		const char *expected;
	}			cases[] = {
		{"{}", "{}"},
		{" [ ] ", "[]"},
		{"{\"a\": 1, \"a\": [\"x\", -2.5e3]}", "{k1k[s1]}"},
		{"12", "1"},
		{"", "!"},
		{"{", "{!"},
		{"{\"a\"}", "{!"},
		{"{\"a\":}", "{k!"},
		{"{\"a\":1,}", "{k1!"},
		{"[1,]", "[1!"},
		{"[1 2]", "[1!"},
		{"[1}", "[1!"},
		{"{} {}", "{}!"},
		{"01", "!"},
		{"1.", "!"},
		{"\"\\u00e9\\ud83d\\ude00\\n\"", "s"},
		{"\"\\ud83d\"", "!"},
		{"\"\\x\"", "!"},
		{"\"abc", "!"},
		{"\"a\tb\"", "!"},
		{"tru", "!"},
		{",", "!"},
	};
	char		deep[100];
	JsonReader	r;
	char		quoted[64];

	for (size_t i = 0; i < lengthof(cases); i++)
		ok(strcmp(tokens(cases[i].text), cases[i].expected) == 0,
		   "json %s -> %s", cases[i].text, tokens(cases[i].text));

	memset(deep, '[', 32);
	strcpy(deep + 32, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
	ok(strchr(tokens(deep), '!') == NULL, "32 levels are read");
	memset(deep, '[', 33);
	deep[33] = '\0';
	ok(strchr(tokens(deep), '!') != NULL, "33 levels are refused");

	json_open(&r, "\"a\\u00e9\\\"\"", 11);
	ok(json_next(&r) == JSON_STRING && json_is(&r, "a\xc3\xa9\""), "escapes are undone");
	json_close(&r);

	*json_quote(quoted, "a\"\\\n", 4) = '\0';
	ok(strcmp(quoted, "\"a\\\"\\\\\\u000a\"") == 0, "and made: %s", quoted);
}

int
main(void)
{
	test_bytes();
	test_decimal();
	test_json();
	return done_testing("common");
}
