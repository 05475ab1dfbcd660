-- Type segmentation: text and binary form, comparison, what it says.
SET search_path = public, customer_value;

-- typed in by hand: only cut points are needed
SELECT '{"cuts": [5000, 1000, 0]}'::segmentation;
SELECT '{"cuts": []}'::segmentation;
SELECT '{"cuts": [1e3, 12.50, -0.0, -1.25e-2, -123456789012345678901234567890.123456]}'::segmentation;
SELECT ' { "labels" : ["gold", "sil\"ver \u00e4", "red"], "cuts":[ 10 , -0.5 ] } '::segmentation;
SELECT '{"method": "value_segments", "cuts": [0], "scale": "asinh", "unit": 2.5, "cut_at": 0, "min_customers": 3}'::segmentation;
SELECT '{"cuts": [10], "customers": [1, 2], "totals": [12, 5.5], "lowest": [12, 1], "highest": [12, 4.5],
  "raw_squares": [40.5, 6.125], "used_squares": [40.5, 6.125]}'::segmentation;

SELECT '{"cuts": [10], "scale": "rank"}'::segmentation;
-- or as a function of typed cut points
SELECT fixed_breaks('{5000, 1000, 0}'), fixed_breaks('{}'), fixed_breaks('{1.50}', '{a, b}'), fixed_breaks(NULL) IS NULL AS nothing;
SELECT fixed_breaks('{5000, 1000, 0}') = '{"cuts": [5000, 1000, 0]}' AS same, fixed_breaks(ARRAY[1, 0], ARRAY['a', 'b', 'c']) = with_labels('{"cuts": [1, 0]}', '{a, b, c}') AS labels;

-- segments, cut points, labels
SELECT * FROM segments('{"cuts": [5000, 1000, 0]}');
SELECT * FROM segments('{"cuts": []}');
SELECT number, label, customers, total, round(mean, 3) AS mean, round(share, 3) AS share, lowest, highest
FROM segments('{"cuts": [10], "customers": [1, 2], "totals": [12, 5.5], "lowest": [12, 1], "highest": [12, 4.5],
  "raw_squares": [40.5, 6.125], "used_squares": [40.5, 6.125], "labels": ["top", "rest"]}');
-- no share of a net loss
SELECT number, total, share
FROM segments('{"cuts": [0], "customers": [1, 2], "totals": [12, -13], "lowest": [12, -9], "highest": [12, -4],
  "raw_squares": [40.5, 6.125], "used_squares": [40.5, 6.125]}');
SELECT breaks('{"cuts": [5000, 12.5, 0, -1e-7]}'), breaks('{"cuts": []}');
SELECT label(s, 1), label(s, 2), label(s, 3), label(s, NULL)
FROM (VALUES ('{"cuts": [5000, 12.5]}'::segmentation),
             ('{"cuts": [5000, 12.5], "labels": ["a", "b", "c"]}')) v(s);
SELECT with_labels('{"cuts": [100, 0]}', ARRAY['gold', 'silver', 'lead']);
SELECT goodness_of_variance_fit('{"cuts": [10], "customers": [1, 2], "totals": [12, 5.5], "lowest": [12, 1],
  "highest": [12, 4.5], "raw_squares": [40, 10], "used_squares": [5, 1]}'::segmentation, s)
FROM (VALUES ('raw'), ('used')) v(s);
SELECT goodness_of_variance_fit('{"cuts": [10]}') IS NULL AS typed_in;

-- segment(): a value on a cut point belongs above it
CREATE TABLE probe (n int, v numeric);
INSERT INTO probe VALUES
	(1, 5000.01), (2, 5000), (3, 4999.999999), (4, 1000), (5, 999.99), (6, 0.000001),
	(7, 0), (8, -0.000001), (9, -1e20), (10, 1e20), (11, 4999.9999999999999999999),
	(12, 0.0000000001), (13, -0.0000000001), (14, 12345678901234567890.5);
SELECT n, v, segment('{"cuts": [5000, 1000, 0]}', v) AS exact,
	segment('{"cuts": [5000, 1000, 0]}', v::float8) AS real
FROM probe ORDER BY n;
SELECT segment('{"cuts": [5000]}', NULL::numeric) IS NULL, segment(NULL, 1) IS NULL,
	segment('{"cuts": [5000]}', 5000), segment('{"cuts": [5000]}', 4999::bigint);
