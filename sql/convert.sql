-- convert(): a ledger in another currency, at each day's rate.
CREATE SCHEMA converted;
SET search_path = converted, public, customer_value;

-- small enough to see
SELECT convert(ledger('2024-01-05', revenue => 120.50, cogs => 61.25, currency => 'USD') + ledger('2024-02-11', service => 15, currency => 'USD'),
	'EUR', '{"USD": {"2024-01-05": 0.9051, "2024-02-11": 0.93}}');
SELECT exchange_rates(currency, day, rate) FROM (VALUES ('USD', date '2024-01-05', 0.9051), ('GBP', '2024-01-05', 1.1601), ('USD', '2024-01-04', 0.91300), ('USD', '2024-01-04', 0.913), ('CHF', '2024-01-05', NULL)) r(currency, day, rate);
SELECT exchange_rates(NULL, NULL, NULL), exchange_rates('USD', '2024-01-05', NULL) FROM generate_series(1, 3);
SELECT exchange_rates('USD', '2024-01-05', 1) FROM generate_series(1, 3) WHERE false;
SELECT exchange_rates('USD', day, rate) FROM (VALUES (date '0044-03-15 BC', 2), ('4714-11-24 BC', 1e3), ('5874897-12-31', 1e-10), ('12345-01-01', 0.10)) r(day, rate);

-- half away from zero
SELECT convert(ledger('2024-01-05', revenue => 1.005, cogs => -1.005, service => 0.004999, currency => 'USD'), 'EUR', '{"USD": {"2024-01-05": 1}}');
SELECT d, convert(ledger('2024-01-05', revenue => 5.555555, cogs => -0.5, delivery => 0.000001, currency => 'USD'), 'EUR', '{"USD": {"2024-01-05": 0.5}}', d) FROM generate_series(0, 6) d;
-- what is rounded to nothing is gone, purchases stay, and days without money need no rate
SELECT convert(ledger('2024-01-05', revenue => 0.01, currency => 'USD'), 'EUR', '{"USD": {"2024-01-05": 0.1}}');
SELECT convert(ledger('2024-01-05', revenue => 0.01, purchases => 0, currency => 'USD'), 'EUR', '{"USD": {"2024-01-05": 0.1}}');
SELECT convert(ledger('2024-01-05', purchases => 3, currency => 'JPY'), 'EUR', '{}');
-- already there; zero; NULL
SELECT convert(ledger('2024-01-05', revenue => 0.123456, currency => 'EUR'), 'EUR', '{}'), convert(ledger(), 'EUR', '{}'), convert(NULL::ledger, 'EUR', '{}') IS NULL AS "null",
	convert(ledger(), 'EUR', NULL) IS NULL AS no_rates;
-- the largest amounts and the longest rates take another way
SELECT convert(ledger('2024-01-05', revenue => 99999999999999999999999, cogs => -12345678901234567890.123456, currency => 'USD'), 'EUR', '{"USD": {"2024-01-05": 0.123456789012345678901234567890}}', 6);
SELECT convert(ledger('2024-01-05', revenue => 99999999999999999999999, currency => 'USD'), 'EUR', '{"USD": {"2024-01-05": 1.0000000000000000000000001}}');
SELECT convert(ledger('2024-01-05', revenue => 9223372036854.775807, cogs => 9223372036854.775808, currency => 'USD'), 'EUR', '{"USD": {"2024-01-05": 0.000000999999999999}}', 6);
SELECT convert(ledger('2024-01-05', revenue => 9223372036854.775807, currency => 'USD'), 'EUR', ('{"USD": {"2024-01-05": ' || r || '}}')::jsonb) FROM (VALUES ('4611686018'), ('1e9'), ('0.500000000000000000')) v(r);

-- pseudo-random ledgers of four currencies against plain SQL, the slow way
CREATE FUNCTION dice(seed text, sides int) RETURNS int LANGUAGE sql IMMUTABLE AS
	$$SELECT ('x' || substr(md5(seed), 1, 7))::bit(28)::int % sides$$;
