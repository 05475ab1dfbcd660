--
-- Credit limits, what families owe beside them and how late, days sales outstanding.
--
SET search_path = public, customer_value;
SET customer_value.as_of = '2025-06-30';
SET datestyle = ISO;

-- days past due: the borders
SELECT past_due, ageing(date '2025-06-30' - past_due, '2025-06-30') FROM unnest('{-1,0,1,30,31,60,61,90,91,9999}'::int[]) AS past_due;
SELECT ageing(NULL, '2025-06-30') AS of_null, ageing('infinity', '2025-06-30') AS never, ageing('-infinity', '2025-06-30') AS always;
-- the same by plain arithmetic, for every day around them
SELECT count(*) AS days, bool_and(ageing(d, '2025-06-30') = (CASE width_bucket('2025-06-30'::date - d, '{1,31,61,91}'::int[])
	WHEN 0 THEN 'not yet due' WHEN 1 THEN '1-30' WHEN 2 THEN '31-60' WHEN 3 THEN '61-90' ELSE 'over 90' END)::ageing_bucket) AS same
FROM (SELECT date '2025-01-01' + i AS d FROM generate_series(0, 365) i) x;

-- days sales outstanding by the formula: 150,000 of 1,800,000 a year
SELECT round(days_sales_outstanding(150000, 1800000, 365), 3) AS a_year, days_sales_outstanding(10, 0, 30) AS no_revenue, days_sales_outstanding(10, -5, 30) AS returns,
	days_sales_outstanding(10, 5, 0) AS no_days, days_sales_outstanding(0, 5, 30) AS paid, days_sales_outstanding(NULL, 5, 30) AS of_null;
-- by counting back: 212,000 are all of June and May, 30 + 31 days, and 32,000 of the 70,000 of April
CREATE TEMPORARY TABLE monthly (l ledger);
INSERT INTO monthly SELECT total(ledger(d, revenue => r, discount => x)) FROM (VALUES ('2025-06-15'::date, 100000, NULL), ('2025-05-03', 85000, 5000), ('2025-04-02', 70000, NULL)) v (d, r, x);
SELECT receivables, as_of, round(days_sales_outstanding(receivables, l, as_of), 4) AS days
FROM monthly, (VALUES (212000, '2025-06-30'::date), (180000, '2025-06-30'), (100000, '2025-06-30'), (25000, '2025-06-30'), (0, '2025-06-30'), (-5, '2025-06-30'),
	(250000, '2025-06-30'), (250000.01, '2025-06-30'),
	(50000, '2025-06-20'),	-- twenty days of June are half of its revenue
	(50000, '2025-06-14'),	-- none of it yet, then 50,000 of the 80,000 of May
	(50000, '2025-08-31'),	-- July and August without any
	(1, '2025-03-31'), (NULL, '2025-06-30')) v (receivables, as_of);
-- beside day-by-day counting, with months of returns and without anything
CREATE FUNCTION pg_temp.count_back(receivables numeric, l ledger, as_of date) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	month date := date_trunc('month', as_of)::date;
	until date := as_of + 1;
	days numeric := 0;
	r numeric;
BEGIN
	IF receivables <= 0 THEN RETURN 0; END IF;
	WHILE month >= '2023-01-01' LOOP
		SELECT coalesce(sum(CASE account WHEN 'revenue' THEN amount WHEN 'discount' THEN -amount END), 0) INTO r FROM entries(l) WHERE day >= month AND day < until AND account IN ('revenue', 'discount');
		IF r >= receivables THEN RETURN days + receivables / r * (until - month); END IF;
		receivables := receivables - r;
		days := days + (until - month);
		until := month;
		month := (month - interval '1 month')::date;
	END LOOP;
	RETURN NULL;
END $$;
WITH customer AS (
	SELECT c, total(ledger(date '2023-01-05' + (c * i * 7919) % 800, revenue => ((c * 31 + i * 17) % 90 - 15) * 1.25, discount => CASE WHEN i % 5 = 0 THEN i % 7 END)) AS l
	FROM generate_series(1, 200) c, generate_series(1, 30) i WHERE (c + i) % 3 > 0 GROUP BY c
), both_ways AS (
	SELECT days_sales_outstanding(c % 40 * 20, l, date '2025-01-01' + c % 120) AS ours, pg_temp.count_back(c % 40 * 20, l, date '2025-01-01' + c % 120) AS theirs FROM customer
)
SELECT count(*) AS customers, count(ours) BETWEEN 50 AND 190 AS of_both_sorts, bool_and((ours IS NULL) = (theirs IS NULL)) AS same_nulls, bool_and(abs(ours - theirs) < 1e-9) AS same FROM both_ways;

