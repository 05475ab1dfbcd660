-- access: what administrators, members of teams and readers see

-- Whoever may execute this function sees all customers.  It is a privilege of the
-- database like any other: it is inherited, renamed and dumped with the roles.
CREATE FUNCTION sees_all_customers() RETURNS boolean
	LANGUAGE sql STABLE PARALLEL SAFE COST 1
BEGIN ATOMIC
	SELECT true;
END;
REVOKE EXECUTE ON FUNCTION sees_all_customers() FROM PUBLIC;
-- Default privileges, meant for functions that do something, make no administrators.
DO $$
DECLARE
	other regrole;
BEGIN
	FOR other IN
		SELECT a.grantee FROM pg_catalog.pg_proc p, aclexplode(p.proacl) a
		WHERE p.oid = 'sees_all_customers()'::regprocedure AND a.grantee <> p.proowner
	LOOP
		EXECUTE format('REVOKE EXECUTE ON FUNCTION sees_all_customers() FROM %s', other);
	END LOOP;
END;
$$;
COMMENT ON FUNCTION sees_all_customers() IS 'Who has the privilege to execute it is an administrator of the directory: policies ask for that privilege, nobody calls it.';

-- The views below read with the rights of their owner, for the policy of account_team
-- asks them, too; they show what a policy shows.  Neither the roles nor the day depend
-- on a setting of the session.
CREATE VIEW team_now AS
SELECT t.party_id, t.team_function, t.member, t.since, t.until
FROM account_team t
WHERE t.since <= utc_date() AND (t.until IS NULL OR t.until > utc_date())
	  AND t.member = ANY ((SELECT granted_roles())::name[]);
COMMENT ON VIEW team_now IS 'Part of team_customer and team_key, and granted to nobody: it is no barrier, so that they are planned as one.';

CREATE VIEW team_customer WITH (security_barrier) AS
SELECT t.party_id, t.team_function, t.member, t.since, t.until FROM team_now t;
COMMENT ON VIEW team_customer IS 'The customers in whose team the current role is today, itself or by a role it has, and as what.';

-- A ledger cannot be seen in part.  So one whose key has meant several parties is
-- seen by whoever sees all of them.
CREATE VIEW team_key WITH (security_barrier) AS
SELECT i.source, i.source_key
FROM party_identifier i
WHERE EXISTS (SELECT FROM team_now t WHERE t.party_id = i.party_id)
	  AND NOT EXISTS (SELECT FROM party_identifier o
					  WHERE o.source = i.source AND o.source_key = i.source_key AND o.party_id <> i.party_id
							AND NOT EXISTS (SELECT FROM team_now t WHERE t.party_id = o.party_id));
COMMENT ON VIEW team_key IS 'The keys that have meant only customers in whose team the current role is today.';

-- The privilege is asked for once in a query, and first, for the server asks policies in
-- the reverse order of their names; so is which roles the user has.
DO $do$
DECLARE
	guarded text;
BEGIN
	FOREACH guarded IN ARRAY ARRAY[
		'party', 'party_identifier', 'party_relationship', 'party_event', 'party_merge',
		'customer_ledger', 'account_team', 'party_segment', 'credit_limit', 'authority'
	] LOOP
		EXECUTE format($$
			ALTER TABLE %1$I ENABLE ROW LEVEL SECURITY;
			CREATE POLICY sees_all_customers ON %1$I
				USING ((SELECT has_function_privilege('sees_all_customers()'::regprocedure, 'EXECUTE')));
			COMMENT ON POLICY sees_all_customers ON %1$I IS 'Administrators see and change all.';
			$$, guarded);
	END LOOP;
END;
$do$;

-- A single customer is looked up in the teams; for many, the customers of the user are
-- hashed once.  Members only read; there are no policies by which they write.

CREATE POLICY members ON party FOR SELECT
	USING (EXISTS (SELECT FROM team_customer t WHERE t.party_id = party.party_id));
COMMENT ON POLICY members ON party IS 'Members see customers in whose team they are.';

CREATE POLICY members ON party_identifier FOR SELECT
	USING (EXISTS (SELECT FROM team_customer t WHERE t.party_id = party_identifier.party_id));
COMMENT ON POLICY members ON party_identifier IS 'Members see keys of their customers.';

CREATE POLICY members ON party_relationship FOR SELECT
	USING (EXISTS (SELECT FROM team_customer t WHERE t.party_id = party_relationship.child_id)
		   OR EXISTS (SELECT FROM team_customer t WHERE t.party_id = party_relationship.parent_id));
COMMENT ON POLICY members ON party_relationship IS 'Members see relationships of which one end is a customer of theirs.';

CREATE POLICY members ON party_event FOR SELECT
	USING (EXISTS (SELECT FROM team_customer t WHERE t.party_id = party_event.party_id));
COMMENT ON POLICY members ON party_event IS 'Members see what happened to their customers.';

CREATE POLICY members ON party_merge FOR SELECT
	USING (EXISTS (SELECT FROM team_customer t WHERE t.party_id = party_merge.survivor_id)
	-- it says what the other had, which is not theirs any more
	AND (undone_at IS NULL OR EXISTS (SELECT FROM team_customer t WHERE t.party_id = party_merge.absorbed_id)));
COMMENT ON POLICY members ON party_merge IS 'Members see whom their customers absorbed, and what was undone if both are theirs.';

