-- trees: segments of comparable customers, described by their attributes

CREATE FUNCTION branching(
	scale text DEFAULT 'linear',
	min_customers bigint DEFAULT NULL,
	min_share numeric DEFAULT NULL,
	folds int DEFAULT 10
) RETURNS jsonb
	LANGUAGE sql IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10
	BEGIN ATOMIC
		SELECT jsonb_strip_nulls(jsonb_build_object('scale', scale, 'min_customers', min_customers,
			'min_share', min_share, 'folds', folds));
	END;
COMMENT ON FUNCTION branching(text, bigint, numeric, int) IS
	'Options of value_tree and segment_tree: the scale on which values are explained (linear or asinh); the least number and share of customers in a leaf, by default half a percent and five; the folds of the cross-validation that prunes the tree, 0 for none.';

-- applying one

CREATE FUNCTION segment(segmentation, features jsonb) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'segment_features';
COMMENT ON FUNCTION segment(segmentation, jsonb) IS
	'The number of the segment to which a tree leads a customer with these features, 1 being the most valuable. A key that is absent or null is missing. NULL for NULL features.';

-- looking at one

CREATE FUNCTION rules(
	segmentation,
	OUT segment int, OUT label text, OUT rule text, OUT customers bigint, OUT share numeric,
	OUT mean numeric, OUT "precision" numeric, OUT coverage numeric
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 8
	AS 'MODULE_PATHNAME', 'segmentation_rules';
COMMENT ON FUNCTION rules(segmentation) IS
	'Each leaf of a tree, or segment by cut points, as an SQL predicate that selects exactly its customers, over a jsonb column features or a column value; customers, their share of all, mean value; of a tree of segments, how many of the leaf belong to the segment and how many of the segment the leaf finds.';

CREATE FUNCTION rules(
	segmentation, features text,
	OUT segment int, OUT label text, OUT rule text, OUT customers bigint, OUT share numeric,
	OUT mean numeric, OUT "precision" numeric, OUT coverage numeric
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 50 ROWS 8
	AS 'MODULE_PATHNAME', 'segmentation_rules';
COMMENT ON FUNCTION rules(segmentation, text) IS
	'The same over another expression: a jsonb of features, or the value of segments by cut points. With NULL, features are columns of their own.';

CREATE FUNCTION variable_importance(segmentation, OUT feature text, OUT importance numeric) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 10
	AS 'MODULE_PATHNAME', 'tree_variable_importance';
COMMENT ON FUNCTION variable_importance(segmentation) IS
	'The share of each feature in what a tree explains, the most important first; 0 for those it does not ask for. NULL for trees typed in.';

CREATE FUNCTION cross_validation(
	segmentation,
	OUT folds int, OUT customers bigint, OUT root_error double precision, OUT error double precision,
	OUT standard_error double precision, OUT explained double precision, OUT in_sample double precision,
	OUT accuracy double precision, OUT baseline double precision
) RETURNS record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'tree_cross_validation';
COMMENT ON FUNCTION cross_validation(segmentation) IS
	'How a tree does on customers it was not grown from: folds and customers, mean squared error (or share of customers put in a wrong segment) without any question and with the tree, the standard error of the difference; the share of variance explained, or of customers put in their segment, and the same in sample; the share of the largest segment.';

CREATE FUNCTION comparability(segmentation) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'tree_comparability';
COMMENT ON FUNCTION comparability(segmentation) IS
	'How well attributes tell the segment: the share of customers whom a tree of segments puts in their segment, out of sample; NULL without cross-validation. 1 for a tree of values, whose segments are made of attributes.';

CREATE FUNCTION verdict(segmentation) RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'tree_verdict';
COMMENT ON FUNCTION verdict(segmentation) IS
	'What a tree found, in one sentence; NULL for trees typed in.';

-- growing one

CREATE FUNCTION value_tree_accum(internal, numeric, jsonb, int) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'value_tree_accum_numeric';
CREATE FUNCTION value_tree_accum(internal, numeric, jsonb, int, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'value_tree_accum_numeric';
CREATE FUNCTION value_tree_accum(internal, double precision, jsonb, int) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'value_tree_accum_float8';
CREATE FUNCTION value_tree_accum(internal, double precision, jsonb, int, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'value_tree_accum_float8';
CREATE FUNCTION segment_tree_accum(internal, int, jsonb, int) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'segment_tree_accum';
CREATE FUNCTION segment_tree_accum(internal, int, jsonb, int, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'segment_tree_accum';
CREATE FUNCTION tree_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION tree_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION tree_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION value_tree_final(internal) RETURNS segmentation
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME';
CREATE FUNCTION segment_tree_final(internal) RETURNS segmentation
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION value_tree_accum(internal, numeric, jsonb, int) IS 'aggregate transition function: collects customers and their features';
COMMENT ON FUNCTION value_tree_accum(internal, numeric, jsonb, int, jsonb) IS 'aggregate transition function: collects customers and their features';
COMMENT ON FUNCTION value_tree_accum(internal, double precision, jsonb, int) IS 'aggregate transition function: collects customers and their features';
COMMENT ON FUNCTION value_tree_accum(internal, double precision, jsonb, int, jsonb) IS 'aggregate transition function: collects customers and their features';
COMMENT ON FUNCTION segment_tree_accum(internal, int, jsonb, int) IS 'aggregate transition function: collects customers and their features';
COMMENT ON FUNCTION segment_tree_accum(internal, int, jsonb, int, jsonb) IS 'aggregate transition function: collects customers and their features';
COMMENT ON FUNCTION tree_combine(internal, internal) IS 'aggregate combine function: joins two collections of customers';
COMMENT ON FUNCTION tree_serialize(internal) IS 'aggregate serial function: collected customers for another worker';
COMMENT ON FUNCTION tree_deserialize(bytea, internal) IS 'aggregate deserial function: collected customers from another worker';
COMMENT ON FUNCTION value_tree_final(internal) IS 'aggregate final function of value_tree';
COMMENT ON FUNCTION segment_tree_final(internal) IS 'aggregate final function of segment_tree';

CREATE AGGREGATE value_tree(value numeric, features jsonb, max_leaves int) (
	SFUNC = value_tree_accum,
	STYPE = internal,
	SSPACE = 65536,
	FINALFUNC = value_tree_final,
	COMBINEFUNC = tree_combine,
	SERIALFUNC = tree_serialize,
	DESERIALFUNC = tree_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE value_tree(numeric, jsonb, int) IS
	'Segments of comparable customers with similar value: a regression tree over their features with at most so many leaves, each of which is a segment; pruned by cross-validation. Rows without a value are no customers; NULL for no customers.';

CREATE AGGREGATE value_tree(value numeric, features jsonb, max_leaves int, options jsonb) (
	SFUNC = value_tree_accum,
	STYPE = internal,
	SSPACE = 65536,
	FINALFUNC = value_tree_final,
	COMBINEFUNC = tree_combine,
	SERIALFUNC = tree_serialize,
	DESERIALFUNC = tree_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE value_tree(numeric, jsonb, int, jsonb) IS
	'Segments of comparable customers with similar value: a regression tree over their features with at most so many leaves, each of which is a segment; pruned by cross-validation. Rows without a value are no customers; NULL for no customers. Options are those of branching().';

CREATE AGGREGATE value_tree(value double precision, features jsonb, max_leaves int) (
	SFUNC = value_tree_accum,
	STYPE = internal,
	SSPACE = 65536,
	FINALFUNC = value_tree_final,
	COMBINEFUNC = tree_combine,
	SERIALFUNC = tree_serialize,
	DESERIALFUNC = tree_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE value_tree(double precision, jsonb, int) IS
	'Segments of comparable customers with similar value: a regression tree over their features with at most so many leaves, each of which is a segment; pruned by cross-validation. Rows without a value are no customers; NULL for no customers.';

CREATE AGGREGATE value_tree(value double precision, features jsonb, max_leaves int, options jsonb) (
	SFUNC = value_tree_accum,
	STYPE = internal,
	SSPACE = 65536,
	FINALFUNC = value_tree_final,
	COMBINEFUNC = tree_combine,
	SERIALFUNC = tree_serialize,
	DESERIALFUNC = tree_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE value_tree(double precision, jsonb, int, jsonb) IS
	'Segments of comparable customers with similar value: a regression tree over their features with at most so many leaves, each of which is a segment; pruned by cross-validation. Rows without a value are no customers; NULL for no customers. Options are those of branching().';

CREATE AGGREGATE segment_tree(segment int, features jsonb, max_leaves int) (
	SFUNC = segment_tree_accum,
	STYPE = internal,
	SSPACE = 65536,
	FINALFUNC = segment_tree_final,
	COMBINEFUNC = tree_combine,
	SERIALFUNC = tree_serialize,
	DESERIALFUNC = tree_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE segment_tree(int, jsonb, int) IS
	'Describes given segments by attributes: a classification tree over features of customers with at most so many leaves, each of which predicts a segment; pruned by cross-validation. Rows without a segment are passed over; NULL for no rows.';

CREATE AGGREGATE segment_tree(segment int, features jsonb, max_leaves int, options jsonb) (
	SFUNC = segment_tree_accum,
	STYPE = internal,
	SSPACE = 65536,
	FINALFUNC = segment_tree_final,
	COMBINEFUNC = tree_combine,
	SERIALFUNC = tree_serialize,
	DESERIALFUNC = tree_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE segment_tree(int, jsonb, int, jsonb) IS
	'Describes given segments by attributes: a classification tree over features of customers with at most so many leaves, each of which predicts a segment; pruned by cross-validation. Rows without a segment are passed over; NULL for no rows. Options are those of branching().';
