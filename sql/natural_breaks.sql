-- natural_breaks and value_segments: optimal partitions, whatever the plan.
SET search_path = public, customer_value;

-- small enough to see
SELECT natural_breaks(v, 3) FROM (VALUES (1), (2), (4), (10), (11), (30)) t(v);
SELECT natural_breaks(v, 2), natural_breaks(v::float8, 2) FROM (VALUES (12.5), (-0.25), (-1), (13), (12.5)) t(v);
SELECT natural_breaks(v, 1) FROM (VALUES (5), (5)) t(v);
SELECT number, label, lower, upper, customers, total, round(mean, 4) AS mean, round(share, 4) AS share, lowest, highest
FROM (SELECT natural_breaks(v, 3) AS s FROM (VALUES (1.5), (2), (4), (10), (11), (30)) t(v)) n, segments(s);
SELECT value_segments(v, 4) FROM (VALUES (-120), (-3), (0), (1), (2), (15), (900), (1000)) t(v);
SELECT breaks(value_segments(v, 2)) FROM (VALUES (-120), (-3), (7), (15)) t(v);

-- rows that are no customers, groups, windows, filters
SELECT natural_breaks(v, 2) IS NULL AS nothing, natural_breaks(NULL::numeric, 2) IS NULL AS nulls,
	breaks(natural_breaks(w, 2)) AS without_nulls
FROM (VALUES (NULL::numeric, 1), (NULL, 2), (NULL, NULL), (NULL, 9)) t(v, w);
SELECT natural_breaks(1, 2) IS NULL AS no_rows WHERE false;
SELECT g, breaks(natural_breaks(v, 2)), breaks(natural_breaks(v, 2) FILTER (WHERE v < 50))
FROM (SELECT i % 3 AS g, i * i AS v FROM generate_series(1, 12) i) t GROUP BY g ORDER BY g;
SELECT v, segment(natural_breaks(v, 3) OVER (), v) AS of_all, breaks(natural_breaks(v, 1 + (v > 0)::int) OVER (PARTITION BY v > 0)) AS of_side
FROM (VALUES (-5), (-4), (1), (2), (40)) t(v) ORDER BY v;
SELECT v, (natural_breaks(v, 1) OVER (ORDER BY v))::text::jsonb -> 'totals' AS running FROM (VALUES (3), (1), (2)) t(v) ORDER BY v;

-- every partition of a few values, with ties, both signs and a tail
CREATE FUNCTION best_by_search(v numeric[], k int) RETURNS numeric LANGUAGE sql AS $$
	WITH RECURSIVE d AS (
		SELECT x, count(*) AS c, row_number() OVER (ORDER BY x) AS i, count(*) OVER () AS n
		FROM unnest(v) x GROUP BY x),
	cost AS (
		SELECT a.i AS low, b.i AS high,
			sum(d.c * d.x * d.x) - sum(d.c * d.x) ^ 2 / sum(d.c) AS c
		FROM d a JOIN d b ON b.i >= a.i JOIN d ON d.i BETWEEN a.i AND b.i GROUP BY a.i, b.i),
	part AS (
		SELECT high, 1 AS classes, c FROM cost WHERE low = 1
		UNION ALL
		SELECT cost.high, classes + 1, part.c + cost.c
		FROM part JOIN cost ON cost.low = part.high + 1 WHERE classes < k)
	SELECT min(c) FROM part WHERE classes = k AND high = (SELECT n FROM d LIMIT 1)
$$;
CREATE FUNCTION within_of(v numeric[], s segmentation) RETURNS numeric LANGUAGE sql AS $$
	SELECT sum(c) FROM (
		SELECT sum(x * x) - sum(x) ^ 2 / count(*) AS c FROM unnest(v) x GROUP BY segment(s, x)) q
$$;
SELECT setseed(0.25);
CREATE TABLE samples AS
SELECT n, 1 + n % 4 AS k, array_agg(CASE n % 4
	WHEN 0 THEN round((random() * 20 - 10)::numeric)
	WHEN 1 THEN round((random() * 2000 - 1000)::numeric, 2)
	WHEN 2 THEN 1000000000 + round((random() * 9)::numeric)
	ELSE CASE WHEN random() < 0.2 THEN 1e12 ELSE round((random() * 30 - 15)::numeric, 1) END END) AS v
