--
-- Merges and their undoing: nothing is lost.  Random directories, random sequences of
-- merges and undos; in the end the directory is as it was.
--
-- Tests share a database: this one begins with an empty directory, and leaves one.
SET client_min_messages = warning;
TRUNCATE customer_value.party, customer_value.source_system, customer_value.authority RESTART IDENTITY CASCADE;
RESET client_min_messages;
CREATE SCHEMA test_directory_merge;
SET search_path = test_directory_merge, customer_value;

-- Numbers that are random enough, and always the same
CREATE SEQUENCE drawn;
CREATE FUNCTION draw(n int) RETURNS int LANGUAGE sql VOLATILE AS
	$$ SELECT (('x' || left(md5('draw ' || nextval('test_directory_merge.drawn')), 7))::bit(28)::int) % n $$;

-- All that a merge may touch, but the history
CREATE FUNCTION contents() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT md5(concat_ws('|',
		(SELECT string_agg(p::text, ',' ORDER BY p.party_id) FROM party p),
		(SELECT string_agg(i::text, ',' ORDER BY i.identifier_id) FROM party_identifier i),
		(SELECT string_agg(r::text, ',' ORDER BY r.relationship_id) FROM party_relationship r),
		(SELECT string_agg(t::text, ',' ORDER BY t.party_id, t.team_function, t.member, t.since) FROM account_team t),
		(SELECT string_agg(s::text, ',' ORDER BY s.party_id, s.scheme, s.since) FROM party_segment s),
		(SELECT string_agg(c::text, ',' ORDER BY c.party_id, c.valid) FROM credit_limit c)))
$$;

CREATE TABLE told (what text PRIMARY KEY, times int NOT NULL);
CREATE FUNCTION tell(what text) RETURNS void LANGUAGE sql VOLATILE AS
	$$ INSERT INTO told VALUES (what, 1) ON CONFLICT ON CONSTRAINT told_pkey DO UPDATE SET times = told.times + 1 $$;

-- Nine parties, some of them known well, with keys and relationships
CREATE FUNCTION make_directory() RETURNS void LANGUAGE plpgsql VOLATILE SET client_min_messages = warning AS $$
DECLARE
	ids bigint[];
	since date;
BEGIN
	TRUNCATE party, source_system RESTART IDENTITY CASCADE;
	PERFORM add_source_system('erp', 'accounting'), add_source_system('crm', 'sales');
	ids := ARRAY(SELECT add_party('organisation', 'Party ' || n,
			duns => CASE WHEN draw(2) = 0 THEN lpad((1000 + n)::text, 9, '0')::duns END,
			country => (ARRAY['DE', 'FR', NULL])[1 + draw(3)], level => (ARRAY['site', NULL])[1 + draw(2)],
			attributes => jsonb_strip_nulls(jsonb_build_object('size', nullif(draw(3), 0), 'industry', (ARRAY['steel', 'wood', NULL])[1 + draw(3)])))
		FROM generate_series(1, 9) AS n);
	INSERT INTO account_team (party_id, team_function, member, since, until)
	SELECT ids[1 + draw(9)], (ARRAY['sales', 'service'])[1 + draw(2)]::team_function, (ARRAY['ann', 'bob'])[1 + draw(2)], date '2020-01-01' + n, date '2020-01-01' + n + 1 + draw(10)
	FROM generate_series(1, 100, 5) AS n ON CONFLICT DO NOTHING;
	INSERT INTO party_segment SELECT ids[1 + draw(9)], (ARRAY['value', 'age'])[1 + draw(2)], 1 + draw(4), date '2020-01-01' + draw(5)
	FROM generate_series(1, 20) AS n ON CONFLICT DO NOTHING;
	INSERT INTO credit_limit SELECT ids[1 + draw(9)], draw(1000), 'EUR', daterange(date '2020-01-01' + n, CASE WHEN draw(2) = 0 THEN date '2020-01-01' + n + draw(100) + 1 END)
	FROM generate_series(1, 200, 20) AS n ON CONFLICT DO NOTHING;
	PERFORM identify((ARRAY['erp', 'crm'])[1 + draw(2)], 'key ' || n, ids[1 + draw(9)]) FROM generate_series(1, 15) AS n;
	FOR n IN 1..20 LOOP
		since := CASE WHEN draw(2) = 0 THEN date '2020-01-01' + draw(1000) END;
		BEGIN
			PERFORM relate(ids[1 + draw(9)], ids[1 + draw(9)], (ARRAY['parent', 'branch', 'member'])[1 + draw(3)], (1 + draw(10)) / 10.0,
						   since, CASE WHEN draw(2) = 0 THEN date '2020-01-01' + draw(2000) END);
		EXCEPTION WHEN check_violation OR exclusion_violation OR invalid_parameter_value THEN
			NULL;			-- a cycle, too much, there already, no day, or with itself
		END;
	END LOOP;
END;
$$;

