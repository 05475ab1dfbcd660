--
-- What every object of the extension must say of itself.  All results are empty;
-- an exception stands here with its reason or nowhere.
--
CREATE TEMPORARY VIEW member AS
SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS object
FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
WHERE d.deptype = 'e' AND e.extname = 'customer_value'
	  -- types of arrays and of rows of tables are made by the server, and members since PostgreSQL 18
	  AND NOT (d.classid = 'pg_type'::regclass
			   AND (EXISTS (SELECT FROM pg_type t WHERE t.typarray = d.objid)
					OR EXISTS (SELECT FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid WHERE t.oid = d.objid AND c.relkind <> 'c')));

CREATE TEMPORARY VIEW routine AS
SELECT p.*, p.oid::regprocedure::text AS signature, l.lanname,
	   EXISTS (SELECT FROM pg_aggregate a
			   WHERE p.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn,
							   a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn)) AS of_aggregate
FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
	 JOIN pg_language l ON p.prolang = l.oid;

-- The first look is at the lint itself: it sees the extension.
SELECT count(*) > 50 AS sees_objects, bool_or(classid = 'pg_proc'::regclass) AS sees_routines FROM member;

-- Objects without a comment
SELECT object FROM member
WHERE coalesce(obj_description(objid, (SELECT relname FROM pg_class WHERE oid = classid)), '') = ''
ORDER BY 1;

-- Objects outside the extension's schema
SELECT object FROM member, pg_identify_object(classid, objid, 0) AS i
WHERE i.schema IS NOT NULL AND i.schema <> 'customer_value'
ORDER BY 1;

-- Routines that change something, without a reason to:
CREATE TEMPORARY TABLE changes_data (name text PRIMARY KEY, reason text NOT NULL);
INSERT INTO changes_data SELECT unnest(string_to_array(names, ' ')), reason FROM (VALUES
	('add_source_system add_party change_party identify end_identifier relate change_share end_relationship add_relationship_kind add_customer_view'
	 ' merge_party undo_merge assign_account release_account assign_segment set_credit_limit grant_authority revoke_authority', 'changes the directory'),
	('record_event', 'writes the history'),
	('identify_once begin_merge', 'does a part of the above'),
	('begin_relationship_change changeable_party changeable_relationship parties_of_account', 'locks what is to be changed'),
	('grant_directory_access revoke_directory_access', 'changes privileges'),
	('party_relationship_check predefined_check', 'is a trigger function')) AS c (names, reason);
SELECT signature FROM routine r
WHERE provolatile = 'v' AND NOT EXISTS (SELECT FROM changes_data c WHERE c.name = r.proname)
ORDER BY 1;

-- Routines that read and are not parallel safe; that change something and say they are
SELECT signature, provolatile, proparallel FROM routine
WHERE proparallel <> CASE provolatile WHEN 'v' THEN 'u' ELSE 's' END
ORDER BY 1;

-- Routines that read nothing that can change, and are not immutable.  In C, values are
-- computed, and in SQL it is known what is read.  Those that may:
CREATE TEMPORARY TABLE reads_data (name text PRIMARY KEY, reason text NOT NULL);
INSERT INTO reads_data VALUES
	('household', 'reads relationships'),
	('household_links', 'reads relationships'),
	('role_of_view', 'reads customer views'),
	('party_links', 'reads relationships'),
	('access_privileges', 'reads the catalogs'),
	('granted_roles', 'reads the catalogs'),
	('current_as_of', 'reads a setting'),
	('current_customer_view', 'reads a setting'),
	('utc_date', 'reads the clock'),
	('sees_all_customers', 'is a privilege, and called by nobody'),
	('day_in_words', 'writes dates, which settings of a session could change'),
	('days_in_words', 'writes dates, which settings of a session could change');
SELECT signature FROM routine r
WHERE provolatile = 's' AND NOT EXISTS (SELECT FROM reads_data t WHERE t.name = r.proname)
	  AND (lanname = 'c'
		   OR lanname = 'sql' AND NOT EXISTS (SELECT FROM pg_depend d
			  WHERE d.classid = 'pg_proc'::regclass AND d.objid = r.oid
					AND (d.refclassid = 'pg_class'::regclass
						 OR d.refclassid = 'pg_proc'::regclass AND EXISTS (SELECT FROM pg_proc p WHERE p.oid = d.refobjid AND p.provolatile <> 'i'))))
ORDER BY 1;

