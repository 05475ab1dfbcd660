--
-- The functions that change the directory, what they write into its history, and what
-- they answer to what cannot be.
--
-- Tests share a database: this one begins with an empty directory, and leaves one.
SET client_min_messages = warning;
TRUNCATE customer_value.party, customer_value.source_system, customer_value.authority RESTART IDENTITY CASCADE;
RESET client_min_messages;
CREATE SCHEMA test_directory;
SET search_path = test_directory, customer_value;
SET datestyle = 'ISO, YMD';
SET customer_value.as_of = '2024-06-30';
\set VERBOSITY default
\set SHOW_CONTEXT never
-- The history without its times
CREATE VIEW history AS SELECT action, party_id, other_id, before, after FROM party_event ORDER BY event_id;

-- Sources and parties
SELECT add_source_system('erp', 'accounting', 'The books'), add_source_system('crm', 'sales');
SELECT add_source_system('erp', 'sales');
SELECT add_source_system('shop', 'web');
SELECT add_source_system(' ', 'sales');

SELECT add_party('organisation', 'Holding', '001234567', 'DE') AS holding,
	   add_party('organisation', 'Steel', country => 'DE', level => 'business unit', attributes => '{"industry": "steel", "size": 500}') AS steel,
	   add_party('site', 'Steel, plant 2') AS plant,
	   add_party('organisation', 'Paper', attributes => NULL) AS paper,
	   add_party('person', 'Ann', attributes => '{"birth_date": "1980-02-29"}') AS ann;
SELECT * FROM party ORDER BY party_id;
SELECT add_party('organisation', ' ');
SELECT add_party(NULL, 'Nothing');
SELECT add_party('organisation', 'Paper', duns => '12345678');
SELECT add_party('organisation', 'Paper', country => 'Germany');
SELECT add_party('organisation', 'Paper', attributes => '[]');

SELECT change_party(2, name => 'Steel Works', duns => '98-765-4321', attributes => '{"size": 600, "region": "north", "industry": null}');
SELECT * FROM party WHERE party_id = 2;
SELECT change_party(2), change_party(2, name => 'Steel Works', attributes => '{"colour": null}');	-- nothing to change, nothing in the history
SELECT change_party(2, kind => 'site', country => 'FR', level => 'plant', attributes => '{}');
SELECT change_party(99, name => 'Nobody');
SELECT change_party(NULL, name => 'Nobody');
SELECT change_party(2, attributes => '"big"');
SELECT * FROM history WHERE action IN ('add_source_system', 'change_party');

-- Keys
SELECT identify('erp', '4711', 2) AS first, identify('crm', 'steel', 2) AS second, identify('crm', 'paper', 4, '2020-01-01', '2022-01-01') AS third;
SELECT identify('erp', '4711', 2), identify('crm', 'paper', 4, '2020-06-01', '2021-01-01');	-- known already
SELECT identify('erp', '4711', 4);
SELECT identify('erp', '4711', 4, '2024-01-01') AS changes_hands;
SELECT identify('erp', '4711', 4), identify('erp', '4711', 4, '2024-02-01');
SELECT party_of('erp', '4711', '2023-12-31') AS before, party_of('erp', '4711', '2024-01-01') AS since, party_of('erp', '4711') AS as_of,
	   party_of('erp', '0') AS unknown, party_of('erp', NULL) IS NULL AS of_null;
SELECT identify('erp', '4711', 5, '2023-01-01');
SELECT identify('erp', '4711', 2, '2023-01-01');
SELECT identify('erp', '4711', 5, '2025-01-01', '2026-01-01');
SELECT identify('crm', 'paper', 4);
SELECT identify('crm', 'paper', 4, '2022-01-01') AS again;
SELECT identify('crm', 'paper', 5, '2023-01-01', '2023-01-01');
SELECT identify('crm', 'paper', 5, '2023-01-01', '2022-01-01');
SELECT identify('web', '1', 5);
SELECT identify(NULL, '1', 5);
SELECT identify('erp', NULL, 5);
SELECT identify('erp', '1', 99);
SELECT identify('erp', '1', NULL);
SELECT end_identifier('crm', 'steel', '2024-03-01');
SELECT end_identifier('crm', 'steel', '2024-04-01');
SELECT end_identifier('erp', '4711', '2024-01-01');
SELECT end_identifier('erp', 'nobody', '2024-01-01');
SELECT end_identifier('web', '1', '2024-01-01');
SELECT end_identifier('erp', '4711', NULL);
SELECT * FROM party_identifier ORDER BY identifier_id;
SELECT * FROM history WHERE action IN ('identify', 'end_identifier');

