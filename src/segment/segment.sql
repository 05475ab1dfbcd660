-- segmentation: a rule that says which segment a value belongs to

CREATE TYPE segmentation;

CREATE FUNCTION segmentation_in(cstring) RETURNS segmentation
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION segmentation_in(cstring) IS 'I/O: reads the JSON text form of a segmentation';

CREATE FUNCTION segmentation_out(segmentation) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION segmentation_out(segmentation) IS 'I/O: writes the JSON text form of a segmentation';

CREATE FUNCTION segmentation_recv(internal) RETURNS segmentation
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION segmentation_recv(internal) IS 'I/O: reads and checks the binary form of a segmentation';

CREATE FUNCTION segmentation_send(segmentation) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION segmentation_send(segmentation) IS 'I/O: writes the binary form of a segmentation';

CREATE TYPE segmentation (
	INPUT = segmentation_in,
	OUTPUT = segmentation_out,
	RECEIVE = segmentation_recv,
	SEND = segmentation_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	-- small; what is large in it is labels, which compress
	STORAGE = extended
);
COMMENT ON TYPE segmentation IS
	'Which segment a value belongs to: cut points, labels, and what is known about the customers they were made from. Segment 1 holds the highest values.';

CREATE FUNCTION segmentation_eq(segmentation, segmentation) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_eq';
CREATE FUNCTION segmentation_ne(segmentation, segmentation) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_ne';
CREATE FUNCTION segmentation_lt(segmentation, segmentation) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_lt';
CREATE FUNCTION segmentation_le(segmentation, segmentation) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_le';
CREATE FUNCTION segmentation_gt(segmentation, segmentation) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_gt';
CREATE FUNCTION segmentation_ge(segmentation, segmentation) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_ge';
CREATE FUNCTION segmentation_cmp(segmentation, segmentation) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_cmp';
CREATE FUNCTION segmentation_hash(segmentation) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_hash';
CREATE FUNCTION segmentation_hash_extended(segmentation, bigint) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_hash_extended';
COMMENT ON FUNCTION segmentation_eq(segmentation, segmentation) IS 'implementation of = operator: the same cut points, labels, method and summary';
COMMENT ON FUNCTION segmentation_ne(segmentation, segmentation) IS 'implementation of <> operator';
COMMENT ON FUNCTION segmentation_lt(segmentation, segmentation) IS 'implementation of < operator: an arbitrary but fixed order';
COMMENT ON FUNCTION segmentation_le(segmentation, segmentation) IS 'implementation of <= operator';
COMMENT ON FUNCTION segmentation_gt(segmentation, segmentation) IS 'implementation of > operator';
COMMENT ON FUNCTION segmentation_ge(segmentation, segmentation) IS 'implementation of >= operator';
COMMENT ON FUNCTION segmentation_cmp(segmentation, segmentation) IS 'less-equal-greater comparison for btree';
COMMENT ON FUNCTION segmentation_hash(segmentation) IS 'hash';
COMMENT ON FUNCTION segmentation_hash_extended(segmentation, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = segmentation, RIGHTARG = segmentation, FUNCTION = segmentation_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = segmentation, RIGHTARG = segmentation, FUNCTION = segmentation_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = segmentation, RIGHTARG = segmentation, FUNCTION = segmentation_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = segmentation, RIGHTARG = segmentation, FUNCTION = segmentation_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = segmentation, RIGHTARG = segmentation, FUNCTION = segmentation_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = segmentation, RIGHTARG = segmentation, FUNCTION = segmentation_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (segmentation, segmentation) IS 'equal: the same cut points, labels, method and summary';
COMMENT ON OPERATOR <> (segmentation, segmentation) IS 'not equal';
COMMENT ON OPERATOR < (segmentation, segmentation) IS 'less than, in an arbitrary but fixed order for sorting';
COMMENT ON OPERATOR <= (segmentation, segmentation) IS 'less than or equal, in that order';
COMMENT ON OPERATOR > (segmentation, segmentation) IS 'greater than, in that order';
COMMENT ON OPERATOR >= (segmentation, segmentation) IS 'greater than or equal, in that order';

CREATE OPERATOR FAMILY segmentation_ops USING btree;
CREATE OPERATOR CLASS segmentation_ops DEFAULT FOR TYPE segmentation USING btree FAMILY segmentation_ops AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 segmentation_cmp(segmentation, segmentation);
CREATE OPERATOR FAMILY segmentation_ops USING hash;
CREATE OPERATOR CLASS segmentation_ops DEFAULT FOR TYPE segmentation USING hash FAMILY segmentation_ops AS
	OPERATOR 1 =,
	FUNCTION 1 segmentation_hash(segmentation),
	FUNCTION 2 segmentation_hash_extended(segmentation, bigint);
COMMENT ON OPERATOR FAMILY segmentation_ops USING btree IS 'sorting values of type segmentation, in an arbitrary but fixed order';
COMMENT ON OPERATOR CLASS segmentation_ops USING btree IS 'sorting values of type segmentation, in an arbitrary but fixed order';
COMMENT ON OPERATOR FAMILY segmentation_ops USING hash IS 'hashing values of type segmentation';
COMMENT ON OPERATOR CLASS segmentation_ops USING hash IS 'hashing values of type segmentation';

-- applying one

CREATE FUNCTION segment(segmentation, value numeric) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'segment_numeric';
COMMENT ON FUNCTION segment(segmentation, numeric) IS
	'The number of the segment a value belongs to, 1 being the most valuable: the first whose cut point the value reaches. NULL for a NULL value.';

CREATE FUNCTION segment(segmentation, value double precision) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'segment_float8';
COMMENT ON FUNCTION segment(segmentation, double precision) IS
	'The number of the segment a value belongs to, 1 being the most valuable: the first whose cut point, as the nearest double, the value reaches. NULL for a NULL value.';

CREATE FUNCTION in_segment_support(internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION in_segment_support(internal) IS
	'planner support for in_segment: comparisons with the bounds of the segment where they are constants';

CREATE FUNCTION in_segment(value numeric, segmentation, number int) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 SUPPORT in_segment_support
	AS 'MODULE_PATHNAME', 'in_segment_numeric';
COMMENT ON FUNCTION in_segment(numeric, segmentation, int) IS
	'Does the value belong to the segment of this number?  With a constant segmentation and number the planner sees comparisons of the value with its bounds, so an index on the value serves it. NaN is above all numbers. NULL for a NULL value.';

CREATE FUNCTION in_segment(value double precision, segmentation, number int) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 SUPPORT in_segment_support
	AS 'MODULE_PATHNAME', 'in_segment_float8';
COMMENT ON FUNCTION in_segment(double precision, segmentation, int) IS
	'Does the value belong to the segment of this number, its bounds taken as the nearest doubles?  With a constant segmentation and number the planner sees comparisons of the value with them, so an index on the value serves it. NaN is above all numbers. NULL for a NULL value.';

CREATE FUNCTION distance_to_next(segmentation, value numeric) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'distance_to_next_numeric';
COMMENT ON FUNCTION distance_to_next(segmentation, numeric) IS
	'How much more lifts this value into the next better segment: the lowest cut point above it minus the value, always positive. NULL in segment 1 and for a NULL value.';

CREATE FUNCTION distance_to_next(segmentation, value double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'distance_to_next_float8';
COMMENT ON FUNCTION distance_to_next(segmentation, double precision) IS
	'How much more lifts this value into the next better segment: the lowest cut point above it, as the nearest double, minus the value, always positive. NULL in segment 1 and for a NULL value.';

-- looking at one

CREATE FUNCTION segments(
	segmentation,
	OUT number int, OUT label text, OUT lower numeric, OUT upper numeric,
	OUT customers bigint, OUT total numeric, OUT mean numeric, OUT share numeric,
	OUT lowest numeric, OUT highest numeric
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 8
	AS 'MODULE_PATHNAME', 'segmentation_segments';
COMMENT ON FUNCTION segments(segmentation) IS
	'The segments as rows: values from lower up to but not including upper, NULL where there is no bound; customers, their total and mean, its share of the net total of all (NULL unless that is positive), lowest and highest value. The last six are NULL for cut points typed in; the mean and the extremes are NULL for a segment without customers.';

CREATE FUNCTION breaks(segmentation) RETURNS numeric[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'segmentation_breaks';
COMMENT ON FUNCTION breaks(segmentation) IS
	'The cut points from the highest down: the lower bounds of all segments but the last, in the unit of the values.';

CREATE FUNCTION label(segmentation, number int) RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'segmentation_label';
COMMENT ON FUNCTION label(segmentation, int) IS
	'The name of a segment; its range, such as 1000 to below 5000, if it was given none. NULL for a NULL number.';

CREATE FUNCTION with_labels(segmentation, labels text[]) RETURNS segmentation
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'segmentation_with_labels';
COMMENT ON FUNCTION with_labels(segmentation, text[]) IS
	'The same segmentation with names for its segments, the most valuable first.';

CREATE FUNCTION goodness_of_variance_fit(segmentation, scale text DEFAULT 'raw') RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'segmentation_goodness';
COMMENT ON FUNCTION goodness_of_variance_fit(segmentation, text) IS
	'The share of the variance that lies between segments, from 0 to 1: of the values themselves (raw) or on the scale the segments were made with (used). NULL for cut points typed in and where all values are equal.';
