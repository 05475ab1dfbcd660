-- cross-selling: association rules, the next best product, penetration and white space, share of wallet

CREATE TYPE association_rule AS (
	antecedent text[],
	consequent text,
	baskets bigint,
	antecedent_baskets bigint,
	consequent_baskets bigint,
	all_baskets bigint,
	support numeric,
	confidence numeric,
	lift numeric,
	leverage numeric,
	conviction numeric,
	chi_square double precision,
	cosine double precision,
	jaccard numeric
);
COMMENT ON TYPE association_rule IS
	'Who has the antecedent, has the consequent, too: in how many baskets both are, the antecedent is, the consequent is, and how many there are; their shares and how strong the association is. NULL: conviction where no basket has the antecedent alone, chi_square where one of both is in all baskets.';

CREATE TYPE penetration_cell AS (
	segment text,
	item text,
	customers bigint,
	owners bigint,
	penetration numeric,
	index numeric,
	white_space bigint,
	mean_amount numeric,
	potential numeric
);
COMMENT ON TYPE penetration_cell IS
	'How many customers of a segment own an item: their share, that share with 100 for the share among all customers, how many do not own it (white space), the mean net amount of an owner, and that times the white space. NULL: index where nobody owns the item, mean_amount and potential where nobody of the segment does.';

CREATE FUNCTION mining(
	min_confidence numeric DEFAULT NULL, min_items int DEFAULT NULL, max_items int DEFAULT NULL
) RETURNS jsonb
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION mining(numeric, int, int) IS
	'Options of association_rules: the least confidence of a rule, and from how many to how many items it has on both sides, 1 to 5, 2 unless said otherwise; rules of 1 item tell how popular it is with everybody. What is NULL is not asked for.';

-- lines: the state of these aggregates

CREATE FUNCTION basket_lines_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION basket_lines_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION basket_lines_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION basket_lines_combine(internal, internal) IS 'aggregate combine function: joins lines of baskets';
COMMENT ON FUNCTION basket_lines_serialize(internal) IS 'aggregate serial function: lines of baskets for another worker';
COMMENT ON FUNCTION basket_lines_deserialize(bytea, internal) IS 'aggregate deserial function: lines of baskets from another worker';

-- association rules

