-- Certificates: what a set of ledgers adds up to.
CREATE SCHEMA certified;
SET search_path = certified, public, customer_value;

-- small enough to see
CREATE TABLE few (customer int, l ledger);
INSERT INTO few VALUES
	(1, ledger('2024-01-05', revenue => 120.50, cogs => 61.25, currency => 'EUR') + ledger('2024-02-11', service => 15, currency => 'EUR')),
	(2, ledger('2024-01-31', revenue => 80, cogs => 49, currency => 'EUR')),
	(3, ledger('2024-01-07', revenue => 10.005, purchases => 5, currency => 'USD')),
	(4, ledger('2023-12-31', revenue => -7, purchases => -1)),
	(5, ledger()),
	(6, NULL);
SELECT certificate(customer, l) FROM few;
SELECT certificate(customer::text, l, 'year') FROM few;
SELECT ledgers(c), checksum(c), unit(c), purchases(c) FROM (SELECT certificate(customer, l) AS c FROM few) f;
SELECT t.* FROM (SELECT certificate(customer, l) AS c FROM few) f, control_totals(c) t;
SELECT t.* FROM (SELECT certificate(customer, l, 'quarter') AS c FROM few) f, control_totals(c) t;

-- no ledgers: a certificate, too
SELECT certificate(customer, l) AS none, certificate(customer, l) = total(certificate '{"ledgers": 0}') AS same FROM few WHERE customer = 6;
SELECT certificate(customer, l), certificate(customer::text, l, 'day') = certificate(customer, l) AS same FROM few WHERE false;
SELECT total(c) FROM (SELECT certificate '{"ledgers": 0}' AS c WHERE false) s;
SELECT ledgers(c), checksum(c), unit(c) IS NULL AS no_unit, purchases(c), (SELECT count(*) FROM control_totals(c)) AS totals
FROM (VALUES (certificate '{"ledgers": 0}')) v(c);
SELECT certificate(customer, l) + '{"ledgers": 0}' = certificate(customer, l) AS "right", '{"ledgers": 0}' + certificate(customer, l) = certificate(customer, l) AS "left" FROM few;

-- a customer's key: NULL is one, numbers and texts are not each other
SELECT key, checksum(c), c::jsonb - 'totals' - 'checksum' AS "rest" FROM (
	SELECT '1 bigint' AS key, certificate(1, ledger('2024-01-05', revenue => 1)) AS c
	UNION ALL SELECT '2 text', certificate('1', ledger('2024-01-05', revenue => 1))
	UNION ALL SELECT '3 null', certificate(NULL::bigint, ledger('2024-01-05', revenue => 1))
	UNION ALL SELECT '4 null text', certificate(NULL::text, ledger('2024-01-05', revenue => 1))
	UNION ALL SELECT '5 empty text', certificate('', ledger('2024-01-05', revenue => 1))) k ORDER BY key;
SELECT checksum(certificate(k, ledger())) = checksum(certificate(k || 'x', ledger())) AS same FROM (VALUES ('x')) v(k);

-- pseudo-random ledgers, of several currencies and ages
CREATE FUNCTION dice(seed text, sides int) RETURNS int LANGUAGE sql IMMUTABLE AS
	$$SELECT ('x' || substr(md5(seed), 1, 7))::bit(28)::int % sides$$;
CREATE TABLE booked AS
SELECT customer, date '2024-03-01' - dice('day' || customer || '.' || n, 1000 + 20000 * (customer % 17 = 0)::int) AS day,
	(enum_range(NULL::ledger_account))[1 + dice('account' || customer || '.' || n, 12)] AS account,
	(dice('amount' || customer || '.' || n, 2000000) - 400000) / CASE dice('unit' || customer || '.' || n, 4) WHEN 0 THEN 1.0 WHEN 1 THEN 1e6 ELSE 100.0 END AS amount,
	dice('purchases' || customer || '.' || n, 4) - 1 AS purchases,
	(ARRAY['EUR', 'USD', NULL])[1 + dice('currency' || customer, 3)] AS currency
