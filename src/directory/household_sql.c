/*
 * household_sql.c
 *		The household of a party, and whom everybody belongs to.
 *
 * Tables are read through the server's plans, with the rights and under the
 * policies of the caller.  The plans for one party are kept: a household is
 * found in little more time than its rows.
 */
#include "customer_value.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "nodes/supportnodes.h"
#include "tcop/dest.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "common/arithmetic_sql.h"
#include "directory/household.h"

PG_FUNCTION_INFO_V1(household);
PG_FUNCTION_INFO_V1(party_links);
PG_FUNCTION_INFO_V1(household_links);
PG_FUNCTION_INFO_V1(household_links_support);

/* More levels than any family has: a party above itself. */
#define MOST_STEPS 10000

#define RELATIONSHIP_COLUMNS_SQL \
"SELECT r.child_id, r.parent_id, r.kind, r.share"
#define RELATIONSHIPS_SQL \
" FROM customer_value.party_relationship r"
#define PARTY_COLUMNS_SQL \
", c.level, c.country OPERATOR(pg_catalog.=) p.country"
#define PARTIES_SQL \
" LEFT JOIN customer_value.party c ON c.party_id OPERATOR(pg_catalog.=) r.child_id" \
" LEFT JOIN customer_value.party p ON p.party_id OPERATOR(pg_catalog.=) r.parent_id"
#define OF_ONE_SQL \
" WHERE r.child_id OPERATOR(pg_catalog.=) $1 AND r.valid OPERATOR(pg_catalog.@>) $2"
#define OF_ALL_SQL \
" WHERE r.valid OPERATOR(pg_catalog.@>) $1 AND r.kind OPERATOR(pg_catalog.=) ANY ($2)" \
" ORDER BY r.child_id"

/*
 * Whether a party is there, and by whom it was absorbed.
 */
#define PARTY_SQL \
"SELECT m.survivor_id FROM customer_value.party p" \
" LEFT JOIN customer_value.party_merge m" \
" ON m.absorbed_id OPERATOR(pg_catalog.=) p.party_id AND m.undone_at IS NULL" \
" WHERE p.party_id OPERATOR(pg_catalog.=) $1"

/* ---- one party ---- */

static void
check_steps(int steps, int64 party)
{
	if (steps > MOST_STEPS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("above party %lld there are more than %d levels", (long long) party, MOST_STEPS),
				 errdetail("Relationships that lead back to where they began may have been inserted past the checks."),
				 errhint("SELECT customer_value.check_relationships(ARRAY[%lld]) names a cycle.", (long long) party)));
}

/* Whom a record means now: false if there is none that the caller may see. */
static bool
find_party(int64 *party)
{
	static SPIPlanPtr plan = NULL;
	Oid			types[] = {INT8OID};
	int64		asked = *party;

	if (plan == NULL)
		plan = kept_plan(PARTY_SQL, 1, types);
	for (int steps = 0;; steps++)
	{
		Datum		argument = Int64GetDatum(*party);
		Datum		survivor;
		bool		remains;

		check_steps(steps, asked);
		run_plan(plan, &argument);
		if (SPI_processed == 0)
			return false;
		survivor = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &remains);
		if (remains)
			return true;
		*party = DatumGetInt64(survivor);
		SPI_freetuptable(SPI_tuptable);
	}
}

/* Climbs from party to party. */
typedef struct Climber
{
	ViewRule	rule;
	DateADT		as_of;
	Links		links;			/* of the party climbed to last */
	bool		direct;			/* by scan; else by plans */
	RelationshipScan scan;
} Climber;

/* Within SPI from here on, until the caller leaves it. */
static void
climber_open(Climber *climber, Datum view_name, DateADT as_of)
{
	view_rule_open(&climber->rule, view_name);
	climber->as_of = as_of;
	links_open(&climber->links);
	climber->direct = !asks_for_parties(&climber->rule) && climber->rule.reach != REACH_SITE &&
		relationship_scan_open(&climber->scan);
}

static void
climber_close(Climber *climber)
{
	if (climber->direct)
		relationship_scan_close(&climber->scan);
}

