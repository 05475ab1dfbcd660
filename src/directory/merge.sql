-- two records that are one party, and taking that back

-- All that a party has, which goes with it when it is absorbed: another such table is one
-- row more here.  A row that meets one of the conditions would not go with what the
-- survivor ($1) has; it is removed, and kept with the merge.  Conditions are tried one
-- after another; in them, a is the row of the absorbed party ($2).
CREATE FUNCTION merged_tables() RETURNS TABLE (place int, of_table text, party_column text, row_key text[], collides text[])
	LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 6
BEGIN ATOMIC
	VALUES
	(1, 'party_identifier', 'party_id', '{identifier_id}'::text[], '{}'::text[]),

	(2, 'party_relationship', 'child_id', '{relationship_id}', ARRAY[
		-- between the two
		'a.parent_id = $1',
		-- the survivor has it, too
		'EXISTS (SELECT FROM party_relationship s WHERE s.child_id = $1 AND s.parent_id = a.parent_id AND s.kind = a.kind AND s.valid && a.valid)',
		-- beside the survivor's own it would be more than the whole
		'1 < ANY (SELECT sum(r.share)
				  FROM (SELECT DISTINCT greatest(coalesce(lower(d.valid), ''-infinity''), coalesce(lower(a.valid), ''-infinity'')) AS day
						FROM party_relationship d WHERE d.child_id IN ($1, $2) AND d.valid && a.valid) AS starts
					   JOIN party_relationship r ON r.child_id IN ($1, $2) AND r.valid @> starts.day
					   JOIN relationship_kind rk ON rk.kind = r.kind
					   JOIN relationship_kind ak ON ak.kind = a.kind
				  WHERE rk.ownership AND ak.ownership OR r.kind = a.kind
				  GROUP BY starts.day)']),

	(3, 'party_relationship', 'parent_id', '{relationship_id}', ARRAY[
		'a.child_id = $1',
		'EXISTS (SELECT FROM party_relationship s WHERE s.parent_id = $1 AND s.child_id = a.child_id AND s.kind = a.kind AND s.valid && a.valid)']),

	(4, 'account_team', 'party_id', '{team_function,member,since}', ARRAY[
		'EXISTS (SELECT FROM account_team s WHERE s.party_id = $1 AND s.team_function = a.team_function AND s.member = a.member
				 AND daterange(s.since, s.until) && daterange(a.since, a.until))']),

	-- a segment holds until the next: the survivor's own count from its first on
	(5, 'party_segment', 'party_id', '{scheme,since}', ARRAY[
		'EXISTS (SELECT FROM party_segment s WHERE s.party_id = $1 AND s.scheme = a.scheme AND s.since <= a.since)']),

	(6, 'credit_limit', 'party_id', '{valid}', ARRAY[
		'EXISTS (SELECT FROM credit_limit s WHERE s.party_id = $1 AND s.valid && a.valid)']);
END;
COMMENT ON FUNCTION merged_tables() IS 'The tables and columns through which a party has something, how their rows are told apart, and which of them a merge removes.';

-- Merges see what all others have committed up to now; older snapshots would leave
-- behind what came meanwhile.
CREATE FUNCTION begin_merge(party1 bigint, party2 bigint) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 200 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
BEGIN
	IF current_setting('transaction_isolation') <> 'read committed' THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_transaction_state',
			MESSAGE = format('merges cannot be made or undone in a transaction that is %s', current_setting('transaction_isolation')),
			DETAIL = 'It does not see what was added to the two parties since it began, and would leave it behind.',
			HINT = 'Use a transaction of its own: BEGIN ISOLATION LEVEL READ COMMITTED.';
	END IF;
	PERFORM begin_relationship_change();
	-- Updated, though nothing changes: so transactions that began before and see the
	-- parties as they were cannot lock them any more, and fail.
	PERFORM FROM party p WHERE p.party_id IN (party1, party2) ORDER BY p.party_id FOR UPDATE;
	UPDATE party p SET name = p.name WHERE p.party_id IN (party1, party2);
END;
$$;
COMMENT ON FUNCTION begin_merge(bigint, bigint) IS 'Waits until nobody else changes one of the two parties or any relationships, and lets nobody do so until the transaction ends.';

CREATE FUNCTION merge_party(survivor bigint, absorbed bigint) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 SET search_path = customer_value, pg_catalog, pg_temp SET datestyle = 'ISO, YMD'
AS $$
DECLARE
	keeps party;
	goes party;
	changed party;
	part record;
	condition text;
	rows jsonb;
	removed jsonb;
	parts jsonb := '[]';
	filled jsonb;
	merge bigint;
BEGIN
	IF survivor = absorbed THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('party %s cannot be merged with itself', survivor),
			DETAIL = 'A merge takes two parties.',
			HINT = 'Give the party that stays and the party that it absorbs.';
	END IF;
	PERFORM begin_merge(survivor, absorbed);
	keeps := changeable_party(survivor);
	goes := changeable_party(absorbed);

	-- first all that must not go with it, then what remains
	FOR part IN SELECT * FROM merged_tables() ORDER BY place LOOP
		removed := '[]';
		FOREACH condition IN ARRAY part.collides LOOP
			EXECUTE format('WITH gone AS (DELETE FROM %I a WHERE a.%I = $2 AND (%s) RETURNING to_jsonb(a) AS r) SELECT jsonb_agg(r) FROM gone',
						   part.of_table, part.party_column, condition)
				INTO rows USING survivor, absorbed;
			removed := removed || coalesce(rows, '[]');
		END LOOP;
		parts := parts || jsonb_build_object('table', part.of_table, 'column', part.party_column, 'removed', removed);
	END LOOP;
	FOR part IN SELECT * FROM merged_tables() ORDER BY place LOOP
		EXECUTE format('SELECT jsonb_agg(to_jsonb(a)) FROM %I a WHERE a.%I = $1', part.of_table, part.party_column)
			INTO rows USING absorbed;
		IF rows IS NOT NULL THEN
			EXECUTE format('UPDATE %I a SET %I = $1 WHERE a.%2$I = $2', part.of_table, part.party_column)
				USING survivor, absorbed;
		END IF;
		parts := jsonb_set(parts, ARRAY[(part.place - 1)::text, 'moved'], coalesce(rows, '[]'));
	END LOOP;

	-- what the survivor does not know of itself
	filled := jsonb_strip_nulls(jsonb_build_object(
		'duns', CASE WHEN keeps.duns IS NULL THEN to_jsonb(goes.duns) END,
		'country', CASE WHEN keeps.country IS NULL THEN goes.country END,
		'level', CASE WHEN keeps.level IS NULL THEN goes.level END))
		|| jsonb_build_object('attributes', goes.attributes - ARRAY(SELECT jsonb_object_keys(keeps.attributes)));
	UPDATE party p SET
		duns = coalesce(p.duns, goes.duns),
		country = coalesce(p.country, goes.country),
		level = coalesce(p.level, goes.level),
		attributes = goes.attributes || p.attributes
	WHERE p.party_id = survivor RETURNING * INTO changed;

	INSERT INTO party_merge (survivor_id, absorbed_id, moved)
	VALUES (survivor, absorbed, jsonb_build_object('parts', parts, 'filled', filled))
	RETURNING merge_id INTO merge;
	PERFORM record_event('merge_party', survivor, absorbed, to_jsonb(keeps), to_jsonb(changed) || jsonb_build_object('merge_id', merge));
	RETURN merge;
END;
$$;
COMMENT ON FUNCTION merge_party(bigint, bigint) IS 'Makes two parties one: all that the absorbed has goes to the survivor, what the survivor has already is put aside; returns the merge_id, for undo_merge.';

CREATE FUNCTION has_put_aside(merge party_merge, party bigint) RETURNS boolean
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 50
RETURN jsonb_path_exists(merge.moved, '$.parts[*].removed[*] ? (@.child_id == $party || @.parent_id == $party || @.party_id == $party)',
						 jsonb_build_object('party', party));
COMMENT ON FUNCTION has_put_aside(party_merge, bigint) IS 'Whether a merge has put aside something of a party.';

-- Which merge has to be undone before this one: one that has absorbed the survivor; a
-- later one of the same survivor; one that has put aside what this one moved; one that
-- has absorbed a party to which something put aside here belongs.
CREATE FUNCTION merge_to_undo_first(merge party_merge) RETURNS bigint
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 1000
BEGIN ATOMIC
	SELECT max(m.merge_id) FROM party_merge m
	WHERE m.undone_at IS NULL AND m.merge_id <> merge.merge_id
		  AND (m.absorbed_id = merge.survivor_id
			   OR m.merge_id > merge.merge_id
				  AND (m.survivor_id = merge.survivor_id
					   OR has_put_aside(m, merge.survivor_id)
					   OR has_put_aside(merge, m.absorbed_id)));
END;
COMMENT ON FUNCTION merge_to_undo_first(party_merge) IS 'The last merge that must be undone before this one can; NULL if there is none.';

CREATE FUNCTION undo_merge(merge bigint) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 SET search_path = customer_value, pg_catalog, pg_temp SET datestyle = 'ISO, YMD'
AS $$
DECLARE
	undone party_merge;
	was party;
	changed party;
	filled jsonb;
	first_undo bigint;
	part record;
BEGIN
	SELECT * INTO undone FROM party_merge m WHERE m.merge_id = merge;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = CASE WHEN merge IS NULL THEN 'null_value_not_allowed' ELSE 'undefined_object' END,
			MESSAGE = coalesce('merge ' || merge || ' does not exist', 'merge must not be null'),
			DETAIL = 'The table party_merge has no row with this merge_id that you may undo.',
			HINT = 'The table party_merge says which merges there are.';
	END IF;
	PERFORM begin_merge(undone.survivor_id, undone.absorbed_id);
	-- now nobody else undoes it
	SELECT * INTO undone FROM party_merge m WHERE m.merge_id = merge FOR UPDATE;
	IF undone.undone_at IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('merge %s is undone already', merge),
			DETAIL = format('It was undone by %s at %s.', undone.undone_by, undone.undone_at),
			HINT = 'To merge the two again, call merge_party().';
	END IF;
	first_undo := merge_to_undo_first(undone);
	IF first_undo IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('merge %s cannot be undone before merge %s', merge, first_undo),
			DETAIL = (SELECT format('Merge %s, by which party %s absorbed party %s, built upon it.', m.merge_id, m.survivor_id, m.absorbed_id)
					  FROM party_merge m WHERE m.merge_id = first_undo),
			HINT = format('Call undo_merge(%s) first.', first_undo);
	END IF;

	-- What changed hands since stays where it is, and so do rows that are no more.
	FOR part IN
		SELECT t.*, p.part -> 'moved' AS moved, p.part -> 'removed' AS removed,
			   (SELECT string_agg(format('a.%I = o.%1$I', key), ' AND ') FROM unnest(t.row_key) AS key) AS same_row
		FROM merged_tables() AS t JOIN jsonb_array_elements(undone.moved -> 'parts') AS p (part)
			 ON p.part ->> 'table' = t.of_table AND p.part ->> 'column' = t.party_column
		ORDER BY t.place
	LOOP
		IF part.moved <> '[]' THEN
			EXECUTE format('UPDATE %I a SET %I = $2 FROM jsonb_populate_recordset(NULL::%1$I, $3) AS o WHERE a.%2$I = $1 AND %s',
						   part.of_table, part.party_column, part.same_row)
				USING undone.survivor_id, undone.absorbed_id, part.moved;
		END IF;
		IF part.removed <> '[]' THEN
			EXECUTE format('INSERT INTO %I OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_recordset(NULL::%1$I, $1)', part.of_table)
				USING part.removed;
		END IF;
	END LOOP;

	filled := undone.moved -> 'filled';
	SELECT * INTO was FROM party p WHERE p.party_id = undone.survivor_id;
	UPDATE party p SET
		duns = CASE WHEN to_jsonb(p.duns) IS DISTINCT FROM filled -> 'duns' THEN p.duns END,
		country = nullif(p.country, filled ->> 'country'),
		level = nullif(p.level, filled ->> 'level'),
		attributes = p.attributes - ARRAY(SELECT f.key FROM jsonb_each(filled -> 'attributes') AS f WHERE p.attributes -> f.key = f.value)
	WHERE p.party_id = undone.survivor_id RETURNING * INTO changed;
	UPDATE party_merge m SET undone_at = clock_timestamp(), undone_by = current_user WHERE m.merge_id = merge;
	PERFORM record_event('undo_merge', undone.survivor_id, undone.absorbed_id,
						 to_jsonb(was) || jsonb_build_object('merge_id', merge), to_jsonb(changed));
END;
$$;
COMMENT ON FUNCTION undo_merge(bigint) IS 'Takes a merge back: what was moved and put aside is as it was, unless it was changed since; what the survivor got since stays.';
