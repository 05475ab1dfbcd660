/*
 * test_directory.c
 *		D-U-N-S numbers: what is read, and what is refused and why.
 */
#include "common/host.h"

#include "directory/duns.h"
#include "mutate.h"
#include "random.h"
#include "tap.h"

/* The number in a text, -1 if there is none. */
static int32
number_in(const char *text, DunsTextError *error)
{
	int32		duns = -1;

	return duns_parse(text, strlen(text), &duns, error) ? duns : -1;
}

static bool
is_read(const char *text, int32 expected)
{
	DunsTextError error;

	return number_in(text, &error) == expected && error.problem == DUNS_FINE;
}

static bool
has_digits(const char *text, size_t digits)
{
	DunsTextError error;

	return number_in(text, &error) == -1 &&
		error.problem == DUNS_NOT_NINE_DIGITS && error.digits == digits;
}

/* Refused for the character at this place, of so many bytes. */
static bool
stumbles(const char *text, int at, size_t length)
{
	DunsTextError error;

	return number_in(text, &error) == -1 && error.problem == DUNS_NOT_A_DIGIT &&
		error.character == text + at && error.length == length;
}

static void
reading(void)
{
	ok(is_read("001234567", 1234567) && is_read("999999999", 999999999) &&
	   is_read("000000000", 0) && is_read("150483782", 150483782), "nine digits are a number");
	ok(is_read("15-048-3782", 150483782) && is_read("15 048 3782", 150483782) &&
	   is_read(" \t1-5 - 0--48 3\v\f78\r2\n ", 150483782), "hyphens between them and spaces do not matter");
	ok(has_digits("", 0) && has_digits("  ", 0) && has_digits("7", 1) && has_digits("12345678", 8) &&
	   has_digits("12-345-678", 8) && has_digits("1234567890", 10) && has_digits("0000000001234567890123456789", 28),
	   "fewer and more than nine are none");
	ok(stumbles("12345678x", 8, 1) && stumbles("DUNS 123456789", 0, 1) && stumbles("123456789.0", 9, 1) &&
	   stumbles("1e8", 1, 1) && stumbles("123_456_789", 3, 1) && stumbles("+123456789", 0, 1), "nor is what is no digit");
	ok(stumbles("-123456789", 0, 1) && stumbles("123456789-", 9, 1) && stumbles("123456789 - ", 10, 1) &&
	   stumbles("-", 0, 1) && stumbles("1-", 1, 1), "nor what begins or ends with a hyphen");
	ok(stumbles("12\xe2\x80\x93""3456789", 2, 3) && stumbles("\xd9\xa1", 0, 2) && stumbles("\xf0\x9f\x98\x80 1", 0, 4) &&
	   stumbles("1\xc2\xa0""2", 1, 2), "characters of several bytes are named whole");
	{
		DunsTextError error;
		int32		duns = -1;

		ok(duns_parse("1234567890", 9, &duns, &error) && duns == 123456789 &&
		   !duns_parse("123\0006", 5, &duns, &error) && error.problem == DUNS_NOT_A_DIGIT && error.length == 1,
		   "the length counts, not a zero byte");
	}
}

static void
writing(void)
{
	bool		same = true;
	bool		in_order = true;
	char		text[DUNS_TEXT_SIZE];
	char		other[DUNS_TEXT_SIZE];

	for (int i = 0; i < 200000; i++)
	{
		int32		a = (int32) (random64() % (i % 2 ? 1000000000 : 10000));
		int32		b = (int32) (random64() % 1000000000);

		duns_print(text, a);
		duns_print(other, b);
		same &= strlen(text) == DUNS_DIGITS && atoi(text) == a && is_read(text, a);
		in_order &= (strcmp(text, other) < 0) == (a < b);
	}
	ok(same, "what is written has nine digits and is read again");
	ok(in_order, "the order of the numbers is that of the texts");
	ok(duns_check(0) && duns_check(999999999) && !duns_check(-1) && !duns_check(1000000000) &&
	   !duns_check(INT64CONST(4294967297)) && !duns_check(INT64_MIN), "a number has nine digits");
}

/* Damaged texts, against a reading of another kind: strike out, then look. */
static void
damaged(void)
{
	bool		right = true;
	int			good = 0;

	for (int i = 0; i < 300000; i++)
	{
		static const char *seed[] = {"001234567", "15-048-3782", " 9 8 7-6 5 4-3 2 1 ", "12345678901234"};
		const char *from = seed[i % 4];
		size_t		length = strlen(from);
		uint8	   *text = copy_of(from, length);
		char		digits[32];
		int			count = 0;
		bool		only = true;
		int32		duns = -1;
		DunsTextError error;

		if (i >= 4)
			mutate(text, &length);
		for (size_t j = 0; j < length; j++)
		{
			if (text[j] >= '0' && text[j] <= '9')
				digits[count++] = (char) text[j];
			else if (text[j] == '-')
			{
				size_t		k = j;

				while (k < length && !(text[k] >= '0' && text[k] <= '9'))
					k++;
				only &= count > 0 && k < length;
			}
			else
				only &= text[j] != 0 && strchr(" \t\n\v\f\r", text[j]) != NULL;
		}
		digits[count] = '\0';
		if (duns_parse((const char *) text, length, &duns, &error))
		{
			right &= only && count == 9 && duns == atoi(digits);
			good++;
		}
		else if (error.problem == DUNS_NOT_NINE_DIGITS)
			right &= only && count != 9 && error.digits == (size_t) count;
		else
			right &= !only && error.length >= 1 && error.character >= (const char *) text &&
				error.character + error.length <= (const char *) text + length;
		cv_free(text);
	}
	ok(right && good > 10000, "damaged texts are read as by hand (%d of 300000 are numbers)", good);
}

int
main(void)
{
	reading();
	writing();
	damaged();
	return done_testing("directory");
}
