-- RFM scores: recency, frequency and monetary value, in classes

CREATE FUNCTION scoring(
	k int DEFAULT 5,
	recency numeric[] DEFAULT NULL,
	frequency numeric[] DEFAULT NULL,
	monetary numeric[] DEFAULT NULL
) RETURNS jsonb
	LANGUAGE sql IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 5
BEGIN ATOMIC
	SELECT jsonb_strip_nulls(jsonb_build_object('k', k, 'recency', recency, 'frequency', frequency, 'monetary', monetary));
END;
COMMENT ON FUNCTION scoring(int, numeric[], numeric[], numeric[]) IS
	'Options of rfm_scheme(): how many scores, 2 to 9, and for measures that are not to be divided into quantiles k - 1 cut points from the best score to the worst: days ascending, purchases and revenue descending.';

CREATE FUNCTION rfm_scheme_accum(internal, ledger, date) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 3
	AS 'MODULE_PATHNAME', 'rfm_scheme_accum';
CREATE FUNCTION rfm_scheme_accum(internal, ledger, date, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 3
	AS 'MODULE_PATHNAME', 'rfm_scheme_accum';
CREATE FUNCTION rfm_scheme_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION rfm_scheme_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION rfm_scheme_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION rfm_scheme_final(internal) RETURNS segmentation
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rfm_scheme_accum(internal, ledger, date) IS 'aggregate transition function: collects recency, frequency and revenue of customers';
COMMENT ON FUNCTION rfm_scheme_accum(internal, ledger, date, jsonb) IS 'aggregate transition function: collects recency, frequency and revenue of customers';
COMMENT ON FUNCTION rfm_scheme_combine(internal, internal) IS 'aggregate combine function: joins two collections of customers';
COMMENT ON FUNCTION rfm_scheme_serialize(internal) IS 'aggregate serial function: collected customers for another worker';
COMMENT ON FUNCTION rfm_scheme_deserialize(bytea, internal) IS 'aggregate deserial function: collected customers from another worker';
COMMENT ON FUNCTION rfm_scheme_final(internal) IS 'aggregate final function of rfm_scheme';

CREATE AGGREGATE rfm_scheme(ledger, as_of date) (
	SFUNC = rfm_scheme_accum,
	STYPE = internal,
	SSPACE = 2048,
	FINALFUNC = rfm_scheme_final,
	COMBINEFUNC = rfm_scheme_combine,
	SERIALFUNC = rfm_scheme_serialize,
	DESERIALFUNC = rfm_scheme_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE rfm_scheme(ledger, date) IS
	'A segmentation by RFM scores from the ledgers of customers as they were at the end of the day as_of: scores 1 to 5 of recency, frequency and revenue by quintiles that keep equal values together, and the eleven customary segments. Customers without a purchase by then do not count; NULL if nobody does.';

CREATE AGGREGATE rfm_scheme(ledger, as_of date, options jsonb) (
	SFUNC = rfm_scheme_accum,
	STYPE = internal,
	SSPACE = 2048,
	FINALFUNC = rfm_scheme_final,
	COMBINEFUNC = rfm_scheme_combine,
	SERIALFUNC = rfm_scheme_serialize,
	DESERIALFUNC = rfm_scheme_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE rfm_scheme(ledger, date, jsonb) IS
	'The same with options from scoring(): another number of scores, cut points of one''s own. Other than five scores have no customary segments: every code is one until with_rules() says otherwise.';

-- applying one

CREATE FUNCTION rfm_score(segmentation, ledger, as_of date) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 4
	AS 'MODULE_PATHNAME', 'rfm_score_ledger';
COMMENT ON FUNCTION rfm_score(segmentation, ledger, date) IS
	'The code of a customer at the end of the day as_of: the scores of recency, frequency and monetary value as three digits, such as 545. NULL without a purchase by then.';

CREATE FUNCTION rfm_score(segmentation, recency int, frequency bigint, monetary numeric) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'rfm_score_numbers';
COMMENT ON FUNCTION rfm_score(segmentation, int, bigint, numeric) IS
	'The same code from days since the last purchase, number of purchases, and revenue. NULL if one of them is.';

CREATE FUNCTION segment(segmentation, ledger, as_of date) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 4
	AS 'MODULE_PATHNAME', 'rfm_segment_ledger';
COMMENT ON FUNCTION segment(segmentation, ledger, date) IS
	'The number of the segment that a customer''s RFM scores belong to at the end of the day as_of, 1 being the most valuable. NULL without a purchase by then.';

CREATE FUNCTION segment(segmentation, recency int, frequency bigint, monetary numeric) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'rfm_segment_numbers';
COMMENT ON FUNCTION segment(segmentation, int, bigint, numeric) IS
	'The same number from days since the last purchase, number of purchases, and revenue. NULL if one of them is.';

-- looking at one

CREATE FUNCTION rfm_rules(
	segmentation,
	OUT number int, OUT label text, OUT r text, OUT f text, OUT m text, OUT fm text, OUT codes int
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 11
	AS 'MODULE_PATHNAME', 'rfm_rules';
COMMENT ON FUNCTION rfm_rules(segmentation) IS
	'The rule of each segment: which scores it asks for, such as 4-5, NULL for any; fm is the mean of the scores of frequency and monetary value, half a score rounded up; codes says how many of the codes it holds.';

CREATE FUNCTION rfm_classes(
	segmentation,
	OUT measure text, OUT score int, OUT range numrange, OUT customers bigint
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 15
	AS 'MODULE_PATHNAME', 'rfm_classes';
COMMENT ON FUNCTION rfm_classes(segmentation) IS
	'What each score of each measure means: the range of values that have it, and how many customers do if it was made from data.';

CREATE FUNCTION with_rules(segmentation, rules jsonb) RETURNS segmentation
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'rfm_with_rules';
COMMENT ON FUNCTION with_rules(segmentation, jsonb) IS
	'The same scores with other segments: a list of rules, the most valuable segment first, each a label and ranges of scores r, f, m, fm. Every code must be in exactly one. An empty list makes every code a segment.';
