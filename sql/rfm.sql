-- The type rfm: from numbers and from ledgers, its fields, text, binary, comparison.

SET search_path = public, customer_value;
SET datestyle = ISO;
\pset null (null)

-- from numbers
SELECT rfm(2, 30.43, 38.86, 22.35, 'week');
SELECT rfm(2, 30.43, 38.86), rfm(0, 0, 38.86, unit => 'day'), rfm(0, 0, 0, 0);
SELECT rfm(1, 5, 5, -3.5) AS recency_may_be_age_and_money_lost, rfm(-0.0::float8, '-0', '-0', '-0') AS minus_zero;
SELECT rfm(frequency => x, recency => t_x, age => t) FROM (VALUES (NULL, 1, 2), (1, NULL, 2), (1, 1, NULL)) v(x, t_x, t);

-- its fields
SELECT h, frequency(h), recency(h), age(h), inactivity(h), monetary(h), unit(h), monetary_basis(h)
FROM (VALUES (rfm(2, 30, 38.5, 22.35, 'week')), (rfm(0, 0, 3, 0)), (rfm(3, 1, 2, unit => 'year')), (NULL),
	(rfm(ledger('2024-01-01', revenue => 1), '2024-01-03', 'day', monetary => 'contribution'))) v(h);

-- from a ledger: a purchase, a return and a cost after it, a free order, a day after as_of
CREATE TABLE booked AS
SELECT total(l) AS l FROM (VALUES
	(ledger('2023-12-30', marketing => 7, acquisition => 50)),
	(ledger('2024-01-01', revenue => 100, cogs => 60)),
	(ledger('2024-01-03', revenue => -20, service => 4)),
	(ledger('2024-01-15', revenue => 80, discount => 8, cogs => 40, overhead => 30)),
	(ledger('2024-01-20', revenue => -30)),
	(ledger('2024-01-29', purchases => 1, delivery => 5)),
	(ledger('2024-02-10', revenue => -2.50, acquisition => 1)),
	(ledger('2024-03-04', revenue => 1000))) v(l);
SELECT rfm(l, as_of => '2024-02-29', unit => 'day') FROM booked;
-- by hand: (80 - 8 - 30 + 0 - 2.50) / 2, and with costs (80 - 8 - 40 - 30 - 5 - 2.50) / 2
SELECT monetary(rfm(l, '2024-02-29', 'day')) AS net_revenue, monetary(rfm(l, '2024-02-29', 'day', monetary => 'contribution')) AS contribution FROM booked;
SELECT unit(h), frequency(h), recency(h), age(h), recency(h) * days AS recency_days, age(h) * days AS age_days
FROM booked, (VALUES ('day', 1), ('week', 7), ('month', 365.25 / 12), ('year', 365.25)) u(unit, days), rfm(l, '2024-02-29', u.unit) AS h;

-- as_of and since belong to the days that count
SELECT as_of, rfm(l, as_of, 'day') FROM booked, (VALUES (date '2023-12-31'), ('2024-01-01'), ('2024-01-14'), ('2024-01-15'), ('2024-01-19'), ('2024-01-20'), ('2024-03-04')) v(as_of) ORDER BY 1;
SELECT since, rfm(l, '2024-03-31', 'day', since) FROM booked, (VALUES (NULL), (date '-infinity'), ('2024-01-01'), ('2024-01-02'), ('2024-01-15'), ('2024-01-16'), ('2024-03-04'), ('2024-03-05'), ('2024-06-01'), ('infinity')) v(since) ORDER BY 1 NULLS FIRST;
-- the same as of the part of the ledger
SELECT count(*) AS windows, count(*) FILTER (WHERE rfm(l, b, 'week', a) IS DISTINCT FROM rfm(l * daterange(a, b, '[]'), b, 'week')) AS wrong
FROM booked, generate_series(-10, 80) AS m, generate_series(0, 40) AS n, LATERAL (SELECT date '2024-01-01' + m, date '2024-01-01' + m + n) AS w(a, b);

-- no purchase, no customer; a purchase taken back is none
SELECT rfm(ledger(), '2024-01-01', 'day'), rfm(ledger('2024-01-01', cogs => 5), '2024-02-01', 'day') AS cost_only,
	rfm(ledger('2024-01-01', revenue => 5) - ledger('2024-01-01', revenue => 5), '2024-02-01', 'day') AS taken_back,
	rfm(ledger('2024-01-01', revenue => -5, purchases => -1), '2024-02-01', 'day') AS less_than_none,
	rfm(NULL::ledger, '2024-01-01', 'day') AS no_ledger, rfm(ledger('2024-01-01', revenue => 5), NULL, 'day') AS no_date;