FROM generate_series(1, 150) n, generate_series(1, 10) GROUP BY n;
SELECT count(*) AS samples,
	count(*) FILTER (WHERE abs(within_of(v, s) - best_by_search(v, k)) > 1e-12) AS not_optimal
FROM (SELECT n, k, v, (SELECT natural_breaks(x, k) FROM unnest(v) x) AS s FROM samples
	WHERE k <= (SELECT count(DISTINCT x) FROM unnest(v) x)) q;

-- the quadratic programme, in numeric
CREATE FUNCTION best_by_programme(v numeric[], k int) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	n int := cardinality(v);
	s numeric[] := ARRAY[0]; q numeric[] := ARRAY[0];
	before numeric[]; now numeric[]; c numeric; best numeric;
BEGIN
	SELECT array_agg(x ORDER BY x) INTO v FROM unnest(v) x;
	FOR i IN 1 .. n LOOP
		s := s || (s[i] + v[i]);
		q := q || (q[i] + v[i] * v[i]);
		before := before || (q[i + 1] - s[i + 1] * s[i + 1] / i);
	END LOOP;
	FOR j IN 2 .. k LOOP
		now := before;
		FOR i IN j .. n LOOP
			best := NULL;
			FOR p IN j - 1 .. i - 1 LOOP
				c := before[p] + q[i + 1] - q[p + 1] - (s[i + 1] - s[p + 1]) * (s[i + 1] - s[p + 1]) / (i - p);
				IF best IS NULL OR c < best THEN best := c; END IF;
			END LOOP;
			now[i] := best;
		END LOOP;
		before := now;
	END LOOP;
	RETURN before[n];
END $$;
CREATE TABLE lognormal AS
SELECT i, round((exp(3 * sqrt(-2 * ln(random() + 1e-9)) * cos(6.283185 * random()))
	* CASE WHEN random() < 0.2 THEN -1 ELSE 1 END)::numeric, 2) AS v FROM generate_series(1, 200) i;
SELECT k, abs(within_of(array_agg(v), natural_breaks(v, k)) - best_by_programme(array_agg(v), k)) < 1e-9 AS optimal
FROM lognormal, (VALUES (2), (5)) w(k) GROUP BY k ORDER BY k;

-- value_segments: the same, on the asinh scale, checked by hand: unit is the
-- median size, the cut at zero is there, and no segment is too small
CREATE TABLE profits AS
SELECT i AS id, round((exp(2.5 * sqrt(-2 * ln(random() + 1e-9)) * cos(6.283185 * random())) * 100
	* CASE WHEN random() < 0.2 THEN -1 ELSE 1 END)::numeric, 2) AS v FROM generate_series(1, 4000) i;
CREATE TABLE scheme AS SELECT value_segments(v, 8) AS s, natural_breaks(v, 8) AS plain FROM profits;
SELECT s::text LIKE '%"unit": ' || (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY abs(v)) FROM profits WHERE v <> 0)::float8::text || ',%' AS median_size,
	0 = ANY (breaks(s)) AS cut_at_zero, cardinality(breaks(s)) AS cuts,
	goodness_of_variance_fit(s) < goodness_of_variance_fit(plain) AS worse_on_raw_values,
	goodness_of_variance_fit(s, 'used') BETWEEN 0.9 AND 1 AS good_on_its_own
FROM scheme;
SELECT min(customers) >= 20 AS large_enough, sum(customers) AS customers,
	sum(total) = (SELECT sum(v) FROM profits) AS total, sum(share) BETWEEN 0.999999 AND 1.000001 AS shares
FROM scheme, segments(s);
-- the summary is what grouping by segment() says
SELECT bool_and(z.n = g.number AND z.customers = g.customers AND z.total = g.total
	AND z.lowest = g.lowest AND z.highest = g.highest AND abs(z.mean - g.mean) < 1e-10) AS same, count(*)
FROM (SELECT segment(s, v) AS n, count(*) AS customers, sum(v) AS total, min(v) AS lowest, max(v) AS highest, avg(v) AS mean
	FROM profits, scheme GROUP BY 1) z FULL JOIN (SELECT g.* FROM scheme, segments(s) g) g ON z.n = g.number;