-- Relationships
SELECT relate(2, 1, share => 0.6) AS owned, relate(3, 2, 'branch') AS branch, relate(4, 1, since => '2020-01-01', until => '2023-01-01') AS sold, relate(5, 4, 'member') AS member;
SELECT relate(2, 1, share => 0.1);
SELECT relate(4, 1, since => '2022-12-31');
SELECT relate(4, 1, since => '2024-01-01') AS bought_again;
SELECT relate(2, 4, share => 0.5);
SELECT relate(2, 4, share => 0.4, since => '2021-01-01') AS minority;
SELECT relate(1, 3, share => 0.1);
SELECT relate(1, 1);
SELECT relate(3, 1, 'subsidiary');
SELECT relate(3, 1, NULL);
SELECT relate(3, 99);
SELECT relate(NULL, 1);
SELECT relate(3, 1, share => 0);
SELECT relate(3, 1, share => 50);
SELECT relate(3, 1, share => 'NaN');
SELECT relate(3, 1, share => NULL);
SELECT relate(3, 4, since => '2024-01-01', until => '2024-01-01');
SELECT change_share(2, 4, 'parent', 0.3), change_share(2, 4, 'parent', 0.25, '2024-01-01'), change_share(2, 4, 'parent', 0.25, '2024-05-01');
SELECT change_share(2, 1, 'parent', 0.8);
SELECT change_share(2, 1, 'parent', 0.75, '2024-01-01');
SELECT change_share(2, 1, 'parent', 1.5);
SELECT change_share(4, 1, 'parent', 0.5, '2023-06-01');
SELECT change_share(5, 1, 'parent', 0.5);
SELECT end_relationship(2, 4, 'parent', '2025-01-01');
SELECT end_relationship(2, 4, 'parent', '2025-01-01');
SELECT end_relationship(4, 1, 'parent', '2024-01-01');
SELECT end_relationship(4, 1, 'parent', NULL);
SELECT end_relationship(4, 1, 'brother', '2024-01-01');
SELECT * FROM party_relationship ORDER BY relationship_id;
SELECT * FROM history WHERE action IN ('relate', 'change_share', 'end_relationship');

-- Kinds and views
SELECT add_relationship_kind('territory', description => 'Sales regions'), add_relationship_kind('usufruct', true);
SELECT add_relationship_kind('parent');
SELECT add_customer_view('regions', 'ship_to', '{territory,branch}', 'business unit'), add_customer_view('everything for itself');
SELECT add_customer_view('regions');
SELECT add_customer_view('brothers', kinds => '{parent,brother}');
SELECT add_customer_view('nothing', kinds => '{parent,NULL}');
SELECT add_customer_view('most', share_above => 1);
-- what would be a cycle under a view makes it impossible
SELECT relate(1, 3, 'territory') AS another_way;
SELECT add_customer_view('loops', kinds => '{territory,parent,branch}');
SELECT * FROM history WHERE action IN ('add_relationship_kind', 'add_customer_view');

-- Merging: a twin whose relationships are partly those of the other, partly too much
-- beside them, and partly its own
SELECT setval('party_party_id_seq', 5);
SELECT add_party('organisation', 'Steel Works Ltd', duns => '111111111', country => 'GB', attributes => '{"size": 7, "colour": "red"}') AS twin;
SELECT identify('crm', 'works', 6), change_share(3, 2, 'branch', 0.9);
SELECT relate(6, 1, share => 0.5) AS same, relate(6, 4, share => 0.2, since => '2010-01-01', until => '2015-01-01') AS own,
	   relate(6, 5, share => 0.1, since => '2024-02-01') AS too_much, relate(3, 6, 'branch', 0.1) AS same_below,
	   relate(4, 6, 'territory') AS own_below, relate(6, 2, 'contract') AS between_the_two;
