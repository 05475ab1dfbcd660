-- changing the directory: each function checks, changes, and writes the history
--
-- Ranges of days go into the history, and into what undoes a merge, as text.  So
-- functions that write it set datestyle: it is read in sessions of another style.

-- Small helpers of the functions below

CREATE FUNCTION record_event(action text, party bigint, other bigint, before jsonb, after jsonb) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 50
BEGIN ATOMIC
	INSERT INTO party_event (action, party_id, other_id, before, after)
	VALUES (record_event.action, record_event.party, record_event.other, record_event.before, record_event.after);
END;
COMMENT ON FUNCTION record_event(text, bigint, bigint, jsonb, jsonb) IS 'Writes one row of the history; called by the functions that change the directory.';

CREATE FUNCTION day_in_words(day date) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 5
BEGIN ATOMIC
	SELECT CASE WHEN isfinite(day) THEN to_char(day, 'YYYY-MM-DD') ELSE day::text END;
END;
COMMENT ON FUNCTION day_in_words(date) IS 'A day as error messages say it, whatever datestyle is; to_char() has no words for infinity.';

CREATE FUNCTION days_between(since date, until date) RETURNS daterange
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
BEGIN
	IF since >= until OR until = '-infinity' THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = 'no day is left',
			DETAIL = format('It would begin on %s, and %s would be the first day no longer.', coalesce(day_in_words(since), '-infinity'), day_in_words(until)),
			HINT = 'Give until a day later than since, or leave it out.';
	END IF;
	RETURN daterange(since, until);
END;
$$;
COMMENT ON FUNCTION days_between(date, date) IS 'The days from since up to the day before until, either open if NULL; an error if there are none.';

CREATE FUNCTION current_party(party bigint) RETURNS bigint
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 50
BEGIN ATOMIC
	WITH RECURSIVE absorbed (party_id, step) AS (
		SELECT current_party.party, 0
		UNION ALL
		SELECT m.survivor_id, a.step + 1 FROM absorbed a JOIN party_merge m ON m.absorbed_id = a.party_id AND m.undone_at IS NULL
	)
	SELECT a.party_id FROM absorbed a ORDER BY a.step DESC LIMIT 1;
END;
COMMENT ON FUNCTION current_party(bigint) IS 'Whom an absorbed party is now, through all merges; any other party is itself.';

-- Share, not update: many may relate to the same parent at once, while a merge, which
-- updates the parties, waits for them and they for it.
CREATE FUNCTION changeable_party(party bigint) RETURNS party
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 50 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
DECLARE
	is_now party;
	merge bigint;
BEGIN
	SELECT * INTO is_now FROM party p WHERE p.party_id = changeable_party.party FOR SHARE;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = CASE WHEN party IS NULL THEN 'null_value_not_allowed' ELSE 'foreign_key_violation' END,
			MESSAGE = coalesce('party ' || party || ' does not exist', 'party must not be null'),
			DETAIL = 'The table party has no row with this party_id that you may change.',
			HINT = 'Add it with add_party(), or find it by a key with party_of().';
	END IF;
	SELECT m.merge_id INTO merge FROM party_merge m WHERE m.absorbed_id = changeable_party.party AND m.undone_at IS NULL;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('party %s was absorbed by another', party),
			DETAIL = format('Since merge %s it is party %s.', merge, current_party(party)),
			HINT = format('Use party %s, which is current_party(%s), or take the merge back with undo_merge(%s).', current_party(party), party, merge);
	END IF;
	RETURN is_now;
END;
$$;
COMMENT ON FUNCTION changeable_party(bigint) IS 'The row of a party, which stays as it is until the transaction ends; an error if there is none or it was absorbed.';

CREATE FUNCTION already_exists(what text, name text, of_table text, hint text DEFAULT 'Choose another name.') RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = 'duplicate_object',
		MESSAGE = format('%s "%s" already exists', what, name),
		DETAIL = format('The table %s has a row with this name.', of_table),
		HINT = hint;
END;
$$;
COMMENT ON FUNCTION already_exists(text, text, text, text) IS 'Raises the error that a name is taken.';

-- Whoever changes relationships takes the lock of party_relationship_check() before
-- those of parties, so that two of them do not wait for each other; and then sees
-- what those before it have done.
CREATE FUNCTION begin_relationship_change() RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 20
BEGIN ATOMIC
	UPDATE party_relationship SET share = share WHERE false;
END;
COMMENT ON FUNCTION begin_relationship_change() IS 'Waits until no other transaction changes relationships, and lets none do so until this one ends.';