-- A family: Nord Group owns 80 % of Nord France, of which Lyon is a site; Solo is alone.
-- What is done here is taken back at the end.
BEGIN;
\set ON_ERROR_ROLLBACK on
\set SHOW_CONTEXT never
INSERT INTO party (party_id, kind, name, country) VALUES (1, 'organisation', 'Nord Group', 'DE'), (2, 'organisation', 'Nord France', 'FR'), (3, 'site', 'Nord Lyon', 'FR'),
	(4, 'organisation', 'Solo', 'DE'), (5, 'organisation', 'Solo Ltd', 'DE');
SELECT count(relate(child, parent, kind, share)) AS relationships FROM (VALUES (2, 1, 'parent', 0.8), (3, 2, 'branch', 1)) v (child, parent, kind, share);

-- limits: a later one gives way before and behind the days of another
SELECT set_credit_limit(1, 1000, 'EUR'), set_credit_limit(2, 500, 'EUR', since => '2025-01-01');
SELECT set_credit_limit(2, 300.50, 'EUR', '2025-03-01', '2025-04-01');
SELECT set_credit_limit(2, 700, NULL, '2026-01-01', '2026-02-01');
SELECT set_credit_limit(2, NULL, since => '2025-03-20', until => '2025-03-25');
SELECT * FROM credit_limit ORDER BY party_id, valid;
SELECT action, party_id, before, after FROM party_event WHERE action = 'set_credit_limit' ORDER BY event_id;
-- errors
SELECT set_credit_limit(1, -1, 'EUR');
SELECT set_credit_limit(1, 'NaN', 'EUR');
SELECT set_credit_limit(1, 'Infinity', 'EUR');
SELECT set_credit_limit(1, 1, 'euro');
SELECT set_credit_limit(99, 1, 'EUR');
SELECT set_credit_limit(1, 1, 'EUR', '2025-02-01', '2025-02-01');
INSERT INTO credit_limit (party_id, amount, valid) VALUES (2, 1, '[2025-01-31,2025-02-01)');

-- what they owe: the rows with is_head are all of it, also what nobody knows
CREATE TEMPORARY TABLE invoice (customer bigint, amount numeric, invoiced date, due date);
INSERT INTO invoice VALUES (1, 100, '2025-06-01', '2025-07-01'), (3, 450.50, '2025-06-01', '2025-06-30'), (3, 100, '2025-03-01', '2025-03-30'), (2, -20, '2025-04-01', '2025-05-01'),
	(5, 77, '2025-05-31', NULL), (4, 0.505, NULL, NULL), (99, 5, '2025-01-01', '2025-01-31'), (99, 2, '2025-01-01', '2025-06-29'), (NULL, 6, NULL, '2025-05-30'), (NULL, NULL, NULL, '1999-01-01');
