-- Value x potential: two segmentations by cut points as a grid.
SET search_path = public, customer_value;

CREATE TABLE grids (n int, g segmentation);
INSERT INTO grids VALUES
	(1, value_grid('{"cuts": [1000]}', '{"cuts": [500.50]}')),
	(2, value_grid('{"cuts": [1000]}', '{"cuts": [500.50]}', ARRAY['A', 'B', 'C', 'D'])),
	(3, value_grid('{"cuts": [5000, 1000, 0], "labels": ["gold", "silver", "bronze", "red"]}', '{"cuts": [10, 5]}')),
	(4, value_grid('{"cuts": []}', '{"cuts": [1e30, 0.001, -0.0000001]}'));
SELECT n, g FROM grids ORDER BY n;
SELECT n, number, label, lower, upper, customers, total FROM grids, segments(g) ORDER BY n, number;
SELECT n, label(g, 1), label(g, 2) FROM grids ORDER BY n;
SELECT v, p, segment(g, v, p), label(g, segment(g, v, p)), segment(g, v::float8, p::float8) AS real
FROM grids, (VALUES (1000, 500.50), (1000, 500.49), (999.99, 500.50), (999.99, -7), (1e30, -1e30), (1000.0000000000000000001, 500.4999999999999999999)) w(v, p)
WHERE n = 1;
SELECT segment(g, NULL::numeric, 1) IS NULL AS no_value, segment(g, 1, NULL::numeric) IS NULL AS no_potential, segment(g, NULL::float8, 1) IS NULL AS neither,
	value_grid(NULL, g) IS NULL AS null_value, value_grid('{"cuts": []}', NULL) IS NULL AS null_potential FROM grids WHERE n = 1;
-- a cell is what the two segmentations say, row by row
SELECT n, count(*), count(*) FILTER (WHERE cell <> (segment(v, x) - 1) * columns + segment(p, y)) AS wrong,
	count(*) FILTER (WHERE cell <> real AND y <> 0.001 AND y <> 0) AS differ, min(cell), max(cell)
FROM (SELECT n, v, p, x, y, segment(g, x, y) AS cell, segment(g, x::float8, y::float8) AS real, cardinality(breaks(p)) + 1 AS columns
	FROM (SELECT n, g, (g::text::jsonb ->> 'value')::segmentation AS v, (g::text::jsonb ->> 'potential')::segmentation AS p FROM grids) q,
		(SELECT (i * 10.0 ^ e)::numeric FROM generate_series(-6, 6) i, generate_series(-8, 31, 3) e) a(x),
		(SELECT (i * 10.0 ^ e)::numeric FROM generate_series(-6, 6) i, generate_series(-8, 31, 3) e) b(y)) q GROUP BY n ORDER BY n;

-- from data
CREATE TABLE customers AS SELECT i AS id, round((i * 7919 % 1000 - 200) * 1.25, 2) AS profit, (i * 104729 % 997) / 7.0 AS clv FROM generate_series(1, 2000) i;
CREATE TABLE plan AS SELECT value_grid(value_segments(profit, 2), natural_breaks(clv::float8, 2)) AS g FROM customers;
SELECT number, label, count(*) AS customers, sum(profit) AS profit, min(profit), max(profit)
FROM customers, plan, segments(g) WHERE segment(g, profit, clv) = number GROUP BY 1, 2 ORDER BY 1;
SELECT count(*) AS customers, count(*) FILTER (WHERE segment(g, profit, clv) IS NULL) AS without FROM customers, plan;
SELECT segment(with_labels(g, ARRAY['w', 'x', 'y', 'z']), profit, clv) = segment(g, profit, clv) AS same, label(with_labels(g, ARRAY['w', 'x', 'y', 'z']), 4)
FROM customers, plan WHERE id = 1;
-- any order, any plan: the two parts are
SELECT a = b AS same FROM (SELECT g AS a FROM plan) a,
	(SELECT value_grid(value_segments(profit, 2 ORDER BY id DESC), natural_breaks(clv::float8, 2 ORDER BY id % 7)) AS b FROM customers) b;

