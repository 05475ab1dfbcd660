
-- fits: aggregates over rfm that end in a model

CREATE FUNCTION purchase_fit_accum(internal, rfm) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION purchase_fit_accum(internal, rfm) IS 'aggregate support: counts a customer''s pattern of purchases';

CREATE FUNCTION spend_fit_accum(internal, rfm) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION spend_fit_accum(internal, rfm) IS 'aggregate support: counts a customer''s pattern of spend';

CREATE FUNCTION sbg_fit_accum(internal, double precision, double precision) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION sbg_fit_accum(internal, double precision, double precision) IS 'aggregate support: takes a row of a retention table';

CREATE FUNCTION fit_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION fit_combine(internal, internal) IS 'aggregate support: adds the counts of another state';

CREATE FUNCTION fit_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION fit_serialize(internal) IS 'aggregate support: a state as bytes';

CREATE FUNCTION fit_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION fit_deserialize(bytea, internal) IS 'aggregate support: a state from bytes';

CREATE FUNCTION bgnbd_fit_final(internal) RETURNS clv_model
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bgnbd_fit_final(internal) IS 'aggregate support: fits the model to what was counted';

CREATE AGGREGATE bgnbd_fit(rfm) (
	SFUNC = purchase_fit_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = bgnbd_fit_final,
	COMBINEFUNC = fit_combine, SERIALFUNC = fit_serialize, DESERIALFUNC = fit_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE bgnbd_fit(rfm) IS
	'Fits BG/NBD (Fader, Hardie and Lee 2005): purchases are Poisson at rates that vary as a gamma, and after each repeat purchase a customer is lost with a probability that varies as a beta. NULLs are passed over; NULL if there are no customers.';

CREATE FUNCTION mbgnbd_fit_final(internal) RETURNS clv_model
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION mbgnbd_fit_final(internal) IS 'aggregate support: fits the model to what was counted';

CREATE AGGREGATE mbgnbd_fit(rfm) (
	SFUNC = purchase_fit_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = mbgnbd_fit_final,
	COMBINEFUNC = fit_combine, SERIALFUNC = fit_serialize, DESERIALFUNC = fit_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE mbgnbd_fit(rfm) IS
	'Fits MBG/NBD (Batislam, Denizel and Filiztekin 2007): BG/NBD in which a customer may be lost after the first purchase too. NULLs are passed over; NULL if there are no customers.';

CREATE FUNCTION pareto_nbd_fit_final(internal) RETURNS clv_model
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION pareto_nbd_fit_final(internal) IS 'aggregate support: fits the model to what was counted';

CREATE AGGREGATE pareto_nbd_fit(rfm) (
	SFUNC = purchase_fit_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = pareto_nbd_fit_final,
	COMBINEFUNC = fit_combine, SERIALFUNC = fit_serialize, DESERIALFUNC = fit_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE pareto_nbd_fit(rfm) IS
	'Fits Pareto/NBD (Schmittlein, Morrison and Colombo 1987): purchases are Poisson at rates that vary as a gamma, and lifetimes exponential at rates that vary as another. NULLs are passed over; NULL if there are no customers.';

CREATE FUNCTION nbd_fit_final(internal) RETURNS clv_model
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION nbd_fit_final(internal) IS 'aggregate support: fits the model to what was counted';

CREATE AGGREGATE nbd_fit(rfm) (
	SFUNC = purchase_fit_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = nbd_fit_final,
	COMBINEFUNC = fit_combine, SERIALFUNC = fit_serialize, DESERIALFUNC = fit_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE nbd_fit(rfm) IS
	'Fits NBD (Ehrenberg 1959): purchases without dropout, the model that all others must beat. NULLs are passed over; NULL if there are no customers.';

CREATE FUNCTION bgbb_fit_final(internal) RETURNS clv_model
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION bgbb_fit_final(internal) IS 'aggregate support: fits the model to what was counted';

CREATE AGGREGATE bgbb_fit(rfm) (
	SFUNC = purchase_fit_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = bgbb_fit_final,
	COMBINEFUNC = fit_combine, SERIALFUNC = fit_serialize, DESERIALFUNC = fit_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE bgbb_fit(rfm) IS
	'Fits BG/BB (Fader, Hardie and Shang 2010): of each of a number of opportunities, a customer uses it or not, and may be lost between them; frequency, recency and age are counted in opportunities. NULLs are passed over; NULL if there are no customers.';

CREATE FUNCTION gamma_gamma_fit_final(internal) RETURNS clv_model
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION gamma_gamma_fit_final(internal) IS 'aggregate support: fits the model to what was counted';

CREATE AGGREGATE gamma_gamma_fit(rfm) (
	SFUNC = spend_fit_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = gamma_gamma_fit_final,
	COMBINEFUNC = fit_combine, SERIALFUNC = fit_serialize, DESERIALFUNC = fit_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE gamma_gamma_fit(rfm) IS
	'Fits gamma-gamma (Fader and Hardie 2013): the values of a customer''s purchases vary as a gamma around a mean that varies between customers. Of customers with repeat purchases of positive mean value; how many others were left out, the diagnosis says. NULL if there are none.';

CREATE FUNCTION sbg_fit_final(internal) RETURNS clv_model
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION sbg_fit_final(internal) IS 'aggregate support: fits the model to the retention table';

CREATE AGGREGATE sbg_fit(period double precision, survivors double precision) (
	SFUNC = sbg_fit_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = sbg_fit_final,
	COMBINEFUNC = fit_combine, SERIALFUNC = fit_serialize, DESERIALFUNC = fit_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE sbg_fit(double precision, double precision) IS
	'Fits sBG, the shifted beta-geometric (Fader and Hardie 2007), to a retention table: for each contract period from 0 on, how many of the customers of period 0 are still there. NULL if there are no rows.';
