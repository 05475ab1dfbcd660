/*
 * test_directory.c
 *		D-U-N-S numbers: what is read, and what is refused and why.  Components:
 *		against a matrix of who reaches whom.
 */
#include "common/host.h"

#include "directory/components.h"
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

/*
 * Components
 */

#define MOST_RECORDS 60

/* The key of a record: integers of both signs, or texts that begin alike. */
static int64
integer_key(int record)
{
	return (int64) (record * 37 % MOST_RECORDS - 20) * INT64CONST(300000000000000000) / (record % 2 ? 1 : 1000);
}

static size_t
text_key(int record, char *key)
{
	static const char *start[] = {"", "a", "crm:0000", "crm:0000000", "\xc3\xa9"};

	return (size_t) sprintf(key, "%s%d", start[record % 5], record * 37 % MOST_RECORDS);
}

static int
record_for(Components *c, int record)
{
	char		key[32];

	return c->by_name ? components_text(c, key, text_key(record, key)) : components_integer(c, integer_key(record));
}

static int
compare_keys(bool by_name, int a, int b)
{
	char		x[32];
	char		y[32];

	if (!by_name)
		return (integer_key(a) > integer_key(b)) - (integer_key(a) < integer_key(b));
	text_key(a, x);
	text_key(b, y);
	return strcmp(x, y);
}

/* What the rows must be, by a matrix: known[i], and reaches[i][j]. */
static bool
are_right(const Components *c, const bool *known, bool (*reaches)[MOST_RECORDS])
{
	ComponentRow *row = components_rows(c);
	int			number[MOST_RECORDS];
	int			least[MOST_RECORDS];
	int			count = 0;
	bool		right = true;

	for (int k = 0; k < MOST_RECORDS; k++)
		for (int i = 0; i < MOST_RECORDS; i++)
			for (int j = 0; j < MOST_RECORDS; j++)
				reaches[i][j] |= reaches[i][k] && reaches[k][j];
	for (int i = 0; i < MOST_RECORDS; i++)
	{
		if (!known[i])
			continue;
		least[i] = i;
		for (int j = 0; j < MOST_RECORDS; j++)
		{
			if (reaches[i][j] && compare_keys(c->by_name, j, least[i]) < 0)
				least[i] = j;
		}
		/* insertion, by component, then member */
		{
			int			at = count++;

			while (at > 0)
			{
				int			order = compare_keys(c->by_name, least[i], least[number[at - 1]]);

				if (order > 0 || (order == 0 && compare_keys(c->by_name, i, number[at - 1]) > 0))
					break;
				number[at] = number[at - 1];
				at--;
			}
			number[at] = i;
		}
	}
	right &= count == c->count;
	for (int i = 0; i < count && right; i++)
	{
		right &= row[i].member == record_for((Components *) c, number[i]);
		right &= row[i].component == record_for((Components *) c, least[number[i]]);
	}
	cv_free(row);
	return right;
}

/*
 * Random matches dealt to a few states that are merged pairwise, in an order of
 * chance, some into an empty one.
 */
static bool
random_graph(bool by_name)
{
	int			records = 1 + (int) (random64() % MOST_RECORDS);
	int			matches = (int) (random64() % (2 * MOST_RECORDS));
	bool		known[MOST_RECORDS] = {false};
	bool		reaches[MOST_RECORDS][MOST_RECORDS] = {{false}};
	Components	state[5] = {{0}};
	int			states = 1 + (int) (random64() % lengthof(state));
	bool		right;

	for (int i = 0; i < states; i++)
		state[i].by_name = by_name;
	for (int i = 0; i < matches; i++)
	{
		Components *c = &state[random64() % (uint64) states];
		int			a = (int) (random64() % (uint64) records);
		int			b = i % 3 == 0 ? (a + 1) % records : (int) (random64() % (uint64) records);
		int			x = record_for(c, a);

		known[a] = reaches[a][a] = true;
		if (i % 7 == 0)
			continue;
		components_join(c, x, record_for(c, b));
		known[b] = reaches[b][b] = reaches[a][b] = reaches[b][a] = true;
	}
	while (states > 1)
	{
		int			into = (int) (random64() % (uint64) states);
		int			from = (into + 1 + (int) (random64() % (uint64) (states - 1))) % states;
		int			last = states - 1;

		components_merge(&state[into], &state[from]);
		components_free(&state[from]);
		if (from != last)
			state[from] = state[last];
		memset(&state[last], 0, sizeof(Components));
		states--;
	}
	right = are_right(&state[0], known, reaches);
	components_free(&state[0]);
	return right;
}

static void
components(void)
{
	bool		right[2] = {true, true};

	for (int i = 0; i < 3000; i++)
		right[i % 2] &= random_graph(i % 2);
	ok(right[0], "components of integers are those of the matrix, merged in any order");
	ok(right[1], "components of texts, too");
	{
		Components	none = {0};
		Components	other = {0};
		ComponentRow *row = components_rows(&none);

		components_merge(&none, &other);
		ok(none.count == 0, "no record, no component");
		cv_free(row);
		components_free(&none);
	}
}

/* Chains forwards, backwards and from both ends: long paths stay short. */
static void
chains(void)
{
	enum
	{
		LENGTH = 20000
	};
	bool		right = true;
	int			deepest = 0;

	for (int way = 0; way < 4; way++)
	{
		Components	c = {0};
		ComponentRow *row;

		for (int i = 0; i < LENGTH; i++)
		{
			int			at = way == 0 ? i : way == 1 ? LENGTH - 1 - i : way == 2 ? (int) ((int64) i * 7919 % LENGTH) :
				i % 2 ? i / 2 : LENGTH - 1 - i / 2;

			components_join(&c, components_integer(&c, at), components_integer(&c, (at + 1) % LENGTH));
		}
		row = components_rows(&c);
		right &= c.count == LENGTH;
		for (int i = 0; i < LENGTH; i++)
		{
			int			depth = 0;

			for (int at = i; c.link[at] >= 0; at = c.link[at])
				depth++;
			deepest = Max(deepest, depth);
			right &= c.ids.id[row[i].member] == i && c.ids.id[row[i].component] == 0;
		}
		cv_free(row);
		components_free(&c);
	}
	ok(right, "a chain is one component, from whatever end");
	ok(deepest <= 14, "whose deepest path has %d links, at most the logarithm", deepest);
}

int
main(void)
{
	reading();
	writing();
	damaged();
	components();
	chains();
	return done_testing("directory");
}
