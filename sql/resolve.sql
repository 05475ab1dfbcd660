-- Which records are one: components of matches, against plain SQL that walks from record to record.
SET search_path = public, customer_value;
\pset null (null)

-- by hand: a chain, a pair, a record that matches itself, records without a match, a match twice and backwards
CREATE TABLE match (a bigint, b bigint);
INSERT INTO match VALUES (5, 3), (3, 9), (9, 2), (1, 1), (NULL, 7), (8, NULL), (NULL, NULL), (100, -4), (-4, 100), (100, -4), (7, NULL);
SELECT r.* FROM (SELECT resolve(a, b) AS m FROM match) t, unnest(m) r;
SELECT r.component, array_agg(r.member) AS members, count(*) AS size FROM (SELECT resolve(a, b) AS m FROM match) t, unnest(m) r GROUP BY 1 HAVING count(*) > 1 ORDER BY 1;
-- as texts the order is that of the bytes, in any locale
SELECT r.* FROM (SELECT resolve(a::text, b::text) AS m FROM match) t, unnest(m) r;
SELECT resolve(a, b) FROM (VALUES ('Z', 'a'), ('é', 'z'), ('', 'Z'), ('a ', NULL), ('E', 'é'), ('aa', 'b')) v(a, b);
SELECT pg_typeof(resolve(a::int, b::int)), pg_typeof(resolve(a::varchar, b::varchar)), pg_typeof(resolve(a, b)) FROM match;
-- keys at both ends of their type; texts that are long, and of all lengths
SELECT resolve(a, b) FROM (VALUES (9223372036854775807, 0), (-9223372036854775808, 0), (9223372036854775806, NULL)) v(a, b);
SELECT r.member = repeat('x', n) AND r.component = repeat('x', 120) AS right, count(*) FROM (SELECT resolve(repeat('x', n), repeat('x', n + 1)) AS m FROM generate_series(120, 139) n) t,
	unnest(m) WITH ORDINALITY r (member, component, i), LATERAL (SELECT i::int + 119) l(n) GROUP BY 1;
CREATE TABLE long (key text);
INSERT INTO long SELECT repeat(n || 'x', 20000) FROM generate_series(1, 9) n;
SELECT count(*) AS rows, bool_and(r.member = l.key) AS members, bool_and(r.component = '1') AS components FROM (SELECT resolve(key, '1') AS m FROM long) t, unnest(m) r LEFT JOIN long l ON l.key = r.member WHERE r.member <> '1';
-- no records
SELECT resolve(a, b) AS no_rows FROM match WHERE false;
SELECT resolve(a, b) AS no_records, resolve(a::text, b::text) AS no_texts FROM match WHERE a IS NULL AND b IS NULL;
SELECT resolve(a, b) AS none_before_one FROM (VALUES (NULL::bigint, NULL::bigint), (NULL, NULL), (1, NULL)) v(a, b);
-- the text form comes back, a stored one does, and so does the binary one
CREATE TABLE stored AS SELECT resolve(a, b) AS m, resolve(a::text, b::text) AS t FROM match;
SELECT m::text::resolved_bigint[] = m AND array_send(m::text::resolved_bigint[]) = array_send(m) AS same, t::text::resolved_text[] = t AS same_text,
	m = ARRAY(SELECT r FROM unnest(m) r) AS rebuilt, array_dims(m), cardinality(t), (m[1]).member, (t[2]).component FROM stored;
SELECT m || ROW(200, 200)::resolved_bigint = resolve(a, b) AS appended FROM stored, (TABLE match UNION ALL SELECT 200, NULL) x GROUP BY m;

-- Random graphs of all kinds: few matches, many, chains, keys close together and far apart.
CREATE FUNCTION noise(i int, j int) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT hashint8extended(i::bigint * 1000 + j, 5) & 1073741823 $$;
CREATE TABLE graph AS
SELECT g, i, CASE WHEN kind <> 1 THEN a * stride - 50 * (stride % 7) END AS a, CASE WHEN kind <> 2 THEN b * stride - 50 * (stride % 7) END AS b
FROM (SELECT g, i, noise(g, i) % size AS a, CASE WHEN g % 3 = 0 THEN (noise(g, i) + 1) % size ELSE noise(g, i + 300) % size END AS b, noise(g, i + 600) % 9 AS kind,
		(ARRAY[1, 3, 1000003, 92233720368547758])[1 + g % 4] AS stride
	FROM (SELECT g, 2 + noise(g, 999) % 40 AS size, noise(g, 998) % 60 AS matches FROM generate_series(1, 300) g) s, generate_series(1, matches::int) i) e