-- goodness of fit as its formula says
SELECT abs(goodness_of_variance_fit(s) - (1 - w / t)) < 1e-12 AS raw
FROM scheme, (SELECT sum((v - m) ^ 2) AS w FROM (SELECT v, avg(v) OVER (PARTITION BY segment(s, v)) AS m FROM profits, scheme) q) w,
	(SELECT sum((v - m) ^ 2) AS t FROM (SELECT v, avg(v) OVER () AS m FROM profits) q) t;
SELECT abs(goodness_of_variance_fit(s, 'used') - (1 - w / t)) < 1e-12 AS used
FROM scheme, (SELECT sum((v - m) ^ 2) AS w FROM (SELECT v, avg(v) OVER (PARTITION BY n) AS m FROM
		(SELECT asinh(v / u) AS v, segment(s, v) AS n FROM profits, scheme, (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY abs(v)) AS u FROM profits) u) a) q) w,
	(SELECT sum((v - m) ^ 2) AS t FROM (SELECT v, avg(v) OVER () AS m FROM
		(SELECT asinh(v / u) AS v FROM profits, (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY abs(v)) AS u FROM profits) u) a) q) t;
-- cents or euros
SELECT count(*) AS differ FROM profits, scheme, (SELECT value_segments(v * 100, 8) AS cents FROM profits) c
WHERE segment(s, v) <> segment(cents, v * 100);
-- double precision money gives the very same scheme
SELECT a = s AS same_segments, b = plain AS same_breaks
FROM scheme, (SELECT value_segments(v::float8, 8) AS a, natural_breaks(v::float8, 8) AS b FROM profits) f;
-- the least share gives way: few customers, heavy ties, few losers
SELECT value_segments(v, 8) FROM generate_series(-2, 7) v;
SELECT s::jsonb -> 'min_customers' AS least, s::jsonb -> 'customers' AS customers
FROM (SELECT value_segments(CASE WHEN i <= 990 THEN 5 ELSE i END, 4)::text AS s FROM generate_series(1, 1000) i) q;
SELECT s::jsonb -> 'min_customers' AS least, s::jsonb -> 'cuts' -> 1 AS cut, s::jsonb -> 'customers' -> 2 AS losers
FROM (SELECT value_segments(i - 1.5, 3)::text AS s FROM generate_series(1, 1000) i) q;
-- one sign: no cut; one segment: no cut
SELECT value_segments(v, 2)::text LIKE '%cut_at%' AS cut FROM generate_series(0, 9) v;
SELECT value_segments(v, 1) FROM generate_series(-1, 2) v;
SELECT value_segments(0, 1);
-- values that are more median sizes than a double can be: they still have a place on the scale
SELECT s::text::jsonb -> 'customers' AS customers,
	goodness_of_variance_fit(s, 'used') > 0.999 AS fits
FROM (SELECT value_segments(v, 3) AS s FROM unnest('{1e-300, 2e-300, 2e-300, 3e-300, 1e99, -1e99}'::float8[]) v) q;

-- options: scales, a boundary anywhere, conditions that hold or are errors
SELECT breaking(), breaking('asinh', 0, 50, 0.005), breaking(NULL), breaking(min_share => 0.25, cut_at => -1.50);
SELECT natural_breaks(v, 3, breaking('rank')) FROM (VALUES (1), (2), (4), (10), (11), (30)) t(v);
SELECT natural_breaks(v, 3, breaking('asinh', cut_at => 5.5)) FROM (VALUES (1), (2), (4), (10), (11), (30)) t(v);
SELECT breaks(natural_breaks(v, 2)), breaks(natural_breaks(v, 2, breaking(min_customers => 3))) AS three,
	breaks(natural_breaks(v, 2, '{"min_share": 0.34}')) AS a_third, breaks(natural_breaks(v, 2, breaking(min_customers => 1, min_share => 0.5))) AS larger_counts
FROM (VALUES (1), (2), (4), (10), (11), (30)) t(v);
-- all on one side of the cut are too few: one segment nevertheless
SELECT natural_breaks(v, 3, breaking(cut_at => 0, min_customers => 3)) FROM (VALUES (-5), (-4), (1), (2), (3), (9), (10), (11)) t(v);
-- no values on both sides: no cut
SELECT breaks(natural_breaks(v, 2, breaking(cut_at => 0))), breaks(natural_breaks(v, 2, breaking(cut_at => 12))) AS above, breaks(natural_breaks(v, 2, breaking(cut_at => 11.5))) AS below_last
FROM (VALUES (1), (2), (10), (11.5)) t(v);
-- without options it is what it was; the options written by hand are the same
SELECT natural_breaks(v, 3) = natural_breaks(v, 3, breaking()) AS none, natural_breaks(v, 3, breaking('rank', min_customers => 2)) = natural_breaks(v, 3, '{"min_customers": 2.0, "scale": "rank"}') AS by_hand
FROM (VALUES (1), (2), (4), (10), (11), (30)) t(v);