static void
links_by_plan(Climber *climber, int64 party)
{
	static SPIPlanPtr plans[2] = {NULL, NULL};
	const ViewRule *rule = &climber->rule;
	SPIPlanPtr *plan = &plans[asks_for_parties(rule) ? 1 : 0];
	Datum		arguments[2] = {Int64GetDatum(party), DateADTGetDatum(climber->as_of)};
	Oid			types[] = {INT8OID, DATEOID};

	if (*plan == NULL)
		*plan = kept_plan(asks_for_parties(rule) ?
						  RELATIONSHIP_COLUMNS_SQL PARTY_COLUMNS_SQL RELATIONSHIPS_SQL PARTIES_SQL OF_ONE_SQL :
						  RELATIONSHIP_COLUMNS_SQL RELATIONSHIPS_SQL OF_ONE_SQL,
						  2, types);
	run_plan(*plan, arguments);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		Datum		values[RELATIONSHIP_COLUMNS];
		bool		nulls[RELATIONSHIP_COLUMNS];

		heap_deform_tuple(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, values, nulls);
		links_add(&climber->links, rule, values, nulls);
	}
	SPI_freetuptable(SPI_tuptable);
}

/* The links of one party. */
static void
links_of(Climber *climber, int64 party)
{
	links_clear(&climber->links);
	if (climber->rule.reach == REACH_SITE)
		return;
	if (climber->direct)
		relationship_scan_child(&climber->scan, &climber->rule, party, climber->as_of, &climber->links);
	else
		links_by_plan(climber, party);
	links_finish(&climber->links);
}

/* What is passed on: the share if the view weighs shares, or all. */
static Datum
share_of(const Links *links, const ViewRule *rule, int i)
{
	return rule->weighs ? links->link[i].share : rule->all;
}

/*
 * The head of a party's household: the last one up, by the largest share at
 * each step.
 */
Datum
household(PG_FUNCTION_ARGS)
{
	int64		party = PG_GETARG_INT64(0);
	Climber		climber;
	bool		found;

	climber_open(&climber, PG_GETARG_DATUM(1), PG_GETARG_DATEADT(2));
	found = find_party(&party);
	for (int steps = 0; found; steps++)
	{
		check_steps(steps, PG_GETARG_INT64(0));
		links_of(&climber, party);
		if (climber.links.count == 0)
			break;
		party = climber.links.link[0].parent;
	}
	climber_close(&climber);
	SPI_finish();
	if (!found)
		PG_RETURN_NULL();
	PG_RETURN_INT64(party);
}

