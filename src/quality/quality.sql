-- is a segmentation any good?

CREATE TYPE anova_test AS (
	customers bigint,
	segments bigint,
	eta_squared double precision,
	f double precision,
	df_between bigint,
	df_within bigint,
	p_value double precision
);
COMMENT ON TYPE anova_test IS
	'A one-way analysis of variance: the share of the variance of values that lies between segments, and how probable as large a share would be if segments had nothing to do with values. Figures that are not defined are NULL.';

CREATE TYPE similarity_shares AS (
	raw double precision,
	"asinh" double precision
);
COMMENT ON TYPE similarity_shares IS
	'How similar customers within segments are: the share of the variance between segments, of the values as they are and on the asinh scale, which tames the few large ones.';

CREATE TYPE contingency_test AS (
	customers bigint,
	"rows" bigint,
	"columns" bigint,
	chi_square double precision,
	df bigint,
	p_value double precision,
	cramers_v double precision,
	cramers_v_corrected double precision
);
COMMENT ON TYPE contingency_test IS
	'Association of two classifications: Pearson''s chi-square with its degrees of freedom and probability, and Cramer''s V, as it is and corrected for bias. NULL where one of the two is the same for all customers.';

CREATE TYPE persistence_shares AS (
	customers bigint,
	stayed double precision,
	expected double precision,
	kappa double precision,
	moved_up double precision,
	moved_down double precision
);
COMMENT ON TYPE persistence_shares IS
	'How lasting membership in segments is: the share of customers who stayed, the share who would by chance, Cohen''s kappa, which is what lies between as a share of what could, and the shares who moved to a better or worse segment.';

-- values by segment: eta_squared, anova, similarity

CREATE FUNCTION grouped_accum(internal, numeric, bigint) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'grouped_accum_numeric_integer';
CREATE FUNCTION grouped_accum(internal, numeric, text) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'grouped_accum_numeric_text';
CREATE FUNCTION grouped_accum(internal, double precision, bigint) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'grouped_accum_float8_integer';
CREATE FUNCTION grouped_accum(internal, double precision, text) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'grouped_accum_float8_text';
CREATE FUNCTION grouped_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION grouped_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION grouped_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION eta_squared_final(internal) RETURNS double precision
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
CREATE FUNCTION anova_final(internal) RETURNS anova_test
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
CREATE FUNCTION similarity_final(internal) RETURNS similarity_shares
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION grouped_accum(internal, numeric, bigint) IS 'aggregate transition function: collects values by segment';
COMMENT ON FUNCTION grouped_accum(internal, numeric, text) IS 'aggregate transition function: collects values by segment';
COMMENT ON FUNCTION grouped_accum(internal, double precision, bigint) IS 'aggregate transition function: collects values by segment';
COMMENT ON FUNCTION grouped_accum(internal, double precision, text) IS 'aggregate transition function: collects values by segment';
COMMENT ON FUNCTION grouped_combine(internal, internal) IS 'aggregate combine function: joins two states';
COMMENT ON FUNCTION grouped_serialize(internal) IS 'aggregate serial function: a state for another worker';
COMMENT ON FUNCTION grouped_deserialize(bytea, internal) IS 'aggregate deserial function: a state from another worker';
COMMENT ON FUNCTION eta_squared_final(internal) IS 'aggregate final function of eta_squared';
COMMENT ON FUNCTION anova_final(internal) IS 'aggregate final function of anova';
COMMENT ON FUNCTION similarity_final(internal) IS 'aggregate final function of similarity';

