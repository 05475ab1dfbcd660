-- Cohorts by first purchase, period by period.
SET search_path = public, customer_value;
\pset null (null)

CREATE FUNCTION noise(i int, j int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT (hashint8extended(i::bigint * 1000 + j, 8) & 1073741823) / 1073741824.0
$$;

-- by hand: acquisition before the first purchase, a free first order, a return, somebody who never bought
CREATE TABLE few (name text, l ledger);
INSERT INTO few VALUES
	('advertised to', '{"days": {"2023-12-20": {"acquisition": 30}, "2024-01-31": {"purchases": 1, "revenue": 100, "cogs": 60}, "2024-03-01": {"purchases": 1, "revenue": 50}}}'),
	('free sample', '{"days": {"2024-01-01": {"purchases": 1, "cogs": 5}, "2024-02-29": {"purchases": 2, "revenue": 80}}}'),
	('sent back', '{"days": {"2024-02-10": {"purchases": 1, "revenue": 40}, "2024-03-10": {"revenue": -40}}}'),
	('never bought', '{"days": {"2024-01-05": {"marketing": 7}}}'),
	('too late', '{"days": {"2024-04-01": {"purchases": 1, "revenue": 9}}}'),
	('nobody', '{}'), ('unknown', NULL);
SELECT c.* FROM (SELECT cohorts(l, 'month', '2024-03-31') AS c FROM few) t, unnest(c) c;
-- March is not over on the day before its last
SELECT c.cohort, c.age, c.active, c.revenue FROM (SELECT cohorts(l, 'month', '2024-03-30') AS c FROM few) t, unnest(c) c;
SELECT c.cohort, c.age, c.active, c.revenue, c.profit FROM (SELECT cohorts(l, 'quarter', '2024-07-01') AS c FROM few) t, unnest(c) c;
SELECT c.cohort, c.age, c.active, c.revenue, c.profit FROM (SELECT cohorts(l, 'year', '2024-12-31') AS c FROM few) t, unnest(c) c;
SELECT c.cohort, count(*) AS ages, sum(c.active) AS active, sum(c.revenue) AS revenue FROM (SELECT cohorts(l, 'week', '2024-04-07') AS c FROM few) t, unnest(c) c GROUP BY 1 ORDER BY 1;
SELECT c.cohort, c.age, c.customers, c.active, c.revenue FROM (SELECT cohorts(l, 'day', '2024-03-11') AS c FROM few) t, unnest(c) c WHERE c.active > 0 OR c.revenue <> 0 OR c.age < 1;
SELECT c.cohort, c.age, round(c.retention, 2) AS retention FROM (SELECT cohorts(l, 'month', '2024-03-31') AS c FROM few) t, unnest(c) c \crosstabview
-- no period is over; nobody bought; nobody
SELECT cohorts(l, 'month', '2024-01-30') AS not_over FROM few;
SELECT cohorts(l, 'year', '2025-12-31') AS never_bought FROM few WHERE name IN ('never bought', 'nobody', 'unknown');
SELECT cohorts(l, 'year', '2025-12-31') AS no_rows FROM few WHERE false;
-- days before our era, and at the ends of the calendar
SELECT c.cohort, c.age, c.active FROM (SELECT cohorts(l, unit, '0002-02-01 BC') AS c FROM (VALUES (ledger('0004-12-31 BC', revenue => 1) + ledger('0002-01-01 BC', revenue => 1))) v(l), unnest('{week,month,quarter,year}'::text[]) unit GROUP BY unit) t, unnest(c) c WHERE c.active > 0;
SELECT cohorts(ledger(day::timestamp, revenue => 1), 'year', as_of) FROM (VALUES ('4714-11-24 BC', '4713-12-31 BC'::date)) v(day, as_of);
SELECT cohorts(l, 'year', '5874897-12-31'::date) FROM (VALUES ('{"days": {"5874897-01-01": {"purchases": 1}}}'::ledger)) v(l);

-- random customers, against plain SQL over the entries
CREATE TABLE ledgers AS
SELECT i / 10 AS customer_id, i / 10 % 3 AS branch, total(ledger(date '2021-03-01' + floor((noise(i, 1) + noise(i / 10, 9)) * 500)::int,
	revenue => CASE WHEN noise(i, 2) < 0.1 THEN -1 WHEN noise(i, 2) > 0.2 THEN 1 END * round((noise(i, 3) * 300)::numeric, 2), marketing => round((noise(i, 4) * 90)::numeric, 2))) AS l
FROM generate_series(0, 4999) i WHERE noise(i, 5) < noise(i / 10, 6) GROUP BY 1, 2;
CREATE FUNCTION slowly(unit text, as_of date) RETURNS SETOF cohort_cell LANGUAGE sql STABLE AS $$
	WITH first AS (SELECT customer_id, min(day) AS day FROM ledgers, entries(l) WHERE purchases > 0 GROUP BY 1),
		member AS (SELECT customer_id, day AS first_day, date_trunc(unit, day)::date AS cohort FROM first WHERE (date_trunc(unit, day) + ('1 ' || replace(unit, 'quarter', 'month'))::interval * CASE unit WHEN 'quarter' THEN 3 ELSE 1 END)::date <= as_of + 1),
		period AS (SELECT p::date AS period, row_number() OVER (ORDER BY p) AS n FROM generate_series(date_trunc(unit, date '2021-01-01'), as_of, ('1 ' || replace(unit, 'quarter', 'month'))::interval * CASE unit WHEN 'quarter' THEN 3 ELSE 1 END) p
			WHERE (p + ('1 ' || replace(unit, 'quarter', 'month'))::interval * CASE unit WHEN 'quarter' THEN 3 ELSE 1 END)::date <= as_of + 1),
		booked AS (SELECT m.cohort, m.customer_id, date_trunc(unit, greatest(e.day, m.first_day))::date AS period, bool_or(e.purchases > 0) AS bought,
				coalesce(sum(e.amount) FILTER (WHERE account = 'revenue'), 0) AS revenue, sum(CASE account WHEN 'revenue' THEN e.amount ELSE -e.amount END) AS profit
			FROM member m JOIN ledgers USING (customer_id), entries(l) e GROUP BY 1, 2, 3),
		cell AS (SELECT s.cohort, (p.n - f.n)::int AS age, s.customers, p.period FROM (SELECT cohort, count(*) AS customers FROM member GROUP BY 1) s
			JOIN period f ON f.period = s.cohort JOIN period p ON p.n >= f.n),
		figure AS (SELECT c.cohort, c.age, c.customers, count(*) FILTER (WHERE b.bought) AS active, coalesce(sum(b.revenue), 0) AS revenue, coalesce(sum(b.profit), 0) AS profit
			FROM cell c LEFT JOIN booked b USING (cohort, period) GROUP BY 1, 2, 3)
	SELECT cohort, age, customers, active, active::numeric / customers, revenue, revenue / CASE WHEN first_value(revenue) OVER (PARTITION BY cohort ORDER BY age) > 0 THEN first_value(revenue) OVER (PARTITION BY cohort ORDER BY age) END, profit
	FROM figure ORDER BY cohort, age
$$;
SELECT unit, as_of, array_length(c, 1) AS cells, c = ARRAY(SELECT s FROM slowly(unit, as_of) s) AS same
FROM (SELECT unit, as_of, cohorts(l, unit, as_of) AS c FROM ledgers, unnest('{week, month, quarter, year}'::text[]) unit, unnest('{2022-12-31, 2022-12-30, 2023-06-15}'::date[]) as_of GROUP BY 1, 2) t ORDER BY 1, 2;
-- the triangle has everything of its customers up to then
SELECT sum(c.profit) = (SELECT sum(profit(l, '(,2022-12-31]')) FROM ledgers WHERE first_purchase(l) <= '2022-12-31') AS profit, sum(c.customers) FILTER (WHERE c.age = 0) = (SELECT count(*) FROM ledgers WHERE first_purchase(l) <= '2022-12-31') AS customers
FROM (SELECT cohorts(l, 'month', '2022-12-31') AS c FROM ledgers) t, unnest(c) c;
-- retention of revenue by cohort is the other statement
SELECT bool_and((r).revenue_before = a.revenue AND (r).revenue_after + (r).revenue_new = b.revenue) AS same, count(*)
FROM (SELECT date_trunc('year', first_purchase(l))::date AS cohort, revenue_retention(revenue(l * daterange('2021-01-01', '2022-01-01')), revenue(l * daterange('2022-01-01', '2023-01-01'))) AS r
	FROM ledgers WHERE first_purchase(l) < '2022-01-01' AND least(revenue(l * daterange('2021-01-01', '2022-01-01')), revenue(l * daterange('2022-01-01', '2023-01-01'))) >= 0 GROUP BY 1) t
JOIN (SELECT c.* FROM (SELECT cohorts(l, 'year', '2022-12-31') AS c FROM ledgers WHERE least(revenue(l * daterange('2021-01-01', '2022-01-01')), revenue(l * daterange('2022-01-01', '2023-01-01'))) >= 0) t, unnest(c) c) a ON a.cohort = t.cohort AND a.age = 0
JOIN (SELECT c.* FROM (SELECT cohorts(l, 'year', '2022-12-31') AS c FROM ledgers WHERE least(revenue(l * daterange('2021-01-01', '2022-01-01')), revenue(l * daterange('2022-01-01', '2023-01-01'))) >= 0) t, unnest(c) c) b ON b.cohort = t.cohort AND b.age = 1;

-- any order, any plan, any number of workers: the same bytes
CREATE TABLE results (how text, c cohort_cell[]);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', cohorts(l, 'month', '2022-12-31') FROM ledgers;
INSERT INTO results SELECT 'sorted', cohorts(l, 'month', '2022-12-31' ORDER BY profit(l)) FROM ledgers;
INSERT INTO results SELECT 'growing', c FROM (SELECT customer_id, cohorts(l, 'month', '2022-12-31') OVER (ORDER BY customer_id / 200) AS c FROM ledgers) t ORDER BY customer_id DESC LIMIT 1;
INSERT INTO results SELECT 'still being added up', cohorts(l, 'month', '2022-12-31') FROM (SELECT total(l) OVER (PARTITION BY customer_id) AS l FROM ledgers) t;
ANALYZE ledgers;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT cohorts(l, 'month', '2022-12-31') FROM ledgers;
INSERT INTO results SELECT 'parallel', cohorts(l, 'month', '2022-12-31') FROM ledgers;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET parallel_leader_participation;
SELECT count(*) AS ways, count(DISTINCT array_send(c)) AS triangles FROM results;

-- errors
SELECT cohorts(l, 'moon', '2022-12-31') FROM ledgers;
SELECT cohorts(l, NULL, '2022-12-31') FROM ledgers;
SELECT cohorts(l, 'month', NULL) FROM ledgers;
SELECT cohorts(l, 'month', 'infinity') FROM ledgers;
SELECT cohorts(l, 'month', first_day(l)) FROM ledgers;
SELECT cohorts(l, CASE customer_id % 2 WHEN 0 THEN 'month' ELSE 'year' END, '2022-12-31') FROM ledgers;
SELECT cohorts(ledger('2000-01-01', revenue => 1), 'day', '9999-12-31');
SELECT cohorts(ledger('2024-01-01', revenue => 1, currency => c), 'year', '2024-12-31') FROM unnest('{USD,EUR,USD}'::text[]) c;
SELECT cohorts(ledger('2024-01-01', revenue => 1, currency => c), 'year', '2024-12-31') FROM unnest('{USD,NULL}'::text[]) c;
SELECT cohorts(ledger('2024-01-01', revenue => r, selling => 1, currency => c), 'year', '2024-12-31') AS one_that_counts FROM (VALUES ('USD', 1), ('EUR', NULL)) v(c, r);

DROP TABLE few, ledgers, results;
DROP FUNCTION noise, slowly;
