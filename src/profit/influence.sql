-- influence: what the concentration would be without one customer

CREATE TYPE customer_influence AS (
	rank bigint,
	share_of_net numeric,
	share_of_gains numeric,
	net_without numeric,
	top_share_of_gains_without numeric,
	gini_without numeric,
	herfindahl_without numeric
);
COMMENT ON TYPE customer_influence IS
	'One customer among the others: his rank by value (those with the same value have the same), his shares, and what the figures of all others are without him.';

CREATE FUNCTION influence(whale_curve, value numeric, fraction numeric DEFAULT 0.2) RETURNS customer_influence
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'whale_curve_influence_numeric';
COMMENT ON FUNCTION influence(whale_curve, numeric, numeric) IS
	'What if this one leaves: rank and shares of a customer with this value, and the net total, the share of the given fraction of the customers in the gains, Gini coefficient and Herfindahl index of all others. A figure is NULL where its denominator is not positive; a value that is not in the curve is an error.';

CREATE FUNCTION influence(whale_curve, value double precision, fraction numeric DEFAULT 0.2) RETURNS customer_influence
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'whale_curve_influence_float8';
COMMENT ON FUNCTION influence(whale_curve, double precision, numeric) IS
	'What if this one leaves: rank and shares of a customer with this value, and the net total, the share of the given fraction of the customers in the gains, Gini coefficient and Herfindahl index of all others. A figure is NULL where its denominator is not positive; a value that is not in the curve is an error.';