-- five purchases on one day are one occasion
SELECT rfm(ledger('2024-01-01', revenue => 10, purchases => 5) + ledger('2024-01-02', revenue => 30, purchases => 3), '2024-01-02', 'day');

-- money is summed exactly: cents beside 10^22, which doubles do not hold
SELECT monetary(rfm(ledger('2024-01-01', revenue => 1) + ledger('2024-01-02', revenue => 10000000000000000000000)
	+ ledger('2024-01-03', revenue => 0.07) + ledger('2024-01-04', revenue => -10000000000000000000000), '2024-01-05', 'day'));

-- the whole range of dates
SELECT rfm('{"days": {"4714-11-24 BC": {"purchases": 1}}}'::ledger, '2024-01-01', 'day');
SELECT rfm(ledger('4714-11-24 BC', revenue => 1) + '{"days": {"5874897-12-31": {"purchases": 1, "revenue": 3}}}', '5874897-12-31', 'year');

-- Random customers against plain SQL that knows nothing of ledgers.
SELECT setseed(0.5);
CREATE TABLE rows AS
SELECT c AS customer_id, (date '2020-01-01' + (random() * 1200)::int) AS day,
	CASE WHEN random() < 0.7 THEN round((random() * 200)::numeric, 2) WHEN random() < 0.6 THEN -round((random() * 50)::numeric, 2) END AS revenue,
	CASE WHEN random() < 0.3 THEN round((random() * 20)::numeric, 2) END AS discount,
	CASE WHEN random() < 0.5 THEN round((random() * 90)::numeric, 4) END AS cogs,
	CASE WHEN random() < 0.2 THEN round((random() * 9)::numeric, 2) END AS service,
	CASE WHEN random() < 0.1 THEN 50.25 END AS acquisition,
	CASE WHEN random() < 0.1 THEN 33.10 END AS overhead,
	(c + n) % 7 = 0 AS is_free
FROM generate_series(1, 400) AS c, generate_series(1, 30) AS n WHERE n <= 1 + c % 30;

CREATE FUNCTION slow_rfm(as_of date, since date, basis text)
RETURNS TABLE (customer_id int, repeats bigint, days_to_last int, days_to_end int, mean numeric) LANGUAGE sql AS $$
	WITH days AS (
		SELECT r.customer_id, r.day, bool_or(revenue > 0 OR is_free) AS bought,
			sum(coalesce(revenue, 0) - coalesce(discount, 0)
				- CASE basis WHEN 'contribution' THEN coalesce(cogs, 0) + coalesce(service, 0) ELSE 0 END) AS value
		FROM rows r WHERE r.day <= as_of AND (since IS NULL OR r.day >= since) GROUP BY 1, 2
	), numbered AS (
		SELECT *, count(*) FILTER (WHERE bought) OVER (PARTITION BY d.customer_id ORDER BY d.day) AS occasion FROM days d
	), occasions AS (
		SELECT n.customer_id, occasion, min(n.day) AS day, sum(value) AS value FROM numbered n WHERE occasion > 0 GROUP BY 1, 2
	)
	SELECT o.customer_id, count(*) - 1, max(o.day) - min(o.day), as_of - min(o.day), coalesce(avg(value) FILTER (WHERE occasion > 1), 0)
	FROM occasions o GROUP BY 1
$$;
CREATE TABLE customers AS
SELECT customer_id, total(ledger(day, revenue => revenue, discount => discount, cogs => cogs, service => service,
	acquisition => acquisition, overhead => overhead, purchases => CASE WHEN is_free THEN 1 END)) AS l
FROM rows GROUP BY 1;

CREATE TABLE questions AS
SELECT row_number() OVER () AS question, * FROM (VALUES (date '2021-01-01'), ('2022-06-30'), ('2023-12-31')) a(as_of),
	(VALUES (NULL), (date '2020-10-15'), ('2022-01-01')) s(since), (VALUES ('net_revenue'), ('contribution')) b(basis);
CREATE TABLE answers AS
SELECT rfm(l, as_of, unit, since, basis) AS h, unit, days, basis, slow.*
FROM questions CROSS JOIN customers CROSS JOIN (VALUES ('day', 1::float8), ('week', 7), ('month', 365.25 / 12), ('year', 365.25)) u(unit, days)
	LEFT JOIN (SELECT question, s.* FROM questions, slow_rfm(as_of, since, basis) s) slow USING (question, customer_id);