INSERT INTO account_team VALUES (2, 'sales', 'ann', '2024-01-01', '2024-06-01'), (6, 'sales', 'ann', '2024-03-01', NULL), (6, 'service', 'ann', '2024-03-01', NULL);
INSERT INTO party_segment VALUES (2, 'value', 1, '2024-01-01'), (6, 'value', 8, '2023-01-01'), (6, 'value', 7, '2024-01-01'), (6, 'age', 3, '2024-02-01');
INSERT INTO credit_limit VALUES (2, 100, 'EUR', '[2024-01-01,)'), (6, 50, 'EUR', '(,2024-01-01)'), (6, 70, 'EUR', '[2024-01-01,2025-01-01)');

-- All there is of two parties
CREATE FUNCTION all_of(party1 bigint, party2 bigint) RETURNS SETOF text LANGUAGE sql STABLE AS $$
	(SELECT 'party ' || p::text FROM party p WHERE party_id IN (party1, party2) ORDER BY party_id)
	UNION ALL (SELECT 'identifier ' || i::text FROM party_identifier i WHERE party_id IN (party1, party2) ORDER BY identifier_id)
	UNION ALL (SELECT 'relationship ' || r::text FROM party_relationship r WHERE child_id IN (party1, party2) OR parent_id IN (party1, party2) ORDER BY relationship_id)
	UNION ALL (SELECT 'team ' || t::text FROM account_team t WHERE party_id IN (party1, party2) ORDER BY t)
	UNION ALL (SELECT 'segment ' || s::text FROM party_segment s WHERE party_id IN (party1, party2) ORDER BY party_id, scheme, since)
	UNION ALL (SELECT 'limit ' || c::text FROM credit_limit c WHERE party_id IN (party1, party2) ORDER BY party_id, valid)
$$;
CREATE TABLE before_merge AS SELECT n, line FROM all_of(2, 6) WITH ORDINALITY AS a (line, n);
SELECT line FROM before_merge ORDER BY n;
SELECT merge_party(2, 6) AS merge_id;
SELECT all_of(2, 6);
SELECT part ->> 'table' AS of_table, part ->> 'column' AS party_column, jsonb_array_length(part -> 'moved') AS moved, part -> 'removed' AS put_aside
FROM party_merge, jsonb_array_elements(moved -> 'parts') AS part;
SELECT merge_id, survivor_id, absorbed_id, merged_by = current_user AS by_me, undone_at, moved -> 'filled' AS filled FROM party_merge;
SELECT current_party(6), current_party(2), current_party(99), current_party(NULL) IS NULL AS of_null, party_of('crm', 'works');

-- Who was absorbed is not changed
SELECT change_party(6, name => 'Steel');
SELECT identify('erp', '1', 6);
SELECT relate(6, 4);
SELECT relate(4, 6, 'contract');
SELECT end_relationship(6, 1, 'parent', '2024-01-01');
SELECT merge_party(4, 6);
SELECT merge_party(6, 4);
SELECT merge_party(2, 2);
SELECT merge_party(2, 99);
SELECT merge_party(NULL, 2);
SELECT merge_party(2, NULL);
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT merge_party(2, 4);
ROLLBACK;
-- the plant belongs to Steel, and Steel to the holding
SELECT merge_party(1, 3);

-- Taken back at once, all is as it was
BEGIN;
SELECT undo_merge(1);
SELECT a.line AS now, b.line AS before FROM all_of(2, 6) WITH ORDINALITY AS a (line, n) FULL JOIN before_merge b USING (n) WHERE a.line IS DISTINCT FROM b.line;
ROLLBACK;

