-- what segments are: sums over the ledgers of their customers

CREATE TYPE segment_profile_row AS (
	number bigint,
	segment text,
	customers bigint,
	gainers bigint,
	losers bigint,
	revenue numeric,
	discount numeric,
	cogs numeric,
	selling numeric,
	marketing numeric,
	service numeric,
	delivery numeric,
	acquisition numeric,
	retention numeric,
	credit_loss numeric,
	overhead numeric,
	other numeric,
	net_revenue numeric,
	cost_to_serve numeric,
	contribution numeric,
	profit numeric,
	margin numeric,
	gains numeric,
	losses numeric,
	share_of_customers numeric,
	share_of_revenue numeric,
	share_of_net numeric,
	share_of_gains numeric,
	share_of_losses numeric,
	buyers bigint,
	purchases bigint,
	purchase_days bigint,
	purchases_per_customer numeric,
	revenue_per_purchase numeric,
	revenue_per_customer numeric,
	profit_per_customer numeric,
	currency text
);
COMMENT ON TYPE segment_profile_row IS
	'A segment in figures: its customers, their money by account, its shares of what all customers have, and how they buy.';

CREATE FUNCTION segment_profile_accum(internal, bigint, ledger) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'segment_profile_accum_bigint';
CREATE FUNCTION segment_profile_accum(internal, text, ledger) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'segment_profile_accum_text';
CREATE FUNCTION segment_profile_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION segment_profile_final(internal) RETURNS segment_profile_row[]
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION segment_profile_accum(internal, bigint, ledger) IS 'aggregate transition function of segment_profile';
COMMENT ON FUNCTION segment_profile_accum(internal, text, ledger) IS 'aggregate transition function of segment_profile';
COMMENT ON FUNCTION segment_profile_combine(internal, internal) IS 'aggregate combine function of segment_profile';
COMMENT ON FUNCTION segment_profile_final(internal) IS 'aggregate final function of segment_profile';