-- cut points of all shapes, against comparison as numeric
SELECT count(*) AS wrong
FROM (VALUES ('{"cuts": [0.0000001, -0.00001]}'::segmentation), ('{"cuts": [1e30, 1e16, 1e15, 99.995, -1e17, -1e40]}'),
             ('{"cuts": [10000.000000, 0.01, 0.0001, 0.000001, 0, -0.000001, -0.0001, -0.01, -1, -2, -3, -4, -5, -6]}')) s(s),
	(SELECT (i * 10.0 ^ -e)::numeric AS v FROM generate_series(-12, 12) i, generate_series(-17, 9) e) v
WHERE segment(s, v) <> 1 + (SELECT count(*) FROM unnest(breaks(s)) c WHERE v < c)
   OR segment(s, v::float8) <> 1 + (SELECT count(*) FROM unnest(breaks(s)) c WHERE v::float8 < c::float8);
-- a scheme that changes from row to row
SELECT string_agg(segment(s, v)::text, ' ' ORDER BY n)
FROM (SELECT n, v, CASE n % 3 WHEN 0 THEN '{"cuts": [0]}' WHEN 1 THEN '{"cuts": [5000, 0]}'
	ELSE '{"cuts": [5000, 1000, 0]}' END::segmentation AS s FROM probe) p;
-- usable where only immutable functions are
CREATE TABLE rated (profit numeric, tier int GENERATED ALWAYS AS (segment('{"cuts": [1000, 0]}', profit)) STORED,
	CHECK (segment('{"cuts": [1000, 0]}', profit) < 4)) PARTITION BY LIST (segment('{"cuts": [1000, 0]}', profit));
DROP TABLE rated;
CREATE TABLE rated (profit numeric, tier int GENERATED ALWAYS AS (segment('{"cuts": [1000, 0]}', profit)) STORED);
INSERT INTO rated VALUES (2000), (1000), (999), (-1);
CREATE INDEX ON rated (segment('{"cuts": [1000, 0]}', profit));
TABLE rated;

-- comparison
SELECT a, b, x = y AS eq, x <> y AS ne, x < y AS lt, x > y AS gt
FROM (VALUES (1, '{"cuts": [1.0, 0]}'::segmentation), (2, '{"cuts": [1, 0.00]}'), (3, '{"cuts": [1]}')) v(a, x),
     (VALUES (1, '{"cuts": [1.0, 0]}'::segmentation), (3, '{"cuts": [1]}')) w(b, y)
ORDER BY 1, 2;
SELECT count(*) AS groups FROM (SELECT s FROM (VALUES ('{"cuts": [1.0]}'::segmentation), ('{"cuts": [1]}'),
	('{"cuts": [2]}')) v(s) GROUP BY s) g;

-- binary form
CREATE TABLE schemes (n serial, s segmentation);
INSERT INTO schemes (s) VALUES ('{"cuts": [5000, 1000, 0]}'), ('{"cuts": []}'), (NULL),
	('{"cuts": [10], "customers": [1, 2], "totals": [12, 5.5], "lowest": [12, 1], "highest": [12, 4.5],
	  "raw_squares": [40.5, 6.125], "used_squares": [0.1, 1e-17], "labels": ["ä", "ß"], "min_customers": 1,
	  "scale": "asinh", "unit": 0.1, "cut_at": 0}');
INSERT INTO schemes (s) SELECT ('{"cuts": [' || string_agg((1000 - i)::text, ',') || '], "labels": ['
	|| string_agg('"label ' || i || '"', ',') || ', "last"]}')::segmentation FROM generate_series(1, 999) i;
SELECT encode(segmentation_send(s), 'escape') FROM schemes WHERE n <= 2;
SELECT n, s::text::segmentation = s AS same_by_text, segmentation_send(s) = segmentation_send(s::text::segmentation) AS same_bytes
FROM schemes ORDER BY n;
SELECT label(s, 1000), segment(s, 500), cardinality(breaks(s)) FROM schemes WHERE n = 5;