CREATE FUNCTION begin_relationship_change(child bigint, parent bigint) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 200 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM begin_relationship_change();
	PERFORM changeable_party(e.party_id) FROM (SELECT unnest(ARRAY[child, parent]) AS party_id ORDER BY 1) AS e;
END;
$$;
COMMENT ON FUNCTION begin_relationship_change(bigint, bigint) IS 'The same, for a relationship of these two, who stay as they are until the transaction ends; an error if one of them does not exist or was absorbed.';

-- Sources and parties

CREATE FUNCTION add_source_system(source text, face text, description text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 200 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
DECLARE
	added source_system;
BEGIN
	IF EXISTS (SELECT FROM source_system s WHERE s.source = add_source_system.source) THEN
		PERFORM already_exists('source system', source, 'source_system', 'Choose another name, or update that row.');
	END IF;
	IF face NOT IN ('accounting', 'sales', 'service', 'marketing', 'delivery', 'e-commerce', 'other') THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = format('unknown face "%s"', face),
			DETAIL = 'The face of a source system is what it sees of a customer.',
			HINT = 'Write accounting, sales, service, marketing, delivery, e-commerce or other.';
	END IF;
	INSERT INTO source_system VALUES (add_source_system.source, add_source_system.face, add_source_system.description)
	RETURNING * INTO added;
	PERFORM record_event('add_source_system', NULL, NULL, NULL, to_jsonb(added));
END;
$$;
COMMENT ON FUNCTION add_source_system(text, text, text) IS 'Adds a system that knows customers by keys of its own.';

CREATE FUNCTION add_party(kind party_kind, name text, duns duns DEFAULT NULL, country text DEFAULT NULL, level text DEFAULT NULL, attributes jsonb DEFAULT '{}') RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 200 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
DECLARE
	added party;
BEGIN
	INSERT INTO party (kind, name, duns, country, level, attributes)
	VALUES (add_party.kind, add_party.name, add_party.duns, add_party.country, add_party.level, coalesce(add_party.attributes, '{}'))
	RETURNING * INTO added;
	PERFORM record_event('add_party', added.party_id, NULL, NULL, to_jsonb(added));
	RETURN added.party_id;
END;
$$;
COMMENT ON FUNCTION add_party(party_kind, text, duns, text, text, jsonb) IS 'Adds an organisation, a site or a person; returns its party_id.';

CREATE FUNCTION change_party(party bigint, kind party_kind DEFAULT NULL, name text DEFAULT NULL, duns duns DEFAULT NULL, country text DEFAULT NULL, level text DEFAULT NULL, attributes jsonb DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 200 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
DECLARE
	was party;
	changed party;
BEGIN
	IF jsonb_typeof(attributes) <> 'object' THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = 'attributes must be an object',
			DETAIL = format('They are of type %s.', jsonb_typeof(attributes)),
			HINT = 'Write them as {"industry": "steel"}; {"industry": null} removes one.';
	END IF;
	-- Who has changed it meanwhile has done so, and is not overwritten.  Locked at once as
	-- the change needs it: two who share it first would wait for each other.
	SELECT * INTO was FROM party p WHERE p.party_id = change_party.party FOR NO KEY UPDATE;
	PERFORM changeable_party(party);
	changed := was;
	changed.kind := coalesce(change_party.kind, was.kind);
	changed.name := coalesce(change_party.name, was.name);
	changed.duns := coalesce(change_party.duns, was.duns);
	changed.country := coalesce(change_party.country, was.country);
	changed.level := coalesce(change_party.level, was.level);
	IF attributes IS NOT NULL THEN
		changed.attributes := (was.attributes || attributes)
			- ARRAY(SELECT given.key FROM jsonb_each(change_party.attributes) AS given WHERE given.value = 'null');
	END IF;
	IF to_jsonb(changed) = to_jsonb(was) THEN
		RETURN;
	END IF;
	UPDATE party p SET (kind, name, duns, country, level, attributes)
		= (SELECT changed.kind, changed.name, changed.duns, changed.country, changed.level, changed.attributes)
	WHERE p.party_id = change_party.party;
	PERFORM record_event('change_party', party, NULL, to_jsonb(was), to_jsonb(changed));
END;
$$;
COMMENT ON FUNCTION change_party(bigint, party_kind, text, duns, text, text, jsonb) IS 'Changes what is given and leaves what is NULL; attributes are added to those there are, and a JSON null removes one.';

-- Keys of sources

CREATE FUNCTION party_of(source text, source_key text, as_of date DEFAULT current_as_of()) RETURNS bigint
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 20
BEGIN ATOMIC
	SELECT i.party_id FROM party_identifier i
	WHERE i.source = party_of.source AND i.source_key = party_of.source_key AND i.valid @> party_of.as_of;
END;
COMMENT ON FUNCTION party_of(text, text, date) IS 'Whom a key of a source means on a day; NULL if nobody.';

CREATE FUNCTION known_source(source text) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL SAFE COST 20 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM source_system s WHERE s.source = known_source.source) THEN
		RAISE EXCEPTION USING ERRCODE = CASE WHEN source IS NULL THEN 'null_value_not_allowed' ELSE 'undefined_object' END,
			MESSAGE = coalesce('source system "' || source || '" does not exist', 'source must not be null'),
			DETAIL = coalesce('There are: ' || (SELECT string_agg(s.source, ', ' ORDER BY s.source) FROM source_system s) || '.', 'There are none yet.'),
			HINT = 'Add it with add_source_system().';
	END IF;
END;
$$;
COMMENT ON FUNCTION known_source(text) IS 'Raises an error if there is no such source system.';

CREATE FUNCTION days_in_words(valid daterange) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 10
BEGIN ATOMIC
	SELECT CASE WHEN lower(valid) IS NULL THEN 'from the beginning' ELSE 'from ' || day_in_words(lower(valid)) END
		|| CASE WHEN upper(valid) IS NULL THEN ' on' ELSE ' until ' || day_in_words(upper(valid)) END;
END;
COMMENT ON FUNCTION days_in_words(daterange) IS 'Days as error messages say them.';

CREATE FUNCTION already_identified(other party_identifier, hint text) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = 'exclusion_violation', SCHEMA = 'customer_value', TABLE = 'party_identifier', CONSTRAINT = 'each_key_once_at_any_time',
		MESSAGE = format('key "%s" of %s already means party %s', other.source_key, other.source, other.party_id),
		DETAIL = format('It does so %s.', days_in_words(other.valid)),
		HINT = hint;
END;
$$;
COMMENT ON FUNCTION already_identified(party_identifier, text) IS 'Raises the error that a key means somebody already.';

-- One attempt of identify().  What is to be changed is read with the row locked.
CREATE FUNCTION identify_once(source text, source_key text, party bigint, since date, until date) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 200 SET search_path = customer_value, pg_catalog, pg_temp SET datestyle = 'ISO, YMD'
AS $$
DECLARE
	days daterange := days_between(since, until);
	was party_identifier;
	other party_identifier;
	added party_identifier;
BEGIN
	FOR other IN
		SELECT * FROM party_identifier i
		WHERE i.source = identify_once.source AND i.source_key = identify_once.source_key AND i.valid && days
		ORDER BY i.valid DESC FOR UPDATE
	LOOP
		IF other.party_id = party AND (other.valid @> days OR days = '(,)' AND upper_inf(other.valid)) THEN
			RETURN other.identifier_id;
		ELSIF other.party_id = party THEN
			PERFORM already_identified(other, 'To add days, give only those that are missing, by since and until.');
		ELSIF since IS NULL THEN
			PERFORM already_identified(other, 'Give since, the day on which the key began to mean the other party; or merge_party() if the two are one.');
		ELSIF lower(other.valid) >= since OR NOT coalesce(upper(other.valid) <= until, until IS NULL) THEN
			PERFORM already_identified(other, 'Choose days that do not overlap, or end what it means with end_identifier().');
		END IF;
		-- it changes hands
		was := other;
		UPDATE party_identifier i SET valid = daterange(lower(i.valid), identify_once.since) WHERE i.identifier_id = other.identifier_id;
	END LOOP;
	INSERT INTO party_identifier (source, source_key, party_id, valid)
	VALUES (identify_once.source, identify_once.source_key, identify_once.party, days)
	RETURNING * INTO added;
	PERFORM record_event('identify', party, was.party_id, CASE WHEN was.identifier_id IS NOT NULL THEN to_jsonb(was) END, to_jsonb(added));
	RETURN added.identifier_id;
END;
$$;
COMMENT ON FUNCTION identify_once(text, text, bigint, date, date) IS 'One attempt of identify(), which fails where another session identifies the same key at once.';

CREATE FUNCTION identify(source text, source_key text, party bigint, since date DEFAULT NULL, until date DEFAULT NULL) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 400 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM known_source(source);
	IF source_key IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
			MESSAGE = 'source_key must not be null',
			DETAIL = 'A record without a key belongs to nobody.',
			HINT = 'Leave such records out.';
	END IF;
	PERFORM changeable_party(party);
	BEGIN
		RETURN identify_once(source, source_key, party, since, until);
	EXCEPTION WHEN exclusion_violation THEN
		-- Somebody was faster, who is now seen, or our own error comes again;
		-- under REPEATABLE READ he is not seen.
		IF EXISTS (SELECT FROM party_identifier i WHERE i.source = identify.source AND i.source_key = identify.source_key
				   AND i.valid && daterange(identify.since, identify.until)) THEN
			RETURN identify_once(source, source_key, party, since, until);
		END IF;
		RAISE EXCEPTION USING ERRCODE = 'serialization_failure',
			MESSAGE = format('another transaction has identified key "%s" of %s', source_key, source),
			DETAIL = 'It was committed after this transaction began.',
			HINT = 'Retry the transaction.';
	END;
END;
$$;
COMMENT ON FUNCTION identify(text, text, bigint, date, date) IS 'Says that a key of a source means a party, from since until the day before until; whom it meant before, it means up to the day before since.';

CREATE FUNCTION end_identifier(source text, source_key text, until date) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 200 SET search_path = customer_value, pg_catalog, pg_temp SET datestyle = 'ISO, YMD'
AS $$
DECLARE
	was party_identifier;
	changed party_identifier;
BEGIN
	PERFORM known_source(source);
	-- the one that is valid on the day before until, and longer
	SELECT * INTO was FROM party_identifier i
	WHERE i.source = end_identifier.source AND i.source_key = end_identifier.source_key
		  AND i.valid @> end_identifier.until AND i.valid @> end_identifier.until - 1
	FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = CASE WHEN source_key IS NULL OR until IS NULL THEN 'null_value_not_allowed' ELSE 'invalid_parameter_value' END,
			MESSAGE = coalesce('key "' || source_key || '" of ' || source || ' cannot end on ' || day_in_words(until), 'source_key and until must not be null'),
			DETAIL = coalesce((SELECT 'It means ' || string_agg('party ' || i.party_id || ' ' || days_in_words(i.valid), ', ' ORDER BY i.valid) || '.' FROM party_identifier i
							   WHERE i.source = end_identifier.source AND i.source_key = end_identifier.source_key), 'It means nobody.'),
			HINT = 'Give the first day on which the key no longer means the party; it must mean it on the day before and that day.';
	END IF;
	UPDATE party_identifier i SET valid = days_between(lower(i.valid), end_identifier.until)
	WHERE i.identifier_id = was.identifier_id RETURNING * INTO changed;
	PERFORM record_event('end_identifier', was.party_id, NULL, to_jsonb(was), to_jsonb(changed));
END;
$$;
COMMENT ON FUNCTION end_identifier(text, text, date) IS 'Says that a key of a source no longer means whom it meant, from the day until.';

-- Relationships

CREATE FUNCTION known_kind(kind text) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL SAFE COST 20 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM relationship_kind k WHERE k.kind = known_kind.kind) THEN
		RAISE EXCEPTION USING ERRCODE = CASE WHEN kind IS NULL THEN 'null_value_not_allowed' ELSE 'undefined_object' END,
			MESSAGE = coalesce('relationship kind "' || kind || '" does not exist', 'kind must not be null'),
			DETAIL = format('There are: %s.', (SELECT string_agg(k.kind, ', ' ORDER BY k.kind) FROM relationship_kind k)),
			HINT = 'Add it with add_relationship_kind().';
	END IF;