FROM generate_series(1, 300) customer, generate_series(1, 12) n;
CREATE TABLE ledgers AS SELECT customer, total(ledger_entry(day, account, amount, purchases, currency)) AS l FROM booked GROUP BY customer;
CREATE VIEW whole AS SELECT certificate(customer, l) AS c FROM ledgers;
ANALYZE ledgers;

-- the checksum, by the server's sha256() and numeric
CREATE FUNCTION hex_value(hex text) RETURNS numeric LANGUAGE sql IMMUTABLE AS
	$$SELECT trunc(sum(('x' || substr(hex, 1 + 8 * i, 8))::bit(32)::bigint * trunc(4294967296::numeric ^ (7 - i)))) FROM generate_series(0, 7) i$$;
SELECT hex_value(checksum(c)) = (SELECT mod(sum(hex_value(encode(sha256('\x01' || int8send(customer) || ledger_send(l)), 'hex'))), trunc(4294967296::numeric ^ 8)) FROM ledgers) AS bigint
FROM whole;
SELECT hex_value(checksum(certificate('n° ' || customer, l))) = mod(sum(hex_value(encode(sha256('\x02' || int8send(octet_length('n° ' || customer)) || convert_to('n° ' || customer, 'UTF8') || ledger_send(l)), 'hex'))), trunc(4294967296::numeric ^ 8)) AS text,
	hex_value(checksum(certificate(NULL::bigint, l))) = mod(sum(hex_value(encode(sha256('\x00' || ledger_send(l)), 'hex'))), trunc(4294967296::numeric ^ 8)) AS "null"
FROM ledgers;

-- the totals, by plain SQL
SELECT u AS unit, count(*) AS totals, sum((a.* IS DISTINCT FROM b.*)::int) AS wrong
FROM unnest('{day, week, month, quarter, year}'::text[]) u, LATERAL (
	SELECT t.currency, lower(t.period) AS first, t.account, t.amount FROM (SELECT certificate(customer, l, u) AS c FROM ledgers) c, control_totals(c) t) a
FULL JOIN LATERAL (
	SELECT currency, date_trunc(u, day)::date AS first, account, sum(amount) AS amount FROM booked GROUP BY 1, 2, 3 HAVING sum(amount) <> 0) b
ON a.currency IS NOT DISTINCT FROM b.currency AND a.first = b.first AND a.account = b.account
GROUP BY u ORDER BY u;
SELECT u AS unit, count(*) AS periods, sum((a.purchases IS DISTINCT FROM b.purchases)::int) AS wrong, sum((a.behind IS DISTINCT FROM (b.first + ('1 ' || u)::interval)::date)::int) AS wrong_ends
FROM unnest('{day, week, month, year}'::text[]) u, LATERAL (
	SELECT t.currency, lower(t.period) AS first, upper(t.period) AS behind, sum(t.purchases) AS purchases
	FROM (SELECT certificate(customer, l, u) AS c FROM ledgers) c, control_totals(c) t GROUP BY 1, 2, 3) a
FULL JOIN LATERAL (
	SELECT currency, date_trunc(u, day)::date AS first, sum(purchases) AS purchases FROM booked GROUP BY 1, 2
	HAVING sum(purchases) <> 0 OR bool_or(amount <> 0)) b
ON a.currency IS NOT DISTINCT FROM b.currency AND a.first = b.first
GROUP BY u ORDER BY u;
SELECT purchases(c) = (SELECT sum(purchases) FROM booked) AS purchases FROM whole;
-- the ends of the calendar
SELECT u AS unit, t.period, t.amount, c = c::text::certificate AS comes_back
FROM unnest('{day, week, month, quarter, year}'::text[]) WITH ORDINALITY u(u, n),
	LATERAL (SELECT certificate(k, l, u) AS c FROM (VALUES (1, ledger('4714-11-24 BC', revenue => 1) + ledger('0001-01-01 BC', revenue => 2)
		+ ledger('294276-12-31', revenue => 3) + '{"days": {"5874897-12-31": {"revenue": 4}}}')) v(k, l)) c,
	control_totals(c) t ORDER BY n, lower(t.period);

