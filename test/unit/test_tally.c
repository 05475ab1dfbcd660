/*
 * test_tally.c
 *		Counts and totals by key, against a plain model.
 */
#include "common/host.h"

#include "common/tally.h"

#include "tap.h"

static int
compare_pairs(const int64 *a, const int64 *b)
{
	for (int i = 0; i < 2; i++)
	{
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	}
	return 0;
}

static int
add_row(Tally *t, const int64 *pair, i128 amount)
{
	char		key[2 * TALLY_INTEGER_LENGTH];
	char	   *p = tally_write_integer(tally_write_integer(key, pair[0]), pair[1]);
	int			number = tally_key(t, key, (size_t) (p - key));

	t->count[number]++;
	return tally_add(&tally_totals(t, number)[0], amount) &&
		tally_add(&tally_totals(t, number)[1], -2 * amount) ? number : -1;
}

static void
order_and_totals(void)
{
	static const int64 values[] = {INT64_MIN, -3, -1, 0, 1, 2, 255, 256, INT64_MAX};
	const int	n = 5000;
	Tally		whole = {.width = 2};
	Tally		half[2] = {{.width = 2}, {.width = 2}};
	i128		expected[9][9] = {{0}};
	int64		counts[9][9] = {{0}};
	int		   *sorted;
	int64		before[2] = {0, 0};
	bool		ascending = true;
	bool		right = true;
	bool		same = true;

	for (int i = 0; i < n; i++)
	{
		int			a = (i * 7919) % 9;
		int			b = (i * 104729 / 9) % 8;
		int64		pair[2] = {values[a], values[b]};
		i128		amount = (i128) (i - 2000) * INT64CONST(1000000007000);

		expected[a][b] += amount;
		counts[a][b]++;
		right &= add_row(&whole, pair, amount) >= 0 && add_row(&half[i % 2], pair, amount) >= 0;
	}
	right &= tally_merge(&half[0], &half[1]);
	sorted = tally_sorted(&whole);
	for (int i = 0; i < whole.keys.count; i++)
	{
		const KnownName *key = &whole.keys.name[sorted[i]];
		const char *p = key->text;
		const char *end = p + key->length;
		int64		pair[2];
		int			at[2] = {0, 0};
		int			other = tally_key(&half[0], key->text, key->length);

		for (int j = 0; j < 2; j++)
		{
			TallyPart	part;

			p = tally_read_part(p, end, &part);
			right &= p != NULL && part.kind == TALLY_INTEGER;
			pair[j] = part.integer;
			while (values[at[j]] != pair[j])
				at[j]++;
		}
		ascending &= i == 0 || compare_pairs(before, pair) < 0;
		memcpy(before, pair, sizeof(pair));
		right &= p == end && whole.count[sorted[i]] == counts[at[0]][at[1]] &&
			tally_totals(&whole, sorted[i])[0] == expected[at[0]][at[1]] &&
			tally_totals(&whole, sorted[i])[1] == -2 * expected[at[0]][at[1]];
		same &= half[0].count[other] == whole.count[sorted[i]] &&
			tally_totals(&half[0], other)[1] == tally_totals(&whole, sorted[i])[1];
	}
	ok(ascending, "keys of integers sort as the integers do");
	ok(right, "counts and totals are those of a plain table");
	ok(same && half[0].keys.count == whole.keys.count, "two halves make the whole");
	cv_free(sorted);
	tally_free(&whole);
	tally_free(&half[0]);
	tally_free(&half[1]);
}

static void
texts_and_nulls(void)
{
	static const char *const texts[] = {"", "a", "ab", "b", NULL};
	char		key[5][16];
	size_t		length[5];
	bool		ascending = true;
	TallyPart	part;
	i128		total = 0;

	for (int i = 0; i < 5; i++)
	{
		char	   *p = texts[i] == NULL ? tally_write_null(key[i]) :
			tally_write_text(key[i], texts[i], strlen(texts[i]));

		p = tally_write_integer(p, -i);
		length[i] = (size_t) (p - key[i]);
		ascending &= i == 0 || memcmp(key[i - 1], key[i], Min(length[i - 1], length[i])) < 0;
	}
	ok(ascending, "texts sort by their bytes, a shorter one first, NULL last");
	ok(tally_read_part(key[2], key[2] + length[2], &part) == key[2] + 4 &&
	   part.kind == TALLY_TEXT && part.length == 2 && memcmp(part.text, "ab", 2) == 0,
	   "a text comes back");
	ok(tally_read_part(key[4], key[4] + length[4], &part) == key[4] + 1 && part.kind == TALLY_NULL,
	   "a NULL comes back");
	ok(tally_read_part(key[2], key[2] + 3, &part) == NULL &&
	   tally_read_part(key[4] + 1, key[4] + 8, &part) == NULL &&
	   tally_read_part("\7", NULL, &part) == NULL && tally_read_part("x", "x" + 1, &part) == NULL,
	   "what is cut off is no part");
	ok(tally_add(&total, (i128) 1 << 126) && !tally_add(&total, (i128) 1 << 126),
	   "a total past 128 bits is refused");
}

int
main(void)
{
	order_and_totals();
	texts_and_nulls();
	return done_testing("tally");
}
