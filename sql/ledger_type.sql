-- The type itself: text and binary form, constructors, comparison, errors.

SET search_path = public, customer_value;
\pset null (null)

-- constructors
SELECT ledger();
SELECT ledger('2024-01-05', revenue => 120.50, cogs => 61.25);
SELECT ledger('2024-01-05 23:59:59', revenue => 120.5, currency => 'EUR');
SELECT ledger(date '2024-01-05', discount => 1, cogs => 2, selling => 3, marketing => 4,
	service => 5, delivery => 6, acquisition => 7, retention => 8, credit_loss => 9,
	overhead => 10, other => 11);
SELECT ledger_entry('2024-01-05', 'service', 15), ledger_entry('2024-01-05', 'service'::ledger_account, 15.00);
SELECT ledger_entry('2024-01-05', 'revenue', 15, purchases => 3, currency => 'USD');

-- what counts as a purchase
SELECT purchases(ledger('2024-01-05', revenue => 10)) AS sale,
	purchases(ledger('2024-01-05', revenue => -10)) AS "return",
	purchases(ledger('2024-01-05', cogs => 10)) AS cost,
	purchases(ledger('2024-01-05', revenue => 10, purchases => 0)) AS second_line,
	purchases(ledger('2024-01-05', revenue => 10, purchases => 5)) AS summary_row,
	purchases(ledger('2024-01-05', purchases => 1)) AS free_order,
	purchases(ledger('2024-01-05', revenue => 0)) AS nothing;

-- NULL money is no money, nor is zero; without money a day is not needed
SELECT ledger('2024-01-05', revenue => NULL, cogs => 0) = ledger() AS no_money,
	ledger(NULL::date) = ledger() AS no_day,
	ledger(NULL, revenue => 0.00) = ledger() AS no_day_zero,
	ledger_entry('2024-01-05', NULL::text, NULL) = ledger() AS no_account,
	currency(ledger('2024-01-05', currency => 'EUR')) AS zero_has_no_currency;

-- days before 1970, before 2000 and before Christ; midnight belongs to the day
SELECT ledger('1969-12-31 23:59:59.999999', revenue => 1), ledger('1970-01-01', revenue => 1);
SELECT ledger('4713-11-24 BC'::date::timestamp, revenue => 1) AS l;
SELECT ledger('4714-11-24 BC', revenue => 1) AS first, ledger('294276-12-31', revenue => 1) AS last;
SELECT '{"days": {"5874897-12-31": {"revenue": 1}}}'::ledger;
SELECT count(*) FILTER (WHERE first_day(ledger(d, cogs => 1)) <> d::date
	OR (ledger(d, cogs => 1)::text::ledger) <> ledger(d, cogs => 1)
	OR position(to_char(d, 'YYYY-MM-DD') IN ledger(d, cogs => 1)::text) = 0) AS wrong_days
FROM generate_series(timestamp '1895-12-30', '2105-01-02', '1 day') d;

-- amounts: six decimals, 23 digits, each with the decimals it needs
SELECT ledger('2024-01-05', revenue => 0.000001, cogs => 100, selling => 0.1, service => 0.123);
SELECT ledger('2024-01-05', revenue => 99999999999999999999999.999999, cogs => -99999999999999999999999.999999);
SELECT ledger('2024-01-05', revenue => 123456789012.345678, cogs => 999999999999, selling => 9999999999999999);
SELECT count(*) FILTER (WHERE revenue(ledger('2024-01-05', revenue => v)) <> v) AS wrong,
	count(*) FILTER (WHERE cost(ledger('2024-01-05', revenue => 1, other => -v)) <> -v) AS wrong_negative,
	count(*) FILTER (WHERE revenue(ledger('2024-01-05', revenue => v)::text::ledger) <> v) AS wrong_text
FROM (SELECT round((random() * 10 ^ (g % 23))::numeric, g % 7) * (1 - 2 * (g % 2)) AS v
	FROM generate_series(1, 20000) g) s;