-- the same in any order, in parallel, in parts, and as a window
SELECT certificate(customer, l) = (SELECT c FROM whole) AS any_order FROM (SELECT * FROM ledgers ORDER BY md5(customer::text)) s;
SELECT count(*) AS shards, total(c) = (SELECT c FROM whole) AS shards_add_up FROM (SELECT certificate(customer, l) AS c FROM ledgers GROUP BY dice('shard' || customer, 7)) s;
SELECT total(c) = (SELECT c FROM whole) AS one_by_one FROM (SELECT certificate(customer, l) AS c FROM ledgers GROUP BY customer) s;
SELECT a.c + b.c = whole.c AND b.c + a.c = whole.c AS two FROM whole,
	(SELECT certificate(customer, l) AS c FROM ledgers WHERE customer <= 100) a, (SELECT certificate(customer, l) AS c FROM ledgers WHERE customer > 100) b;
SELECT bool_and(w = certificate_up_to) AS window FROM (SELECT customer, certificate(customer, l) OVER (ORDER BY customer) AS w FROM ledgers) w
JOIN LATERAL (SELECT certificate(x.customer, l) AS certificate_up_to FROM ledgers x WHERE x.customer <= w.customer) p ON true WHERE customer % 30 = 0;
-- a value of the transition function of total() is a ledger like any other
CREATE AGGREGATE unfinished(ledger) (SFUNC = ledger_accum, STYPE = ledger);
SELECT certificate(customer, unfinished) = (SELECT c FROM whole) AS unfinished
FROM (SELECT customer, unfinished(ledger_entry(day, account, amount, purchases, currency)) FROM booked GROUP BY customer) u;

SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
CREATE TEMPORARY TABLE serial AS SELECT c FROM whole;
EXPLAIN (COSTS OFF) SELECT certificate(customer, l) FROM ledgers;
SELECT certificate(customer, l) = (SELECT c FROM serial) AS parallel FROM ledgers;
SELECT certificate(customer, l) FROM ledgers WHERE customer < 0;
SELECT certificate(nullif(customer, customer), CASE WHEN customer < 0 THEN l END) FROM ledgers;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SET max_parallel_workers_per_gather = 0;

-- any single change is seen, whichever customer it is of
CREATE TABLE picked AS
SELECT n, who, (SELECT min(o.customer) FROM ledgers o WHERE o.customer > who AND currency(o.l) IS NOT DISTINCT FROM currency(x.l)) AS other
FROM generate_series(1, 20) n, LATERAL (SELECT dice('picked' || n, 280) + 1 AS who) p JOIN ledgers x ON x.customer = who;
-- the customers that a change is about, and their certificate after it
CREATE TABLE changed AS
SELECT n, change, ARRAY[who] AS customers, certificate(customer + CASE WHEN change = 'another key' THEN 1000 ELSE 0 END, CASE change
	WHEN 'a cent' THEN l + ledger(d, cogs => 0.01, currency => e)
	WHEN 'a millionth' THEN l + ledger(d, other => -0.000001, currency => e)
	WHEN 'a cent a day later' THEN l + ledger(d, cogs => 0.01, currency => e) - ledger(d + 1, cogs => 0.01, currency => e)
	WHEN 'another account' THEN l + ledger(d, cogs => 7, currency => e) - ledger(d, service => 7, currency => e)
	WHEN 'a purchase' THEN l + ledger(d, purchases => 1, currency => e)
	WHEN 'currency' THEN (SELECT total(ledger_entry(day, account, amount, purchases, CASE WHEN e = 'EUR' THEN 'USD' ELSE 'EUR' END)) FROM entries(l))
	WHEN 'nothing left' THEN ledger() ELSE l END) AS c