-- optimal under conditions: all partitions of a few values again, the slow way
CREATE FUNCTION best_under_conditions(v numeric[], k int, fewest int, cut numeric) RETURNS numeric LANGUAGE sql AS $$
	WITH RECURSIVE d AS (
		SELECT x, count(*) AS c, row_number() OVER (ORDER BY x) AS i, count(*) OVER () AS n
		FROM unnest(v) x GROUP BY x),
	cost AS (
		SELECT a.i AS low, b.i AS high, sum(d.c * d.x * d.x) - sum(d.c * d.x) ^ 2 / sum(d.c) AS c
		FROM d a JOIN d b ON b.i >= a.i JOIN d ON d.i BETWEEN a.i AND b.i
		WHERE (a.x < cut) = (b.x < cut)
		GROUP BY a.i, b.i, a.x
		HAVING sum(d.c) >= least(fewest, (SELECT count(*) FROM unnest(v) x WHERE (x < cut) = (a.x < cut)))),
	part AS (
		SELECT high, 1 AS classes, c FROM cost WHERE low = 1
		UNION ALL
		SELECT cost.high, classes + 1, part.c + cost.c
		FROM part JOIN cost ON cost.low = part.high + 1 WHERE classes < k)
	SELECT min(c) FROM part WHERE classes = k AND high = (SELECT n FROM d LIMIT 1)
$$;
CREATE FUNCTION breaks_or_null(v numeric[], k int, options jsonb) RETURNS segmentation LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT natural_breaks(x, k, options) FROM unnest(v) x);
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN NULL;
END $$;
SELECT count(*) AS samples, count(s) BETWEEN 20 AND count(*) - 20 AS some_possible,
	count(*) FILTER (WHERE (s IS NULL) <> (best IS NULL)) AS possible_wrong,
	count(*) FILTER (WHERE abs(within_of(v, s) - best) > 1e-12) AS not_optimal,
	count(*) FILTER (WHERE NOT cut = ANY (breaks(s))) AS not_cut
FROM (SELECT v, cut, breaks_or_null(v, k, breaking(cut_at => cut, min_customers => fewest)) AS s, best_under_conditions(v, k, fewest, cut) AS best
	FROM samples, LATERAL (SELECT 2 + n % 3 AS fewest) l, LATERAL (SELECT 0.5 + (SELECT x FROM unnest(v) x WHERE x > (SELECT min(y) FROM unnest(v) y) ORDER BY (x * 7) % 3, x LIMIT 1) - 0.5 * (n % 2) AS cut) c
	WHERE k > 1 AND EXISTS (SELECT FROM unnest(v) x WHERE x >= cut) AND k <= (SELECT count(DISTINCT x) FROM unnest(v) x)
	OFFSET 0) q;

-- a range: the least k^2 * W(k), checked against every k by itself; the smallest of equally good ones
CREATE FUNCTION marriott(s segmentation) RETURNS numeric LANGUAGE sql AS $$
	SELECT (s::text::jsonb -> 'used_squares' ->> 1)::numeric * (cardinality(breaks(s)) + 1) ^ 2
$$;
CREATE TABLE clusters AS SELECT c * 100 + i AS v FROM (VALUES (0), (3), (4), (9)) g(c), generate_series(1, 6) i;
SELECT k, round(marriott(s), 1) AS criterion, s = (SELECT natural_breaks(v, int4range(2, 8)) FROM clusters) AS chosen
FROM (SELECT k, natural_breaks(v, k) AS s FROM clusters, generate_series(2, 7) k GROUP BY k) q ORDER BY k;
SELECT count(*) FILTER (WHERE chosen) AS chosen, bool_and(chosen = (criterion = least)) AS the_least
FROM (SELECT marriott(s) AS criterion, min(marriott(s)) OVER () AS least, s = (SELECT value_segments(v, int4range(2, 7)) FROM profits) AS chosen
	FROM (SELECT k, value_segments(v, k) AS s FROM profits, generate_series(2, 6) k GROUP BY k) q) c;
