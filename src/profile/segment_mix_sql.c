/*
 * segment_mix_sql.c
 *		The aggregate segment_mix: what segments buy, or where, against what all
 *		customers do.
 */
#include "customer_value.h"

#include "profile/profile_sql.h"

PG_FUNCTION_INFO_V1(segment_mix_accum_bigint);
PG_FUNCTION_INFO_V1(segment_mix_accum_text);
PG_FUNCTION_INFO_V1(segment_mix_final);

static inline Datum
accumulate(FunctionCallInfo fcinfo, bool integer)
{
	TallyState *state = tally_state(fcinfo, 1);

	tally_begin_key(state);
	if (integer)
		tally_part_bigint_argument(fcinfo, 1, state);
	else
		tally_part_text_argument(fcinfo, 1, state);
	tally_part_text_argument(fcinfo, 2, state);
	tally_add_argument(fcinfo, 3, tally_row(fcinfo, state, 1));
	PG_RETURN_POINTER(state);
}

Datum
segment_mix_accum_bigint(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true);
}

Datum
segment_mix_accum_text(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false);
}

/*
 * Results.  In order of the keys, the items of a segment are neighbours, in
 * order of their names.
 */
typedef struct MixItem
{
	TallyPart	item;
	int64		lines;
	i128		amount;
	i128		of_all;			/* amount of this item in all segments */
	int			place;			/* among the names of its segment */
} MixItem;

typedef struct Mix
{
	const Tally *tally;
	Tally		items;			/* amounts by item */
	i128		all;
	Rows		rows;
} Mix;

static size_t
item_key(const KnownName *key, const char **item)
{
	TallyPart	part;

	*item = key_part(key->text, key, &part);
	return (size_t) (key->text + key->length - *item);
}

static void
add_up_items(Mix *mix)
{
	const Tally *t = mix->tally;

	mix->items.width = 1;
	for (int i = 0; i < t->keys.count; i++)
	{
		const char *item;
		size_t		length = item_key(&t->keys.name[i], &item);
		i128		amount = *tally_totals(t, i);

		CHECK_FOR_INTERRUPTS();
		tally_add_checked(tally_totals(&mix->items, tally_key(&mix->items, item, length)), amount);
		tally_add_checked(&mix->all, amount);
	}
}

/* The largest amount first, and equal ones by name. */
static int
compare_items(const void *a, const void *b)
{
	const MixItem *x = a;
	const MixItem *y = b;

	if (x->amount != y->amount)
		return x->amount > y->amount ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

static void
put_index(RowWriter *row, const MixItem *item, i128 segment, i128 all)
{
	Datum		expected;

	if (segment <= 0 || all <= 0 || item->of_all <= 0)
	{
		put_null(row);
		return;
	}
	expected = times(MONEY(segment), MONEY(item->of_all));
	put_ratio(row, times(whole(100), times(MONEY(item->amount), MONEY(all))), expected);
}

static void
add_segment(Mix *mix, const TallyPart *segment, MixItem *items, int n)
{
	i128		total = 0;

	for (int i = 0; i < n; i++)
		tally_add_checked(&total, items[i].amount);
	qsort(items, (size_t) n, sizeof(MixItem), compare_items);
	for (int i = 0; i < n; i++)
	{
		RowWriter	row = {.used = 0};

		put_segment(&row, segment);
		put_count(&row, i + 1);
		row.values[row.used] = tally_part_datum(&items[i].item, false, &row.nulls[row.used]);
		row.used++;
		put_count(&row, items[i].lines);
		put_money(&row, items[i].amount);
		put_share(&row, items[i].amount, total);
		put_share(&row, items[i].of_all, mix->all);
		put_index(&row, &items[i], total, mix->all);
		rows_add(&mix->rows, row.values, row.nulls);
	}
}

static bool
same_part(const TallyPart *a, const TallyPart *b)
{
	return a->kind == b->kind && a->integer == b->integer && a->length == b->length &&
		(a->length == 0 || memcmp(a->text, b->text, a->length) == 0);
}

Datum
segment_mix_final(PG_FUNCTION_ARGS)
{
	TallyState *state = tally_final_state(fcinfo);
	Mix			mix = {0};
	TallyPart	segment = {0};
	MixItem    *items;
	int		   *sorted;
	int			n = 0;

	if (state == NULL)
		PG_RETURN_NULL();
	mix.tally = &state->tally;
	add_up_items(&mix);
	rows_open(&mix.rows, fcinfo);
	items = cv_alloc((size_t) state->tally.keys.count * sizeof(MixItem));
	sorted = tally_sorted(&state->tally);
	for (int i = 0; i < state->tally.keys.count; i++)
	{
		const KnownName *key = &state->tally.keys.name[sorted[i]];
		const char *name;
		size_t		length = item_key(key, &name);
		TallyPart	part;

		(void) key_part(key->text, key, &part);
		if (n > 0 && !same_part(&part, &segment))
		{
			add_segment(&mix, &segment, items, n);
			n = 0;
		}
		segment = part;
		(void) key_part(name, key, &items[n].item);
		items[n].lines = state->tally.count[sorted[i]];
		items[n].amount = *tally_totals(&state->tally, sorted[i]);
		items[n].of_all = *tally_totals(&mix.items, tally_key(&mix.items, name, length));
		items[n].place = n;
		n++;
	}
	add_segment(&mix, &segment, items, n);
	cv_free(items);
	cv_free(sorted);
	tally_free(&mix.items);
	return rows_finish(&mix.rows);
}
