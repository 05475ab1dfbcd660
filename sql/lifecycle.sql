-- Life-cycle stages from ledgers.
SET search_path = public, customer_value;

-- one customer's life: two purchases, a year and a half of nothing, back again
CREATE TABLE life AS
SELECT ledger('2019-11-20', marketing => 30) + ledger('2020-01-10', revenue => 100) + ledger('2020-05-01', revenue => 50)
	+ ledger('2021-11-15', revenue => 20, cogs => 5) + ledger('2022-03-01', revenue => -20) AS l;
SELECT d, lifecycle_stage(l, as_of => d)
FROM life, unnest('{2019-12-31, 2020-01-09, 2020-01-10, 2020-04-09, 2020-04-10, 2020-05-01, 2020-10-28, 2020-10-29, 2021-05-01, 2021-05-02,
	2021-11-14, 2021-11-15, 2022-02-13, 2022-02-14, 2022-05-14, 2022-05-15, 2022-11-15, 2022-11-16, 2099-01-01}'::date[]) d ORDER BY d;
SELECT d, lifecycle_stage(l, d, new_for => 30, active_for => 60, lapsed_after => 90)
FROM life, unnest('{2020-02-09, 2020-02-10, 2020-03-11, 2020-04-10, 2020-05-01, 2020-05-31, 2020-06-01}'::date[]) d ORDER BY d;
SELECT lifecycle_stage(NULL, '2020-01-01') IS NULL AS nobody, lifecycle_stage(l, NULL) IS NULL AS never, lifecycle_stage(l, '2020-01-01', NULL) IS NULL AS unknown,
	lifecycle_stage(ledger(), '2020-01-01'), lifecycle_stage(ledger('2020-01-01', cogs => 5), '2020-01-01') AS costs_only FROM life;
-- values of the type are written as usual
SELECT lifecycle_stage('new'), 'won_back'::lifecycle_stage, enum_range(NULL::lifecycle_stage);

-- against plain SQL, on many ledgers at many dates; what comes later does not matter
CREATE TABLE bought AS
SELECT c AS id, date '2020-01-01' + (c * 7919 + i * i * 10477) % 1500 AS day, (c * i) % 5 - 1 AS amount
FROM generate_series(1, 400) c, generate_series(1, 8) i WHERE i <= 1 + c % 8;
CREATE TABLE ledgers AS SELECT id, total(ledger(day, revenue => amount, service => 1)) AS l FROM bought GROUP BY id;
CREATE FUNCTION stage(who int, as_of date, new_for int, active_for int, lapsed_after int) RETURNS text LANGUAGE sql STABLE AS $$
	WITH days AS (SELECT DISTINCT day FROM bought WHERE id = who AND amount > 0 AND day <= as_of),
		gaps AS (SELECT day, day - lag(day) OVER (ORDER BY day) AS gap FROM days)
	SELECT CASE
		WHEN count(*) = 0 THEN 'prospect'
		WHEN as_of - max(day) > lapsed_after THEN 'lapsed'
		WHEN as_of - max(day) > active_for THEN 'at_risk'
		WHEN bool_or(gap > lapsed_after AND as_of - day <= new_for) THEN 'won_back'
		WHEN as_of - min(day) <= new_for THEN 'new'
		ELSE 'active' END FROM gaps
$$;
CREATE TABLE compared AS
SELECT id, d, t, lifecycle_stage(l, d, new_for, active_for, lapsed_after) AS stage, stage(id, d, new_for, active_for, lapsed_after) AS expected,
	lifecycle_stage(l * daterange(NULL, d + 1), d, new_for, active_for, lapsed_after) AS without_future
FROM ledgers, generate_series(date '2020-02-01', '2024-02-01', '7 months') s, LATERAL (SELECT s::date AS d) x,
	(VALUES (1, 90, 180, 365), (2, 30, 40, 50), (3, 200, 100, 200)) w(t, new_for, active_for, lapsed_after);
SELECT t, count(*), count(*) FILTER (WHERE stage::text IS DISTINCT FROM expected) AS wrong, count(*) FILTER (WHERE stage IS DISTINCT FROM without_future) AS future,
	count(DISTINCT stage) AS stages FROM compared GROUP BY t ORDER BY t;

-- usable where only immutable functions are
CREATE TABLE rated (id int, l ledger, stage lifecycle_stage GENERATED ALWAYS AS (lifecycle_stage(l, '2022-12-31')) STORED,
	CHECK (lifecycle_stage(l, '2022-12-31') >= 'prospect'));
CREATE INDEX ON rated (lifecycle_stage(l, '2022-12-31'));
INSERT INTO rated SELECT id, l FROM ledgers;
SELECT stage, count(*) FROM rated GROUP BY stage ORDER BY stage;
-- a growing ledger that somebody's own aggregate handed out; a parallel plan
CREATE AGGREGATE growing(ledger) (SFUNC = ledger_accum, STYPE = ledger);
SELECT count(*) FILTER (WHERE lifecycle_stage(g, '2022-12-31') <> stage) AS differ, count(*)
FROM rated JOIN (SELECT id, growing(ledger(day, revenue => amount)) AS g FROM bought GROUP BY id) q USING (id);
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT lifecycle_stage(l, '2022-12-31') AS stage, count(*) FROM ledgers GROUP BY 1 ORDER BY 1;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- errors
\set VERBOSITY default
SELECT lifecycle_stage(l, 'infinity') FROM life;
SELECT lifecycle_stage(l, '2020-01-01', 90, 365, 365) FROM life;
\set VERBOSITY terse
SELECT lifecycle_stage(l, '-infinity') FROM life;
SELECT lifecycle_stage(l, '2020-01-01', 0) FROM life;
SELECT lifecycle_stage(l, '2020-01-01', 366) FROM life;
SELECT lifecycle_stage(l, '2020-01-01', active_for => 0) FROM life;
SELECT lifecycle_stage(l, '2020-01-01', lapsed_after => -5) FROM life;

DROP AGGREGATE growing(ledger);
DROP TABLE life, ledgers, bought, compared, rated;
DROP FUNCTION stage;