-- Taken back later: what has changed hands stays, what is new stays, what was changed stays changed
SELECT identify('crm', 'works', 5, '2024-05-01') AS changes_hands, identify('erp', 'new', 2) AS new;
SELECT end_relationship(4, 2, 'territory', '2024-07-01'), change_party(2, attributes => '{"colour": "blue"}');
DELETE FROM account_team WHERE team_function = 'service';
SELECT undo_merge(1);
SELECT a.line AS now, b.line AS before FROM all_of(2, 6) WITH ORDINALITY AS a (line, n) FULL JOIN before_merge b USING (line) WHERE a.line IS NULL OR b.line IS NULL ORDER BY a.n, b.n;
\set VERBOSITY terse
SELECT undo_merge(1);
\set VERBOSITY default
SELECT undo_merge(99);
SELECT undo_merge(NULL);
SELECT undone_at IS NOT NULL AS undone, undone_by = current_user AS by_me FROM party_merge WHERE merge_id = 1;

-- What was put aside does not come back where there is no room for it any more
SELECT merge_party(2, 6) AS merge_id;
SELECT relate(3, 5, 'branch', 0.1) AS takes_the_room;
SELECT undo_merge(2);
SELECT change_share(3, 2, 'branch', 0.8);
SELECT undo_merge(2);

-- What the survivor does not know, and merges upon merges
SELECT add_party('organisation', 'Pulp', '222222222', 'AT', 'mill') AS pulp, add_party('organisation', 'Card', attributes => '{"grade": 1}') AS card;
CREATE TABLE before_chain AS SELECT * FROM party;
SELECT merge_party(8, 7) AS first;
SELECT merge_party(8, 4) AS second;
SELECT merge_party(5, 8) AS third;
SELECT current_party(7), current_party(4), current_party(8);
SELECT * FROM party WHERE party_id IN (5, 8) ORDER BY party_id;
SELECT undo_merge(3);
SELECT undo_merge(4);
SELECT undo_merge(5);
SELECT undo_merge(3);
SELECT undo_merge(4), undo_merge(3);
SELECT * FROM party EXCEPT SELECT * FROM before_chain;
SELECT merge_party(8, 7) AS merge_id;
SELECT change_party(8, level => 'works');
SELECT undo_merge(6);
SELECT * FROM party WHERE party_id = 8;

-- Days are the same whatever style of dates who merges and who takes it back have
CREATE TABLE before_style AS SELECT n, line FROM all_of(2, 6) WITH ORDINALITY AS a (line, n);
SET datestyle = 'SQL, DMY';
SELECT merge_party(2, 6) AS merge_id;
SET datestyle = 'Postgres, MDY';
SELECT undo_merge(7);

SET datestyle = 'ISO, YMD';
SELECT (SELECT count(*) FROM all_of(2, 6)) AS lines, count(*) AS the_same FROM all_of(2, 6) WITH ORDINALITY AS a (line, n) JOIN before_style b USING (n, line);

-- A merge that nobody made leads nowhere but to the tables of parties
INSERT INTO party_merge (survivor_id, absorbed_id, moved) VALUES (2, 5,
	'{"parts": [{"table": "before_style", "column": "n", "moved": [{"n": 1}], "removed": [{"n": 77}]}, {"table": "party", "column": "party_id", "moved": [], "removed": [{"party_id": 77}]}], "filled": {}}');
SELECT undo_merge(max(merge_id)) FROM party_merge;
SELECT count(*) FROM before_style WHERE n = 77 UNION ALL SELECT count(*) FROM party WHERE party_id = 77;

-- The history of one party, and of the other
SELECT action, party_id, other_id, before, after FROM party_history(6);
SELECT action, party_id, other_id, before, after FROM party_history(4);
SELECT count(*) FROM party_history(99);
SELECT count(*) FROM party_history(NULL);
SELECT bool_and(happened_at <= clock_timestamp()) AS in_the_past, bool_and(done_by = current_user) AS by_me FROM party_history(2);

-- What must be given, and is NULL, is the same error everywhere
CREATE FUNCTION error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	EXECUTE statement;
	RETURN 'none';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(': ', SQLSTATE, SQLERRM, detail);