\x
SELECT * FROM credit_exposure(ARRAY(SELECT ROW(customer, amount, invoiced, due)::open_invoice FROM invoice));
\x
SELECT sum(exposure) FILTER (WHERE is_head) AS of_households, sum(open_invoices) FILTER (WHERE is_head) AS invoices, (SELECT sum(amount) FROM invoice) AS of_invoices, (SELECT count(amount) FROM invoice) AS all_invoices
FROM credit_exposure(ARRAY(SELECT ROW(customer, amount, invoiced, due)::open_invoice FROM invoice));
-- by country: two families; by site: three; no invoices: limits alone
SELECT household, name, is_head, exposure, credit_limit, headroom, over_limit, over_90, open_invoices
FROM credit_exposure(ARRAY(SELECT ROW(customer, amount, invoiced, due)::open_invoice FROM invoice WHERE customer < 99), 'domestic');
SELECT household, name, is_head, exposure, credit_limit, headroom, over_limit, over_90, open_invoices
FROM credit_exposure(ARRAY(SELECT ROW(customer, amount, invoiced, due)::open_invoice FROM invoice WHERE customer < 99), 'site', as_of => '2025-03-22');
SELECT name, is_head, exposure, credit_limit, headroom, over_limit, oldest_due, open_invoices FROM credit_exposure('{}');
SELECT name, exposure, credit_limit FROM credit_exposure(NULL, customer_view => 'site');
-- exactly at the limit is not over it
SELECT headroom, over_limit FROM credit_exposure('{"(1,1000,,)"}') WHERE party_id = 1;
SELECT headroom, over_limit FROM credit_exposure('{"(1,1000.01,,)"}') WHERE party_id = 1;
SELECT (SELECT count(*) FROM credit_exposure('{"(1,1000,,)"}', NULL)) AS no_view, (SELECT count(*) FROM credit_exposure('{"(1,1000,,)"}', as_of => NULL)) AS no_day;
-- errors
SELECT * FROM credit_exposure('{}', 'economic');
SELECT * FROM credit_exposure('{}', 'no such view');
SELECT * FROM credit_exposure('{"(1,NaN,,)"}');
SELECT * FROM credit_exposure('{"(1,0.1234567,,)"}');

-- limits in several currencies: which one are the invoices in?
SELECT set_credit_limit(4, 40, 'USD'), set_credit_limit(3, 30, NULL);
SELECT * FROM credit_exposure('{"(4,100,,)"}');
SELECT name, exposure, credit_limit, currency, over_limit FROM credit_exposure('{"(4,100,,)","(2,10,,)"}', invoice_currency => 'USD');
SELECT name, exposure, credit_limit, currency, over_limit FROM credit_exposure('{"(4,100,,)","(2,10,,)"}', invoice_currency => 'EUR');
SELECT set_credit_limit(4, NULL), set_credit_limit(3, NULL);

-- two records that are one: what Solo Ltd owes is owed by Solo, and its limit goes with it, unless Solo has its own on these days
SELECT set_credit_limit(5, 50, 'EUR', until => '2025-01-01'), set_credit_limit(5, 60, 'EUR', since => '2025-01-01');
SELECT set_credit_limit(4, 40, 'EUR', until => '2024-01-01');
SELECT merge_party(survivor => 4, absorbed => 5) AS merge \gset
SELECT party_id, amount, valid FROM credit_limit WHERE party_id IN (4, 5) ORDER BY party_id, valid;
SELECT party_id, name, exposure, credit_limit, over_limit FROM credit_exposure('{"(4,10,,)","(5,77,,)"}') WHERE household = 4;
\set VERBOSITY terse
SELECT set_credit_limit(5, 1, 'EUR');
\set VERBOSITY default
SELECT undo_merge(:merge);
SELECT party_id, amount, valid FROM credit_limit WHERE party_id IN (4, 5) ORDER BY party_id, valid;
SELECT party_id, name, exposure, credit_limit, over_limit FROM credit_exposure('{"(4,10,,)","(5,77,,)"}') WHERE household IN (4, 5);
ROLLBACK;

-- A forest of 400 parties with 3,000 invoices, against counting each invoice for each party above its debtor
BEGIN;
INSERT INTO party (party_id, kind, name, country) SELECT i, 'organisation', 'Party ' || i, (ARRAY['DE', 'FR', NULL])[1 + hashint4(i) & 1] FROM generate_series(1, 400) i;
SELECT count(relate(i, (hashint4(i) & 1023) % (i - 1) + 1, CASE WHEN i % 4 = 0 THEN 'franchise' WHEN i % 5 = 0 THEN 'branch' ELSE 'parent' END, CASE WHEN i % 7 = 0 THEN 0.5 ELSE 0.75 END)) > 200 AS related
FROM generate_series(2, 400) i WHERE i % 9 > 0;
SELECT count(set_credit_limit(i, i * 10, 'EUR')) AS limits FROM generate_series(1, 400, 6) i;
SELECT count(merge_party(i, i + 1)) AS merges FROM generate_series(100, 140, 4) i;
CREATE TEMPORARY TABLE invoice AS
SELECT i, CASE WHEN i % 50 > 0 THEN 1 + (hashint4(i) & 65535) % 405 END AS customer, ((hashint4(i + 1) & 65535) - 9000) / 100.0 AS amount, date '2025-07-20' - (hashint4(i + 2) & 127) AS due
FROM generate_series(1, 3000) i;
CREATE TEMPORARY TABLE exposed AS
SELECT view_name, e.* FROM customer_view, credit_exposure(ARRAY(SELECT ROW(customer, amount, NULL, due)::open_invoice FROM invoice), view_name) e
WHERE NOT weighs_ownership AND predefined;
SELECT view_name, sum(exposure) FILTER (WHERE is_head) = (SELECT sum(amount) FROM invoice) AS all_money, sum(open_invoices) FILTER (WHERE is_head) AS invoices,
	bool_and(exposure = not_yet_due + days_1_30 + days_31_60 + days_61_90 + over_90) AS buckets_add_up, bool_and(headroom = credit_limit - exposure AND over_limit = (headroom < 0)) AS limits_agree,
	count(*) FILTER (WHERE is_head) AS heads, count(*) FILTER (WHERE NOT is_head) AS others, count(*) FILTER (WHERE name IS NULL) AS unknown