CREATE POLICY members ON customer_ledger FOR SELECT
	USING (EXISTS (SELECT FROM team_key k WHERE k.source = customer_ledger.source AND k.source_key = customer_ledger.source_key));
COMMENT ON POLICY members ON customer_ledger IS 'Members see ledgers of their customers, and of nobody else.';

CREATE POLICY members ON account_team FOR SELECT
	USING (EXISTS (SELECT FROM team_customer t WHERE t.party_id = account_team.party_id));
COMMENT ON POLICY members ON account_team IS 'Members see the whole team of each of their customers.';

CREATE POLICY members ON party_segment FOR SELECT
	USING (EXISTS (SELECT FROM team_customer t WHERE t.party_id = party_segment.party_id));
COMMENT ON POLICY members ON party_segment IS 'Members see segments of their customers.';

CREATE POLICY members ON credit_limit FOR SELECT
	USING (EXISTS (SELECT FROM team_customer t WHERE t.party_id = credit_limit.party_id));
COMMENT ON POLICY members ON credit_limit IS 'Members see limits of their customers.';

CREATE POLICY members ON authority FOR SELECT
	USING (role_name = ANY ((SELECT granted_roles())::name[]));
COMMENT ON POLICY members ON authority IS 'Members see what they may do themselves.';

-- How to look at customers, and nothing of them: everybody may read it, so that an
-- error about an unknown view or kind can say which there are.
GRANT SELECT ON relationship_kind, customer_view TO PUBLIC;

CREATE TYPE directory_access AS ENUM ('reader', 'member', 'administrator');
COMMENT ON TYPE directory_access IS 'What a role is to the directory: a reader sees totals, a member the customers in whose team it is, an administrator sees and changes all.';

-- A table is granted to members only if policies guard it or no customer is in it, a
-- view only if it reads with the rights of whoever asks.
CREATE FUNCTION access_privileges(access directory_access) RETURNS TABLE (privileges text, of_object text)
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 1000 ROWS 30
BEGIN ATOMIC
	WITH relation AS (
		SELECT c.relname, c.relkind,
			   CASE WHEN c.relkind = 'r' THEN c.relrowsecurity OR c.relname IN ('source_system', 'relationship_kind', 'customer_view')
					ELSE coalesce(c.reloptions @> '{security_invoker=true}', false) OR c.relname IN ('team_customer', 'team_key') END AS guarded,
			   format('TABLE customer_value.%I', c.relname) AS object
		FROM pg_catalog.pg_depend d
			 JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname = 'customer_value'
			 JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind IN ('r', 'v')
		WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
	)
	SELECT 'SELECT', r.object FROM relation r
	WHERE CASE access WHEN 'reader' THEN r.relname = 'customer_totals' WHEN 'member' THEN r.guarded ELSE r.relname <> 'team_now' END
	UNION ALL
	-- History is only written, and who wrote it when is not for him to say.
	SELECT CASE WHEN r.relname = 'party_event' THEN 'INSERT (action, party_id, other_id, before, after)' ELSE 'INSERT, UPDATE, DELETE' END, r.object
	FROM relation r WHERE access = 'administrator' AND r.relkind = 'r'
	UNION ALL
	SELECT 'EXECUTE', 'FUNCTION customer_value.sees_all_customers()' WHERE access = 'administrator'
	ORDER BY 2, 1;
END;
COMMENT ON FUNCTION access_privileges(directory_access) IS 'Which privileges make a role a reader, member or administrator, as GRANT and REVOKE take them.';

CREATE FUNCTION must_own_directory() RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
DECLARE
	owner name := (SELECT pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c WHERE c.oid = 'party'::regclass);
BEGIN
	-- GRANT itself would only warn whoever has a privilege that he may not pass on.
	IF NOT pg_has_role(owner, 'USAGE') THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
			MESSAGE = 'must be owner of the directory',
			DETAIL = format('Its tables belong to %s, who alone says who sees them.', owner),
			HINT = 'Administrators put roles into teams with assign_account().';
	END IF;
END;
$$;
COMMENT ON FUNCTION must_own_directory() IS 'Raises an error unless the current role owns the tables of the directory.';

CREATE FUNCTION grant_directory_access(role_name name, access directory_access) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
DECLARE
	one record;
BEGIN
	PERFORM known_role(role_name);
	PERFORM must_own_directory();
	FOR one IN SELECT * FROM access_privileges(access) LOOP
		EXECUTE format('GRANT %s ON %s TO %I', one.privileges, one.of_object, role_name);
	END LOOP;
END;
$$;
COMMENT ON FUNCTION grant_directory_access(name, directory_access) IS 'Grants a role all that a reader, member or administrator needs, beside what it has. After an update of the extension, call it again.';

CREATE FUNCTION revoke_directory_access(role_name name) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
DECLARE
	one record;
BEGIN
	PERFORM known_role(role_name);
	PERFORM must_own_directory();
	FOR one IN SELECT DISTINCT p.of_object FROM access_privileges('administrator') AS p LOOP
		EXECUTE format('REVOKE ALL ON %s FROM %I', one.of_object, role_name);
	END LOOP;
END;
$$;
COMMENT ON FUNCTION revoke_directory_access(name) IS 'Takes from a role every privilege on the directory that was granted to it; what it has by other roles stays.';