CREATE AGGREGATE eta_squared(value numeric, segment bigint) (
	SFUNC = grouped_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = eta_squared_final,
	COMBINEFUNC = grouped_combine,
	SERIALFUNC = grouped_serialize,
	DESERIALFUNC = grouped_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE eta_squared(numeric, bigint) IS
	'The share of the variance of values that lies between segments: 0, segments say nothing about the value, to 1, they say all. Rows with a NULL are left out; NULL if all values are equal.';

CREATE AGGREGATE eta_squared(value numeric, segment text) (
	SFUNC = grouped_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = eta_squared_final,
	COMBINEFUNC = grouped_combine,
	SERIALFUNC = grouped_serialize,
	DESERIALFUNC = grouped_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE eta_squared(numeric, text) IS
	'The share of the variance of values that lies between segments: 0, segments say nothing about the value, to 1, they say all. Rows with a NULL are left out; NULL if all values are equal.';

CREATE AGGREGATE eta_squared(value double precision, segment bigint) (
	SFUNC = grouped_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = eta_squared_final,
	COMBINEFUNC = grouped_combine,
	SERIALFUNC = grouped_serialize,
	DESERIALFUNC = grouped_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE eta_squared(double precision, bigint) IS
	'The share of the variance of values that lies between segments: 0, segments say nothing about the value, to 1, they say all. Rows with a NULL are left out; NULL if all values are equal.';

CREATE AGGREGATE eta_squared(value double precision, segment text) (
	SFUNC = grouped_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = eta_squared_final,
	COMBINEFUNC = grouped_combine,
	SERIALFUNC = grouped_serialize,
	DESERIALFUNC = grouped_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE eta_squared(double precision, text) IS
	'The share of the variance of values that lies between segments: 0, segments say nothing about the value, to 1, they say all. Rows with a NULL are left out; NULL if all values are equal.';

CREATE AGGREGATE anova(value numeric, segment bigint) (
	SFUNC = grouped_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = anova_final,
	COMBINEFUNC = grouped_combine,
	SERIALFUNC = grouped_serialize,
	DESERIALFUNC = grouped_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE anova(numeric, bigint) IS
	'A one-way analysis of variance (Fisher 1925): do segments differ in value by more than chance? Rows with a NULL are left out; NULL without any.';

CREATE AGGREGATE anova(value numeric, segment text) (
	SFUNC = grouped_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = anova_final,
	COMBINEFUNC = grouped_combine,
	SERIALFUNC = grouped_serialize,
	DESERIALFUNC = grouped_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE anova(numeric, text) IS
	'A one-way analysis of variance (Fisher 1925): do segments differ in value by more than chance? Rows with a NULL are left out; NULL without any.';

CREATE AGGREGATE anova(value double precision, segment bigint) (
	SFUNC = grouped_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = anova_final,
	COMBINEFUNC = grouped_combine,
	SERIALFUNC = grouped_serialize,
	DESERIALFUNC = grouped_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE anova(double precision, bigint) IS
	'A one-way analysis of variance (Fisher 1925): do segments differ in value by more than chance? Rows with a NULL are left out; NULL without any.';

CREATE AGGREGATE anova(value double precision, segment text) (
	SFUNC = grouped_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = anova_final,
	COMBINEFUNC = grouped_combine,
	SERIALFUNC = grouped_serialize,
	DESERIALFUNC = grouped_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE anova(double precision, text) IS
	'A one-way analysis of variance (Fisher 1925): do segments differ in value by more than chance? Rows with a NULL are left out; NULL without any.';

CREATE AGGREGATE similarity(value numeric, segment bigint) (
	SFUNC = grouped_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = similarity_final,
	COMBINEFUNC = grouped_combine,
	SERIALFUNC = grouped_serialize,
	DESERIALFUNC = grouped_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE similarity(numeric, bigint) IS
	'How similar the values of customers of a segment are: the share of the variance that lies between segments, of values as they are and of asinh(value / median size). Rows with a NULL are left out; NULL without any.';

CREATE AGGREGATE similarity(value numeric, segment text) (
	SFUNC = grouped_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = similarity_final,
	COMBINEFUNC = grouped_combine,
	SERIALFUNC = grouped_serialize,
	DESERIALFUNC = grouped_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE similarity(numeric, text) IS
	'How similar the values of customers of a segment are: the share of the variance that lies between segments, of values as they are and of asinh(value / median size). Rows with a NULL are left out; NULL without any.';

CREATE AGGREGATE similarity(value double precision, segment bigint) (
	SFUNC = grouped_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = similarity_final,
	COMBINEFUNC = grouped_combine,
	SERIALFUNC = grouped_serialize,
	DESERIALFUNC = grouped_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE similarity(double precision, bigint) IS
	'How similar the values of customers of a segment are: the share of the variance that lies between segments, of values as they are and of asinh(value / median size). Rows with a NULL are left out; NULL without any.';

CREATE AGGREGATE similarity(value double precision, segment text) (
	SFUNC = grouped_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = similarity_final,
	COMBINEFUNC = grouped_combine,
	SERIALFUNC = grouped_serialize,
	DESERIALFUNC = grouped_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE similarity(double precision, text) IS
	'How similar the values of customers of a segment are: the share of the variance that lies between segments, of values as they are and of asinh(value / median size). Rows with a NULL are left out; NULL without any.';

-- pairs of classes: contingency, cramers_v, adjusted_rand, persistence

CREATE FUNCTION cross_table_accum(internal, bigint, bigint) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'cross_table_accum_integers';
CREATE FUNCTION cross_table_accum(internal, text, text) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'cross_table_accum_texts';
CREATE FUNCTION cross_table_accum(internal, bigint, text) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'cross_table_accum_integer_text';
CREATE FUNCTION cross_table_accum(internal, text, bigint) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'cross_table_accum_text_integer';
CREATE FUNCTION cross_table_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION cross_table_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION cross_table_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION contingency_final(internal) RETURNS contingency_test
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
CREATE FUNCTION cramers_v_final(internal) RETURNS double precision
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
CREATE FUNCTION adjusted_rand_final(internal) RETURNS double precision
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
CREATE FUNCTION persistence_final(internal) RETURNS persistence_shares
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION cross_table_accum(internal, bigint, bigint) IS 'aggregate transition function: counts pairs of classes';
COMMENT ON FUNCTION cross_table_accum(internal, text, text) IS 'aggregate transition function: counts pairs of classes';
COMMENT ON FUNCTION cross_table_accum(internal, bigint, text) IS 'aggregate transition function: counts pairs of classes';
COMMENT ON FUNCTION cross_table_accum(internal, text, bigint) IS 'aggregate transition function: counts pairs of classes';
COMMENT ON FUNCTION cross_table_combine(internal, internal) IS 'aggregate combine function: joins two states';
COMMENT ON FUNCTION cross_table_serialize(internal) IS 'aggregate serial function: a state for another worker';
COMMENT ON FUNCTION cross_table_deserialize(bytea, internal) IS 'aggregate deserial function: a state from another worker';
COMMENT ON FUNCTION contingency_final(internal) IS 'aggregate final function of contingency';
COMMENT ON FUNCTION cramers_v_final(internal) IS 'aggregate final function of cramers_v';
COMMENT ON FUNCTION adjusted_rand_final(internal) IS 'aggregate final function of adjusted_rand';
COMMENT ON FUNCTION persistence_final(internal) IS 'aggregate final function of persistence';

CREATE AGGREGATE contingency(a bigint, b bigint) (
	SFUNC = cross_table_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = contingency_final,
	COMBINEFUNC = cross_table_combine,
	SERIALFUNC = cross_table_serialize,
	DESERIALFUNC = cross_table_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE contingency(bigint, bigint) IS
	'Are two classifications associated? Pearson''s chi-square (1900) and Cramer''s V (1946), also corrected for bias (Bergsma 2013). Rows with a NULL are left out; NULL without any.';

CREATE AGGREGATE contingency(a text, b text) (
	SFUNC = cross_table_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = contingency_final,
	COMBINEFUNC = cross_table_combine,
	SERIALFUNC = cross_table_serialize,
	DESERIALFUNC = cross_table_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE contingency(text, text) IS
	'Are two classifications associated? Pearson''s chi-square (1900) and Cramer''s V (1946), also corrected for bias (Bergsma 2013). Rows with a NULL are left out; NULL without any.';

CREATE AGGREGATE contingency(a bigint, b text) (
	SFUNC = cross_table_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = contingency_final,
	COMBINEFUNC = cross_table_combine,
	SERIALFUNC = cross_table_serialize,
	DESERIALFUNC = cross_table_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE contingency(bigint, text) IS
	'Are two classifications associated? Pearson''s chi-square (1900) and Cramer''s V (1946), also corrected for bias (Bergsma 2013). Rows with a NULL are left out; NULL without any.';

CREATE AGGREGATE contingency(a text, b bigint) (
	SFUNC = cross_table_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = contingency_final,
	COMBINEFUNC = cross_table_combine,
	SERIALFUNC = cross_table_serialize,
	DESERIALFUNC = cross_table_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE contingency(text, bigint) IS
	'Are two classifications associated? Pearson''s chi-square (1900) and Cramer''s V (1946), also corrected for bias (Bergsma 2013). Rows with a NULL are left out; NULL without any.';

CREATE AGGREGATE cramers_v(a bigint, b bigint) (
	SFUNC = cross_table_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = cramers_v_final,
	COMBINEFUNC = cross_table_combine,
	SERIALFUNC = cross_table_serialize,
	DESERIALFUNC = cross_table_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE cramers_v(bigint, bigint) IS
	'Cramer''s V (1946): how strongly two classifications are associated, from 0 to 1. Rows with a NULL are left out; NULL if one of the two is the same for all.';

CREATE AGGREGATE cramers_v(a text, b text) (
	SFUNC = cross_table_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = cramers_v_final,
	COMBINEFUNC = cross_table_combine,
	SERIALFUNC = cross_table_serialize,
	DESERIALFUNC = cross_table_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE cramers_v(text, text) IS
	'Cramer''s V (1946): how strongly two classifications are associated, from 0 to 1. Rows with a NULL are left out; NULL if one of the two is the same for all.';

CREATE AGGREGATE cramers_v(a bigint, b text) (
	SFUNC = cross_table_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = cramers_v_final,
	COMBINEFUNC = cross_table_combine,
	SERIALFUNC = cross_table_serialize,
	DESERIALFUNC = cross_table_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE cramers_v(bigint, text) IS
	'Cramer''s V (1946): how strongly two classifications are associated, from 0 to 1. Rows with a NULL are left out; NULL if one of the two is the same for all.';

CREATE AGGREGATE cramers_v(a text, b bigint) (
	SFUNC = cross_table_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = cramers_v_final,
	COMBINEFUNC = cross_table_combine,
	SERIALFUNC = cross_table_serialize,
	DESERIALFUNC = cross_table_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE cramers_v(text, bigint) IS
	'Cramer''s V (1946): how strongly two classifications are associated, from 0 to 1. Rows with a NULL are left out; NULL if one of the two is the same for all.';

CREATE AGGREGATE adjusted_rand(a bigint, b bigint) (
	SFUNC = cross_table_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = adjusted_rand_final,
	COMBINEFUNC = cross_table_combine,
	SERIALFUNC = cross_table_serialize,
	DESERIALFUNC = cross_table_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE adjusted_rand(bigint, bigint) IS
	'How far two segmentations agree (Hubert and Arabie 1985): 1 if they are the same up to the names of segments, 0 on average by chance. Rows with a NULL are left out; NULL if there is nothing to divide.';

CREATE AGGREGATE adjusted_rand(a text, b text) (
	SFUNC = cross_table_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = adjusted_rand_final,
	COMBINEFUNC = cross_table_combine,
	SERIALFUNC = cross_table_serialize,
	DESERIALFUNC = cross_table_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE adjusted_rand(text, text) IS
	'How far two segmentations agree (Hubert and Arabie 1985): 1 if they are the same up to the names of segments, 0 on average by chance. Rows with a NULL are left out; NULL if there is nothing to divide.';

CREATE AGGREGATE adjusted_rand(a bigint, b text) (
	SFUNC = cross_table_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = adjusted_rand_final,
	COMBINEFUNC = cross_table_combine,
	SERIALFUNC = cross_table_serialize,
	DESERIALFUNC = cross_table_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE adjusted_rand(bigint, text) IS
	'How far two segmentations agree (Hubert and Arabie 1985): 1 if they are the same up to the names of segments, 0 on average by chance. Rows with a NULL are left out; NULL if there is nothing to divide.';

CREATE AGGREGATE adjusted_rand(a text, b bigint) (
	SFUNC = cross_table_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = adjusted_rand_final,
	COMBINEFUNC = cross_table_combine,
	SERIALFUNC = cross_table_serialize,
	DESERIALFUNC = cross_table_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE adjusted_rand(text, bigint) IS
	'How far two segmentations agree (Hubert and Arabie 1985): 1 if they are the same up to the names of segments, 0 on average by chance. Rows with a NULL are left out; NULL if there is nothing to divide.';

CREATE AGGREGATE persistence(before bigint, after bigint) (
	SFUNC = cross_table_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = persistence_final,
	COMBINEFUNC = cross_table_combine,
	SERIALFUNC = cross_table_serialize,
	DESERIALFUNC = cross_table_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE persistence(bigint, bigint) IS
	'Do customers stay in their segment? Shares of those who stayed, who would by chance, and who moved up (to a smaller number) or down; Cohen''s kappa (1960). Rows with a NULL are left out; NULL without any.';

-- two orders: spearman, kendall

CREATE FUNCTION rank_pairs_accum(internal, double precision, double precision) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'rank_pairs_accum';
CREATE FUNCTION rank_pairs_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION rank_pairs_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION rank_pairs_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION spearman_final(internal) RETURNS double precision
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
CREATE FUNCTION kendall_final(internal) RETURNS double precision
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rank_pairs_accum(internal, double precision, double precision) IS 'aggregate transition function: collects pairs of figures';
COMMENT ON FUNCTION rank_pairs_combine(internal, internal) IS 'aggregate combine function: joins two states';
COMMENT ON FUNCTION rank_pairs_serialize(internal) IS 'aggregate serial function: a state for another worker';
COMMENT ON FUNCTION rank_pairs_deserialize(bytea, internal) IS 'aggregate deserial function: a state from another worker';
COMMENT ON FUNCTION spearman_final(internal) IS 'aggregate final function of spearman';
COMMENT ON FUNCTION kendall_final(internal) IS 'aggregate final function of kendall';

CREATE AGGREGATE spearman(x double precision, y double precision) (
	SFUNC = rank_pairs_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = spearman_final,
	COMBINEFUNC = rank_pairs_combine,
	SERIALFUNC = rank_pairs_serialize,
	DESERIALFUNC = rank_pairs_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE spearman(double precision, double precision) IS
	'Spearman''s rank correlation (1904), ties by mid-ranks: do two figures put customers in the same order? Rows with a NULL are left out; NULL if either figure is the same for all.';

CREATE AGGREGATE kendall(x double precision, y double precision) (
	SFUNC = rank_pairs_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = kendall_final,
	COMBINEFUNC = rank_pairs_combine,
	SERIALFUNC = rank_pairs_serialize,
	DESERIALFUNC = rank_pairs_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kendall(double precision, double precision) IS
	'Kendall''s tau-b (1945): pairs of customers in the same order less those in opposite order, as a share of those that are no ties. Rows with a NULL are left out; NULL if either figure is the same for all.';

-- drift: population_stability

CREATE FUNCTION population_stability(base bigint[], current bigint[], smoothing text DEFAULT 'half') RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION population_stability(bigint[], bigint[], text) IS
	'The population stability index between two periods, from the numbers of customers in each bin: the sum of (q - p) ln(q / p) over shares. Smoothing adds 0.5 (half), 1 (laplace) or nothing (none) to each count. NULL if a period has no customers.';

CREATE FUNCTION stability_accum(internal, segmentation, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'stability_accum_numeric';
CREATE FUNCTION stability_accum(internal, segmentation, double precision) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'stability_accum_float8';
CREATE FUNCTION stability_accum(internal, segmentation, numeric, text) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'stability_accum_numeric';
CREATE FUNCTION stability_accum(internal, segmentation, double precision, text) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'stability_accum_float8';
CREATE FUNCTION stability_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION stability_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION stability_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION stability_final(internal) RETURNS double precision
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION stability_accum(internal, segmentation, numeric) IS 'aggregate transition function: counts customers in the segments of a base period';
COMMENT ON FUNCTION stability_accum(internal, segmentation, double precision) IS 'aggregate transition function: counts customers in the segments of a base period';
COMMENT ON FUNCTION stability_accum(internal, segmentation, numeric, text) IS 'aggregate transition function: counts customers in the segments of a base period';
COMMENT ON FUNCTION stability_accum(internal, segmentation, double precision, text) IS 'aggregate transition function: counts customers in the segments of a base period';
COMMENT ON FUNCTION stability_combine(internal, internal) IS 'aggregate combine function: joins two states';
COMMENT ON FUNCTION stability_serialize(internal) IS 'aggregate serial function: a state for another worker';
COMMENT ON FUNCTION stability_deserialize(bytea, internal) IS 'aggregate deserial function: a state from another worker';
COMMENT ON FUNCTION stability_final(internal) IS 'aggregate final function of stability';

CREATE AGGREGATE population_stability(scheme segmentation, value numeric) (
	SFUNC = stability_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = stability_final,
	COMBINEFUNC = stability_combine,
	SERIALFUNC = stability_serialize,
	DESERIALFUNC = stability_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE population_stability(segmentation, numeric) IS
	'The population stability index of values against the period that a segmentation was made in: its segments are the bins, its customers the base; 0.5 is added to each count. Rows with a NULL value are left out; NULL without any.';

CREATE AGGREGATE population_stability(scheme segmentation, value numeric, smoothing text) (
	SFUNC = stability_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = stability_final,
	COMBINEFUNC = stability_combine,
	SERIALFUNC = stability_serialize,
	DESERIALFUNC = stability_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE population_stability(segmentation, numeric, text) IS
	'The population stability index of values against the period that a segmentation was made in, adding 0.5 (half), 1 (laplace) or nothing (none) to each count.';

CREATE AGGREGATE population_stability(scheme segmentation, value double precision) (
	SFUNC = stability_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = stability_final,
	COMBINEFUNC = stability_combine,
	SERIALFUNC = stability_serialize,
	DESERIALFUNC = stability_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE population_stability(segmentation, double precision) IS
	'The population stability index of values against the period that a segmentation was made in: its segments are the bins, its customers the base; 0.5 is added to each count. Rows with a NULL value are left out; NULL without any.';

CREATE AGGREGATE population_stability(scheme segmentation, value double precision, smoothing text) (
	SFUNC = stability_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = stability_final,
	COMBINEFUNC = stability_combine,
	SERIALFUNC = stability_serialize,
	DESERIALFUNC = stability_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE population_stability(segmentation, double precision, text) IS
	'The population stability index of values against the period that a segmentation was made in, adding 0.5 (half), 1 (laplace) or nothing (none) to each count.';
