
-- scores: what a model says of one customer

CREATE FUNCTION p_alive(model clv_model, rfm) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 8
	AS 'MODULE_PATHNAME', 'clv_p_alive';
COMMENT ON FUNCTION p_alive(clv_model, rfm) IS
	'The probability that a customer with this history is still one.';

CREATE FUNCTION log_p_alive(model clv_model, rfm) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 8
	AS 'MODULE_PATHNAME', 'clv_log_p_alive';
COMMENT ON FUNCTION log_p_alive(clv_model, rfm) IS
	'The natural logarithm of p_alive(), also where that is too small for double precision.';

CREATE FUNCTION expected_purchases(model clv_model, rfm, horizon double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'clv_expected_purchases';
COMMENT ON FUNCTION expected_purchases(clv_model, rfm, double precision) IS
	'Expected purchases of a customer with this history within the next horizon, in the model''s unit of time; that he may be lost already is counted in.';

CREATE FUNCTION expected_purchases(model clv_model, rfm, period interval) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'clv_expected_purchases_period';
COMMENT ON FUNCTION expected_purchases(clv_model, rfm, interval) IS
	'Expected purchases of a customer with this history within the next period.';

CREATE FUNCTION log_expected_purchases(model clv_model, rfm, horizon double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'clv_log_expected_purchases';
COMMENT ON FUNCTION log_expected_purchases(clv_model, rfm, double precision) IS
	'The natural logarithm of expected_purchases(), also where that is too small for double precision.';

CREATE FUNCTION expected_purchases(model clv_model, horizon double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'clv_expected_purchases_new';
COMMENT ON FUNCTION expected_purchases(clv_model, double precision) IS
	'Expected repeat purchases of a new customer within the horizon after the first purchase, in the model''s unit of time.';

CREATE FUNCTION expected_purchases(model clv_model, period interval) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'clv_expected_purchases_new_period';
COMMENT ON FUNCTION expected_purchases(clv_model, interval) IS
	'Expected repeat purchases of a new customer within the period after the first purchase.';

CREATE FUNCTION purchase_probability(model clv_model, n bigint, horizon double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'clv_purchase_probability';
COMMENT ON FUNCTION purchase_probability(clv_model, bigint, double precision) IS
	'The probability that a new customer makes exactly n repeat purchases within the horizon, in the model''s unit of time.';

CREATE FUNCTION purchase_probability(model clv_model, n bigint, period interval) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'clv_purchase_probability_period';
COMMENT ON FUNCTION purchase_probability(clv_model, bigint, interval) IS
	'The probability that a new customer makes exactly n repeat purchases within the period.';

CREATE FUNCTION residual_purchases(model clv_model, rfm, discount_rate double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'clv_residual_purchases';
COMMENT ON FUNCTION residual_purchases(clv_model, rfm, double precision) IS
	'Discounted expected residual transactions (DERT): all purchases a customer with this history is still expected to make, each discounted to today at the effective annual rate.';

CREATE FUNCTION annual_attrition(model clv_model, rfm) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'clv_annual_attrition';
COMMENT ON FUNCTION annual_attrition(clv_model, rfm) IS
	'Of customers with this history who are still customers today, the share that will no longer be in a year, where no contract says so (non-contractual).';

CREATE FUNCTION annual_attrition(model clv_model) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'clv_annual_attrition_new';
COMMENT ON FUNCTION annual_attrition(clv_model) IS
	'Of new customers, the share that will no longer be customers a year after the first purchase, where no contract says so (non-contractual).';

CREATE FUNCTION expected_spend(model clv_model, rfm) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3
	AS 'MODULE_PATHNAME', 'clv_expected_spend';
COMMENT ON FUNCTION expected_spend(clv_model, rfm) IS
	'Expected mean value of a customer''s purchases: the mean of his own, drawn towards that of all customers the more, the fewer they are. NULL if repeat purchases have no known value.';

CREATE FUNCTION survival(model clv_model, period double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'clv_sbg_survival';
COMMENT ON FUNCTION survival(clv_model, double precision) IS
	'Of an sbg model: the share of customers still there at the end of contract period number period, 1 at period 0.';

CREATE FUNCTION retention_rate(model clv_model, period double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'clv_sbg_retention';
COMMENT ON FUNCTION retention_rate(clv_model, double precision) IS
	'Of an sbg model: the share of those there at the end of period - 1 who are still there at the end of period number period, which is 1 or more.';

CREATE FUNCTION residual_lifetime(model clv_model, renewals double precision, discount_rate_per_period double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'clv_sbg_residual_lifetime';
COMMENT ON FUNCTION residual_lifetime(clv_model, double precision, double precision) IS
	'Of an sbg model: discounted expected residual lifetime (DERL) in contract periods of a customer who has renewed so many times and is about to decide on the next renewal, at an effective discount rate per period.';

-- lifetime value

CREATE FUNCTION clv(
	purchase clv_model,
	spend clv_model,
	rfm rfm,
	horizon double precision,
	discount_rate double precision,
	margin double precision DEFAULT NULL,
	cost_while_alive double precision DEFAULT 0
) RETURNS double precision
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'clv_value';
COMMENT ON FUNCTION clv(clv_model, clv_model, rfm, double precision, double precision, double precision, double precision) IS
	'Customer lifetime value from today to the end of the horizon, in the model''s unit of time: expected purchases, discounted at the effective annual rate, times expected spend, times margin (needed unless spend was fitted to contribution), less the discounted cost per unit of time alive. Sunk acquisition cost is no part of it. NULL if an argument other than margin is.';

CREATE FUNCTION clv_interval(
	purchase clv_model,
	spend clv_model,
	rfm rfm,
	horizon double precision,
	discount_rate double precision,
	margin double precision DEFAULT NULL,
	cost_while_alive double precision DEFAULT 0,
	level double precision DEFAULT 0.95,
	OUT clv double precision,
	OUT standard_error double precision,
	OUT lower double precision,
	OUT upper double precision
) RETURNS record
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 3000
	AS 'MODULE_PATHNAME', 'clv_interval';
COMMENT ON FUNCTION clv_interval(clv_model, clv_model, rfm, double precision, double precision, double precision, double precision, double precision) IS
	'How sure clv() is, as far as the parameters are uncertain: its standard error by the delta method, and the normal interval of the given level. It does not say how one customer varies around the expectation. Both models must be fitted.';

CREATE FUNCTION clv(
	purchase clv_model,
	spend clv_model,
	rfm rfm,
	period interval,
	discount_rate double precision,
	margin double precision DEFAULT NULL,
	cost_while_alive double precision DEFAULT 0
) RETURNS double precision
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 200
	AS 'MODULE_PATHNAME', 'clv_value_period';
COMMENT ON FUNCTION clv(clv_model, clv_model, rfm, interval, double precision, double precision, double precision) IS
	'Customer lifetime value from today to the end of the period: expected purchases, discounted at the effective annual rate, times expected spend, times margin (needed unless spend was fitted to contribution), less the discounted cost per unit of time alive. Sunk acquisition cost is no part of it. NULL if an argument other than margin is.';

CREATE FUNCTION clv_interval(
	purchase clv_model,
	spend clv_model,
	rfm rfm,
	period interval,
	discount_rate double precision,
	margin double precision DEFAULT NULL,
	cost_while_alive double precision DEFAULT 0,
	level double precision DEFAULT 0.95,
	OUT clv double precision,
	OUT standard_error double precision,
	OUT lower double precision,
	OUT upper double precision
) RETURNS record
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 3000
	AS 'MODULE_PATHNAME', 'clv_interval_period';
COMMENT ON FUNCTION clv_interval(clv_model, clv_model, rfm, interval, double precision, double precision, double precision, double precision) IS
	'How sure clv() is, as far as the parameters are uncertain: its standard error by the delta method, and the normal interval of the given level. It does not say how one customer varies around the expectation. Both models must be fitted.';
