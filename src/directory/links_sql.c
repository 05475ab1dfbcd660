/*
 * links_sql.c
 *		What a customer view follows: reads the view, and chooses among the
 *		relationships of a party.
 */
#include "customer_value.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"

#include "common/arguments_sql.h"
#include "common/arithmetic_sql.h"
#include "directory/household.h"

PG_FUNCTION_INFO_V1(role_of_view);

SPIPlanPtr
kept_plan(const char *query, int nargs, Oid *types)
{
	SPIPlanPtr	plan = SPI_prepare_cursor(query, nargs, types, CURSOR_OPT_GENERIC_PLAN);

	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "SPI_keepplan failed");
	return plan;
}

void
run_plan(SPIPlanPtr plan, Datum *values)
{
	if (SPI_execute_plan(plan, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_plan failed");
}

/* Views may be read with a hostile search_path: all names are qualified. */
static const char *const view_query =
"SELECT v.kinds, v.up_to, v.weighs_ownership, v.share_above, v.role,"
" ARRAY(SELECT k.kind FROM customer_value.relationship_kind k WHERE k.ownership)"
" FROM customer_value.customer_view v WHERE v.view_name OPERATOR(pg_catalog.=) $1";

static bool
is_text(const struct varlena *a, const char *b)
{
	return VARSIZE_ANY_EXHDR(a) == strlen(b) && memcmp(VARDATA_ANY(a), b, strlen(b)) == 0;
}

static Reach
reach_of(const struct varlena *up_to)
{
	if (is_text(up_to, "site"))
		return REACH_SITE;
	if (is_text(up_to, "domestic ultimate"))
		return REACH_DOMESTIC;
	if (is_text(up_to, "global ultimate"))
		return REACH_GLOBAL;
	return REACH_LEVEL;
}

static bool
is_among(const struct varlena *name, const Datum *names, int count)
{
	for (int i = 0; i < count; i++)
		if (argument_is(name, (struct varlena *) DatumGetPointer(names[i])))
			return true;
	return false;
}

/* Kinds of ownership have one place: that of the first of them. */
static void
read_kinds(ViewRule *rule, Datum kinds, Datum ownership)
{
	Datum	   *name;
	Datum	   *owning;
	int			owning_count;
	int			place_of_ownership = -1;

	deconstruct_array(DatumGetArrayTypeP(kinds), TEXTOID, -1, false, TYPALIGN_INT,
					  &name, NULL, &rule->kinds);
	deconstruct_array(DatumGetArrayTypeP(ownership), TEXTOID, -1, false, TYPALIGN_INT,
					  &owning, NULL, &owning_count);
	rule->kind = palloc(sizeof(FollowedKind) * (rule->kinds + 1));
	for (int i = 0; i < rule->kinds; i++)
	{
		rule->kind[i].name = (struct varlena *) DatumGetPointer(name[i]);
		rule->kind[i].place = i;
		if (is_among(rule->kind[i].name, owning, owning_count))
		{
			if (place_of_ownership < 0)
				place_of_ownership = i;
			rule->kind[i].place = place_of_ownership;
		}
	}
}

void
view_rule_open(ViewRule *rule, Datum view_name)
{
	static SPIPlanPtr plan = NULL;
	Oid			types[] = {TEXTOID};
	HeapTuple	view;
	Datum		values[6];
	bool		nulls[6];

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (plan == NULL)
		plan = kept_plan(view_query, 1, types);
	run_plan(plan, &view_name);
	if (SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("customer view \"%s\" does not exist", TextDatumGetCString(view_name)),
				 errdetail("A customer view says which relationships are followed, and how far up."),
				 errhint("SELECT view_name FROM customer_value.customer_view lists those there are; add_customer_view() adds one.")));

	view = SPI_tuptable->vals[0];
	heap_deform_tuple(view, SPI_tuptable->tupdesc, values, nulls);
	rule->kind_names = values[0];
	read_kinds(rule, values[0], values[5]);
	rule->level = PG_DETOAST_DATUM_PACKED(values[1]);
	rule->reach = reach_of(rule->level);
	rule->weighs = DatumGetBool(values[2]);
	rule->all = whole(1);
	rule->share_above = PointerGetDatum(PG_DETOAST_DATUM_PACKED(values[3]));
	rule->role = values[4];
}

/* The role by which a view reads records. */
Datum
role_of_view(PG_FUNCTION_ARGS)
{
	ViewRule	rule;

	view_rule_open(&rule, PG_GETARG_DATUM(0));
	SPI_finish();
	PG_RETURN_DATUM(rule.role);
}

/* ---- links ---- */

void
links_open(Links *links)
{
	links->count = 0;
	links->room = 4;
	links->link = palloc(sizeof(Link) * links->room);
	links->shares = AllocSetContextCreate(CurrentMemoryContext, "shares of a child", ALLOCSET_SMALL_SIZES);
}

void
links_clear(Links *links)
{
	if (links->count > 0)
		MemoryContextReset(links->shares);
	links->count = 0;
}

/* The place of a kind in the view, or -1: it is not followed. */
static int
place_of(const ViewRule *rule, const struct varlena *kind)
{
	for (int i = 0; i < rule->kinds; i++)
		if (argument_is(rule->kind[i].name, kind))
			return rule->kind[i].place;
	return -1;
}

static bool
reaches(const ViewRule *rule, const Datum *values, const bool *nulls)
{
	switch (rule->reach)
	{
		case REACH_SITE:
			return false;
		case REACH_DOMESTIC:
			return !nulls[COLUMN_SAME_COUNTRY] && DatumGetBool(values[COLUMN_SAME_COUNTRY]);
		case REACH_GLOBAL:
			return true;
		case REACH_LEVEL:
			return nulls[COLUMN_LEVEL] ||
				!argument_is(rule->level, PG_DETOAST_DATUM_PACKED(values[COLUMN_LEVEL]));
	}
	return false;
}

static int
by_share(const void *a, const void *b)
{
	const Link *x = a;
	const Link *y = b;
	int			order = compare(y->share, x->share);

	if (order == 0)
		order = (x->parent > y->parent) - (x->parent < y->parent);
	return order;
}

static void
keep_link(Links *links, Link *slot, const Link *link)
{
	MemoryContext old = MemoryContextSwitchTo(links->shares);

	slot->parent = link->parent;
	slot->share = datumCopy(link->share, false, -1);
	MemoryContextSwitchTo(old);
}

/* Each parent has its share; relationships to the same one add up. */
static void
add_weighed(Links *links, const Link *link)
{
	for (int i = 0; i < links->count; i++)
		if (links->link[i].parent == link->parent)
		{
			MemoryContext old = MemoryContextSwitchTo(links->shares);

			links->link[i].share = plus(links->link[i].share, link->share);
			MemoryContextSwitchTo(old);
			return;
		}
	if (links->count == links->room)
	{
		links->room *= 2;
		links->link = repalloc(links->link, sizeof(Link) * links->room);
	}
	keep_link(links, &links->link[links->count++], link);
}

void
links_add(Links *links, const ViewRule *rule, const Datum *values, const bool *nulls)
{
	Link		link = {DatumGetInt64(values[COLUMN_PARENT]), 0};
	int			place = place_of(rule, PG_DETOAST_DATUM_PACKED(values[COLUMN_KIND]));

	if (place < 0 || !reaches(rule, values, nulls))
		return;
	link.share = PointerGetDatum(PG_DETOAST_DATUM_PACKED(values[COLUMN_SHARE]));
	if (!less(rule->share_above, link.share))
		return;

	if (links->count > 0 && place > links->place)
		return;
	if (links->count > 0 && place < links->place)
		links_clear(links);
	links->place = place;
	if (rule->weighs)
		add_weighed(links, &link);
	else if (links->count == 0 || by_share(&link, &links->link[0]) < 0)
	{
		links->count = 1;
		keep_link(links, &links->link[0], &link);
	}
}

void
links_finish(Links *links)
{
	if (links->count > 1)
		qsort(links->link, links->count, sizeof(Link), by_share);
}
