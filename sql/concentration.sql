-- Concentration: the whale curve, and shares with a named denominator.
SET search_path = public, customer_value;

-- small enough to see
CREATE TABLE firm (customer int, profit numeric);
INSERT INTO firm VALUES (1, 100), (2, 60), (3, 40), (4, 10), (5, 10), (6, 0), (7, -5.5), (8, -14.5), (9, -40), (10, NULL);
SELECT whale_curve(profit), whale_curve(profit) = whale_curve(profit::float8) AS same_from_float8 FROM firm;
SELECT customers, round(customer_share, 4) AS customer_share, cumulative,
	round(share_of_net, 4) AS share_of_net, round(share_of_gains, 4) AS share_of_gains
FROM (SELECT whale_curve(profit) AS w FROM firm) f, points(w);
SELECT customers, cumulative FROM (SELECT whale_curve(profit) AS w FROM firm) f, points(w, 4);
SELECT customers, cumulative FROM points('{"values": [7]}'::whale_curve, 1);
SELECT peak(w), customers_at_peak(w), gains(w), losses(w), net(w), customers(w), losers(w)
FROM (SELECT whale_curve(profit) AS w FROM firm) f;
-- a fifth of nine customers is 1.8 of them: 100 + 0.8 * 60 = 148
SELECT top_share_of_net(profit, 0.2) = 148 / 160.0 AS of_net, top_share_of_gains(profit, 0.2) = 148 / 220.0 AS of_gains,
	top_share_of_net(profit::float8, 0.2) = 148 / 160.0 AS real_of_net,
	top_share_of_gains(profit::float8, 0.2) = 148 / 220.0 AS real_of_gains
FROM firm;
SELECT f, round(top_share_of_net(w, f), 6) AS of_net, round(top_share_of_gains(w, f), 6) AS of_gains, customers_for_share(w, f)
FROM (SELECT whale_curve(profit) AS w FROM firm) c, (VALUES (0), (0.1), (0.25), (0.5), (0.6), (0.8), (1)) v(f);
SELECT customers_for_share(profit, 0.8), customers_for_share(profit::float8, 0.8::float8), customers_for_share(profit::float8, 1) FROM firm;

-- no customers, one, all alike, nobody gains, a net loss, nothing at all
SELECT title, top_share_of_net(v, 0.5) AS of_net, top_share_of_gains(v, 0.5) AS of_gains, customers_for_share(v, 0.5) AS for_half,
	peak(whale_curve(v)), customers_at_peak(whale_curve(v)) AS at_peak, net(whale_curve(v)), losers(whale_curve(v))
FROM (VALUES ('1 none', NULL), ('2 one', 12.34), ('3 alike', 5), ('3 alike', 5), ('3 alike', 5), ('3 alike', 5), ('4 nobody gains', -1),
	('4 nobody gains', 0), ('5 net loss', 10), ('5 net loss', -30), ('5 net loss', 5), ('6 nothing', 0), ('6 nothing', 0),
	('7 nets to zero', 3), ('7 nets to zero', -3), ('8 one loser', -2)) t(title, v)
GROUP BY title ORDER BY title;
SELECT top_share_of_net(profit, 0.5) IS NULL AS of_net, whale_curve(profit) IS NULL AS curve, customers_for_share(profit, 0.5) IS NULL AS for_share
FROM firm WHERE false;
SELECT customers, cumulative, share_of_net, share_of_gains FROM points('{"values": [0, -10]}'::whale_curve);
SELECT peak(NULL) IS NULL AS peak, top_share_of_net(NULL::whale_curve, 0.2) IS NULL AS share;

-- against window functions, with losers, ties and odd sizes
SELECT setseed(0.75);
CREATE TABLE firms AS
SELECT n AS firm, i AS customer, round((exp(2 * sqrt(-2 * ln(random() + 1e-9)) * cos(6.283185 * random())) * 50
	* CASE WHEN random() < n % 5 * 0.2 THEN -1 ELSE 1 END)::numeric, n % 7) AS profit
FROM generate_series(1, 40) n, generate_series(1, n * 5) i;
CREATE VIEW ranked AS
SELECT *, row_number() OVER w AS place, count(*) OVER a AS n, sum(profit) OVER a AS net,
	sum(greatest(profit, 0)) OVER a AS gains,
	sum(profit) OVER (w ROWS UNBOUNDED PRECEDING) AS cumulative,
	sum(greatest(profit, 0)) OVER (w ROWS UNBOUNDED PRECEDING) AS cumulative_gains
FROM firms WINDOW w AS (PARTITION BY firm ORDER BY profit DESC, customer), a AS (PARTITION BY firm);
CREATE TABLE curves AS SELECT firm, whale_curve(profit) AS w FROM firms GROUP BY firm;