SELECT count(*) AS answers, count(*) FILTER (WHERE h IS NULL) BETWEEN 1000 AND 10000 AS some_are_null,
	count(*) FILTER (WHERE (h IS NULL) <> (repeats IS NULL)) AS wrong_null,
	count(*) FILTER (WHERE frequency(h) IS DISTINCT FROM repeats OR recency(h) IS DISTINCT FROM days_to_last / days OR age(h) IS DISTINCT FROM days_to_end / days) AS wrong_times,
	count(*) FILTER (WHERE abs(monetary(h) - mean::float8) > 4e-16 * abs(mean::float8)) AS wrong_money,
	count(*) FILTER (WHERE unit(h) <> unit OR monetary_basis(h) <> basis) AS wrong_names
FROM answers;

-- a growing ledger, which a user's own aggregate may leave behind, says the same
CREATE AGGREGATE growing(ledger) (SFUNC = ledger_accum, STYPE = ledger);
SELECT count(*) AS customers, count(*) FILTER (WHERE rfm(g, '2022-06-30', 'week') IS DISTINCT FROM rfm(l, '2022-06-30', 'week')) AS wrong
FROM customers JOIN (SELECT customer_id, growing(ledger(day, revenue => revenue, discount => discount, cogs => cogs, service => service,
	acquisition => acquisition, overhead => overhead, purchases => CASE WHEN is_free THEN 1 END)) AS g FROM rows GROUP BY 1) s USING (customer_id);
DROP AGGREGATE growing(ledger);

-- text and binary come back
CREATE TABLE histories AS
SELECT customer_id, h FROM answers
UNION ALL SELECT n, rfm(n % 5, CASE WHEN n % 5 > 0 THEN n / 3.0 ELSE 0 END, n / 2.0, CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN 0 ELSE sign(n % 5) * n / 7.0 END,
	CASE WHEN n % 2 = 0 THEN 'month' END) FROM generate_series(1, 300) AS n;
SELECT count(*) FILTER (WHERE h::text::rfm IS DISTINCT FROM h) AS wrong_text,
	count(*) FILTER (WHERE h IS DISTINCT FROM rfm(frequency(h), recency(h), age(h), monetary(h), unit(h)) AND monetary_basis(h) IS NULL) AS wrong_numbers,
	count(DISTINCT h) = count(DISTINCT rfm_send(h)) AS one_form FROM histories;
SELECT '{"frequency": 2, "recency": 30.428571428571427, "age": 38.857142857142854, "monetary": 22.345, "unit": "week", "basis": "net_revenue"}'::rfm;
SELECT E' {"age":3e0 ,\n"recency":2.50,\t"frequency":1.0, "unit":"day"}'::rfm, rfm '{"frequency":0,"recency":-0,"age":0.1}';
SELECT rfm_send(rfm(2, 1.5, 3, -0.25, 'week'));

-- comparison: equal numbers, units and bases are equal, and nothing else
SELECT a = b AS eq, a <> b AS ne, a < b OR a > b AS ordered, (a < b) = (b > a) AS commutes, (a <= b) = NOT (a > b) AS negates,
	rfm_cmp(a, b) = -rfm_cmp(b, a) AS antisymmetric, a = a AND a <= a AND a >= a AND NOT a < a AS reflexive
FROM (VALUES (rfm(1, 2, 3), rfm(1, 2, 3)), (rfm(1, 2, 3), rfm(1, 2, 3, 0)), (rfm(1, 2, 3), rfm(1, 2, 3, unit => 'day')),
	(rfm(1, 2, 3, 1), rfm(1, 2, 3, 2)), (rfm(0, 0, 3, 0), rfm(0, 0, 3, -0.0)),
	(rfm(0, 0, 0, 0, 'day'), rfm(ledger('2024-01-01', revenue => 1), '2024-01-01', 'day'))) v(a, b);
SELECT h FROM (VALUES (rfm(2, 1, 3)), (rfm(10, 1, 3)), (rfm(2, 1, 3, -1)), (rfm(2, 1, 30)), (rfm(2, 2, 3)), (rfm(0, 0, 9, unit => 'day'))) v(h) ORDER BY h;
SELECT count(DISTINCT h::text) > 10000 AS many, count(DISTINCT h) = count(DISTINCT h::text) AS distinct_sorted FROM histories;
SET enable_sort = off;
SELECT count(*) = (SELECT count(DISTINCT h::text) FROM histories) AS distinct_hashed FROM (SELECT h FROM histories WHERE h IS NOT NULL GROUP BY h) s;
RESET enable_sort;
SET enable_mergejoin = off;
SET enable_nestloop = off;
SELECT count(*) = (SELECT count(h) FROM histories) AS hash_joined FROM (SELECT DISTINCT h FROM histories) a JOIN histories b USING (h);
RESET enable_mergejoin;
SET enable_hashjoin = off;
SELECT count(*) = (SELECT count(h) FROM histories) AS merge_joined FROM (SELECT DISTINCT h FROM histories) a JOIN histories b USING (h);
RESET enable_hashjoin;
RESET enable_nestloop;
CREATE INDEX ON histories USING btree (h);
CREATE INDEX ON histories USING hash (h);
SET enable_seqscan = off;
SELECT count(*) AS by_index FROM histories WHERE h = rfm(1, 1 / 3.0, 0.5, 0);
RESET enable_seqscan;
SELECT count(*) FILTER (WHERE rfm_hash_extended(h, 0)::bit(32) <> rfm_hash(h)::bit(32)) AS seed_zero_is_not_plain FROM histories;

