/*
 * lifecycle_sql.c
 *		lifecycle_stage(): how far a customer is, from the ledger.
 */
#include "customer_value.h"

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "common/arguments_sql.h"
#include "ledger/ledger_sql.h"
#include "scoring/lifecycle.h"
#include "scoring/rfm_scheme_sql.h"

PG_FUNCTION_INFO_V1(lifecycle_stage);

/* The enum's values in this database. */
typedef struct StageCache
{
	Oid			value[LIFECYCLE_STAGES];
} StageCache;

static StageCache *
look_up_stages(FmgrInfo *flinfo)
{
	StageCache *cache = MemoryContextAlloc(flinfo->fn_mcxt, sizeof(StageCache));
	Oid			type = get_func_rettype(flinfo->fn_oid);

	for (int stage = 0; stage < LIFECYCLE_STAGES; stage++)
	{
		const char *name = lifecycle_stage_names[stage];
		HeapTuple	tuple = SearchSysCache2(ENUMTYPOIDNAME, ObjectIdGetDatum(type),
											CStringGetDatum(name));

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "type lifecycle_stage has no value \"%s\"", name);
		cache->value[stage] = ((Form_pg_enum) GETSTRUCT(tuple))->oid;
		ReleaseSysCache(tuple);
	}
	flinfo->fn_extra = cache;
	return cache;
}

static void
check_rule(const LifecycleRule *rule)
{
	if (rule->active_for < 1 || rule->lapsed_after <= rule->active_for ||
		rule->new_for < 1 || rule->new_for > rule->lapsed_after)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("thresholds of life-cycle stages do not fit together"),
				 errdetail("new_for is %d, active_for %d, lapsed_after %d days.",
						   rule->new_for, rule->active_for, rule->lapsed_after),
				 errhint("All are at least 1; active_for is less than lapsed_after, and new_for not more.")));
}

Datum
lifecycle_stage(PG_FUNCTION_ARGS)
{
	DateADT		as_of = PG_GETARG_DATEADT(1);
	LifecycleRule rule = {
		.new_for = PG_GETARG_INT32(2),
		.active_for = PG_GETARG_INT32(3),
		.lapsed_after = PG_GETARG_INT32(4)
	};
	StageCache *cache = (StageCache *) fcinfo->flinfo->fn_extra;
	LedgerView	view;

	check_rule(&rule);
	as_of_check(as_of);
	if (unlikely(cache == NULL))
		cache = look_up_stages(fcinfo->flinfo);
	PG_READ_LEDGER(0, &view);
	PG_RETURN_OID(cache->value[lifecycle_stage_of(view.body, view.length, as_of, &rule)]);
}