SELECT count(*) AS rows, count(*) FILTER (WHERE p.cumulative IS DISTINCT FROM r.cumulative
	OR p.share_of_net IS DISTINCT FROM CASE WHEN r.net > 0 THEN r.cumulative / r.net END
	OR p.share_of_gains IS DISTINCT FROM CASE WHEN r.gains > 0 THEN r.cumulative_gains / r.gains END) AS wrong
FROM ranked r JOIN (SELECT firm, p.* FROM curves, points(w, 1000) p WHERE p.customers > 0) p
	ON p.firm = r.firm AND p.customers = r.place;
SELECT count(*) AS points, count(*) FILTER (WHERE p.cumulative IS DISTINCT FROM r.cumulative) AS wrong,
	count(DISTINCT firm) AS firms
FROM (SELECT firm, p.* FROM curves, points(w, 10) p) p LEFT JOIN ranked r USING (firm) WHERE r.place = p.customers AND p.customers > 0;
SELECT count(*) AS firms, bool_and(peak(w) = coalesce(p, 0) AND customers_at_peak(w) = c AND net(w) = n AND losers(w) = l AND losses(w) = s) AS right
FROM curves JOIN (SELECT firm, sum(profit) FILTER (WHERE profit > 0) AS p, count(*) FILTER (WHERE profit > 0) AS c,
	sum(profit) AS n, count(*) FILTER (WHERE profit < 0) AS l, coalesce(sum(profit) FILTER (WHERE profit < 0), 0) AS s FROM firms GROUP BY firm) f USING (firm);
SELECT f, count(*) AS firms, count(*) FILTER (WHERE abs(x.net - y.net) > 1e-15 OR x.net IS NULL <> (y.net IS NULL)) AS wrong_of_net,
	count(*) FILTER (WHERE abs(x.gains - y.gains) > 1e-15 OR x.gains IS NULL <> (y.gains IS NULL)) AS wrong_of_gains,
	count(*) FILTER (WHERE x.needed IS DISTINCT FROM y.needed) AS wrong_needed
FROM (VALUES (0.0), (0.013), (0.1), (0.2), (0.55), (0.999), (1)) v(f),
LATERAL (SELECT firm, top_share_of_net(profit, f) AS net, top_share_of_gains(profit, f) AS gains, customers_for_share(profit, f) AS needed
	FROM firms GROUP BY firm) x JOIN
LATERAL (SELECT firm,
	CASE WHEN max(net) > 0 THEN sum(profit * greatest(0, least(1, f * n - place + 1))) / max(net) END AS net,
	CASE WHEN max(gains) > 0 THEN sum(greatest(profit, 0) * greatest(0, least(1, f * n - place + 1))) / max(gains) END AS gains,
	CASE WHEN max(gains) > 0 THEN CASE WHEN f = 0 THEN 0 ELSE min(place) FILTER (WHERE cumulative_gains >= f * gains) END END AS needed
	FROM ranked GROUP BY firm) y USING (firm)
GROUP BY f ORDER BY f;
-- the same from a curve and from double precision
SELECT count(*) AS firms, bool_and(top_share_of_net(c.w, 0.3) IS NOT DISTINCT FROM r.net AND top_share_of_gains(c.w, 0.3) IS NOT DISTINCT FROM r.gains
	AND customers_for_share(c.w, 0.3) IS NOT DISTINCT FROM r.needed AND c.w = r.w) AS same
FROM curves c JOIN (SELECT firm, top_share_of_net(profit::float8, 0.3) AS net, top_share_of_gains(profit::float8, 0.3) AS gains,
	customers_for_share(profit::float8, 0.3) AS needed, whale_curve(profit::float8) AS w FROM firms GROUP BY firm) r USING (firm);
-- as a window function: every customer beside the peak of his firm
SELECT count(*) AS customers, bool_and(p = gains) AS peak FROM (SELECT peak(whale_curve(profit) OVER (PARTITION BY firm)) AS p,
	sum(greatest(profit, 0)) OVER (PARTITION BY firm) AS gains FROM firms) q;

-- values with more digits than 15
SELECT whale_curve(v), net(whale_curve(v)), peak(whale_curve(v)), whale_curve(v) = whale_curve(v)::text::whale_curve AS round_trips
FROM (VALUES (1.0::float8 / 3), (2.0::float8 / 3), (-1e20)) t(v);
SELECT whale_curve(v) FROM (VALUES (12345678901234567890.12), (0.01)) t(v);
SELECT '{"values": [10000000000000000000000]}'::whale_curve = whale_curve(1e22) AS decimal, whale_curve(1e22::float8) AS real,
	'{"values": [0.1], "real": true}'::whale_curve AS not_needed;
SELECT net(w) = n AS net, peak(w) = p AS peak, w = w::text::whale_curve AS round_trips
FROM (SELECT whale_curve(v) AS w, sum(v) AS n, sum(v) FILTER (WHERE v > 0) AS p
	FROM (SELECT round(i::numeric * i * 100000300001 / 7 * (2 - i % 5), 6) AS v FROM generate_series(1, 500) i) v) q;