END;
$$;
SELECT s AS statement, left(error_of('SELECT ' || s), 5) AS error
FROM unnest(ARRAY['change_party(NULL)', 'identify(NULL, ''a'', 2)', 'identify(''erp'', NULL, 2)', 'identify(''erp'', ''a'', NULL)',
	'end_identifier(NULL, ''a'', ''2024-01-01'')', 'end_identifier(''erp'', NULL, ''2024-01-01'')', 'end_identifier(''erp'', ''a'', NULL)',
	'relate(NULL, 2)', 'relate(2, NULL)', 'relate(2, 3, NULL)', 'relate(2, 3, share => NULL)', 'change_share(2, 3, ''parent'', NULL)',
	'end_relationship(2, 3, ''parent'', NULL)', 'add_customer_view(''of nothing'', kinds => ''{NULL}'')',
	'merge_party(NULL, 2)', 'merge_party(2, NULL)', 'merge_party(NULL, NULL)', 'undo_merge(NULL)']) AS s;

-- Infinity is a day that has a name
SELECT add_party('organisation', 'Ever') AS ever, add_party('organisation', 'Never') AS never \gset
SELECT identify('erp', 'ever', :ever, '-infinity', 'infinity') > 0 AS identified, relate(:ever, :never, since => 'infinity') > 0 AS related;
SELECT e FROM unnest(ARRAY['identify(''erp'', ''ever'', :never)', 'end_identifier(''erp'', ''ever'', ''infinity'')', 'end_identifier(''erp'', ''ever'', ''-infinity'')',
	'identify(''erp'', ''never'', :ever, until => ''-infinity'')', 'relate(:ever, :never)', 'end_relationship(:ever, :never, ''parent'', ''infinity'')',
	'relate(:ever, 2, ''branch'', since => ''infinity'')', 'days_between(''infinity'', ''-infinity'')']) AS s,
	regexp_replace(error_of('SELECT ' || replace(replace(s, ':ever', :'ever'), ':never', :'never')), format('\m(%s|%s)\M', :'ever', :'never'), 'n', 'g') AS e;

-- The check is for one table, whatever table others put its trigger on
CREATE TABLE not_relationships (a int);
CREATE TRIGGER checked AFTER INSERT ON not_relationships REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION party_relationship_check();
INSERT INTO not_relationships VALUES (1);
CREATE TABLE nearly_relationships (child_id text);
CREATE TRIGGER checked AFTER INSERT ON nearly_relationships REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION party_relationship_check();
INSERT INTO nearly_relationships VALUES ('2');

-- A relationship is checked by those above it, not by reading all that are there; also
-- where the session has plans from when there were few.
INSERT INTO party (party_id, kind, name) SELECT n, 'organisation', 'Party ' || n FROM generate_series(1001, 6100) AS n;
BEGIN;
DO $$ BEGIN FOR n IN 6001..6050 LOOP INSERT INTO party_relationship (child_id, parent_id, kind) VALUES (n, 1001, 'parent'); END LOOP; END $$;
INSERT INTO party_relationship (child_id, parent_id, kind) SELECT n, 1001 + (n - 1002) / 8, 'parent' FROM generate_series(1002, 6000) AS n;
SELECT seq_tup_read AS read_before FROM pg_stat_xact_user_tables WHERE relid = 'party_relationship'::regclass \gset
DO $$ BEGIN FOR n IN 6051..6060 LOOP INSERT INTO party_relationship (child_id, parent_id, kind) VALUES (n, 6000, 'parent'); END LOOP; END $$;
SELECT seq_tup_read - :read_before < 5000 AS by_index FROM pg_stat_xact_user_tables WHERE relid = 'party_relationship'::regclass;
ROLLBACK;

SET client_min_messages = warning;
DROP SCHEMA test_directory CASCADE;
TRUNCATE party, source_system RESTART IDENTITY CASCADE;
DELETE FROM customer_view WHERE NOT predefined;
DELETE FROM relationship_kind WHERE NOT predefined;
