-- natural_breaks(value, 8) on a million distinct values against ORDER BY of
-- the same column, for double precision and for numeric, serial.
--
--		psql -X -f test/bench/natural_breaks.sql
--
-- The last result has the ratios of the medians; natural_breaks may take 2.
\set QUIET on
SET client_min_messages = warning;
SET search_path = public, customer_value;
SET work_mem = '512MB';
SET max_parallel_workers_per_gather = 0;
SET jit = off;

SELECT setseed(0.5);
CREATE TEMP TABLE bench AS
SELECT i, (exp(2 * sqrt(-2 * ln(random() + 1e-12)) * cos(2 * pi() * random())) * 100)::float8 AS real, NULL::numeric AS exact
FROM generate_series(1, 1000000) i;
-- cents, all different
CREATE TEMP TABLE values_to_sort AS
SELECT real * CASE WHEN i % 5 = 0 THEN -1 ELSE 1 END AS real,
	round((i * 7919::bigint % 1000003)::numeric * (i * 7919::bigint % 1000003) / 100, 2) AS exact
FROM bench ORDER BY hashint8(i);
VACUUM ANALYZE values_to_sort;
SELECT count(DISTINCT real) AS distinct_real, count(DISTINCT exact) AS distinct_exact FROM values_to_sort;
EXPLAIN (COSTS OFF) SELECT count(*) FROM (SELECT real FROM values_to_sort ORDER BY real OFFSET 0) s;

CREATE FUNCTION pg_temp.median_ms(query text, runs int DEFAULT 7) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	started timestamptz;
	took float8[];
BEGIN
	EXECUTE query;
	FOR i IN 1 .. runs LOOP
		started := clock_timestamp();
		EXECUTE query;
		took := took || extract(epoch FROM clock_timestamp() - started)::float8 * 1000;
	END LOOP;
	RETURN (SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY t)::numeric, 1) FROM unnest(took) t);
END $$;

CREATE TEMP TABLE timing AS
SELECT c AS column, k AS segments,
	pg_temp.median_ms(format('SELECT count(*) FROM (SELECT %I FROM values_to_sort ORDER BY %1$I OFFSET 0) s', c)) AS order_by,
	pg_temp.median_ms(format('SELECT natural_breaks(%I, %s) FROM values_to_sort', c, k)) AS natural_breaks,
	pg_temp.median_ms(format('SELECT value_segments(%I, %s) FROM values_to_sort', c, k)) AS value_segments,
	pg_temp.median_ms(format('SELECT peak(whale_curve(%I)) FROM values_to_sort', c)) AS whale_curve
FROM (VALUES ('real'), ('exact')) v(c), (VALUES (8)) w(k);
SELECT "column", segments, order_by AS order_by_ms, natural_breaks AS natural_breaks_ms, value_segments AS value_segments_ms,
	whale_curve AS whale_curve_ms, round(natural_breaks / order_by, 2) AS natural_breaks, round(value_segments / order_by, 2) AS value_segments,
	round(whale_curve / order_by, 2) AS whale_curve
FROM timing;

-- segment() against width_bucket() over the same cut points
SELECT pg_temp.median_ms('SELECT sum(width_bucket(exact, ''{1000,5000,10000,20000,40000,80000,160000}''::numeric[])) FROM values_to_sort') AS width_bucket_ms,
	pg_temp.median_ms('SELECT sum(segment(''{"cuts": [160000,80000,40000,20000,10000,5000,1000]}'', exact)) FROM values_to_sort') AS segment_ms,
	pg_temp.median_ms('SELECT sum(width_bucket(real, ''{1000,5000,10000,20000,40000,80000,160000}''::float8[])) FROM values_to_sort') AS width_bucket_real_ms,
	pg_temp.median_ms('SELECT sum(segment(''{"cuts": [160000,80000,40000,20000,10000,5000,1000]}'', real)) FROM values_to_sort') AS segment_real_ms,
	pg_temp.median_ms('SELECT sum(segment(s, exact)) FROM values_to_sort, (SELECT natural_breaks(exact, 8) AS s FROM values_to_sort OFFSET 0) q') -
	pg_temp.median_ms('SELECT natural_breaks(exact, 8) FROM values_to_sort') AS segment_varying_ms;