END;
$$;
COMMENT ON FUNCTION known_kind(text) IS 'Raises an error if there is no such kind of relationships.';

CREATE FUNCTION valid_share(share numeric) RETURNS numeric
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
BEGIN
	IF share > 0 AND share <= 1 THEN
		RETURN share;
	END IF;
	RAISE EXCEPTION USING ERRCODE = CASE WHEN share IS NULL THEN 'null_value_not_allowed' ELSE 'invalid_parameter_value' END,
		MESSAGE = coalesce('share ' || share || ' is not above 0 and up to 1', 'share must not be null'),
		DETAIL = 'A share is the part of the child that belongs to the parent.',
		HINT = 'Write 0.25 for 25 %, or 1 for all of it.';
END;
$$;
COMMENT ON FUNCTION valid_share(numeric) IS 'The share, or an error if it is none.';

CREATE FUNCTION relate(child bigint, parent bigint, kind text DEFAULT 'parent', share numeric DEFAULT 1, since date DEFAULT NULL, until date DEFAULT NULL) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 2000 SET search_path = customer_value, pg_catalog, pg_temp SET datestyle = 'ISO, YMD'
AS $$
DECLARE
	days daterange := days_between(since, until);
	other party_relationship;
	added party_relationship;
BEGIN
	PERFORM known_kind(kind);
	PERFORM valid_share(share);
	PERFORM begin_relationship_change(child, parent);
	SELECT * INTO other FROM party_relationship r
	WHERE r.child_id = relate.child AND r.parent_id = relate.parent AND r.kind = relate.kind AND r.valid && days
	ORDER BY r.valid LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = 'exclusion_violation', SCHEMA = 'customer_value', TABLE = 'party_relationship', CONSTRAINT = 'each_relationship_once_at_any_time',
			MESSAGE = format('party %s already belongs to party %s as %s', child, parent, kind),
			DETAIL = format('It does so %s, with a share of %s.', days_in_words(other.valid), other.share),
			HINT = 'Change it with change_share(), or end it with end_relationship().';
	END IF;
	INSERT INTO party_relationship (child_id, parent_id, kind, share, valid)
	VALUES (relate.child, relate.parent, relate.kind, relate.share, days)
	RETURNING * INTO added;
	PERFORM record_event('relate', child, parent, NULL, to_jsonb(added));
	RETURN added.relationship_id;