FROM picked, unnest('{nothing, a cent, a millionth, a cent a day later, another account, a purchase, currency, another key, nothing left}'::text[]) change,
	ledgers, LATERAL (SELECT first_day(l) AS d, currency(l) AS e) x
WHERE customer = who GROUP BY n, who, change
UNION ALL SELECT n, 'missing', ARRAY[who], '{"ledgers": 0}' FROM picked
UNION ALL SELECT n, 'doubled', '{}', certificate(customer, l) FROM picked, ledgers WHERE customer = who GROUP BY n
UNION ALL SELECT n, 'swapped', ARRAY[who, other], certificate(CASE customer WHEN who THEN other ELSE who END, l) FROM picked, ledgers WHERE customer IN (who, other) GROUP BY n, who, other
UNION ALL SELECT n, 'a cent from one to another', ARRAY[who, other], certificate(customer, l + ledger('2024-01-05', other => CASE customer WHEN who THEN 0.01 ELSE -0.01 END, currency => currency(l)))
FROM picked, ledgers WHERE customer IN (who, other) GROUP BY n, who, other;
CREATE TABLE changes AS
SELECT n, change, w.c AS before, rest.c + changed.c AS after
FROM changed, (SELECT c FROM whole OFFSET 0) w, LATERAL (SELECT certificate(customer, l) AS c FROM ledgers WHERE customer <> ALL (customers)) rest;
SELECT change, count(*), count(*) FILTER (WHERE before = after) AS unseen, count(*) FILTER (WHERE checksum(before) = checksum(after)) AS same_checksum,
	sum(ledgers(after) - ledgers(before)) AS more_ledgers, sum((SELECT count(*) FROM differences(before, after))) AS differences
FROM changes GROUP BY change ORDER BY change COLLATE "C";
-- differences are what plain SQL finds in the totals
CREATE TABLE said AS SELECT n, c.change AS made, coalesce(d.currency, '') AS currency, d.period, d.account, d.before, d.after, d.change FROM changes c, differences(before, after) d WHERE figure = 'amount' AND n <= 3;
CREATE TABLE slow AS SELECT n, c.change AS made, coalesce(t.currency, '') AS currency, t.period, t.account, sum(amount) FILTER (WHERE NOT late) AS before, sum(amount) FILTER (WHERE late) AS after
FROM changes c, LATERAL (SELECT false AS late, t.* FROM control_totals(before) t UNION ALL SELECT true, t.* FROM control_totals(after) t) t WHERE n <= 3 GROUP BY 1, 2, 3, 4, 5;
SELECT count(*) AS rows, count(*) FILTER (WHERE d.before IS DISTINCT FROM coalesce(e.before, 0) OR d.after IS DISTINCT FROM coalesce(e.after, 0) OR d.change IS DISTINCT FROM d.after - d.before) AS wrong
FROM said d FULL JOIN (SELECT * FROM slow WHERE before IS DISTINCT FROM after) e USING (n, made, currency, period, account);

-- a closed period and what was restated
CREATE TABLE closed AS
SELECT period, (SELECT certificate(customer, l * period) FROM ledgers WHERE l * period <> ledger()) AS certificate
FROM unnest(ARRAY[daterange('2023-01-01', '2023-04-01'), daterange('2023-04-01', '2023-07-01')]) period;
CREATE VIEW restated AS
SELECT p.period AS closed, d.* FROM closed p, LATERAL (SELECT certificate(customer, l * p.period) AS c FROM ledgers WHERE l * p.period <> ledger()) now, differences(p.certificate, now.c) d;
SELECT * FROM restated;
BEGIN;
UPDATE ledgers SET l = l + ledger('2023-05-17', revenue => 100, cogs => 0.01, currency => 'EUR') WHERE customer = (SELECT min(customer) FROM ledgers WHERE currency(l) = 'EUR' AND l * daterange('2023-04-01', '2023-07-01') <> ledger());
UPDATE ledgers SET l = l + ledger('2024-05-17', revenue => 5, currency => currency(l));
SELECT closed, figure, currency, period, account, change FROM restated;
ROLLBACK;
SELECT * FROM differences((SELECT certificate(customer, l) FROM few WHERE customer < 3), NULL);
SELECT * FROM differences(NULL, (SELECT certificate(customer, l, 'year') FROM few WHERE customer = 3));
SELECT count(*) FROM differences(NULL, NULL);
SELECT figure, before, after, change FROM differences((SELECT certificate(1, ledger('2024-01-05', purchases => 3))), (SELECT certificate(1, ledger('2024-01-05', purchases => 1))));