-- text and binary form
SELECT n, g::text::segmentation = g AS by_text, segmentation_send(g) = segmentation_send(g::text::segmentation) AS same_bytes FROM grids ORDER BY n;
SELECT g::text::segmentation = g AS from_data FROM plan;
SELECT '{"potential": {"cuts": [5]}, "value": {"cuts": [10, 5]}, "labels": ["a", "b", "c", "d", "e", "\u00e4"], "method": "value_grid"}'::segmentation;
SELECT count(*) AS groups FROM (SELECT g FROM grids UNION ALL SELECT g FROM grids) q GROUP BY g ORDER BY 1;
CREATE FUNCTION why(t text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	PERFORM t::segmentation;
	RETURN 'accepted';
EXCEPTION WHEN invalid_text_representation THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN detail;
END $$;
SELECT n, why('{"method": "value_grid", ' || t || '}') FROM (VALUES
	(1, '"value": {"cuts": [1]}'), (2, '"potential": {"cuts": [1]}'), (3, '"value": 1, "potential": {"cuts": [1]}'), (4, '"value": [], "potential": {"cuts": [1]}'),
	(5, '"value": {"cuts": [1, 2]}, "potential": {"cuts": [1]}'), (6, '"value": {"cuts": [1]}, "potential": {"cuts": [1]}, "labels": ["a", "b"]}'),
	(7, '"value": {"method": "value_grid", "value": {"cuts": [1]}, "potential": {"cuts": [1]}}, "potential": {"cuts": [1]}'),
	(8, '"value": {"method": "rfm_scores", "recency": [1], "frequency": [1], "monetary": [1]}, "potential": {"cuts": [1]}'),
	(9, '"value": {"cuts": [1]}, "potential": {"cuts": [1]}, "cuts": [1]'), (10, '"value": {"cuts": [1]}, "value": {"cuts": [1]}, "potential": {"cuts": [1]}'),
	(11, '"value": {"cuts": [1]}, "potential": {"cuts": [1'), (12, '"value": {"cuts": [1]}, "potential": {"cuts": [' || (SELECT string_agg((-i)::text, ',') FROM generate_series(1, 500) i) || ']}'),
	(13, '"value": ' || repeat('{"method": "value_grid", "value": ', 3) || '{"cuts": []}' || repeat(', "potential": {"cuts": []}}', 3) || ', "potential": {"cuts": []}'),
	(14, '"value": ' || repeat('{"method": "value_grid", "value": ', 40) || '{"cuts": []}' || repeat(', "potential": {"cuts": []}}', 40) || ', "potential": {"cuts": []}')
) v(n, t) ORDER BY n;
SELECT count(*) AS accepted FROM (SELECT g::text AS t FROM grids WHERE n = 2) s, generate_series(0, length(t) - 1) i WHERE why(left(t, i)) = 'accepted';

-- usable where only immutable functions are; a grid that changes from row to row
CREATE TABLE rated (profit numeric, clv float8,
	cell int GENERATED ALWAYS AS (segment('{"method": "value_grid", "value": {"cuts": [0]}, "potential": {"cuts": [9.5]}}'::segmentation, profit, clv::numeric)) STORED,
	CHECK (segment('{"method": "value_grid", "value": {"cuts": [0]}, "potential": {"cuts": [9.5]}}'::segmentation, profit, clv::numeric) < 5));
CREATE INDEX ON rated (segment('{"method": "value_grid", "value": {"cuts": [0]}, "potential": {"cuts": [9.5]}}'::segmentation, profit::float8, clv));
INSERT INTO rated VALUES (1, 10), (1, 9), (-1, 10), (-1, 9.49);
SELECT string_agg(cell::text, ' ' ORDER BY cell) FROM rated;
SELECT string_agg(segment(g, 999.5, 7)::text, ' ' ORDER BY n) FROM grids;

-- errors
\set VERBOSITY default
SELECT value_grid(g, '{"cuts": [1]}') FROM grids WHERE n = 1;
SELECT value_grid('{"cuts": [1]}', '{"method": "rfm_scores", "recency": [1], "frequency": [1], "monetary": [1]}');
SELECT value_grid(('{"cuts": [' || string_agg((-i)::text, ',') || ']}')::segmentation, '{"cuts": [1]}') FROM generate_series(1, 500) i;
SELECT value_grid('{"cuts": [1]}', '{"cuts": [1]}', ARRAY['a']);
SELECT segment(g, 5) FROM grids WHERE n = 1;
SELECT segment('{"cuts": [1]}', 5, 6);
SELECT segment(g, 'NaN'::numeric, 6) FROM grids WHERE n = 1;
SELECT segment(g, 6, '-Infinity'::numeric) FROM grids WHERE n = 1;
SELECT segment(g, 6, 'Infinity'::float8) FROM grids WHERE n = 1;
SELECT breaks(g) FROM grids WHERE n = 1;
SELECT label(g, 5) FROM grids WHERE n = 1;

DROP TABLE grids, customers, plan, rated;
DROP FUNCTION why;