CREATE AGGREGATE segment_profile(segment bigint, ledger ledger) (
	SFUNC = segment_profile_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = segment_profile_final,
	COMBINEFUNC = segment_profile_combine,
	SERIALFUNC = tally_serialize,
	DESERIALFUNC = tally_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE segment_profile(bigint, ledger) IS
	'A row for each segment, in their order, from one ledger for each customer: customers, every account, profit, shares of all, purchases. A NULL segment has a row of its own, the last; a NULL ledger is no customer. NULL without any.';

CREATE AGGREGATE segment_profile(segment text, ledger ledger) (
	SFUNC = segment_profile_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = segment_profile_final,
	COMBINEFUNC = segment_profile_combine,
	SERIALFUNC = tally_serialize,
	DESERIALFUNC = tally_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE segment_profile(text, ledger) IS
	'A row for each segment, in the order of their bytes, from one ledger for each customer: customers, every account, profit, shares of all, purchases. A NULL segment has a row of its own, the last; a NULL ledger is no customer. NULL without any.';

CREATE FUNCTION all_customers(profile segment_profile_row[]) RETURNS segment_profile_row
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 50
BEGIN ATOMIC
	SELECT ROW(NULL, 'all customers', t.customers, t.gainers, t.losers,
			   t.revenue, t.discount, t.cogs, t.selling, t.marketing, t.service, t.delivery,
			   t.acquisition, t.retention, t.credit_loss, t.overhead, t.other,
			   t.net_revenue, t.cost_to_serve, t.contribution, t.profit,
			   CASE WHEN t.net_revenue > 0 THEN t.profit / t.net_revenue END,
			   t.gains, t.losses,
			   1, CASE WHEN t.revenue > 0 THEN 1 END, CASE WHEN t.profit > 0 THEN 1 END,
			   CASE WHEN t.gains > 0 THEN 1 END, CASE WHEN t.losses < 0 THEN 1 END,
			   t.buyers, t.purchases, t.purchase_days,
			   t.purchases::numeric / t.customers,
			   CASE WHEN t.purchases > 0 THEN t.revenue / t.purchases END,
			   t.revenue / t.customers, t.profit / t.customers, t.currency)::segment_profile_row
	FROM (SELECT sum(p.customers)::bigint AS customers, sum(p.gainers)::bigint AS gainers, sum(p.losers)::bigint AS losers,
				 sum(p.revenue) AS revenue, sum(p.discount) AS discount, sum(p.cogs) AS cogs,
				 sum(p.selling) AS selling, sum(p.marketing) AS marketing, sum(p.service) AS service,
				 sum(p.delivery) AS delivery, sum(p.acquisition) AS acquisition, sum(p.retention) AS retention,
				 sum(p.credit_loss) AS credit_loss, sum(p.overhead) AS overhead, sum(p.other) AS other,
				 sum(p.net_revenue) AS net_revenue, sum(p.cost_to_serve) AS cost_to_serve,
				 sum(p.contribution) AS contribution, sum(p.profit) AS profit,
				 sum(p.gains) AS gains, sum(p.losses) AS losses, sum(p.buyers)::bigint AS buyers,
				 sum(p.purchases)::bigint AS purchases, sum(p.purchase_days)::bigint AS purchase_days,
				 max(p.currency) AS currency
		  FROM unnest(profile) AS p) AS t
	WHERE t.customers > 0;
END;
COMMENT ON FUNCTION all_customers(segment_profile_row[]) IS
	'The rows of a profile added up: what all customers together are, as a row of the same kind. NULL for no rows.';

CREATE FUNCTION profile_figures(
	segment segment_profile_row, OUT place int, OUT figure text, OUT value numeric
) RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 20
BEGIN ATOMIC
	SELECT f.place, f.figure, f.value
	FROM (SELECT (segment).*) AS p,
		 LATERAL (VALUES
				 (1, 'revenue_per_customer', p.revenue_per_customer),
				 (2, 'discount_per_customer', p.discount / p.customers),
				 (3, 'cogs_per_customer', p.cogs / p.customers),
				 (4, 'selling_per_customer', p.selling / p.customers),
				 (5, 'marketing_per_customer', p.marketing / p.customers),
				 (6, 'service_per_customer', p.service / p.customers),
				 (7, 'delivery_per_customer', p.delivery / p.customers),
				 (8, 'acquisition_per_customer', p.acquisition / p.customers),
				 (9, 'retention_per_customer', p.retention / p.customers),
				 (10, 'credit_loss_per_customer', p.credit_loss / p.customers),
				 (11, 'overhead_per_customer', p.overhead / p.customers),
				 (12, 'other_per_customer', p.other / p.customers),
				 (13, 'cost_to_serve_per_customer', p.cost_to_serve / p.customers),
				 (14, 'contribution_per_customer', p.contribution / p.customers),
				 (15, 'profit_per_customer', p.profit_per_customer),
				 (16, 'margin', p.margin),
				 (17, 'losers_per_customer', p.losers::numeric / p.customers),
				 (18, 'purchases_per_customer', p.purchases_per_customer),
				 (19, 'purchase_days_per_customer', p.purchase_days::numeric / p.customers),
				 (20, 'revenue_per_purchase', p.revenue_per_purchase)
		 ) AS f (place, figure, value);
END;
COMMENT ON FUNCTION profile_figures(segment_profile_row) IS
	'The figures of a segment that can be compared with those of another of any size: amounts per customer and ratios, each with its place in this list.';

CREATE FUNCTION profile_index(
	profile segment_profile_row[],
	OUT number bigint, OUT segment text, OUT figure text, OUT value numeric, OUT all_customers numeric, OUT index numeric
) RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 200 ROWS 160
BEGIN ATOMIC
	SELECT (p.row).number, (p.row).segment, f.figure, f.value, a.value,
		   CASE WHEN a.value > 0 THEN 100 * f.value / a.value END
	FROM (SELECT r AS row, row_number() OVER () AS place FROM unnest(profile) AS r) AS p,
		 profile_figures(p.row) AS f JOIN profile_figures(all_customers(profile)) AS a USING (place)
	ORDER BY p.place, f.place;
END;
COMMENT ON FUNCTION profile_index(segment_profile_row[]) IS
	'The figures of each segment beside those of all customers: index 100 is the average. The index is NULL where the figure of all customers is not positive.';