SELECT count(*) FILTER (WHERE chosen) AS chosen, bool_and(chosen = (criterion = least)) AS the_least
FROM (SELECT marriott(s) AS criterion, min(marriott(s)) OVER () AS least, s = (SELECT natural_breaks(v, int4range(2, 7), breaking('rank', 0)) FROM profits) AS chosen
	FROM (SELECT k, natural_breaks(v, k, breaking('rank', 0)) AS s FROM profits, generate_series(2, 6) k GROUP BY k) q) c;
-- numbers that cannot be formed are passed over
SELECT cardinality(breaks(natural_breaks(v, int4range(2, 100)))) + 1 AS k, cardinality(breaks(natural_breaks(v, int4range(2, 100), breaking(min_customers => 6)))) + 1 AS of_six,
	natural_breaks(v, int4range(4, 5)) = natural_breaks(v, 4) AS of_one FROM clusters;
SELECT natural_breaks(v, int4range(1, 3)) FROM (VALUES (7), (7)) t(v);

-- values with more digits than a decimal of 15: no customer changes class
CREATE TABLE fractions AS SELECT i, (ln(i) * 1000 / 7)::float8 AS f, i::numeric / 7 AS v FROM generate_series(1, 3000) i;
SELECT sum(customers) AS customers, bool_and(customers = (SELECT count(*) FROM fractions WHERE segment(s, f) = number)) AS real_stays,
	bool_and(customers = (SELECT count(*) FROM fractions WHERE segment(s, f::numeric) = number)) AS cast_stays
FROM (SELECT natural_breaks(f, 7) AS s FROM fractions) q, segments(s);
SELECT sum(customers) AS customers, bool_and(customers = (SELECT count(*) FROM fractions WHERE segment(s, v) = number)) AS numeric_stays
FROM (SELECT natural_breaks(v, 7) AS s FROM fractions) q, segments(s);
SELECT breaks(natural_breaks(f, 3)) FROM (VALUES (1.0::float8 / 3), (1), (10.0::float8 / 3), (4), (20)) t(f);
SELECT natural_breaks(f, 2) FROM (VALUES (1e-300::float8), (3e99), (-1e99)) t(f);

-- amounts with more digits than that stay exact
CREATE TABLE large AS SELECT i, round((i::numeric * i * 1000003 / 7) * CASE WHEN i % 4 = 0 THEN -1 ELSE 1 END, 6) + (i % 3) * 1e13 AS v
FROM generate_series(1, 3000) i;
INSERT INTO large VALUES (0, 0.000001), (0, 12345678901234567890.123456), (0, 12345678901234567890.123455);
SELECT max(length(v::text)) AS longest, sum(customers) / count(*) AS customers, bool_and(segments_total = sum_total) AS exact,
	bool_and(customers = c AND lowest = l AND highest = h) AS same
FROM (SELECT v FROM large ORDER BY length(v::text) DESC LIMIT 1) x,
	(SELECT number, customers, total AS segments_total, lowest, highest FROM (SELECT value_segments(v, 6) AS s FROM large) q, segments(s)) s
	JOIN (SELECT segment(s, v) AS number, count(*) AS c, sum(v) AS sum_total, min(v) AS l, max(v) AS h
		FROM large, (SELECT value_segments(v, 6) AS s FROM large) q GROUP BY 1) g USING (number);
-- two that are one double are told apart where need be
SELECT breaks(natural_breaks(v, 3)) FROM (VALUES (0), (12345678901234567890.123456), (12345678901234567890.123455)) t(v);
SELECT breaks(natural_breaks(v, 3)) FROM (VALUES (1e-9), (12345678901234567890.5), (5.25)) t(v);