CREATE TABLE rate AS
SELECT currency, date '1969-06-01' + n AS day, round((1 + dice('rate' || currency || n, 1000000)) / (ARRAY[1000000.0, 7, 1e12])[1 + dice('size' || currency || n, 3)], (ARRAY[6, 4, 18, 30])[1 + dice('scale' || currency || n, 4)]) AS rate
FROM unnest('{USD, GBP, JPY}'::text[]) currency, generate_series(0, 399) n;
UPDATE rate SET rate = 0.5 WHERE rate = 0 OR dice('half' || currency || day, 3) = 0;
CREATE TABLE booked AS
SELECT customer, date '1969-06-01' + dice('day' || customer || '.' || n, 400) AS day,
	(enum_range(NULL::ledger_account))[1 + dice('account' || customer || '.' || n, 12)] AS account,
	(dice('amount' || customer || '.' || n, 2000000) - 400000) * CASE dice('big' || customer || '.' || n, 20) WHEN 0 THEN 1e11 ELSE 1 END
		/ (ARRAY[1.0, 100, 100, 1e6])[1 + dice('unit' || customer || '.' || n, 4)] AS amount,
	dice('purchases' || customer || '.' || n, 4) - 1 AS purchases,
	(ARRAY['USD', 'GBP', 'JPY', 'EUR'])[1 + customer % 4] AS currency
FROM generate_series(1, 200) customer, generate_series(1, 15) n;
CREATE TABLE ledgers AS SELECT customer, total(ledger_entry(day, account, round(amount, 6), purchases, currency)) AS l FROM booked GROUP BY customer;
SELECT d AS decimals, count(*) AS ledgers, count(*) FILTER (WHERE convert(l, 'EUR', rates, d) IS DISTINCT FROM slow) AS wrong, count(DISTINCT convert(l, 'EUR', rates, d)) AS different
FROM generate_series(0, 6) d, ledgers, (SELECT exchange_rates(currency, day, rate) AS rates FROM rate) r, LATERAL (
	SELECT CASE WHEN currency(l) = 'EUR' THEN l ELSE total(ledger_entry(e.day, e.account, round(e.amount * x.rate, d), e.purchases, 'EUR')) END AS slow
	FROM entries(l) e LEFT JOIN rate x ON x.currency = currency(l) AND x.day = e.day) s
GROUP BY d ORDER BY d;
-- of several currencies one total, the sum of what each account is in each of them
SELECT total(convert(c.l, 'EUR', rates)) = (SELECT total(ledger_entry(e.day, e.account, CASE WHEN currency(s.l) = 'EUR' THEN e.amount ELSE round(e.amount * x.rate, 2) END, e.purchases, 'EUR'))
	FROM ledgers s CROSS JOIN entries(s.l) e LEFT JOIN rate x ON x.currency = currency(s.l) AND x.day = e.day) AS total
FROM ledgers c, (SELECT exchange_rates(currency, day, rate) AS rates FROM rate) r;
-- rates that change from row to row, and rates stored out of line
SELECT bool_and(revenue(convert(ledger('2024-01-05', revenue => 100, currency => 'USD'), 'EUR', exchange)) = 100 * rate) AS each_its_own
FROM (SELECT r AS rate, exchange_rates('USD', '2024-01-05', r) AS exchange FROM generate_series(1, 40) n, LATERAL (SELECT 1 + n % 3 AS r) x GROUP BY n, r ORDER BY n) s;
CREATE TABLE stored (n int, rates jsonb);
ALTER TABLE stored ALTER rates SET STORAGE external;
INSERT INTO stored SELECT n, exchange_rates(currency, day, rate * n) FROM rate, generate_series(1, 3) n GROUP BY n;
SELECT count(*) AS ledgers, count(*) FILTER (WHERE convert(l, 'EUR', s.rates) <> convert(l, 'EUR', (SELECT exchange_rates(currency, day, rate * n) FROM rate))) AS wrong,
	count(DISTINCT convert(l, 'EUR', s.rates)) AS different FROM ledgers, stored s WHERE customer % 10 = 1;

-- in parallel
ANALYZE rate;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT exchange_rates(currency, day, rate) FROM rate;
SELECT exchange_rates(currency, day, rate) = (SELECT exchange_rates(currency, day, rate ORDER BY md5(day::text)) FROM rate) AS parallel,
	(SELECT sum(jsonb_array_length(jsonb_path_query_array(value, '$.keyvalue()'))) FROM jsonb_each(exchange_rates(currency, day, rate))) AS days FROM rate;
SELECT exchange_rates(currency, day, rate) FROM rate WHERE day < '1900-01-01';
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SET max_parallel_workers_per_gather = 0;

-- weekends take the rate of the day before
SELECT exchange_rates('USD', day::date, rate)
FROM generate_series(timestamp '2024-01-04', '2024-01-09', '1 day') day,
	LATERAL (SELECT rate FROM (VALUES (date '2024-01-04', 0.913), ('2024-01-05', 0.914), ('2024-01-08', 0.915)) r(at, rate) WHERE at <= day ORDER BY at DESC LIMIT 1) last;