-- text: order, white space and exponents are free
SELECT '{}'::ledger, '{"days": {}}'::ledger, '{"currency": "EUR"}'::ledger, '{"days": {"2024-01-05": {}}}'::ledger;
SELECT E' {"days":\n{"2024-02-01":{"cogs":1e2,"purchases":-0},\t"2024-01-31":{"cogs":-0.50,"revenue":0}},"currency":"USD"} '::ledger;
SELECT l::jsonb, l::jsonb::ledger = l AS back
FROM (SELECT ledger('2024-01-05', revenue => 120.50, currency => 'EUR')) s(l);

-- inside other JSON it is an object, not text
SELECT l::json, to_jsonb(l), jsonb_agg(l), row_to_json(s) FROM (SELECT ledger('2024-01-05', revenue => 120.50)) s(l) GROUP BY l, s.*;

-- binary
SELECT ledger_send(ledger()), ledger_send(ledger('2020-01-01', revenue => 1)),
	ledger_send(ledger('2020-01-02', revenue => 10.01, cogs => -1, currency => 'EUR'));
SELECT pg_column_size(ledger('2024-01-05', revenue => 99.90)) AS bytes;

-- comparison
SELECT a = b AS eq, a <> b AS ne, a < b OR a > b AS ordered, (a < b) = (b > a) AS commutes,
	(a <= b) = NOT (a > b) AS negates, ledger_cmp(a, b) = -ledger_cmp(b, a) AS antisymmetric,
	a = a AND a <= a AND a >= a AND NOT a < a AS reflexive
FROM (VALUES (ledger('2024-01-05', revenue => 1), ledger('2024-01-05', revenue => 1.01)),
	(ledger('2024-01-05', revenue => 1), ledger('2024-01-05', revenue => 1.00)),
	(ledger('2024-01-05', revenue => 1), ledger('2024-01-05', revenue => 1, currency => 'EUR')),
	(ledger('2024-01-05', revenue => 1), ledger('2024-01-06', revenue => 1)),
	(ledger(), ledger('2024-01-06', revenue => 1))) v(a, b);
CREATE TABLE keys AS
SELECT ledger('2024-01-01'::date + g % 50, revenue => g % 20) AS l FROM generate_series(1, 2000) g;
SELECT count(DISTINCT l) AS distinct_sorted FROM keys;
SET enable_sort = off;
SELECT count(*) AS distinct_hashed FROM (SELECT l FROM keys GROUP BY l) s;
RESET enable_sort;
SELECT count(*) AS hash_joined FROM (SELECT DISTINCT l FROM keys) a JOIN keys b USING (l);
CREATE INDEX ON keys USING btree (l);
CREATE INDEX ON keys USING hash (l);
SET enable_seqscan = off;
SELECT count(*) AS by_index FROM keys WHERE l = ledger('2024-01-01'::date + 7, revenue => 7);
RESET enable_seqscan;
SELECT ledger_hash_extended(ledger('2024-01-05', revenue => 1), 0)::bit(32) = ledger_hash(ledger('2024-01-05', revenue => 1))::bit(32) AS seed_zero_is_plain;
-- sorting keeps no copies: growing values and toasted ones are freed again
CREATE AGGREGATE leak(ledger) (SFUNC = ledger_accum, STYPE = ledger);
CREATE TABLE long AS
SELECT g, leak(ledger('2010-01-01'::date + d, revenue => d + g + 0.25, cogs => d / 2.0)) AS l
FROM generate_series(1, 500) g, generate_series(1, 600) d GROUP BY g;
CREATE FUNCTION sorting_takes_little() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	c CURSOR FOR SELECT l FROM long ORDER BY l;
	bytes bigint;
	r record;
BEGIN
	OPEN c;
	FETCH c INTO r;
	SELECT sum(total_bytes) INTO bytes FROM pg_backend_memory_contexts;
	CLOSE c;
	RETURN bytes < (SELECT 3 * sum(octet_length(ledger_send(l))) + 30000000 FROM long);
END $$;
SELECT sorting_takes_little();
DROP FUNCTION sorting_takes_little();
DROP TABLE long;
DROP AGGREGATE leak(ledger);
DROP TABLE keys;