-- any order, any plan, any number of workers
CREATE TABLE many AS SELECT i AS id, round((i * 7919 % 100003 - 20000)::numeric / 8, 3) AS v FROM generate_series(1, 60000) i;
CREATE TABLE results (how text, a segmentation, b segmentation, c segmentation, d segmentation);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', natural_breaks(v, 8), value_segments(v, 8), natural_breaks(v::float8, 8), value_segments(v::float8, 8) FROM many;
INSERT INTO results SELECT 'sorted', natural_breaks(v, 8), value_segments(v, 8), natural_breaks(v::float8, 8), value_segments(v::float8, 8) FROM (SELECT v FROM many ORDER BY v DESC) t;
INSERT INTO results SELECT 'by id', natural_breaks(v, 8 ORDER BY id DESC), value_segments(v, 8 ORDER BY v), natural_breaks(v::float8, 8 ORDER BY -id), value_segments(v::float8, 8 ORDER BY v % 7) FROM many;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE FUNCTION plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END $$;
SELECT count(*) > 0 AS partial FROM plan_of('SELECT natural_breaks(v, 8) FROM many') p WHERE p LIKE '%Partial Aggregate%';
INSERT INTO results SELECT 'parallel', natural_breaks(v, 8), value_segments(v, 8), natural_breaks(v::float8, 8), value_segments(v::float8, 8) FROM many;
SET parallel_leader_participation = off;
INSERT INTO results SELECT 'workers', natural_breaks(v, 8), value_segments(v, 8), natural_breaks(v::float8, 8), value_segments(v::float8, 8) FROM many;
-- options travel with the states of workers
CREATE TABLE with_options AS
SELECT 'workers' AS how, natural_breaks(v, 5, breaking('rank', 100, 50)) AS a, natural_breaks(v::float8, int4range(3, 7), breaking('asinh', min_share => 0.02)) AS b, value_segments(v, int4range(3, 7)) AS c FROM many;
SELECT count(*) > 0 AS partial FROM plan_of('SELECT natural_breaks(v, int4range(3, 7), breaking(''asinh'', min_share => 0.02)) FROM many') p WHERE p LIKE '%Partial Aggregate%';
SET max_parallel_workers_per_gather = 0;
INSERT INTO with_options
SELECT 'serial', natural_breaks(v, 5, breaking('rank', 100, 50) ORDER BY v), natural_breaks(v::float8, int4range(3, 7), breaking('asinh', min_share => 0.02) ORDER BY id DESC), value_segments(v, int4range(3, 7) ORDER BY -v) FROM many;
SET max_parallel_workers_per_gather = 2;
SELECT count(DISTINCT (a, b, c)) AS different, count(*) AS ways FROM with_options;
DROP TABLE with_options;
-- with exact amounts beyond doubles among them
INSERT INTO results SELECT 'wide', natural_breaks(v, 5), natural_breaks(v, 5 ORDER BY v), natural_breaks(v, 5 ORDER BY -v), natural_breaks(v, 5 ORDER BY i % 7) FROM large;
SELECT a = b AND a = c AND a = d AS wide FROM results WHERE how = 'wide';
DELETE FROM results WHERE how = 'wide';
-- workers that see no rows, or only nulls
SELECT natural_breaks(v, 2) IS NULL AS nothing FROM many WHERE id < 0;
SELECT breaks(natural_breaks(CASE WHEN id IN (3, 4) THEN id END, 2)) FROM many;
SELECT count(DISTINCT (a, b, c, d)) AS different, count(*) AS ways, bool_and(a = c AND b = d) AS types_agree FROM results;

-- whatever the data: every customer in exactly one segment, equal values together, cents or euros
SET max_parallel_workers_per_gather = 0;
CREATE TABLE random_data AS
SELECT n, (CASE n % 4 WHEN 0 THEN round((random() * 30 - 10)::numeric) WHEN 1 THEN round((random() * 2000 - 500)::numeric, 2)
	WHEN 2 THEN round((exp(random() * 20) * sign(random() - 0.2))::numeric, 2) ELSE round((random() ^ 9 * 1e6)::numeric, 1) END) AS v
FROM generate_series(1, 60) n, LATERAL generate_series(1, 8 + n * 3) i;
CREATE TABLE schemes AS
SELECT n, how, s FROM (SELECT n, value_segments(v, 4) AS a, natural_breaks(v, 4) AS b, natural_breaks(v, 3, breaking('rank', cut_at => 5)) AS c,
		natural_breaks(v, int4range(2, 6), breaking('asinh', min_customers => 2)) AS d, quantile_breaks(v, 4) AS e, share_breaks(v, '{0.5, 0.8, 0.95}') AS f
	FROM random_data GROUP BY n) q, LATERAL (VALUES ('value_segments', a), ('plain', b), ('rank', c), ('range', d), ('quantile', e), ('share', f)) m(how, s);