/* Whom one party belongs to, and with which share. */
Datum
party_links(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Climber		climber;

	InitMaterializedSRF(fcinfo, 0);
	climber_open(&climber, PG_GETARG_DATUM(1), PG_GETARG_DATEADT(2));
	links_of(&climber, PG_GETARG_INT64(0));
	for (int i = 0; i < climber.links.count; i++)
	{
		Datum		values[2] = {Int64GetDatum(climber.links.link[i].parent), share_of(&climber.links, &climber.rule, i)};
		bool		nulls[2] = {false, false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	climber_close(&climber);
	SPI_finish();
	return (Datum) 0;
}

/* ---- all parties ---- */

/* Receives relationships child by child, and stores the links of each. */
typedef struct LinksReceiver
{
	DestReceiver receiver;
	const ViewRule *rule;
	Links		links;
	int64		child;			/* whose links these are */
	ReturnSetInfo *result;
	MemoryContext row;
} LinksReceiver;

static void
store_links(LinksReceiver *to)
{
	Links	   *links = &to->links;
	MemoryContext old;
	Datum	   *parents;
	Datum	   *shares;
	Datum	   *owned;
	Datum		values[4];
	bool		nulls[4] = {false, false, false, false};

	if (links->count == 0)
		return;
	links_finish(links);
	old = MemoryContextSwitchTo(to->row);
	parents = palloc(sizeof(Datum) * links->count);
	shares = palloc(sizeof(Datum) * links->count);
	owned = palloc(sizeof(Datum) * links->count);
	for (int i = 0; i < links->count; i++)
	{
		parents[i] = Int64GetDatum(links->link[i].parent);
		shares[i] = share_of(links, to->rule, i);
		owned[i] = links->link[i].share;
	}
	values[0] = Int64GetDatum(to->child);
	values[1] = PointerGetDatum(construct_array(parents, links->count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	values[2] = PointerGetDatum(construct_array(shares, links->count, NUMERICOID, -1, false, TYPALIGN_INT));
	values[3] = PointerGetDatum(construct_array(owned, links->count, NUMERICOID, -1, false, TYPALIGN_INT));
	tuplestore_putvalues(to->result->setResult, to->result->setDesc, values, nulls);
	MemoryContextSwitchTo(old);
	MemoryContextReset(to->row);
	links_clear(links);
}

static bool
receive_relationship(TupleTableSlot *slot, DestReceiver *self)
{
	LinksReceiver *to = (LinksReceiver *) self;
	int64		child;

	slot_getallattrs(slot);
	child = DatumGetInt64(slot->tts_values[COLUMN_CHILD]);
	if (child != to->child)
		store_links(to);
	to->child = child;
	links_add(&to->links, to->rule, slot->tts_values, slot->tts_isnull);
	return true;
}

static void
receive_startup(DestReceiver *self, int operation, TupleDesc desc)
{
}

static void
receive_nothing(DestReceiver *self)
{
}

static void
receive_all(LinksReceiver *to, DateADT as_of)
{
	SPIExecuteOptions options = {0};
	SPIPlanPtr	plan;
	Oid			types[] = {DATEOID, TEXTARRAYOID};
	Datum		values[] = {DateADTGetDatum(as_of), to->rule->kind_names};
	ParamListInfo parameters = makeParamList(2);

	for (int i = 0; i < 2; i++)
	{
		parameters->params[i].value = values[i];
		parameters->params[i].isnull = false;
		parameters->params[i].pflags = PARAM_FLAG_CONST;
		parameters->params[i].ptype = types[i];
	}
	plan = SPI_prepare_cursor(asks_for_parties(to->rule) ?
							  RELATIONSHIP_COLUMNS_SQL PARTY_COLUMNS_SQL RELATIONSHIPS_SQL PARTIES_SQL OF_ALL_SQL :
							  RELATIONSHIP_COLUMNS_SQL RELATIONSHIPS_SQL OF_ALL_SQL,
							  2, types, CURSOR_OPT_PARALLEL_OK);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	options.params = parameters;
	options.read_only = true;
	options.dest = &to->receiver;
	if (SPI_execute_plan_extended(plan, &options) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_plan_extended failed");
}

/* Whom each party belongs to, and with which share. */
Datum
household_links(PG_FUNCTION_ARGS)
{
	DateADT		as_of = PG_GETARG_DATEADT(1);
	ViewRule	rule;
	LinksReceiver to = {
		.receiver = {
			receive_relationship, receive_startup, receive_nothing, receive_nothing, DestTuplestore
		},
		.rule = &rule
	};

	InitMaterializedSRF(fcinfo, 0);
	view_rule_open(&rule, PG_GETARG_DATUM(0));
	if (rule.reach != REACH_SITE)
	{
		links_open(&to.links);
		to.result = (ReturnSetInfo *) fcinfo->resultinfo;
		to.row = AllocSetContextCreate(CurrentMemoryContext, "links of a party", ALLOCSET_SMALL_SIZES);
		receive_all(&to, as_of);
		store_links(&to);
	}
	SPI_finish();
	return (Datum) 0;
}

/* Tell the planner how many relationships there are: no party has many. */
Datum
household_links_support(PG_FUNCTION_ARGS)
{
	Node	   *asked = (Node *) PG_GETARG_POINTER(0);

	if (IsA(asked, SupportRequestRows))
	{
		SupportRequestRows *rows = (SupportRequestRows *) asked;
		Oid			table = get_relname_relid("party_relationship", get_func_namespace(rows->funcid));
		HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));

		if (!HeapTupleIsValid(tuple))
			PG_RETURN_POINTER(NULL);
		rows->rows = ((Form_pg_class) GETSTRUCT(tuple))->reltuples;
		ReleaseSysCache(tuple);
		if (rows->rows >= 0)	/* the table has been analyzed */
			PG_RETURN_POINTER(rows);
	}
	PG_RETURN_POINTER(NULL);
}