-- errors of the constructors
\set VERBOSITY default
SELECT ledger('2024-01-05', revenue => 10.0000001);
SELECT ledger('2024-01-05', revenue => 1 / 3.0);
SELECT ledger('2024-01-05', revenue => 'NaN');
SELECT ledger('2024-01-05', revenue => '-Infinity');
SELECT ledger('2024-01-05', revenue => 1e23);
SELECT ledger('2024-01-05', revenue => ('1' || repeat('0', 1000))::numeric);
SELECT ledger('2024-01-05', purchases => 1000000000000);
SELECT ledger(NULL, revenue => 1);
SELECT ledger(NULL, purchases => 1);
SELECT ledger('infinity', revenue => 1);
SELECT ledger('-infinity'::date, revenue => 1);
SELECT ledger('2024-01-05', revenue => 1, currency => 'euro');
SELECT ledger('2024-01-05', revenue => 1, currency => 'eur');
SELECT ledger_entry('2024-01-05', 'travel', 1);
SELECT ledger_entry('2024-01-05', NULL::text, 1);
SELECT ledger('2024-01-05', sales => 1);
SELECT ledger('2024-01-05', revenue => 1.5::float8);
SELECT ledger(timestamptz '2024-01-05 12:00+00', revenue => 1.5);
-- and their codes
\set VERBOSITY sqlstate
SELECT ledger('2024-01-05', revenue => 10.0000001);
SELECT ledger('2024-01-05', revenue => 'NaN');
SELECT ledger('2024-01-05', revenue => 1e23);
SELECT ledger(NULL, revenue => 1);
SELECT ledger('infinity', revenue => 1);
SELECT ledger('2024-01-05', revenue => 1, currency => 'euro');
SELECT ledger_entry('2024-01-05', 'travel', 1);
\set VERBOSITY default

-- errors of the text form
SELECT ''::ledger;
SELECT '[]'::ledger;
SELECT '{'::ledger;
SELECT '{} x'::ledger;
SELECT '{"day": {}}'::ledger;
SELECT '{"days": {}, "days": {}}'::ledger;
SELECT '{"days": {"2024-01-05": {"revenue": 1}, "2024-1-6": {}}}'::ledger;
SELECT '{"days": {"2024-02-30": {"revenue": 1}}}'::ledger;
SELECT '{"days": {"2024-01-05": {"revenue": 1}, "2024-01-05": {"revenue": 2}}}'::ledger;
SELECT '{"days": {"2024-01-05": {"revenue": 1, "revenue": 2}}}'::ledger;
SELECT '{"days": {"2024-01-05": {"purchases": 1, "purchases": 2}}}'::ledger;
SELECT '{"days": {"2024-01-05": {"travel": 1}}}'::ledger;
SELECT '{"days": {"2024-01-05": {"revenue": "1"}}}'::ledger;
SELECT '{"days": {"2024-01-05": {"revenue": 1.0000001}}}'::ledger;
SELECT '{"days": {"2024-01-05": {"revenue": 1e23}}}'::ledger;
SELECT '{"days": {"2024-01-05": {"purchases": 1.5}}}'::ledger;
SELECT '{"days": {"2024-01-05": {"purchases": 1e12}}}'::ledger;
SELECT '{"currency": "Euro"}'::ledger;
SELECT '{"currency": 978}'::ledger;
SELECT '{"days": {"9999999-01-05": {"revenue": 1}}}'::ledger;
SELECT '[1]'::jsonb::ledger;
SELECT '{"days": {"2024-01-05": {"r\u00e9venue": 1}}}'::ledger;
SELECT ledger('2024-01-05');
SELECT ('{"days": {"2024-01-05": {"revenue": 1' || repeat('0', 200000) || 'e-200000}}}')::ledger;
\set VERBOSITY terse
SELECT ('{"days": {"2024-01-05": {"revenue": 1' || repeat('0', 200000) || 'e-2000000}}}')::ledger;
\set VERBOSITY default

-- PostgreSQL 16 and later can ask whether a text is good without an error
SELECT current_setting('server_version_num')::int >= 160000 AS soft \gset
\set check true
\if :soft
\set check 'NOT pg_input_is_valid(''{"days": []}'', ''ledger'') AND NOT pg_input_is_valid(''{"days": {"2024-01-01": {"cogs": 1e-7}}}'', ''ledger'') AND pg_input_is_valid(''{"days": {}}'', ''ledger'')'
\endif
SELECT :check AS soft_errors;