FROM exposed GROUP BY view_name ORDER BY view_name;
-- heads, by household()
WITH plain AS (
	SELECT view_name, coalesce(household(current_party(customer), view_name), customer) AS head, sum(amount) AS exposure, count(*) AS invoices,
		coalesce(sum(amount) FILTER (WHERE '2025-06-30' - due BETWEEN 31 AND 60), 0) AS days_31_60, min(due) FILTER (WHERE amount > 0) AS oldest
	FROM invoice, (SELECT DISTINCT view_name FROM exposed) v GROUP BY 1, 2
)
SELECT count(*) > 500 AS many, bool_and(e.exposure = p.exposure AND e.open_invoices = p.invoices AND e.days_31_60 = p.days_31_60 AND e.oldest_due IS NOT DISTINCT FROM p.oldest) AS same,
	count(*) FILTER (WHERE e.view_name IS NULL) AS without_row
FROM plain p LEFT JOIN exposed e ON e.view_name = p.view_name AND e.household IS NOT DISTINCT FROM p.head AND e.is_head;
SELECT count(*) AS heads_of_nothing FROM exposed e WHERE is_head AND open_invoices = 0 AND credit_limit IS NULL;
-- parties with a limit, by walking up the relationships
WITH RECURSIVE upwards AS (
	SELECT i, current_party(customer) AS party_id, amount FROM invoice
	UNION ALL
	SELECT u.i, r.parent_id, u.amount FROM upwards u JOIN party_relationship r ON r.child_id = u.party_id AND r.kind IN ('parent', 'branch') AND r.share > 0.5
), plain AS (
	SELECT l.party_id, coalesce(sum(u.amount), 0) AS exposure, count(u.i) AS invoices FROM credit_limit l LEFT JOIN upwards u USING (party_id) GROUP BY 1
)
SELECT count(e.party_id) AS limits, bool_and(e.exposure = p.exposure AND e.open_invoices = p.invoices) AS same FROM plain p LEFT JOIN exposed e ON e.view_name = 'legal' AND e.party_id = p.party_id;
-- the order of invoices does not matter
SELECT (SELECT string_agg(e::text, E'\n' ORDER BY household, party_id) FROM credit_exposure(ARRAY(SELECT ROW(customer, amount, NULL, due)::open_invoice FROM invoice ORDER BY i)) e)
	 = (SELECT string_agg(e::text, E'\n' ORDER BY household, party_id) FROM credit_exposure(ARRAY(SELECT ROW(customer, amount, NULL, due)::open_invoice FROM invoice ORDER BY md5(i::text))) e) AS same;
ROLLBACK;

-- A view that does not exist is an error for nobody, too.
SELECT * FROM credit_exposure('{}', 'no such view');

-- A head has a row for what is open, not because somebody below it may owe.
BEGIN;
INSERT INTO party (party_id, kind, name) VALUES (1, 'organisation', 'Head'), (2, 'site', 'May owe'), (3, 'site', 'Even');
SELECT relate(2, 1), relate(3, 1), set_credit_limit(2, 10) \g /dev/null
SELECT household, name, is_head, exposure, credit_limit FROM credit_exposure('{}');
SELECT household, name, is_head, exposure, credit_limit FROM credit_exposure('{"(3,5,,)","(3,-5,,)"}');
ROLLBACK;