-- text, JSON and binary forms
SELECT c = c::text::certificate AS text, c = c::jsonb::certificate AS jsonb, c = c::json::text::certificate AS json, jsonb_typeof(to_jsonb(c)) AS to_jsonb, length(certificate_send(c)) FROM whole;
SELECT '{"totals": [{"cogs": 2.50, "from": "2024-02-01"}, {"revenue": 1e2, "from": "2024-01-01", "currency": "EUR"}, {"revenue": 7, "from": "2023-01-01", "purchases": 0, "cogs": 0}],
	"unit": "month", "keys": "text", "checksum": "00000000000000000000000000000000000000000000000000000000000000ff", "ledgers": 2}'::certificate;
SELECT DISTINCT c FROM (VALUES (certificate '{"ledgers": 0}'), ('{ "ledgers" : 0}')) v(c);
SELECT a < b AS less, a = b AS equal, a <> b AS differ FROM (SELECT certificate(1, l) AS a, certificate(2, l) AS b FROM few) x;
CREATE TABLE kept (c certificate PRIMARY KEY);
INSERT INTO kept SELECT certificate(customer, l, 'year') FROM ledgers GROUP BY customer;
SELECT count(*) FROM kept a JOIN kept b ON a.c = b.c;

\set VERBOSITY sqlstate
-- what is not a certificate
\set SHOW_CONTEXT never
SELECT '{"ledgers": 1}'::certificate;
\set VERBOSITY default
SELECT ''::certificate;
SELECT '{}'::certificate;
SELECT '[]'::certificate;
SELECT '{"ledgers": -1}'::certificate;
SELECT '{"ledgers": 0, "unit": "month"}'::certificate;
SELECT '{"ledgers": 0, "checksum": "0000000000000000000000000000000000000000000000000000000000000001"}'::certificate;
SELECT '{"ledgers": 1, "checksum": "0000000000000000000000000000000000000000000000000000000000000001"}'::certificate;
SELECT '{"ledgers": 1, "checksum": "01", "unit": "month"}'::certificate;
SELECT '{"ledgers": 1, "checksum": "000000000000000000000000000000000000000000000000000000000000000G", "unit": "month"}'::certificate;
SELECT '{"ledgers": 1, "checksum": "0000000000000000000000000000000000000000000000000000000000000001", "unit": "hour"}'::certificate;
SELECT '{"ledgers": 1, "checksum": "0000000000000000000000000000000000000000000000000000000000000001", "unit": "month", "keys": "uuid"}'::certificate;
SELECT '{"ledgers": 1, "checksum": "0000000000000000000000000000000000000000000000000000000000000001", "unit": "month", "ledgers": 1}'::certificate;
SELECT ('{"ledgers": 1, "checksum": "0000000000000000000000000000000000000000000000000000000000000001", "unit": "quarter", "totals": [' || t || ']}')::certificate
FROM (VALUES ('{"from": "2024-02-01"}')) v(t);
SELECT ('{"ledgers": 1, "checksum": "0000000000000000000000000000000000000000000000000000000000000001", "unit": "month", "totals": [' || t || ']}')::certificate
FROM (VALUES ('{"revenue": 1}')) v(t);
SELECT ('{"ledgers": 1, "checksum": "0000000000000000000000000000000000000000000000000000000000000001", "unit": "month", "totals": [' || t || ']}')::certificate
FROM (VALUES ('{"from": "2024-01-01", "revenue": 1}, {"from": "2024-01-01", "cogs": 1}')) v(t);
SELECT ('{"ledgers": 1, "checksum": "0000000000000000000000000000000000000000000000000000000000000001", "unit": "month", "totals": [' || t || ']}')::certificate
FROM (VALUES ('{"from": "2024-01-01", "revenue": 0.0000001}')) v(t);
SELECT ('{"ledgers": 1, "checksum": "0000000000000000000000000000000000000000000000000000000000000001", "unit": "month", "totals": [' || t || ']}')::certificate
FROM (VALUES ('{"from": "2024-01-01", "revenue": 100000000000000000000000000000000}')) v(t);
SELECT ('{"ledgers": 1, "checksum": "0000000000000000000000000000000000000000000000000000000000000001", "unit": "month", "totals": [' || t || ']}')::certificate
FROM (VALUES ('{"from": "2024-01-01", "currency": "euro"}')) v(t);
SELECT ('{"ledgers": 1, "checksum": "0000000000000000000000000000000000000000000000000000000000000001", "unit": "month", "totals": [' || t || ']}')::certificate
FROM (VALUES ('{"from": "2024-01-01", "sales": 1}')) v(t);
SELECT '{"ledgers": 1}'::jsonb::certificate;