-- stored beside odd bytes, it is still where its doubles can be read
CREATE TABLE beside (a bool, h rfm, b text, g rfm);
INSERT INTO beside SELECT true, h, repeat('x', customer_id % 9), h FROM histories;
SELECT count(*) FILTER (WHERE h IS DISTINCT FROM g) AS wrong, count(h) = sum((age(g) >= 0)::int) AS readable FROM beside;
SELECT pg_column_size(rfm(1, 1, 1)) AS bytes;
SELECT array_agg(h ORDER BY h) FROM (VALUES (rfm(2, 1, 3)), (rfm(1, 1, 3))) v(h);

-- errors of the numbers
SELECT rfm(2, 30, 20);
SELECT rfm(0, 3, 20);
SELECT rfm(3, 0, 20);
SELECT rfm(1.5, 1, 20);
SELECT rfm(-1, 1, 20);
SELECT rfm(1e17, 1, 20);
SELECT rfm(1, -1, 20);
SELECT rfm(0, 0, -1);
SELECT rfm(0, 0, 5, 10);
SELECT rfm(1, 1, 'infinity');
SELECT rfm(1, 1, 2, 'NaN');
SELECT rfm(1, 1, 2, 3, 'fortnight');
SELECT rfm(1, 1, 2, 3, 'Week');

-- errors of the ledger's
SELECT rfm(l, as_of => 'infinity', unit => 'week') FROM booked;
SELECT rfm(l, as_of => '-infinity', unit => 'week') FROM booked;
SELECT rfm(l, as_of => '2024-01-31', unit => 'weeks') FROM booked;
SELECT rfm(l, as_of => '2024-01-31', unit => NULL) FROM booked;
SELECT rfm(l, as_of => '2024-01-31', unit => 'week', monetary => 'revenue') FROM booked;
SELECT rfm(l, as_of => '2024-01-31', unit => 'week', monetary => NULL) FROM booked;
SELECT rfm(l, as_of => '2024-01-31') FROM booked;

-- errors of the text form
SELECT ''::rfm;
SELECT '[2, 1, 3]'::rfm;
SELECT '{"frequency": 2, "recency": 1}'::rfm;
SELECT '{"frequency": 2, "recency": 1, "age": 3, "age": 3}'::rfm;
SELECT '{"frequency": 2, "recency": 1, "age": 3, "T": 3}'::rfm;
SELECT '{"frequency": 2, "recency": 1, "age": 3,}'::rfm;
SELECT '{"frequency": 2, "recency": 1, "age": "3"}'::rfm;
SELECT '{"frequency": 2, "recency": 1, "age": 1e999}'::rfm;
SELECT '{"frequency": 2, "recency": 1, "age": 3, "unit": "weeks"}'::rfm;
SELECT '{"frequency": 2, "recency": 1, "age": 3, "monetary": 5, "basis": "given"}'::rfm;
SELECT '{"frequency": 2, "recency": 1, "age": 3, "basis": "net_revenue"}'::rfm;
SELECT '{"frequency": 2, "recency": 4, "age": 3}'::rfm;
-- PostgreSQL 16 and later can ask whether a text is good without an error
SELECT current_setting('server_version_num')::int >= 160000 AS soft \gset
\set check true
\if :soft
\set check 'NOT pg_input_is_valid(''{"frequency": 2}'', ''rfm'') AND NOT pg_input_is_valid(''{"frequency": 2, "recency": 4, "age": 3}'', ''rfm'') AND pg_input_is_valid(''{"frequency": 2, "recency": 1, "age": 3}'', ''rfm'')'
\endif
SELECT :check AS soft_errors;
-- and their codes
\set VERBOSITY sqlstate
SELECT rfm(2, 30, 20);
SELECT rfm(1, 1, 2, 3, 'fortnight');
SELECT rfm(l, as_of => 'infinity', unit => 'week') FROM booked;
SELECT rfm(l, as_of => '2024-01-31', unit => NULL) FROM booked;
SELECT rfm(l, as_of => '2024-01-31', unit => 'week', monetary => 'revenue') FROM booked;
SELECT ''::rfm;
\set VERBOSITY default

DROP TABLE booked, rows, customers, questions, answers, histories, beside;
DROP FUNCTION slow_rfm;