-- bad text: each says what is wrong
\set VERBOSITY default
SELECT 'x'::segmentation;
SELECT '[]'::segmentation;
SELECT '{}'::segmentation;
SELECT '{"cuts": [1, 2]}'::segmentation;
SELECT '{"cuts": [1, 1.0]}'::segmentation;
\set VERBOSITY terse
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
SELECT n, t, why FROM (VALUES
	(1, '{"cuts": [1], "cuts": [1]}'), (2, '{"cuts": [1], "Labels": ["a", "b"]}'), (3, '{"cuts": [1}'),
	(4, '{"cuts": ["1"]}'), (5, '{"cuts": 1}'), (6, '{"cuts": [NaN]}'), (7, '{"cuts": [1e500]}'),
	(8, '{"cuts": [1], "labels": ["a"]}'), (9, '{"cuts": [1], "labels": ["a", ""]}'),
	(10, '{"cuts": [1], "labels": ["a", 1]}'), (11, '{"cuts": [1], "method": "guess"}'),
	(12, '{"cuts": [1], "scale": "asinh"}'), (13, '{"cuts": [1], "unit": 2}'),
	(14, '{"cuts": [1], "scale": "asinh", "unit": 0}'), (15, '{"cuts": [1], "min_customers": 1.5}'),
	(16, '{"cuts": [1], "customers": [1, 2]}'), (17, '{"cuts": [1]} x'), (18, '{"cuts": [1],}'),
	(19, '{"cuts": [10], "customers": [1, 0], "totals": [12, 5.5], "lowest": [12, 1], "highest": [12, 4.5], "raw_squares": [40, 10], "used_squares": [5, 1]}'),
	(20, '{"cuts": [10], "customers": [1, 2], "totals": [12, 5.5], "lowest": [12, 1], "highest": [12, 10], "raw_squares": [40, 10], "used_squares": [5, 1]}'),
	(21, '{"cuts": [10], "customers": [1, 2], "totals": [12, 5.5], "lowest": [12, 1], "highest": [12, 4], "raw_squares": [40, 50], "used_squares": [5, 1]}'),
	(22, '{"cuts": [10], "customers": [1, 2], "totals": [12, 5.5], "lowest": [13, 1], "highest": [12, 4], "raw_squares": [40, 5], "used_squares": [5, 1]}'),
	(23, '{"cuts": [' || (SELECT string_agg((-i)::text, ',') FROM generate_series(1, 1000) i) || ']}'),
	(24, '{"cuts": [1], "min_customers": 0}'), (25, ''), (26, '{"cuts": [123456789012345678901234567890123456789]}'),
	(27, '{"cuts": [1], "labels": ["a", "' || repeat('x', 256) || '"]}')
) v(n, t0), LATERAL (SELECT left(t0, 60) AS t) l, LATERAL (SELECT why(t0)) w(why) ORDER BY n;
-- every truncation of a good text is refused
SELECT count(*) AS accepted FROM (SELECT s::text AS t FROM schemes WHERE n = 4) s, generate_series(0, length(t) - 1) i
WHERE why(left(t, i)) = 'accepted';

-- other errors
SELECT segment('{"cuts": [0]}', 'NaN'::numeric);
SELECT segment('{"cuts": [0]}', 'Infinity'::numeric);
SELECT segment('{"cuts": [0]}', 'NaN'::float8);
SELECT segment('{"cuts": [0]}', '-Infinity'::float8);
SELECT label('{"cuts": [0]}', 0);
SELECT label('{"cuts": [0]}', 3);
SELECT with_labels('{"cuts": [0]}', ARRAY['a']);
SELECT with_labels('{"cuts": [0]}', ARRAY['a', NULL]);
SELECT with_labels('{"cuts": [0]}', ARRAY['a', '']);
SELECT goodness_of_variance_fit('{"cuts": [0]}', 'log');

\set VERBOSITY default
SELECT fixed_breaks('{0, 1000}');
SELECT fixed_breaks('{1000, 1000.0}');
\set VERBOSITY terse
SELECT fixed_breaks('{1000, NULL}');
SELECT fixed_breaks('{NaN}');
SELECT fixed_breaks('{{2, 1}, {0, -1}}');
SELECT fixed_breaks('{2, 1}', '{a, b}');
SELECT fixed_breaks(array_agg(-i)) FROM generate_series(1, 1000) i;

DROP TABLE probe, rated, schemes;
DROP FUNCTION why;