SELECT how, count(*) AS schemes,
	bool_and((SELECT sum(g.customers) FROM segments(s) g) = (SELECT count(*) FROM random_data r WHERE r.n = x.n)) AS all_counted,
	bool_and((SELECT bool_and(g.customers = (SELECT count(*) FROM random_data r WHERE r.n = x.n AND segment(s, v) = g.number)) FROM segments(s) g)) AS as_counted,
	bool_and((SELECT bool_and((SELECT count(*) FROM segments(s) g WHERE in_segment(v, s, g.number)) = 1) FROM random_data r WHERE r.n = x.n)) AS in_exactly_one,
	bool_and((SELECT bool_and(higher) FROM (SELECT segment(s, v) >= lag(segment(s, v)) OVER (ORDER BY v DESC) AS higher FROM random_data r WHERE r.n = x.n) o)) AS ordered
FROM schemes x GROUP BY how ORDER BY how;
SELECT count(*) AS differ FROM random_data r JOIN schemes x USING (n) JOIN (SELECT n, value_segments(v * 100, 4) AS cents FROM random_data GROUP BY n) c USING (n)
WHERE how = 'value_segments' AND segment(s, v) <> segment(cents, v * 100);
DROP TABLE random_data, schemes;

-- errors
\set VERBOSITY default
SELECT natural_breaks(v, 4) FROM (VALUES (1), (2), (2), (3)) t(v);
SELECT value_segments(v, 4) FROM (VALUES (-1), (2), (2), (3)) t(v);
SELECT natural_breaks(v, 0) FROM generate_series(1, 3) v;
SELECT natural_breaks(v, NULL) FROM generate_series(1, 3) v;
SELECT natural_breaks(v, v) FROM generate_series(1, 3) v;
SELECT natural_breaks('NaN'::numeric, 1);
SELECT natural_breaks('-Infinity'::float8, 1);
SELECT natural_breaks(v, 8, breaking(min_customers => 50)) FROM generate_series(1, 300) v;
SELECT natural_breaks(v, int4range(1, 4), breaking(min_share => 0.1, min_customers => 50)) FROM generate_series(1, 30) v;
SELECT natural_breaks(v, int4range(4, 9)) FROM (VALUES (1), (2), (2), (3)) t(v);
SELECT natural_breaks(v, int4range(3, 3)) FROM generate_series(1, 3) v;
SELECT natural_breaks(v, int4range(3, NULL)) FROM generate_series(1, 3) v;
SELECT natural_breaks(v, 3, '{"scale": "log"}') FROM generate_series(1, 3) v;
SELECT natural_breaks(v, 3, breaking(min_customers => v)) FROM generate_series(1, 3) v;
SELECT breaking(cut_at => 'Infinity');
\set VERBOSITY terse
SELECT natural_breaks(v, -1) FROM generate_series(1, 3) v;
SELECT natural_breaks(v, 1001) FROM generate_series(1, 3) v;
SELECT value_segments(v, 1 + (id > 30000)::int) FROM many;
SELECT natural_breaks('Infinity'::numeric, 1);
SELECT natural_breaks('NaN'::float8, 1);
SELECT natural_breaks(1e100, 1);
SELECT natural_breaks(1e101::float8, 1);
SELECT natural_breaks(v, 3, NULL::jsonb) FROM generate_series(1, 3) v;
SELECT natural_breaks(v, 3, '[]') FROM generate_series(1, 3) v;
SELECT natural_breaks(v, 3, '{"classes": 3}') FROM generate_series(1, 3) v;
SELECT natural_breaks(v, int4range(0, 3)) FROM generate_series(1, 3) v;
SELECT natural_breaks(v, int4range(3, 1002)) FROM generate_series(1, 3) v;
SELECT natural_breaks(v, NULL::int4range) FROM generate_series(1, 3) v;
SELECT natural_breaks(v, int4range(1, v + 2)) FROM generate_series(1, 3) v;
SELECT breaking('log');
SELECT breaking(min_customers => 0);
SELECT breaking(min_share => 1.5);
SELECT breaking(cut_at => 1e401);

DROP TABLE samples, lognormal, profits, scheme, clusters, fractions, large, many, results;
DROP FUNCTION best_by_search, best_under_conditions, breaks_or_null, best_by_programme, within_of, marriott, plan_of;