UNION ALL SELECT g, 0, NULL, NULL FROM generate_series(1, 300, 5) g;
-- walking from every record as far as matches lead
CREATE TABLE walked AS
WITH RECURSIVE step AS (SELECT g, a AS x, b AS y FROM graph UNION SELECT g, b, a FROM graph),
	walk AS (SELECT g, x AS member, x AS reached FROM step WHERE x IS NOT NULL
		UNION SELECT w.g, w.member, s.y FROM walk w JOIN step s ON s.g = w.g AND s.x = w.reached WHERE s.y IS NOT NULL)
SELECT g, member, min(reached) AS component, min(reached::text COLLATE "C") AS text_component FROM walk GROUP BY 1, 2;
CREATE TABLE resolved AS SELECT g, resolve(a, b) AS m, resolve(a::text, b::text) AS t FROM graph GROUP BY g;
SELECT count(*) AS graphs, count(m) AS with_records, max(cardinality(m)) AS largest, sum(cardinality(m)) = (SELECT count(*) FROM walked) AS all_records FROM resolved;
SELECT count(*) FILTER (WHERE m IS DISTINCT FROM (SELECT array_agg((member, component)::resolved_bigint ORDER BY component, member) FROM walked w WHERE w.g = r.g)) AS wrong,
	count(*) FILTER (WHERE t IS DISTINCT FROM (SELECT array_agg((member::text, text_component)::resolved_text ORDER BY text_component COLLATE "C", member::text COLLATE "C") FROM walked w WHERE w.g = r.g)) AS wrong_texts
FROM resolved r;
-- any order of rows, sides swapped, matches doubled, and the result resolved again: the same bytes
SELECT count(*) AS graphs, count(*) FILTER (WHERE array_send(m) IS DISTINCT FROM array_send(swapped) OR array_send(m) IS DISTINCT FROM array_send(sorted) OR array_send(m) IS DISTINCT FROM array_send(doubled)
	OR array_send(t) IS DISTINCT FROM array_send(backwards) OR array_send(m) IS DISTINCT FROM array_send(again)) AS wrong
FROM resolved JOIN (SELECT g, resolve(b, a) AS swapped, resolve(a, b ORDER BY b DESC, i) AS sorted, resolve(b::text, a::text ORDER BY a, i) AS backwards FROM graph GROUP BY g) o USING (g)
	JOIN (SELECT g, resolve(a, b ORDER BY noise(i, k)) AS doubled FROM graph, generate_series(1, 2) k GROUP BY g) d USING (g)
	LEFT JOIN (SELECT g, resolve(r.component, r.member) AS again FROM resolved, unnest(m) r GROUP BY g) a USING (g);
-- a growing window, whose last result is that of all, and which reads the state again and again
SELECT count(*) AS graphs, count(*) FILTER (WHERE last IS DISTINCT FROM m) AS wrong FROM resolved JOIN
	(SELECT DISTINCT ON (g) g, resolve(a, b) OVER (PARTITION BY g ORDER BY i) AS last FROM graph ORDER BY g, i DESC) w USING (g);

-- States that are combined: partitions that hold matches, none, or nothing at all, in this order and others.
CREATE TABLE parted (part int, a bigint, b bigint) PARTITION BY LIST (part);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (2);
CREATE TABLE parted_3 PARTITION OF parted FOR VALUES IN (3);
CREATE TABLE parted_4 PARTITION OF parted FOR VALUES IN (4);
CREATE TABLE parted_5 PARTITION OF parted FOR VALUES IN (5);
INSERT INTO parted SELECT p, NULL, NULL FROM generate_series(1, 4) p, generate_series(1, 3000);
CREATE FUNCTION results() RETURNS TABLE (how text, plan text, same bool) LANGUAGE plpgsql AS $$
DECLARE
	whole bytea := (SELECT array_send(resolve(a, b)) FROM (SELECT * FROM parted ORDER BY b, a OFFSET 0) o);
	texts bytea := (SELECT array_send(resolve(a::text, b::text)) FROM (SELECT * FROM parted ORDER BY b, a OFFSET 0) o);
	line text;
