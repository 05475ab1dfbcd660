\echo Use "CREATE EXTENSION customer_value" to load this file. \quit

-- Who owns the schema, or may create in it, could put functions in front of ours.
DO $$
DECLARE
	other pg_catalog.name;
BEGIN
	IF EXISTS (SELECT FROM pg_catalog.pg_depend AS d
			   WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass
					 AND d.refobjid OPERATOR(pg_catalog.=) 'customer_value'::pg_catalog.regnamespace
					 AND d.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_extension'::pg_catalog.regclass) THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = 'schema customer_value is not empty',
			DETAIL = 'What is in it could stand in front of what the extension calls.',
			HINT = 'Drop the schema, or move what is in it to another.';
	END IF;
	SELECT pg_catalog.pg_get_userbyid(n.nspowner) INTO other FROM pg_catalog.pg_namespace AS n
	WHERE n.nspname OPERATOR(pg_catalog.=) 'customer_value' AND NOT (
		SELECT r.rolsuper OR r.rolname OPERATOR(pg_catalog.=) current_user FROM pg_catalog.pg_roles AS r WHERE r.oid OPERATOR(pg_catalog.=) n.nspowner);
	IF other IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
			MESSAGE = pg_catalog.format('schema customer_value belongs to %s', other),
			DETAIL = 'Its owner could replace what the extension calls.',
			HINT = 'Drop the schema, or make it yours with ALTER SCHEMA customer_value OWNER TO CURRENT_USER.';
	END IF;
	SELECT CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(a.grantee) END INTO other
	FROM pg_catalog.pg_namespace AS n, pg_catalog.aclexplode(n.nspacl) AS a
	WHERE n.nspname OPERATOR(pg_catalog.=) 'customer_value' AND a.privilege_type OPERATOR(pg_catalog.=) 'CREATE' AND a.grantee OPERATOR(pg_catalog.<>) n.nspowner
	LIMIT 1;
	IF other IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
			MESSAGE = pg_catalog.format('%s may create objects in schema customer_value', other),
			DETAIL = 'They could stand in front of what the extension calls.',
			HINT = 'REVOKE CREATE ON SCHEMA customer_value first.';
	END IF;
END;
$$;

GRANT USAGE ON SCHEMA customer_value TO PUBLIC;

COMMENT ON SCHEMA customer_value IS 'Customer profitability, value segments and lifetime value.';