-- What must be true at any time: who was absorbed has nothing; each key and each
-- relationship is with those who now are who had it, or put aside by a merge; and of
-- the other tables there are as many rows, with those put aside.
CREATE TABLE at_first (of_table text, id bigint, party1 bigint, party2 bigint);
CREATE FUNCTION losses() RETURNS bigint LANGUAGE sql VOLATILE AS $$
	SELECT (SELECT count(*) FROM party_merge m WHERE undone_at IS NULL
			AND (EXISTS (SELECT FROM party_identifier i WHERE i.party_id = m.absorbed_id)
				 OR EXISTS (SELECT FROM party_relationship r WHERE m.absorbed_id IN (r.child_id, r.parent_id))))
		+ (SELECT count(*) FROM at_first f WHERE of_table = 'party_identifier'
		   AND NOT EXISTS (SELECT FROM party_identifier i WHERE i.identifier_id = f.id AND i.party_id = current_party(f.party1)))
		+ (SELECT count(*) FROM at_first f WHERE of_table = 'party_relationship'
		   AND NOT EXISTS (SELECT FROM party_relationship r WHERE r.relationship_id = f.id AND r.child_id = current_party(f.party1) AND r.parent_id = current_party(f.party2))
		   AND NOT EXISTS (SELECT FROM party_merge m, jsonb_array_elements(m.moved -> 'parts') AS p (part), jsonb_array_elements(part -> 'removed') AS g (gone)
						   WHERE undone_at IS NULL AND part ->> 'table' = 'party_relationship' AND (gone ->> 'relationship_id')::bigint = f.id))
		+ (SELECT count(*) FROM at_first f WHERE f.of_table IN ('account_team', 'party_segment', 'credit_limit')
		   AND f.id <> CASE f.of_table WHEN 'account_team' THEN (SELECT count(*) FROM account_team t WHERE t.party_id = current_party(t.party_id))
									   WHEN 'party_segment' THEN (SELECT count(*) FROM party_segment s WHERE s.party_id = current_party(s.party_id))
									   ELSE (SELECT count(*) FROM credit_limit c WHERE c.party_id = current_party(c.party_id)) END
			   + (SELECT coalesce(sum(jsonb_array_length(part -> 'removed')), 0) FROM party_merge m, jsonb_array_elements(m.moved -> 'parts') AS p (part)
				  WHERE undone_at IS NULL AND part ->> 'table' = f.of_table))
$$;

CREATE FUNCTION try_merge(survivor bigint, absorbed bigint) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	PERFORM merge_party(survivor, absorbed);
	PERFORM tell('merged');
EXCEPTION
	WHEN check_violation THEN PERFORM tell('a party would belong to itself');
	WHEN object_not_in_prerequisite_state THEN PERFORM tell('absorbed already');
	WHEN invalid_parameter_value THEN PERFORM tell('merged with itself');
END;
$$;

CREATE FUNCTION try_undo(merge bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	first_undo bigint;
BEGIN
	PERFORM undo_merge(merge);
	PERFORM tell('undone');
	RETURN true;
EXCEPTION
	WHEN object_not_in_prerequisite_state THEN
		PERFORM tell('another to be undone first');
		RETURN false;
	WHEN check_violation THEN
		PERFORM tell('would be too much');
		RETURN false;
END;
$$;

DO $$
DECLARE
	before text;
	lost bigint := 0;
	differ int := 0;
	standing bigint;
	undone boolean;
BEGIN
	FOR round IN 1..15 LOOP
		PERFORM make_directory();
		TRUNCATE at_first;
		INSERT INTO at_first SELECT 'party_identifier', identifier_id, party_id, NULL FROM party_identifier
			UNION ALL SELECT 'party_relationship', relationship_id, child_id, parent_id FROM party_relationship
			UNION ALL SELECT 'account_team', count(*), NULL, NULL FROM account_team
			UNION ALL SELECT 'party_segment', count(*), NULL, NULL FROM party_segment
			UNION ALL SELECT 'credit_limit', count(*), NULL, NULL FROM credit_limit;
		before := contents();
		FOR step IN 1..14 LOOP
			IF draw(3) > 0 THEN
				PERFORM try_merge((SELECT party_id FROM party ORDER BY party_id OFFSET draw(9) LIMIT 1), (SELECT party_id FROM party ORDER BY party_id OFFSET draw(9) LIMIT 1));
			ELSE
				PERFORM try_undo(merge_id) FROM (SELECT merge_id FROM party_merge WHERE undone_at IS NULL ORDER BY md5(merge_id || ' ' || step) LIMIT 1) AS m;
			END IF;
			lost := lost + losses();
		END LOOP;
		IF contents() <> before THEN
			differ := differ + 1;
		END IF;
		-- back, in whatever order it goes
		LOOP
			undone := false;
			FOR standing IN SELECT merge_id FROM party_merge WHERE undone_at IS NULL ORDER BY md5(merge_id::text) LOOP
				IF try_undo(standing) THEN
					undone := true;
					lost := lost + losses();
				END IF;
			END LOOP;
			EXIT WHEN NOT undone;
		END LOOP;
		PERFORM tell('merges that nothing undoes') FROM party_merge WHERE undone_at IS NULL;
		IF contents() = before THEN
			PERFORM tell('as before');
		ELSE
			PERFORM tell('NOT as before');
		END IF;
	END LOOP;
	RAISE NOTICE 'lost on the way: %, directories that differed meanwhile: %', lost, differ;
END;
$$;
TABLE told ORDER BY what;
SET client_min_messages = warning;
DROP SCHEMA test_directory_merge CASCADE;
TRUNCATE party, source_system RESTART IDENTITY CASCADE;