END;
$$;
COMMENT ON FUNCTION relate(bigint, bigint, text, numeric, date, date) IS 'Says that the child belongs to the parent, to the share, from since until the day before until; returns the relationship_id.';

-- The relationship that a change means: of those between the two, the one that holds on
-- the day, or else the last.
CREATE FUNCTION changeable_relationship(child bigint, parent bigint, kind text, day date) RETURNS party_relationship
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 200 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
DECLARE
	is_now party_relationship;
BEGIN
	PERFORM known_kind(kind);
	PERFORM begin_relationship_change(child, parent);
	SELECT * INTO is_now FROM party_relationship r
	WHERE r.child_id = changeable_relationship.child AND r.parent_id = changeable_relationship.parent AND r.kind = changeable_relationship.kind
		  AND (day IS NULL OR r.valid @> day)
	ORDER BY r.valid DESC LIMIT 1 FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_object',
			MESSAGE = format('party %s does not belong to party %s as %s', child, parent, kind) || coalesce(' on ' || day_in_words(day), ''),
			DETAIL = coalesce((SELECT 'It does so ' || string_agg(days_in_words(r.valid), ', ' ORDER BY r.valid) || '.' FROM party_relationship r
							   WHERE r.child_id = changeable_relationship.child AND r.parent_id = changeable_relationship.parent
									 AND r.kind = changeable_relationship.kind), 'It never did.'),
			HINT = 'Add the relationship with relate(), or give a day within it.';
	END IF;
	RETURN is_now;
