--
-- Cycles among relationships that come and go.
--
SET search_path = public, customer_value;

-- the statement to type first: nobody is above himself on any day
CREATE TABLE owns (child int, parent int, valid daterange);
INSERT INTO owns VALUES (1, 2, '[2020-01-01,)'), (2, 3, '[2021-01-01,)'), (3, 4, '[2020-01-01,2024-01-01)');
SELECT relationship_cycle(child, parent, valid) AS none FROM owns;
INSERT INTO owns VALUES (3, 1, '[2024-01-01,)');
SELECT relationship_cycle(child, parent, valid) AS three FROM owns;
SELECT relationship_cycle(parent, child, valid) AS the_other_way FROM owns;
-- they took turns: never at the same time
SELECT relationship_cycle(c, p, v) AS turns FROM (VALUES (1, 2, daterange('2020-01-01', '2024-01-01')), (2, 1, '[2024-01-01,)')) t(c, p, v);
SELECT relationship_cycle(c, p, v) AS one_day FROM (VALUES (1, 2, daterange('2020-01-01', '2024-01-01', '[]')), (2, 1, '[2024-01-01,)')) t(c, p, v);
-- the first day, not the first row; and of several cycles the one through the least id
SELECT relationship_cycle(c, p, v) AS first_day FROM (VALUES (1, 1, daterange('2024-05-01', NULL)), (9, 9, '[2024-04-30,)')) t(c, p, v);
SELECT relationship_cycle(c, p, v) AS least_id FROM (VALUES (9, 8, daterange('2024-05-01', NULL)), (8, 9, '[2020-01-01,)'), (7, 7, '[2024-05-01,)')) t(c, p, v);
SELECT relationship_cycle(c, p, v) AS shortest FROM (VALUES (1, 2), (2, 3), (3, 1), (2, 4), (4, 1), (1, 5), (5, 1), (1, 6), (6, 1)) t(c, p), (VALUES (daterange '[2024-01-01,)')) d(v);
-- bounds that are none, and days before and behind all
SELECT relationship_cycle(1, 1, '(,)') AS always, relationship_cycle(1, 1, '[-infinity,)') AS since_ever,
	relationship_cycle(1, 1, '(,2024-01-01)') AS up_to, relationship_cycle(1, 1, '[infinity,]') AS at_the_end,
	relationship_cycle(1, 1, '[0044-03-15 BC,)') AS long_ago, relationship_cycle(1, 1, '(-infinity,infinity)') AS between;
SELECT relationship_cycle(c, p, v) AS unbounded FROM (VALUES (1, 2, daterange(NULL, '2020-01-01', '[]')), (2, 1, '[2020-01-01,)')) t(c, p, v);
SELECT relationship_cycle(c, p, v) AS none FROM (VALUES (1, 2, daterange('infinity', NULL)), (2, 1, daterange('2024-01-01', 'infinity'))) t(c, p, v);
SELECT relationship_cycle(c, p, v) AS at_the_end FROM (VALUES (1, 2, daterange('infinity', NULL)), (2, 1, daterange('2024-01-01', 'infinity', '[]'))) t(c, p, v);
SELECT relationship_cycle(c, p, v) AS none FROM (VALUES (1, 2, daterange(NULL, '-infinity', '[]')), (2, 1, daterange('-infinity', NULL, '()'))) t(c, p, v);
-- what is left out
SELECT relationship_cycle(1, 1, 'empty') AS empty, relationship_cycle(NULL, 1, '(,)') AS child, relationship_cycle(1, NULL, '(,)') AS parent,
	relationship_cycle(1, 1, NULL) AS range;
SELECT relationship_cycle(1, 1, '(,)') AS no_rows WHERE false;
SELECT relationship_cycle(9223372036854775807, -9223372036854775808, v) IS NULL AS one_way,
	(SELECT relationship_cycle(c, p, v) FROM (VALUES (9223372036854775807, -9223372036854775808), (-9223372036854775808, 9223372036854775807)) t(c, p)) AS extremes
