-- segments of parties over time

CREATE TABLE party_segment (
	party_id bigint NOT NULL REFERENCES party,
	scheme text NOT NULL,
	segment int NOT NULL,
	since date NOT NULL,
	PRIMARY KEY (party_id, scheme, since),
	CONSTRAINT scheme_is_named CHECK (btrim(scheme) <> ''),
	CONSTRAINT segment_is_a_number CHECK (segment > 0)
);
COMMENT ON TABLE party_segment IS 'In which segment a party is, by which scheme, and since when: until the next row of the same party and scheme.';
COMMENT ON COLUMN party_segment.segment IS 'The number that segment() gives; 1 is the most valuable.';
COMMENT ON COLUMN party_segment.since IS 'The first day.';

SELECT pg_catalog.pg_extension_config_dump('party_segment', '');

CREATE FUNCTION segment_of(party bigint, scheme text DEFAULT 'value', as_of date DEFAULT current_as_of()) RETURNS int
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 50
BEGIN ATOMIC
	SELECT s.segment FROM party_segment s
	WHERE s.party_id = party AND s.scheme = segment_of.scheme AND s.since <= as_of
	ORDER BY s.since DESC LIMIT 1;
END;
COMMENT ON FUNCTION segment_of(bigint, text, date) IS
	'The segment of a party by a scheme on a day; NULL before the first.';

CREATE FUNCTION assign_segment(party bigint, segment int, scheme text DEFAULT 'value', since date DEFAULT utc_date()) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 500 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
DECLARE
	was party_segment;
	changed party_segment;
BEGIN
	PERFORM changeable_party(party);
	SELECT * INTO was FROM party_segment s
	WHERE s.party_id = assign_segment.party AND s.scheme = assign_segment.scheme AND s.since <= assign_segment.since
	ORDER BY s.since DESC LIMIT 1;
	IF was.segment = segment THEN
		RETURN;
	END IF;
	INSERT INTO party_segment AS s (party_id, scheme, segment, since)
	VALUES (assign_segment.party, assign_segment.scheme, assign_segment.segment, assign_segment.since)
	ON CONFLICT ON CONSTRAINT party_segment_pkey DO UPDATE SET segment = excluded.segment
	RETURNING * INTO changed;
	PERFORM record_event('assign_segment', party, NULL, CASE WHEN was.party_id IS NOT NULL THEN to_jsonb(was) END, to_jsonb(changed));
END;
$$;
COMMENT ON FUNCTION assign_segment(bigint, int, text, date) IS 'Says in which segment a party is from the day since until the next change; nothing changes if it is there already.';
