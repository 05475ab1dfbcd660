/*
 * roles_sql.c
 *		Which roles the current user has.
 *
 * Policies ask this in every query, so it must cost next to nothing: the walk
 * over the memberships reads the caches of the server.  The same in SQL, a
 * recursive query, took three times as long as the look-up it guarded.
 */
#include "customer_value.h"

#include "access/htup_details.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(granted_roles);

/* Add the roles that a role was granted and that are not yet among them. */
static List *
add_roles_of(List *roles, Oid member)
{
	CatCList   *granted = SearchSysCacheList1(AUTHMEMMEMROLE, ObjectIdGetDatum(member));

	for (int i = 0; i < granted->n_members; i++)
	{
		HeapTuple	tuple = &granted->members[i]->tuple;

		roles = list_append_unique_oid(roles, ((Form_pg_auth_members) GETSTRUCT(tuple))->roleid);
	}
	ReleaseSysCacheList(granted);
	return roles;
}

/*
 * The current user and all roles it was granted, in whatever way, of which it
 * inherits the privileges.  What a superuser could do with any other role
 * is left out: it was not granted.
 */
Datum
granted_roles(PG_FUNCTION_ARGS)
{
	Oid			user = GetUserId();
	List	   *roles = list_make2_oid(user, ROLE_PG_DATABASE_OWNER);
	ArrayBuildState *names = initArrayResult(NAMEOID, CurrentMemoryContext, false);

	/* the list grows while it is walked */
	for (int i = 0; i < list_length(roles); i++)
	{
		Oid			role = list_nth_oid(roles, i);
		NameData	name;

		CHECK_FOR_INTERRUPTS();
		if (!has_privs_of_role(user, role))
			continue;
		roles = add_roles_of(roles, role);
		namestrcpy(&name, GetUserNameFromId(role, false));
		accumArrayResult(names, NameGetDatum(&name), false, NAMEOID, CurrentMemoryContext);
	}
	PG_RETURN_DATUM(makeArrayResult(names, CurrentMemoryContext));
}