FROM (VALUES (daterange '[2024-02-29,)')) d(v) GROUP BY v;
-- the date is written alike everywhere
SET DateStyle = 'German, DMY';
SELECT relationship_cycle(1, 1, '[02.01.2024,)');
RESET DateStyle;
-- a long one in part
SELECT relationship_cycle(i, (i + 1) % 1000, '[2024-01-01,)') FROM generate_series(0, 999) i;

-- against trying every day, of 400 small graphs
CREATE FUNCTION dice(a int, b int, sides int) RETURNS int LANGUAGE sql IMMUTABLE AS
	$$SELECT abs(hashint8(a::bigint * 1000003 + b)::bigint)::int % sides$$;
CREATE TABLE edge AS
SELECT g, dice(g, i * 4, 3 + g % 5) AS child, dice(g, i * 4 + 1, 3 + g % 5) AS parent,
	daterange(date '2024-01-01' + dice(g, i * 4 + 2, 9), date '2024-01-01' + dice(g, i * 4 + 2, 9) + dice(g, i * 4 + 3, 6)) AS valid
FROM generate_series(1, 400) g, generate_series(1, 2 + g % 11) i;
DELETE FROM edge WHERE child = parent AND g % 8 > 0;
CREATE TABLE slowly AS
WITH RECURSIVE day AS (SELECT date '2024-01-01' + i AS day FROM generate_series(0, 16) i),
walk AS (
	SELECT g, day, child AS start, parent AS here, ARRAY[child] AS path FROM edge JOIN day ON day <@ valid
	UNION SELECT w.g, day, start, parent, path || here FROM walk w JOIN edge e ON e.g = w.g AND e.child = here AND day <@ valid
	WHERE here <> ALL (path))
SELECT DISTINCT ON (g) g, 'on ' || to_char(day, 'YYYY-MM-DD') || ': ' || array_to_string(path || start, ' -> ') AS cycle
FROM walk WHERE here = start ORDER BY g, day, start, array_length(path, 1), path;
SELECT count(*) AS graphs, count(s.cycle) AS with_cycle, count(*) FILTER (WHERE ours IS DISTINCT FROM s.cycle) AS wrong,
	count(*) FILTER (WHERE ours IS NULL AND at_once IS NOT NULL) AS with_turns
FROM (SELECT g, relationship_cycle(child, parent, valid) AS ours, relationship_cycle(child, parent, '(,)') AS at_once FROM edge GROUP BY g) o LEFT JOIN slowly s USING (g);
SELECT g, cycle FROM slowly ORDER BY length(cycle) DESC, g LIMIT 3;
-- in any order of rows
SELECT count(*) FILTER (WHERE a IS DISTINCT FROM b OR a IS DISTINCT FROM c) AS differ
FROM (SELECT relationship_cycle(child, parent, valid ORDER BY child DESC, parent, valid) AS a, relationship_cycle(child, parent, valid ORDER BY valid, parent) AS b,
	relationship_cycle(child, parent, valid ORDER BY hashint4(child * 31 + parent)) AS c FROM edge GROUP BY g) x;

-- parallel: the same
CREATE TABLE many AS SELECT i AS child, i / 3 AS parent, daterange(date '2024-01-01' - i % 1000, NULL) AS valid FROM generate_series(1, 30000) i;
SELECT relationship_cycle(child, parent, valid) AS none FROM many WHERE child <> 777;
INSERT INTO many VALUES (0, 7777, '[2025-06-01,)');
SELECT relationship_cycle(child, parent, valid) AS serial FROM many \gset
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 2;
ALTER TABLE many SET (parallel_workers = 2);
SELECT relationship_cycle(child, parent, valid) AS parallel, relationship_cycle(child, parent, valid) = :'serial' AS alike FROM many;
SELECT relationship_cycle(child, parent, valid) AS nothing FROM many WHERE child < 0;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET parallel_leader_participation;

DROP TABLE owns, edge, slowly, many;
DROP FUNCTION dice;