CREATE FUNCTION association_rules_accum(internal, bigint, text, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'association_rules_accum_integer';
CREATE FUNCTION association_rules_accum(internal, bigint, text, numeric, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'association_rules_accum_integer';
CREATE FUNCTION association_rules_accum(internal, bigint, text, numeric, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'association_rules_accum_integer_quantity';
CREATE FUNCTION association_rules_accum(internal, bigint, text, numeric, numeric, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'association_rules_accum_integer_quantity';
CREATE FUNCTION association_rules_accum(internal, text, text, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'association_rules_accum_text';
CREATE FUNCTION association_rules_accum(internal, text, text, numeric, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'association_rules_accum_text';
CREATE FUNCTION association_rules_accum(internal, text, text, numeric, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'association_rules_accum_text_quantity';
CREATE FUNCTION association_rules_accum(internal, text, text, numeric, numeric, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'association_rules_accum_text_quantity';
CREATE FUNCTION association_rules_final(internal) RETURNS association_rule[]
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION association_rules_accum(internal, bigint, text, numeric) IS 'aggregate transition function: collects lines of baskets';
COMMENT ON FUNCTION association_rules_accum(internal, bigint, text, numeric, jsonb) IS 'aggregate transition function: collects lines of baskets';
COMMENT ON FUNCTION association_rules_accum(internal, bigint, text, numeric, numeric) IS 'aggregate transition function: collects lines of baskets';
COMMENT ON FUNCTION association_rules_accum(internal, bigint, text, numeric, numeric, jsonb) IS 'aggregate transition function: collects lines of baskets';
COMMENT ON FUNCTION association_rules_accum(internal, text, text, numeric) IS 'aggregate transition function: collects lines of baskets';
COMMENT ON FUNCTION association_rules_accum(internal, text, text, numeric, jsonb) IS 'aggregate transition function: collects lines of baskets';
COMMENT ON FUNCTION association_rules_accum(internal, text, text, numeric, numeric) IS 'aggregate transition function: collects lines of baskets';
COMMENT ON FUNCTION association_rules_accum(internal, text, text, numeric, numeric, jsonb) IS 'aggregate transition function: collects lines of baskets';
COMMENT ON FUNCTION association_rules_final(internal) IS 'aggregate final function of association_rules';

CREATE AGGREGATE association_rules(basket bigint, item text, min_support numeric) (
	SFUNC = association_rules_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = association_rules_final,
	COMBINEFUNC = basket_lines_combine,
	SERIALFUNC = basket_lines_serialize,
	DESERIALFUNC = basket_lines_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE association_rules(bigint, text, numeric) IS
	'Association rules: pairs of items that at least the given share of all baskets holds, and how they go together; each line is one item of a basket. By lift, the highest first. Rows with a NULL are left out, as are baskets without any item; NULL without any.';

CREATE AGGREGATE association_rules(basket bigint, item text, min_support numeric, options jsonb) (
	SFUNC = association_rules_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = association_rules_final,
	COMBINEFUNC = basket_lines_combine,
	SERIALFUNC = basket_lines_serialize,
	DESERIALFUNC = basket_lines_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE association_rules(bigint, text, numeric, jsonb) IS
	'Association rules: pairs of items that at least the given share of all baskets holds, under the conditions that mining() writes, and how they go together; each line is one item of a basket. By lift, the highest first. Rows with a NULL are left out, as are baskets without any item; NULL without any.';

CREATE AGGREGATE association_rules(basket bigint, item text, quantity numeric, min_support numeric) (
	SFUNC = association_rules_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = association_rules_final,
	COMBINEFUNC = basket_lines_combine,
	SERIALFUNC = basket_lines_serialize,
	DESERIALFUNC = basket_lines_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE association_rules(bigint, text, numeric, numeric) IS
	'Association rules: pairs of items that at least the given share of all baskets holds, and how they go together; items whose net quantity in a basket is positive count, what was returned does not. By lift, the highest first. Rows with a NULL are left out, as are baskets without any item; NULL without any.';

CREATE AGGREGATE association_rules(basket bigint, item text, quantity numeric, min_support numeric, options jsonb) (
	SFUNC = association_rules_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = association_rules_final,
	COMBINEFUNC = basket_lines_combine,
	SERIALFUNC = basket_lines_serialize,
	DESERIALFUNC = basket_lines_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE association_rules(bigint, text, numeric, numeric, jsonb) IS
	'Association rules: pairs of items that at least the given share of all baskets holds, under the conditions that mining() writes, and how they go together; items whose net quantity in a basket is positive count, what was returned does not. By lift, the highest first. Rows with a NULL are left out, as are baskets without any item; NULL without any.';

CREATE AGGREGATE association_rules(basket text, item text, min_support numeric) (
	SFUNC = association_rules_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = association_rules_final,
	COMBINEFUNC = basket_lines_combine,
	SERIALFUNC = basket_lines_serialize,
	DESERIALFUNC = basket_lines_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE association_rules(text, text, numeric) IS
	'Association rules: pairs of items that at least the given share of all baskets holds, and how they go together; each line is one item of a basket. By lift, the highest first. Rows with a NULL are left out, as are baskets without any item; NULL without any.';

CREATE AGGREGATE association_rules(basket text, item text, min_support numeric, options jsonb) (
	SFUNC = association_rules_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = association_rules_final,
	COMBINEFUNC = basket_lines_combine,
	SERIALFUNC = basket_lines_serialize,
	DESERIALFUNC = basket_lines_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE association_rules(text, text, numeric, jsonb) IS
	'Association rules: pairs of items that at least the given share of all baskets holds, under the conditions that mining() writes, and how they go together; each line is one item of a basket. By lift, the highest first. Rows with a NULL are left out, as are baskets without any item; NULL without any.';

CREATE AGGREGATE association_rules(basket text, item text, quantity numeric, min_support numeric) (
	SFUNC = association_rules_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = association_rules_final,
	COMBINEFUNC = basket_lines_combine,
	SERIALFUNC = basket_lines_serialize,
	DESERIALFUNC = basket_lines_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE association_rules(text, text, numeric, numeric) IS
	'Association rules: pairs of items that at least the given share of all baskets holds, and how they go together; items whose net quantity in a basket is positive count, what was returned does not. By lift, the highest first. Rows with a NULL are left out, as are baskets without any item; NULL without any.';

CREATE AGGREGATE association_rules(basket text, item text, quantity numeric, min_support numeric, options jsonb) (
	SFUNC = association_rules_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = association_rules_final,
	COMBINEFUNC = basket_lines_combine,
	SERIALFUNC = basket_lines_serialize,
	DESERIALFUNC = basket_lines_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE association_rules(text, text, numeric, numeric, jsonb) IS
	'Association rules: pairs of items that at least the given share of all baskets holds, under the conditions that mining() writes, and how they go together; items whose net quantity in a basket is positive count, what was returned does not. By lift, the highest first. Rows with a NULL are left out, as are baskets without any item; NULL without any.';

-- the next best product

CREATE FUNCTION next_best_products(
	rules association_rule[], owned text[], n int DEFAULT 3, measure text DEFAULT 'confidence',
	OUT item text, OUT score numeric, OUT because text[]
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 3 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION next_best_products(association_rule[], text[], int, text) IS
	'What to offer the owner of these items next: the n best items that rules lead to from what is owned, never one that is owned. The score is the confidence or lift of the best rule that leads there, or the sum of the similarities (cosine, jaccard) to all items owned; because is what the best rule starts from. No rows where no rule applies, and for a NULL.';

-- penetration

CREATE FUNCTION penetration_accum(internal, bigint, bigint, text, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'penetration_accum_integers';
CREATE FUNCTION penetration_accum(internal, bigint, text, text, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'penetration_accum_integer_text';
CREATE FUNCTION penetration_accum(internal, text, bigint, text, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'penetration_accum_text_integer';
CREATE FUNCTION penetration_accum(internal, text, text, text, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'penetration_accum_texts';
CREATE FUNCTION penetration_final(internal) RETURNS penetration_cell[]
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION penetration_accum(internal, bigint, bigint, text, numeric) IS 'aggregate transition function: collects what customers own';
COMMENT ON FUNCTION penetration_accum(internal, bigint, text, text, numeric) IS 'aggregate transition function: collects what customers own';
COMMENT ON FUNCTION penetration_accum(internal, text, bigint, text, numeric) IS 'aggregate transition function: collects what customers own';
COMMENT ON FUNCTION penetration_accum(internal, text, text, text, numeric) IS 'aggregate transition function: collects what customers own';
COMMENT ON FUNCTION penetration_final(internal) IS 'aggregate final function of penetration';

CREATE AGGREGATE penetration(segment bigint, customer bigint, item text, amount numeric) (
	SFUNC = penetration_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = penetration_final,
	COMBINEFUNC = basket_lines_combine,
	SERIALFUNC = basket_lines_serialize,
	DESERIALFUNC = basket_lines_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE penetration(bigint, bigint, text, numeric) IS
	'For each segment and each item how many customers own it, how many do not, and what they would bring if they were as the owners are. A customer owns what their net amount of is positive. A row without item or amount says that the customer is in the segment; a NULL segment is one, too, and the last; rows without customer are left out; NULL without any.';

CREATE AGGREGATE penetration(segment bigint, customer text, item text, amount numeric) (
	SFUNC = penetration_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = penetration_final,
	COMBINEFUNC = basket_lines_combine,
	SERIALFUNC = basket_lines_serialize,
	DESERIALFUNC = basket_lines_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE penetration(bigint, text, text, numeric) IS
	'For each segment and each item how many customers own it, how many do not, and what they would bring if they were as the owners are. A customer owns what their net amount of is positive. A row without item or amount says that the customer is in the segment; a NULL segment is one, too, and the last; rows without customer are left out; NULL without any.';

CREATE AGGREGATE penetration(segment text, customer bigint, item text, amount numeric) (
	SFUNC = penetration_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = penetration_final,
	COMBINEFUNC = basket_lines_combine,
	SERIALFUNC = basket_lines_serialize,
	DESERIALFUNC = basket_lines_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE penetration(text, bigint, text, numeric) IS
	'For each segment and each item how many customers own it, how many do not, and what they would bring if they were as the owners are. A customer owns what their net amount of is positive. A row without item or amount says that the customer is in the segment; a NULL segment is one, too, and the last; rows without customer are left out; NULL without any.';

CREATE AGGREGATE penetration(segment text, customer text, item text, amount numeric) (
	SFUNC = penetration_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = penetration_final,
	COMBINEFUNC = basket_lines_combine,
	SERIALFUNC = basket_lines_serialize,
	DESERIALFUNC = basket_lines_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE penetration(text, text, text, numeric) IS
	'For each segment and each item how many customers own it, how many do not, and what they would bring if they were as the owners are. A customer owns what their net amount of is positive. A row without item or amount says that the customer is in the segment; a NULL segment is one, too, and the last; rows without customer are left out; NULL without any.';

-- share of wallet

CREATE FUNCTION share_of_wallet(revenue numeric, wallet numeric) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION share_of_wallet(numeric, numeric) IS
	'The share of what a customer is estimated to spend that comes to us: revenue divided by wallet. Above 1 the estimate is too low. NULL for a NULL, and where the wallet is not positive.';

CREATE FUNCTION open_wallet(revenue numeric, wallet numeric) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION open_wallet(numeric, numeric) IS
	'What a customer is estimated to spend elsewhere: wallet less revenue. Below 0 the estimate is too low, by as much at least. NULL for a NULL, and where the wallet is not positive.';