-- Functions that answer NULL arguments with something of their own.  Those that may:
CREATE TEMPORARY TABLE takes_null (name text PRIMARY KEY, reason text NOT NULL);
INSERT INTO takes_null VALUES
	('ledger', 'an account that is NULL has no money in it'),
	('ledger_entry', 'no amount is no money; purchases and currency have defaults'),
	('price_waterfall', 'without an array there are no deductions; no rows for no price'),
	('differences', 'NULL is a certificate of no ledgers: what is missing must be seen'),
	('breaking', 'every option has a default'),
	('branching', 'every option has a default'),
	('mining', 'every option has a default'),
	('rules', 'with NULL instead of an expression, features are columns'),
	('fixed_breaks', 'labels need not be given; NULL for NULL cut points'),
	('scoring', 'every option has a default'),
	('value_grid', 'labels need not be given; NULL for no value or potential'),
	('profile_cards', 'what is not given is not on the cards'),
	('profile_card_key', 'a NULL segment is a segment'),
	('profile_card_mix', 'no limit is no limit'),
	('rfm', 'monetary and unit may be unknown, since may be any time; NULL for no frequency, recency, age, ledger or date'),
	('set_credit_limit', 'no amount is no limit; NULL days are open ends, and a currency need not be stated'),
	('credit_exposure', 'NULL is no invoices; a currency need not be given where there is one'),
	('view_conservation', 'NULL is all customer views'),
	('party_ledgers', 'no rows for no role; not STRICT, to be a part of the query that calls it'),
	('household_nodes', 'no rows for NULL; not STRICT, to be a part of the query that calls it'),
	('household_ledgers', 'no rows for NULL; not STRICT, to be a part of the query that calls it'),
	('household_tree', 'no rows for NULL; not STRICT, to be a part of the query that calls it'),
	('household_members', 'no rows for NULL; not STRICT, to be a part of the query that calls it'),
	('netting_gap', 'NULL is all days'),
	('clv', 'margin need not be given where spend is contribution'),
	('clv_interval', 'margin need not be given where spend is contribution'),
	('text_range', 'NULL is no bound'),
	('team_function_range', 'NULL is no bound'),
	('days_between', 'NULL is no bound'),
	('valid_share', 'NULL is an error'),
	('known_source', 'NULL is an error'),
	('known_kind', 'NULL is an error'),
	('known_role', 'NULL is an error'),
	('already_exists', 'is an error'),
	('already_identified', 'is an error'),
	('may', 'no amount is asked for');
SELECT signature FROM routine r
WHERE NOT proisstrict AND prokind = 'f'
	  AND NOT EXISTS (SELECT FROM takes_null t WHERE t.name = r.proname)
	  AND NOT of_aggregate		-- which decides itself what NULL is
	  AND provolatile <> 'v'	-- what changes the directory says itself what must be given
	  AND pronargs > 0
ORDER BY 1;

-- Costs nobody thought about: SQL and PL/pgSQL left at 100, sets left at 1000 rows, C
-- left at 1.  Comparing, hashing, adding to an aggregate and reading a field may cost 1.
SELECT signature, procost, prorows FROM routine r
WHERE prokind = 'f'
	  AND (prorows = 1000
		   OR lanname IN ('sql', 'plpgsql') AND procost = 100
		   OR lanname = 'c' AND procost = 1
			  AND proname NOT IN ('ledger', 'currency', 'frequency', 'recency', 'age', 'monetary', 'inactivity') AND NOT of_aggregate
			  AND NOT EXISTS (SELECT FROM pg_operator o WHERE o.oprcode = r.oid AND o.oprresult = 'bool'::regtype)
			  AND NOT EXISTS (SELECT FROM pg_amproc a WHERE a.amproc = r.oid))
ORDER BY 1;

-- Bodies that look names up when they run, and rights of somebody else
SELECT signature, lanname, prosecdef FROM routine
WHERE lanname = 'sql' AND prosqlbody IS NULL AND coalesce(array_to_string(proconfig, ','), '') !~ 'search_path='
	  OR lanname NOT IN ('sql', 'c', 'internal') AND coalesce(array_to_string(proconfig, ','), '') !~ 'search_path='
	  OR prosecdef
ORDER BY 1;

-- Arguments nobody can name without quotes
SELECT signature, a.name FROM routine, unnest(proargnames) AS a (name) JOIN pg_get_keywords() k ON k.word = a.name
WHERE k.catcode IN ('R', 'T')
ORDER BY 1;

-- Functions that a builtin of the same name and arguments would hide
SELECT signature FROM routine r
WHERE EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace
			  AND p.proname = r.proname AND p.proargtypes = r.proargtypes)
ORDER BY 1;

-- Aggregates: a name of their own, a state that travels, partial aggregation, a stated size
SELECT r.signature, a.aggtranstype::regtype, a.aggcombinefn, a.aggtransspace FROM routine r JOIN pg_aggregate a ON a.aggfnoid = r.oid
WHERE EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'a' AND p.proname = r.proname)
	  OR a.aggcombinefn = 0
	  OR a.aggtransspace = 0 AND (SELECT typlen FROM pg_type WHERE oid = a.aggtranstype) < 0
	  OR a.aggtranstype = 'internal'::regtype AND (a.aggserialfn = 0 OR a.aggdeserialfn = 0 OR a.aggtransspace = 0)