-- a value of the transition function of total() is a ledger like any other
CREATE AGGREGATE unfinished(ledger) (SFUNC = ledger_accum, STYPE = ledger);
SELECT convert(unfinished(x), 'EUR', '{"USD": {"2024-01-05": 0.5}}') AS converted, ledger_send(convert(unfinished(x), 'USD', '{}')) = ledger_send(total(x)) AS finished
FROM (SELECT ledger('2024-01-05', revenue => n, currency => 'USD') AS x FROM generate_series(1, 3) n) s;

-- errors
\set SHOW_CONTEXT never
\set VERBOSITY sqlstate
SELECT convert(ledger('2024-01-06', revenue => 1, currency => 'USD'), 'EUR', '{"USD": {"2024-01-05": 1, "2024-01-08": 1}}');
\set VERBOSITY default
SELECT convert(ledger('2024-01-06', revenue => 1, currency => 'USD'), 'EUR', '{"GBP": {"2024-01-06": 1}}');
SELECT convert(ledger('2024-01-06', revenue => 1, currency => 'USD'), 'EUR', '{}');
SELECT convert(ledger('0044-03-15 BC', revenue => 1, currency => 'USD'), 'EUR', '{"USD": {}}');
SELECT convert(ledger('2024-01-06', revenue => 1), 'EUR', '{}');
SELECT convert(ledger('2024-01-06', revenue => 1, currency => 'USD'), 'euro', '{}');
SELECT convert(ledger('2024-01-06', revenue => 1, currency => 'USD'), 'EUR', '{"USD": {"2024-01-06": 1}}', 7);
SELECT convert(ledger('2024-01-06', revenue => 1, currency => 'USD'), 'EUR', '{"USD": {"2024-01-06": 1}}', -1);
SELECT convert(ledger('2024-01-06', revenue => 1, currency => 'USD'), 'EUR', '[]');
SELECT convert(ledger('2024-01-06', revenue => 1, currency => 'USD'), 'EUR', '7');
SELECT convert(ledger('2024-01-06', revenue => 1, currency => 'USD'), 'EUR', '{"USD": 0.9}');
SELECT convert(ledger('2024-01-06', revenue => 1, currency => 'USD'), 'EUR', '{"USD": [0.9]}');
SELECT convert(ledger('2024-01-06', revenue => 1, currency => 'USD'), 'EUR', ('{"USD": {"2024-01-06": ' || r || '}}')::jsonb) FROM (VALUES ('0')) v(r);
SELECT convert(ledger('2024-01-06', revenue => 1, currency => 'USD'), 'EUR', ('{"USD": {"2024-01-06": ' || r || '}}')::jsonb) FROM (VALUES ('-0.000')) v(r);
SELECT convert(ledger('2024-01-06', revenue => 1, currency => 'USD'), 'EUR', ('{"USD": {"2024-01-06": ' || r || '}}')::jsonb) FROM (VALUES ('-1.5')) v(r);
SELECT convert(ledger('2024-01-06', revenue => 1, currency => 'USD'), 'EUR', ('{"USD": {"2024-01-06": ' || r || '}}')::jsonb) FROM (VALUES ('"0.9"')) v(r);
SELECT convert(ledger('2024-01-06', revenue => 1, currency => 'USD'), 'EUR', ('{"USD": {"2024-01-06": ' || r || '}}')::jsonb) FROM (VALUES ('null')) v(r);
SELECT convert(ledger('2024-01-06', revenue => 50000000000000000000000, currency => 'USD'), 'EUR', '{"USD": {"2024-01-06": 2}}');
SELECT convert(ledger('2024-01-06', revenue => 9000000000000, currency => 'USD'), 'EUR', '{"USD": {"2024-01-06": 4000000000000000000}}');
SELECT exchange_rates('USD', '2024-01-05', rate) FROM (VALUES (0.91), (0.92)) r(rate);
SELECT exchange_rates('USD', '2024-01-05', rate) FROM (VALUES (0.92), (0.91), (0.92)) r(rate);
SELECT exchange_rates('USD', '2024-01-05', 0);
SELECT exchange_rates('USD', '2024-01-05', -0.5);
SELECT exchange_rates('USD', '2024-01-05', 'NaN');
SELECT exchange_rates('USD', '2024-01-05', 'Infinity');
SELECT exchange_rates('usd', '2024-01-05', 1);
SELECT exchange_rates(NULL, '2024-01-05', 1);
SELECT exchange_rates('USD', NULL, 1);
SELECT exchange_rates('USD', 'infinity', 1);
