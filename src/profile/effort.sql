-- where effort goes, and where profit comes from

CREATE TYPE effort_row AS (
	number bigint,
	segment text,
	customers bigint,
	effort numeric,
	change numeric,
	profit numeric,
	share_of_effort numeric,
	share_of_net numeric,
	share_of_segment_gains numeric,
	misallocation numeric
);
COMMENT ON TYPE effort_row IS
	'A segment''s effort and profit, its shares of both, and their ratio; change is what a what-if has added to the effort.';

CREATE FUNCTION effort_accum(internal, bigint, numeric, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'effort_accum_bigint';
CREATE FUNCTION effort_accum(internal, text, numeric, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'effort_accum_text';
CREATE FUNCTION effort_final(internal) RETURNS effort_row[]
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION effort_accum(internal, bigint, numeric, numeric) IS 'aggregate transition function of effort_misallocation';
COMMENT ON FUNCTION effort_accum(internal, text, numeric, numeric) IS 'aggregate transition function of effort_misallocation';
COMMENT ON FUNCTION effort_final(internal) IS 'aggregate final function of effort_misallocation';

CREATE AGGREGATE effort_misallocation(segment bigint, effort numeric, profit numeric) (
	SFUNC = effort_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = effort_final,
	COMBINEFUNC = tally_combine,
	SERIALFUNC = tally_serialize,
	DESERIALFUNC = tally_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE effort_misallocation(bigint, numeric, numeric) IS
	'A row for each segment, in their order: its share of the effort over its share of the profit of all segments that earn. 1 is fair, more is too much; NULL where the segment earns nothing, and whatever effort goes there is what to look at. A NULL segment has a row of its own, the last; NULL effort or profit is none. NULL for no rows.';

CREATE AGGREGATE effort_misallocation(segment text, effort numeric, profit numeric) (
	SFUNC = effort_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = effort_final,
	COMBINEFUNC = tally_combine,
	SERIALFUNC = tally_serialize,
	DESERIALFUNC = tally_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE effort_misallocation(text, numeric, numeric) IS
	'A row for each segment, in the order of their bytes: its share of the effort over its share of the profit of all segments that earn. 1 is fair, more is too much; NULL where the segment earns nothing, and whatever effort goes there is what to look at. A NULL segment has a row of its own, the last; NULL effort or profit is none. NULL for no rows.';

CREATE FUNCTION reallocate(effort effort_row[], degree numeric DEFAULT 1) RETURNS effort_row[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'effort_reallocate';
COMMENT ON FUNCTION reallocate(effort_row[], numeric) IS
	'What if effort went where profit comes from: the same rows with efforts in proportion to the profits of the segments that earn (degree 1), or so much of the way there. All efforts together stay the same to the unit (largest remainder). NULL if no segment earns.';

CREATE FUNCTION move_effort(effort effort_row[], giver text, taker text, share numeric) RETURNS effort_row[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'effort_move';
COMMENT ON FUNCTION move_effort(effort_row[], text, text, numeric) IS
	'What if a share of one segment''s effort went to another: the same rows with it moved, rounded to the unit of the efforts.';
