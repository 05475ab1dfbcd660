-- what segments buy, or where, against what all customers do

CREATE TYPE segment_mix_row AS (
	number bigint,
	segment text,
	rank bigint,
	item text,
	lines bigint,
	amount numeric,
	share numeric,
	share_of_all numeric,
	index numeric
);
COMMENT ON TYPE segment_mix_row IS
	'An item in a segment: its lines and amount, its rank and share within the segment, its share with all customers and the index of the two shares.';

CREATE FUNCTION segment_mix_accum(internal, bigint, text, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'segment_mix_accum_bigint';
CREATE FUNCTION segment_mix_accum(internal, text, text, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'segment_mix_accum_text';
CREATE FUNCTION segment_mix_final(internal) RETURNS segment_mix_row[]
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION segment_mix_accum(internal, bigint, text, numeric) IS 'aggregate transition function of segment_mix';
COMMENT ON FUNCTION segment_mix_accum(internal, text, text, numeric) IS 'aggregate transition function of segment_mix';
COMMENT ON FUNCTION segment_mix_final(internal) IS 'aggregate final function of segment_mix';

CREATE AGGREGATE segment_mix(segment bigint, item text, amount numeric) (
	SFUNC = segment_mix_accum,
	STYPE = internal,
	SSPACE = 16384,
	FINALFUNC = segment_mix_final,
	COMBINEFUNC = tally_combine,
	SERIALFUNC = tally_serialize,
	DESERIALFUNC = tally_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE segment_mix(bigint, text, numeric) IS
	'A row for each segment and item, by segment and rank: the share of the item in the amount of the segment against its share in that of all, 100 if they are the same. A NULL segment or item has rows of its own, the last; a NULL amount is none. Shares are NULL where the total is not positive. NULL for no rows.';

CREATE AGGREGATE segment_mix(segment text, item text, amount numeric) (
	SFUNC = segment_mix_accum,
	STYPE = internal,
	SSPACE = 16384,
	FINALFUNC = segment_mix_final,
	COMBINEFUNC = tally_combine,
	SERIALFUNC = tally_serialize,
	DESERIALFUNC = tally_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE segment_mix(text, text, numeric) IS
	'A row for each segment and item, by segment and rank: the share of the item in the amount of the segment against its share in that of all, 100 if they are the same. A NULL segment or item has rows of its own, the last; a NULL amount is none. Shares are NULL where the total is not positive. NULL for no rows.';
