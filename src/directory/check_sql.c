/*
 * check_sql.c
 *		Triggers that check relationships against all others.
 *
 * The rules are in check_relationships(), in SQL.  What they need, and PL/pgSQL
 * cannot give, is done here, in the way foreign keys have it:
 *
 *	- Of two sessions that add the two halves of a cycle at once, the second waits
 *	  and then sees the half of the first.  So a lock is taken before a statement
 *	  begins, and the check reads with the newest snapshot, not with that of
 *	  a transaction that began before the first had committed.
 *	- The check sees every row, whatever policies hide from whoever changes one.
 *	  So it runs as the owner of the table.
 */
#include "customer_value.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(party_relationship_check);

#define TABLE "party_relationship"

/*
 * Let one transaction at a time change relationships.  The lock has a tag of
 * its own, a column no table has: readers and whoever else locks the table
 * take no notice, and no user can hold it but by changing relationships.
 */
static void
lock_relationships(Relation relation)
{
	Oid			table = get_relname_relid(TABLE, RelationGetNamespace(relation));

	LockDatabaseObject(RelationRelationId, table, PG_UINT16_MAX, ExclusiveLock);
}

static void
not_our_trigger(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("function called other than by its triggers"),
			 errdetail("It checks what a statement has changed."),
			 errhint("Insert into party_relationship, or call relate().")));
}

/* The children in a transition table, as an array of bigint. */
static Datum
changed_children(TriggerData *trigger)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	int			column = SPI_fnumber(desc, "child_id");
	TupleTableSlot *slot;
	ArrayBuildState *children;

	/* whoever may create a trigger can put it on a table of his own */
	if (column <= 0 || SPI_gettypeid(desc, column) != INT8OID)
		not_our_trigger();
	slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	children = initArrayResult(INT8OID, CurrentMemoryContext, false);
	tuplestore_rescan(trigger->tg_newtable);
	while (tuplestore_gettupleslot(trigger->tg_newtable, true, false, slot))
	{
		bool		isnull;
		Datum		child = slot_getattr(slot, column, &isnull);

		CHECK_FOR_INTERRUPTS();
		accumArrayResult(children, child, isnull, INT8OID, CurrentMemoryContext);
	}
	ExecDropSingleTupleTableSlot(slot);
	return makeArrayResult(children, CurrentMemoryContext);
}

/*
 * Check as the owner of the table, with the newest snapshot: the function that
 * is called is STABLE, and so reads with the one that is active.
 */
static void
check_as_owner(Oid owner, const char *query, int nargs, Datum argument)
{
	Oid			types[] = {INT8ARRAYOID};
	Oid			user;
	int			context;
	SPIPlanPtr	plan;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(owner,
						   context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = SPI_prepare(query, nargs, types);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));

	/* what the statement itself has written is to be seen */
	CommandCounterIncrement();
	if (SPI_execute_snapshot(plan, &argument, NULL, GetLatestSnapshot(),
							 InvalidSnapshot, true, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_snapshot failed");
	SPI_finish();
	SetUserIdAndSecContext(user, context);
}

/*
 * On party_relationship, check the relationships of the children that have
 * changed; on tables that say which relationships count together, all.
 */
Datum
party_relationship_check(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Relation	relation;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event))
		not_our_trigger();

	relation = trigger->tg_relation;
	if (TRIGGER_FIRED_BEFORE(trigger->tg_event))
		lock_relationships(relation);
	else if (trigger->tg_newtable != NULL)
		check_as_owner(relation->rd_rel->relowner,
					   "SELECT customer_value.check_relationships($1)",
					   1, changed_children(trigger));
	else
		check_as_owner(relation->rd_rel->relowner,
					   "SELECT customer_value.check_relationships(ARRAY("
					   "SELECT child_id FROM customer_value." TABLE "))",
					   0, (Datum) 0);
	return PointerGetDatum(NULL);
}