BEGIN
	ANALYZE parted;
	FOREACH how IN ARRAY ARRAY['off', 'on'] LOOP
		PERFORM set_config('enable_partitionwise_aggregate', how, true);
		plan := NULL;
		FOR line IN EXPLAIN (COSTS OFF) SELECT resolve(a, b), resolve(a::text, b::text) FROM parted LOOP
			plan := concat_ws(', ', plan, substring(line FROM '(?:Partial |Finalize )?Aggregate|Append|Gather'));
		END LOOP;
		same := (SELECT (array_send(resolve(a, b)), array_send(resolve(a::text, b::text))) IS NOT DISTINCT FROM (whole, texts) FROM parted);
		RETURN NEXT;
	END LOOP;
END $$;
SELECT * FROM results();					-- (none, none)
INSERT INTO parted VALUES (2, 4, 5), (2, 9, NULL);
SELECT * FROM results();					-- (none, some), (some, none)
INSERT INTO parted VALUES (4, 5, 2), (4, 8, 7), (4, NULL, 9), (4, 4, 5), (5, 7, -3), (5, 2, 2);
SELECT * FROM results();					-- (some, some)
INSERT INTO parted SELECT 1 + noise(g, i) % 5, a, b FROM graph WHERE g % 4 = 0;
SELECT * FROM results();

-- Several workers: the same bytes.
CREATE TABLE many AS
SELECT e * 4 + noise(i, 3) % 4 AS a, e * 4 + noise(i, 4) % 4 AS b FROM (SELECT i, noise(i, 1) % 9000 AS e FROM generate_series(1, 30000) i) t
UNION ALL SELECT 50000 + i * 7919 % 4000, 50000 + (i + 1) * 7919 % 4000 FROM generate_series(0, 3998) i
UNION ALL SELECT NULL, NULL FROM generate_series(1, 100);
ANALYZE many;
CREATE TABLE several (how text, m resolved_bigint[], t resolved_text[]);
SET max_parallel_workers_per_gather = 0;
INSERT INTO several SELECT 'serial', resolve(a, b), resolve('r' || a, 'r' || b) FROM many;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT resolve(a, b) FROM many;
-- INSERT is never parallel, CREATE TABLE is
CREATE TABLE in_workers AS SELECT 'parallel' AS how, resolve(a, b) AS m, resolve('r' || a, 'r' || b) AS t FROM many;
-- workers that saw no record, or nothing
SELECT resolve(a, b) AS nobody FROM many WHERE a IS NULL;
SELECT resolve(a, b) AS one_pair FROM many WHERE a = 50000 AND b = 57919 - 4000;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET parallel_leader_participation;
INSERT INTO several SELECT * FROM in_workers;
SELECT count(*) AS ways, count(DISTINCT array_send(m)) AS results, count(DISTINCT array_send(t)) AS text_results, min(cardinality(m)) AS records, min(cardinality(t)) AS texts FROM several;
SELECT count(*) AS components, max(size) AS longest FROM (SELECT r.component, count(*) AS size FROM in_workers, unnest(m) r GROUP BY 1) t;
-- no match leads out of a component
SELECT count(*) AS matches, count(*) FILTER (WHERE x.component <> y.component) AS wrong
FROM many, (SELECT r.* FROM in_workers, unnest(m) r) x, (SELECT r.* FROM in_workers, unnest(m) r) y WHERE x.member = a AND y.member = b;

-- a result past 1 GB is refused before anything of that size is asked for
SELECT resolve(a, b) FROM (SELECT repeat('!', 10000000) AS a, '1' AS b UNION ALL SELECT i::text, (i + 1)::text FROM generate_series(1, 200) i) t;
\set VERBOSITY sqlstate
SELECT resolve(a, b) FROM (SELECT repeat('!', 10000000) AS a, '1' AS b UNION ALL SELECT i::text, (i + 1)::text FROM generate_series(1, 200) i) t;
\set VERBOSITY default
-- keys of other types are cast by who knows what they mean
SELECT resolve(1.5, 2.5);
SELECT resolve(a, b) FROM (VALUES ('b0000000-0000-0000-0000-000000000001'::uuid, 'a0000000-0000-0000-0000-000000000001'::uuid)) v(a, b);
SELECT resolve(a::text, b::text) FROM (VALUES ('b0000000-0000-0000-0000-000000000001'::uuid, 'a0000000-0000-0000-0000-000000000001'::uuid)) v(a, b);

DROP TABLE match, long, stored, graph, walked, resolved, parted, many, several, in_workers;
DROP FUNCTION results;
DROP FUNCTION noise;