ORDER BY 1;

-- Types without a binary form, or without an operator class to group by
SELECT m.object FROM member m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND m.objid = t.oid
WHERE t.typtype = 'b' AND (t.typsend = 0 OR t.typreceive = 0)
ORDER BY 1;

-- Comparison operators without commutator, negator, selectivity; = without hash and merge joins
SELECT o.oid::regoperator FROM member m JOIN pg_operator o ON m.classid = 'pg_operator'::regclass AND m.objid = o.oid
WHERE o.oprresult = 'bool'::regtype
	  AND (o.oprcom = 0 OR o.oprnegate = 0 OR o.oprrest = 0 OR o.oprjoin = 0
		   OR o.oprname = '=' AND NOT (o.oprcanhash AND o.oprcanmerge))
ORDER BY 1;

-- Addition, and products with swapped arguments, without commutator
SELECT o.oid::regoperator FROM member m JOIN pg_operator o ON m.classid = 'pg_operator'::regclass AND m.objid = o.oid
WHERE o.oprkind = 'b' AND o.oprcom = 0
	  AND (o.oprname = '+' AND o.oprleft = o.oprright
		   OR EXISTS (SELECT FROM pg_operator s WHERE s.oprname = o.oprname AND s.oprname <> '-' AND s.oprleft = o.oprright
					  AND s.oprright = o.oprleft AND s.oprnamespace = o.oprnamespace AND s.oid <> o.oid))
ORDER BY 1;

-- Views that read with their owner's rights.  Those that may:
CREATE TEMPORARY TABLE owner_reads (name text PRIMARY KEY, reason text NOT NULL);
INSERT INTO owner_reads VALUES
	('customer_totals', 'readers see totals of rows that policies hide from them'),
	('team_customer', 'the policy of account_team asks it, and would ask itself'),
	('team_key', 'whether a key meant somebody else is known from rows that policies hide'),
	('team_now', 'part of the two above, and granted to nobody: they are its barriers');
SELECT m.object FROM member m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND m.objid = c.oid
WHERE c.relkind = 'v' AND NOT coalesce(c.reloptions @> '{security_invoker=true}', false)
	  AND NOT (EXISTS (SELECT FROM owner_reads o WHERE o.name = c.relname) AND (c.reloptions @> '{security_barrier=true}' OR c.relname = 'team_now'))
ORDER BY 1;

-- Tables and sequences whose contents a dump would leave out
SELECT m.object FROM member m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND m.objid = c.oid
WHERE c.relkind IN ('r', 'S') AND NOT EXISTS (SELECT FROM pg_extension e WHERE e.extname = 'customer_value' AND c.oid = ANY (e.extconfig))
ORDER BY 1;

-- Tables that no order of loading suits: foreign keys that lead back to their table
WITH RECURSIVE reference AS (
	SELECT f.conrelid, f.confrelid FROM member m JOIN pg_constraint f ON m.classid = 'pg_class'::regclass AND m.objid = f.conrelid AND f.contype = 'f'
	UNION
	SELECT r.conrelid, f.confrelid FROM reference r JOIN pg_constraint f ON f.conrelid = r.confrelid AND f.contype = 'f'
)
SELECT conrelid::regclass FROM reference WHERE conrelid = confrelid
ORDER BY 1;

-- Trigger functions that write, or may: triggers fire while a dump is restored.  In C,
-- party_relationship_check calls a STABLE function and nothing else.
SELECT t.tgrelid::regclass AS on_table, t.tgname, r.signature
FROM member m JOIN pg_trigger t ON m.classid = 'pg_class'::regclass AND m.objid = t.tgrelid AND NOT t.tgisinternal
	 LEFT JOIN routine r ON r.oid = t.tgfoid
WHERE r.oid IS NULL
	  OR r.proname <> 'party_relationship_check'
		 AND (r.lanname <> 'plpgsql' OR r.prosrc ~* '\m(insert|update|delete|merge|truncate|copy|execute|perform)\M')
ORDER BY 1, 2;

-- Checks of tables that an error would name by the name of a column
SELECT c.conrelid::regclass, c.conname FROM member m JOIN pg_constraint c ON m.classid = 'pg_class'::regclass AND m.objid = c.conrelid
WHERE c.contype IN ('c', 'x') AND c.conname ~ '_(check|excl)\d*$'
ORDER BY 1, 2;

-- Tables with customers in them that everybody with a privilege would see whole
SELECT m.object FROM member m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND m.objid = c.oid
WHERE c.relkind = 'r' AND NOT c.relrowsecurity
	  AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('party_id', 'child_id', 'survivor_id', 'source_key'))
ORDER BY 1;