-- other errors
SELECT certificate(customer, l, 'hour') FROM few;
SELECT certificate(customer, l, NULL) FROM few;
SELECT certificate(customer, l, CASE WHEN customer > 2 THEN 'month' ELSE 'year' END) FROM few;
SELECT certificate(customer, l, 'month') + certificate(customer, l, 'year') FROM few;
SELECT certificate(customer, l) + certificate(customer::text, l) FROM few;
SELECT count(*) FROM differences((SELECT certificate(customer, l, 'month') FROM few), (SELECT certificate(customer, l, 'year') FROM few));
SELECT count(*) FROM differences((SELECT certificate(customer, l) FROM few), (SELECT certificate(customer::text, l) FROM few));
SELECT total(c) FROM (SELECT certificate(customer, l, u) AS c FROM few, unnest('{day, week}'::text[]) u GROUP BY u ORDER BY u) s;
CREATE FUNCTION large(entry text) RETURNS certificate LANGUAGE sql AS
	$$SELECT ('{"ledgers": 1, "checksum": "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "unit": "month", "totals": [{"from": "2024-01-01", ' || entry || '}]}')::certificate$$;
SELECT large('"revenue": 1') + large('"revenue": -1') AS "checksum wraps round";
SELECT large('"revenue": -99999999999999999999999999999999') + large('"revenue": 99999999999999999999999999999998.999999') AS fits;
SELECT large('"revenue": 99999999999999999999999999999999') + large('"revenue": 1');
SELECT large('"purchases": 9223372036854775807') + large('"purchases": 1');
SELECT change FROM differences(large('"revenue": -99999999999999999999999999999999'), large('"revenue": 99999999999999999999999999999999'));

-- an error in the middle leaves nothing behind
DO $$
BEGIN
	FOR i IN 1 .. 50 LOOP
		BEGIN
			PERFORM certificate(customer, l, CASE WHEN customer > 200 THEN 'month' ELSE 'year' END) FROM ledgers;
			RAISE 'not reached';
		EXCEPTION WHEN invalid_parameter_value THEN NULL;
		END;
	END LOOP;
END $$;
BEGIN;
DECLARE c CURSOR FOR SELECT ledgers(certificate(customer, l)) FROM ledgers GROUP BY customer;
FETCH 2 FROM c;
SAVEPOINT s;
SELECT certificate(customer, l, CASE WHEN customer > 2 THEN 'month' ELSE 'year' END) FROM few;
ROLLBACK TO s;
FETCH 2 FROM c;
CLOSE c;
COMMIT;