-- text and binary form, comparison
SELECT '{"values": [1e3, [12.50, 3], 0.0, -0.25, -1e22]}'::whale_curve;
SELECT a = b AS eq, a <> b AS ne, a < b OR a > b AS apart FROM (VALUES
	('{"values": [10.00, [5, 2]]}'::whale_curve, '{"values": [10, [5.0, 2]]}'::whale_curve), ('{"values": [10, [5, 2]]}', '{"values": [10, [5, 3]]}')) v(a, b);
SELECT count(*) AS curves, bool_and(w = w::text::whale_curve AND whale_curve_send(w) = whale_curve_send(w::text::whale_curve)) AS round_trips FROM curves;
-- up to the largest amount, and no further
SELECT w, w = w::text::whale_curve AS round_trips
FROM (SELECT whale_curve(v) AS w FROM (VALUES (99999999999999999999999.999999), (99500000000000000000000.5), (-99999999999999999999999.999999)) t(v)) c;
SELECT '{"values": [1e23, 1]}'::whale_curve, '{"values": [1, -1e23]}'::whale_curve, '{"values": [99999999999999999999999.9999999, 1]}'::whale_curve;
CREATE FUNCTION why(t text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	PERFORM t::whale_curve;
	RETURN 'accepted';
EXCEPTION WHEN invalid_text_representation THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN detail;
END $$;
SELECT t, why(t) FROM (VALUES ('{"values": []}'), ('{"values": [1, 2]}'), ('{"values": [1, 1.0]}'), ('{"values": [[1, 0]]}'),
	('{"values": [[1, 1.5]]}'), ('{"values": [[1]]}'), ('{"values": [[1, 2, 3]]}'), ('{"values": ["1"]}'), ('{"values": 1}'), ('{"value": [1]}'), ('{"values": [1], "real": false}'),
	('{"values": [0.1, 0.09999999999999999999]}'),
	('{"values": [1], "values": [1]}'), ('{"values": [1e100]}'), ('{"values": [[1, 9e15]]}'), ('{}'), ('[1]'), ('{"values": [1'), ('')) v(t);

-- twenty with two thirds each: n of them have n twentieths, to the 15 digits that there are
SELECT count(*) FILTER (WHERE customers_for_share <> n) AS wrong, count(*) AS shares
FROM (SELECT n, customers_for_share(2::float8 / 3, n / 20.0) FROM generate_series(1, 20) n, generate_series(1, 20) GROUP BY n) s;

-- any order, any plan, any number of workers
CREATE TABLE many AS SELECT i AS id, round((i * 7919 % 100003 - 20000)::numeric / 8, 2) AS v FROM generate_series(1, 60000) i;
CREATE TABLE results (how text, w whale_curve, a numeric, b numeric, c bigint, d numeric);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', whale_curve(v), top_share_of_net(v, 0.2), top_share_of_gains(v, 0.2), customers_for_share(v, 0.8), top_share_of_net(v::float8, 0.2) FROM many;
INSERT INTO results SELECT 'sorted', whale_curve(v ORDER BY v), top_share_of_net(v, 0.20 ORDER BY v DESC), top_share_of_gains(v, 0.2 ORDER BY id DESC), customers_for_share(v, 0.8 ORDER BY v % 7), top_share_of_net(v::float8, 0.2 ORDER BY v) FROM many;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
INSERT INTO results SELECT 'parallel', whale_curve(v), top_share_of_net(v, 0.2), top_share_of_gains(v, 0.2), customers_for_share(v, 0.8), top_share_of_net(v::float8, 0.2) FROM many;
SELECT count(DISTINCT (w, a, b, c, d)) AS different, count(*) AS ways, bool_and(a = d) AS types_agree FROM results;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET parallel_leader_participation;

-- errors
\set VERBOSITY default
SELECT top_share_of_net(profit, 20) FROM firm;
SELECT top_share_of_gains(profit, NULL) FROM firm;
SELECT customers_for_share(profit, customer / 10.0) FROM firm;
SELECT whale_curve('Infinity'::float8);
SELECT points('{"values": [1]}'::whale_curve, 0);
SELECT '{"values": [1, 2]}'::whale_curve;
\set VERBOSITY terse
SELECT top_share_of_net(profit, -0.1) FROM firm;
SELECT top_share_of_net(profit, 'NaN') FROM firm;
SELECT top_share_of_net(profit::float8, 'NaN') FROM firm;
SELECT top_share_of_gains(profit::float8, 1.5) FROM firm;
SELECT customers_for_share(profit::float8, customer / 10.0) FROM firm;
SELECT top_share_of_net(w, 1.01) FROM curves LIMIT 1;

DROP VIEW ranked;
DROP TABLE firm, firms, curves, many, results;
DROP FUNCTION why;
