/*
 * relationship_scan_sql.c
 *		The relationships of one child, read by their index.
 *
 * Who asks for a household waits for a walk of some steps, and a plan takes six
 * times as long for a step as its row.  So where the caller may read the table
 * and no policy stands between, the walk reads index and rows itself.  In all
 * other cases it runs plans, and these say what is not allowed.
 */
#include "customer_value.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rangetypes.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "directory/household.h"

/* Columns of party_relationship. */
enum
{
	ATTRIBUTE_CHILD = 2, ATTRIBUTE_PARENT, ATTRIBUTE_KIND, ATTRIBUTE_SHARE, ATTRIBUTE_VALID,
	ATTRIBUTES = ATTRIBUTE_VALID
};

static bool
is_usable(Oid index)
{
	Relation	opened;
	bool		usable;

	if (!OidIsValid(index))
		return false;
	opened = index_open(index, AccessShareLock);
	usable = opened->rd_index->indisvalid && !opened->rd_index->indcheckxmin;
	index_close(opened, AccessShareLock);
	return usable;
}

bool
relationship_scan_open(RelationshipScan *scan)
{
	Oid			schema = get_namespace_oid("customer_value", false);
	Oid			table = get_relname_relid("party_relationship", schema);

	scan->index = get_relname_relid("party_relationship_by_child", schema);
	scan->table = NULL;
	if (!OidIsValid(table) ||
		pg_class_aclcheck(table, GetUserId(), ACL_SELECT) != ACLCHECK_OK ||
		check_enable_rls(table, InvalidOid, true) == RLS_ENABLED ||
		!is_usable(scan->index))
		return false;
	scan->table = table_open(table, AccessShareLock);
	return true;
}

void
relationship_scan_close(RelationshipScan *scan)
{
	if (scan->table != NULL)
		table_close(scan->table, AccessShareLock);
}

static bool
is_valid_on(Datum valid, DateADT as_of)
{
	RangeType  *days = DatumGetRangeTypeP(valid);
	TypeCacheEntry *type = lookup_type_cache(RangeTypeGetOid(days), TYPECACHE_RANGE_INFO);

	return range_contains_elem_internal(type, days, DateADTGetDatum(as_of));
}

void
relationship_scan_child(RelationshipScan *scan, const ViewRule *rule,
						int64 child, DateADT as_of, Links *links)
{
	TupleDesc	desc = RelationGetDescr(scan->table);
	ScanKeyData key;
	SysScanDesc rows;
	HeapTuple	row;

	ScanKeyInit(&key, ATTRIBUTE_CHILD, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(child));
	rows = systable_beginscan(scan->table, scan->index, true, GetActiveSnapshot(), 1, &key);
	while (HeapTupleIsValid(row = systable_getnext(rows)))
	{
		Datum		all[ATTRIBUTES];
		bool		missing[ATTRIBUTES];
		bool		nulls[RELATIONSHIP_COLUMNS] = {false};
		Datum		values[RELATIONSHIP_COLUMNS];

		heap_deform_tuple(row, desc, all, missing);
		if (!is_valid_on(all[ATTRIBUTE_VALID - 1], as_of))
			continue;
		values[COLUMN_CHILD] = all[ATTRIBUTE_CHILD - 1];
		values[COLUMN_PARENT] = all[ATTRIBUTE_PARENT - 1];
		values[COLUMN_KIND] = all[ATTRIBUTE_KIND - 1];
		values[COLUMN_SHARE] = all[ATTRIBUTE_SHARE - 1];
		links_add(links, rule, values, nulls);
	}
	systable_endscan(rows);
}