END;
$$;
COMMENT ON FUNCTION changeable_relationship(bigint, bigint, text, date) IS 'The relationship of these two on a day, or the last one for NULL, for a function that changes it; an error if there is none.';

CREATE FUNCTION change_share(child bigint, parent bigint, kind text, share numeric, since date DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 2000 SET search_path = customer_value, pg_catalog, pg_temp SET datestyle = 'ISO, YMD'
AS $$
DECLARE
	was party_relationship;
	changed party_relationship;
BEGIN
	PERFORM valid_share(share);
	was := changeable_relationship(child, parent, kind, since);
	IF was.share = share THEN
		RETURN;
	END IF;
	IF since IS NULL OR lower(was.valid) = since THEN
		UPDATE party_relationship r SET share = change_share.share
		WHERE r.relationship_id = was.relationship_id RETURNING * INTO changed;
	ELSE
		UPDATE party_relationship r SET valid = daterange(lower(r.valid), change_share.since)
		WHERE r.relationship_id = was.relationship_id;
		INSERT INTO party_relationship (child_id, parent_id, kind, share, valid)
		VALUES (was.child_id, was.parent_id, was.kind, change_share.share, daterange(change_share.since, upper(was.valid)))
		RETURNING * INTO changed;
	END IF;
	PERFORM record_event('change_share', child, parent, to_jsonb(was), to_jsonb(changed));
END;
$$;
COMMENT ON FUNCTION change_share(bigint, bigint, text, numeric, date) IS 'Changes the share from the day since on; for NULL, as if it had always been so.';

CREATE FUNCTION end_relationship(child bigint, parent bigint, kind text, until date) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 2000 SET search_path = customer_value, pg_catalog, pg_temp SET datestyle = 'ISO, YMD'
AS $$
DECLARE
	was party_relationship;
	changed party_relationship;
BEGIN
	IF until IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
			MESSAGE = 'until must not be null',
			DETAIL = 'A relationship ends on a day.',
			HINT = 'Give the first day on which the child no longer belongs to the parent.';
	END IF;
	was := changeable_relationship(child, parent, kind, until);
	UPDATE party_relationship r SET valid = days_between(lower(r.valid), end_relationship.until)
	WHERE r.relationship_id = was.relationship_id RETURNING * INTO changed;
	PERFORM record_event('end_relationship', child, parent, to_jsonb(was), to_jsonb(changed));
END;
$$;
COMMENT ON FUNCTION end_relationship(bigint, bigint, text, date) IS 'Says that the child no longer belongs to the parent, from the day until.';

CREATE FUNCTION add_relationship_kind(kind text, ownership boolean DEFAULT false, description text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 200 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
DECLARE
	added relationship_kind;
BEGIN
	IF EXISTS (SELECT FROM relationship_kind k WHERE k.kind = add_relationship_kind.kind) THEN
		PERFORM already_exists('relationship kind', kind, 'relationship_kind');
	END IF;
	INSERT INTO relationship_kind (kind, ownership, description)
	VALUES (add_relationship_kind.kind, coalesce(add_relationship_kind.ownership, false), add_relationship_kind.description)
	RETURNING * INTO added;
	PERFORM record_event('add_relationship_kind', NULL, NULL, NULL, to_jsonb(added));
END;
$$;
COMMENT ON FUNCTION add_relationship_kind(text, boolean, text) IS 'Adds a kind of relationships: a taxonomy of one''s own.';

CREATE FUNCTION add_customer_view(view_name text, role party_role DEFAULT 'bill_to', kinds text[] DEFAULT '{}', up_to text DEFAULT 'global ultimate', weighs_ownership boolean DEFAULT false, share_above numeric DEFAULT 0, description text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 2000 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
DECLARE
	added customer_view;
	followed text;
BEGIN
	IF EXISTS (SELECT FROM customer_view v WHERE v.view_name = add_customer_view.view_name) THEN
		PERFORM already_exists('customer view', view_name, 'customer_view');
	END IF;
	FOREACH followed IN ARRAY coalesce(kinds, '{}') LOOP
		PERFORM known_kind(followed);
	END LOOP;
	INSERT INTO customer_view (view_name, role, kinds, up_to, weighs_ownership, share_above, description)
	VALUES (add_customer_view.view_name, add_customer_view.role, add_customer_view.kinds, add_customer_view.up_to,
			add_customer_view.weighs_ownership, add_customer_view.share_above, add_customer_view.description)
	RETURNING * INTO added;
	PERFORM record_event('add_customer_view', NULL, NULL, NULL, to_jsonb(added));
END;
$$;
COMMENT ON FUNCTION add_customer_view(text, party_role, text[], text, boolean, numeric, text) IS 'Adds a customer view: the role a record is read by, the relationships followed, how far up, and whether shares weigh.';

-- History

CREATE FUNCTION party_history(party bigint) RETURNS TABLE (happened_at timestamptz, done_by name, action text, party_id bigint, other_id bigint, before jsonb, after jsonb)
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 200 ROWS 10
BEGIN ATOMIC
	SELECT e.happened_at, e.done_by, e.action, e.party_id, e.other_id,
		   CASE jsonb_typeof(e.before) WHEN 'object' THEN
			   (SELECT jsonb_object_agg(b.key, b.value) FROM jsonb_each(e.before) AS b WHERE b.value IS DISTINCT FROM e.after -> b.key)
		   ELSE e.before END,
		   CASE jsonb_typeof(e.after) WHEN 'object' THEN
			   (SELECT jsonb_object_agg(a.key, a.value) FROM jsonb_each(e.after) AS a WHERE a.value IS DISTINCT FROM e.before -> a.key)
		   ELSE e.after END
	FROM party_event e
	WHERE e.event_id IN (SELECT p.event_id FROM party_event p WHERE p.party_id = party_history.party
						 UNION SELECT o.event_id FROM party_event o WHERE o.other_id = party_history.party)
	ORDER BY e.event_id;
END;
COMMENT ON FUNCTION party_history(bigint) IS 'What happened to a party, its keys and relationships, oldest first; of before and after, what differs.';
