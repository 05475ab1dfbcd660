-- What segments are in figures, against plain SQL over the entries.
SET search_path = public, customer_value;

-- the statement, small enough to see
CREATE TABLE few (segment int, l ledger);
INSERT INTO few VALUES
	(1, ledger('2024-01-05', revenue => 100, discount => 10, cogs => 40, delivery => 5)),
	(1, ledger('2024-02-05', revenue => 60, cogs => 20, selling => 4.50) + ledger('2024-03-05', revenue => 40, cogs => 10, overhead => 3)),
	(2, ledger('2024-01-07', revenue => 30, cogs => 31, delivery => 4)),
	(2, ledger('2024-01-07', revenue => -30, cogs => -31, delivery => 4, acquisition => 20)),
	(2, ledger()),
	(3, NULL),
	(NULL, ledger('2024-01-09', revenue => 10, cogs => 8, purchases => 0));
SELECT number, segment, customers, gainers, losers, revenue, net_revenue, cost_to_serve, contribution, profit, round(margin, 4) AS margin, gains, losses
FROM unnest((SELECT segment_profile(segment, l) FROM few));
SELECT number, round(share_of_customers, 4) AS of_customers, round(share_of_revenue, 4) AS of_revenue, round(share_of_net, 4) AS of_net,
	round(share_of_gains, 4) AS of_gains, round(share_of_losses, 4) AS of_losses, buyers, purchases, purchase_days,
	round(purchases_per_customer, 2) AS frequency, round(revenue_per_purchase, 2) AS each, round(revenue_per_customer, 2) AS revenue, round(profit_per_customer, 2) AS profit
FROM unnest((SELECT segment_profile(segment, l) FROM few));
SELECT discount, cogs, selling, delivery, acquisition, overhead, other, currency FROM unnest((SELECT segment_profile(segment, l) FROM few));
SELECT * FROM all_customers((SELECT segment_profile(segment, l) FROM few)) \gx
SELECT segment, figure, round(value, 2) AS value, round(all_customers, 2) AS all_customers, round(index, 1) AS index
FROM profile_index((SELECT segment_profile(segment, l) FROM few)) WHERE all_customers <> 0 AND segment = '1';

-- NULL, and nothing
SELECT segment_profile(segment, l) IS NULL AS nobody FROM few WHERE l IS NULL;
SELECT segment_profile(NULL, l) IS NULL AS no_rows FROM few WHERE false;
SELECT all_customers(NULL) IS NULL AS of_null, all_customers('{}') IS NULL AS of_none, count(*) FROM profile_index(NULL);
SELECT number, segment, customers, revenue, margin, share_of_revenue, share_of_net, share_of_gains, purchases_per_customer, revenue_per_purchase
FROM unnest((SELECT segment_profile(7, ledger())));
-- a net loss has no shares of it
SELECT number, share_of_customers, share_of_net, share_of_gains, round(share_of_losses, 3) AS of_losses
FROM unnest((SELECT segment_profile(i, ledger('2024-01-01', revenue => i, cogs => 2)) FROM generate_series(0, 2) i));
-- the smallest gain is a gain, the smallest loss a loss
SELECT customers, gainers, losers, profit, gains, losses
FROM unnest((SELECT segment_profile(1, ledger('2024-01-01', revenue => i * 0.000001)) FROM generate_series(-1, 1) i));
-- texts are ordered by their bytes
SELECT number, segment, customers FROM unnest((SELECT segment_profile(s, ledger()) FROM unnest(ARRAY['b', 'a', 'Ä', 'B', NULL, '', 'ab']) s));
-- integers by size, over the whole range
SELECT number, segment FROM unnest((SELECT segment_profile(s, ledger()) FROM unnest(ARRAY[10, 9, -1, 0, 9223372036854775807, -9223372036854775808]) s));

-- currencies
SELECT segment, revenue, currency FROM unnest((SELECT segment_profile(1, l) FROM unnest(ARRAY[ledger(), ledger('2024-01-01', revenue => 1, currency => 'EUR')]) l));
SELECT segment_profile(1, l) FROM unnest(ARRAY[ledger('2024-01-01', revenue => 1, currency => 'EUR'), ledger('2024-01-01', revenue => 1, currency => 'USD')]) l;
SELECT segment_profile(i, l) FROM unnest(ARRAY[ledger('2024-01-01', revenue => 1), ledger('2024-01-01', revenue => 1, currency => 'USD')]) WITH ORDINALITY AS t(l, i);

-- also where partial states meet
CREATE TABLE foreign_trade (currency text, segment int, l ledger, year int DEFAULT 2024) PARTITION BY LIST (currency);
CREATE TABLE in_euro PARTITION OF foreign_trade FOR VALUES IN ('EUR');
CREATE TABLE in_dollars PARTITION OF foreign_trade FOR VALUES IN ('USD');
INSERT INTO foreign_trade SELECT 'EUR', 1, ledger('2024-01-01', revenue => 1, currency => 'EUR') FROM generate_series(1, 300);
INSERT INTO foreign_trade VALUES ('USD', 2, ledger());
ANALYZE foreign_trade;
SET enable_partitionwise_aggregate = on;
CREATE FUNCTION is_partial(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan::text LIKE '%"Partial Mode": "Partial"%';
END $$;
SELECT is_partial('SELECT segment_profile(segment, l) FROM foreign_trade GROUP BY year');
SELECT segment, customers, revenue, currency FROM unnest((SELECT segment_profile(segment, l) FROM foreign_trade GROUP BY year));
INSERT INTO foreign_trade VALUES ('USD', 2, ledger('2024-01-01', revenue => 1, currency => 'USD'));
SELECT segment_profile(segment, l) FROM foreign_trade GROUP BY year;
RESET enable_partitionwise_aggregate;

-- random customers, the slow way
CREATE FUNCTION noise(i bigint, salt int, n int) RETURNS int LANGUAGE sql IMMUTABLE
RETURN (hashint8extended(i, salt) & 1073741823) % n;
CREATE TABLE entries AS
SELECT i % 997 AS customer, date '2023-01-01' + noise(i, 1, 700) AS day,
	(enum_range(NULL::ledger_account))[1 + CASE WHEN noise(i, 2, 3) > 0 THEN 0 ELSE noise(i, 3, 12) END] AS account,
	(noise(i, 4, 200000) - 30000) / (ARRAY[1, 100, 10000, 1000000])[1 + noise(i, 5, 4)]::numeric AS amount, noise(i, 6, 4) - 1 AS purchases
FROM generate_series(1, 12000) i;
CREATE TABLE customers AS
SELECT customer, CASE WHEN customer % 13 > 0 THEN noise(customer, 7, 9) - 2 END AS segment,
	total(ledger_entry(day, account, amount, purchases => purchases)) AS l
FROM entries GROUP BY 1;
CREATE TABLE slow AS
WITH c AS (SELECT customer, segment,
		sum(CASE account WHEN 'revenue' THEN amount ELSE -amount END) AS profit
		FROM customers JOIN entries USING (customer) GROUP BY 1, 2),
	d AS (SELECT customer, segment, day, sum(purchases) AS n FROM customers JOIN entries USING (customer) GROUP BY 1, 2, 3),
	p AS (SELECT segment, sum(n) AS purchases, count(*) FILTER (WHERE n > 0) AS days, count(DISTINCT customer) FILTER (WHERE n > 0) AS buyers FROM d GROUP BY 1),
	a AS (SELECT segment, coalesce(sum(amount) FILTER (WHERE account = 'revenue'), 0) AS revenue,
		coalesce(sum(amount) FILTER (WHERE account = 'discount'), 0) AS discount, coalesce(sum(amount) FILTER (WHERE account = 'cogs'), 0) AS cogs,
		coalesce(sum(amount) FILTER (WHERE account = 'selling'), 0) AS selling, coalesce(sum(amount) FILTER (WHERE account = 'marketing'), 0) AS marketing,
		coalesce(sum(amount) FILTER (WHERE account = 'service'), 0) AS service, coalesce(sum(amount) FILTER (WHERE account = 'delivery'), 0) AS delivery,
		coalesce(sum(amount) FILTER (WHERE account = 'acquisition'), 0) AS acquisition, coalesce(sum(amount) FILTER (WHERE account = 'retention'), 0) AS retention,
		coalesce(sum(amount) FILTER (WHERE account = 'credit_loss'), 0) AS credit_loss, coalesce(sum(amount) FILTER (WHERE account = 'overhead'), 0) AS overhead,
		coalesce(sum(amount) FILTER (WHERE account = 'other'), 0) AS other
		FROM customers JOIN entries USING (customer) GROUP BY 1),
	g AS (SELECT segment, count(*) AS customers, count(*) FILTER (WHERE profit > 0) AS gainers, count(*) FILTER (WHERE profit < 0) AS losers, sum(profit) AS profit,
		coalesce(sum(profit) FILTER (WHERE profit > 0), 0) AS gains, coalesce(sum(profit) FILTER (WHERE profit < 0), 0) AS losses FROM c GROUP BY 1),
	t AS (SELECT sum(g.customers) AS customers, sum(g.profit) AS profit, sum(g.gains) AS gains, sum(g.losses) AS losses, (SELECT sum(revenue) FROM a) AS revenue FROM g)
SELECT g.segment::bigint AS number, g.segment::text AS segment, g.customers, g.gainers, g.losers, a.revenue, a.discount, a.cogs, a.selling, a.marketing, a.service, a.delivery,
	a.acquisition, a.retention, a.credit_loss, a.overhead, a.other, a.revenue - a.discount AS net_revenue, a.selling + a.marketing + a.service + a.delivery AS cost_to_serve,
	g.profit + a.acquisition + a.overhead AS contribution, g.profit, CASE WHEN a.revenue > a.discount THEN g.profit / (a.revenue - a.discount) END AS margin, g.gains, g.losses,
	g.customers / t.customers AS share_of_customers, CASE WHEN t.revenue > 0 THEN a.revenue / t.revenue END AS share_of_revenue,
	CASE WHEN t.profit > 0 THEN g.profit / t.profit END AS share_of_net, CASE WHEN t.gains > 0 THEN g.gains / t.gains END AS share_of_gains,
	CASE WHEN t.losses < 0 THEN g.losses / t.losses END AS share_of_losses, p.buyers, p.purchases::bigint, p.days AS purchase_days,
	p.purchases / g.customers AS purchases_per_customer, CASE WHEN p.purchases > 0 THEN a.revenue / p.purchases END AS revenue_per_purchase,
	a.revenue / g.customers AS revenue_per_customer, g.profit / g.customers AS profit_per_customer, NULL::text AS currency
FROM g JOIN a ON a.segment IS NOT DISTINCT FROM g.segment JOIN p ON p.segment IS NOT DISTINCT FROM g.segment, t;
CREATE FUNCTION close_to(a jsonb, b jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
	SELECT count(*) = 37 AND bool_and(CASE WHEN jsonb_typeof(x.value) = 'number' AND jsonb_typeof(y.value) = 'number'
		THEN abs(x.value::numeric - y.value::numeric) <= 1e-14 * abs(y.value::numeric) ELSE x.value = y.value END)
	FROM jsonb_each(a) x JOIN jsonb_each(b) y USING (key);
END;
CREATE TABLE profiles AS SELECT segment_profile(segment, l) AS p FROM customers;
SELECT count(*) AS segments, sum(customers) AS customers, bool_and(share_of_net IS NOT NULL) AS net_is_positive FROM unnest((SELECT p FROM profiles));
SELECT count(*) AS differ FROM unnest((SELECT p FROM profiles)) q FULL JOIN slow s ON coalesce(s.segment, 'none') = coalesce(q.segment, 'none')
WHERE close_to(to_jsonb(q), to_jsonb(s)) IS NOT TRUE;
-- NULL last, the others in order
SELECT array_agg(number) AS in_order FROM unnest((SELECT p FROM profiles));
-- shares add up
SELECT round(sum(share_of_customers), 14) AS customers, round(sum(share_of_revenue), 14) AS revenue, round(sum(share_of_net), 14) AS net,
	round(sum(share_of_gains), 14) AS gains, round(sum(share_of_losses), 14) AS losses, bool_and(profit = gains + losses) AS profit FROM unnest((SELECT p FROM profiles));
-- all customers are the one segment that all are in
SELECT close_to(to_jsonb(all_customers(p)), to_jsonb(one) || '{"segment": "all customers"}') AS one_segment
FROM profiles, (SELECT (unnest(segment_profile(NULL::int, l))) AS one FROM customers) o;
-- an index is the ratio of two figures
SELECT count(*), bool_and(abs(index - 100 * value / all_customers) < 1e-9) AS ratio, bool_and((index IS NULL) = (value IS NULL OR all_customers <= 0)) AS when_there_is_one
FROM profiles, profile_index(p);
SELECT bool_and(abs(x.value - s.cost_to_serve / s.customers) < 1e-9) AS value
FROM profiles, profile_index(p) x JOIN slow s ON s.segment IS NOT DISTINCT FROM x.segment WHERE figure = 'cost_to_serve_per_customer';
-- each figure of the list is what its name says
SELECT count(*) AS differ FROM profiles, unnest(p) q, profile_figures(q) f
WHERE f.value IS DISTINCT FROM coalesce((to_jsonb(q) ->> f.figure)::numeric, (to_jsonb(q) ->> replace(f.figure, '_per_customer', ''))::numeric / q.customers);
-- texts as integers
SELECT count(*) AS differ FROM profiles, unnest(p) q FULL JOIN unnest((SELECT segment_profile(segment::text, l) FROM customers)) t ON coalesce(q.segment, 'none') = coalesce(t.segment, 'none')
WHERE to_jsonb(q) - 'number' IS DISTINCT FROM to_jsonb(t) - 'number';

-- any order, and workers
SELECT p = (SELECT segment_profile(segment, l ORDER BY noise(customer, 11, 1000)) FROM customers) AS any_order FROM profiles;
-- growing ledgers are read like others
CREATE AGGREGATE growing(ledger) (SFUNC = ledger_accum, STYPE = ledger);
SELECT p = (SELECT segment_profile(segment, l) FROM (SELECT segment, growing(e) AS l FROM customers, LATERAL (SELECT ledger_entry(day, account, amount, purchases => purchases) AS e
	FROM entries WHERE entries.customer = customers.customer) e GROUP BY customer, segment) g) AS growing FROM profiles;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
ALTER TABLE customers SET (parallel_workers = 3);
ANALYZE customers;
EXPLAIN (COSTS OFF) SELECT segment_profile(segment, l) FROM customers;
SELECT p = (SELECT segment_profile(segment, l) FROM customers) AS parallel FROM profiles;
SELECT (SELECT segment_profile(segment::text, l) FROM customers WHERE customer < 0) IS NULL AS parallel_none;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- stored, and read back
CREATE TABLE stored (day date, p segment_profile_row[]);
INSERT INTO stored SELECT '2024-12-31', p FROM profiles;
SELECT stored.p = profiles.p AS stored FROM stored, profiles;

-- cards
SELECT jsonb_pretty(card) FROM profile_cards((SELECT segment_profile(segment, l) FROM few),
	effort => (SELECT effort_misallocation(segment, cost_to_serve(l), profit(l)) FROM few WHERE l IS NOT NULL),
	channels => (SELECT segment_mix(s, c, a) FROM (VALUES (1, 'shop', 10), (1, 'phone', 20), (2, 'shop', 5)) v(s, c, a)),
	products => (SELECT segment_mix(1, 'p' || i, i) FROM generate_series(1, 9) i),
	top => 2,
	more => '{"1": {"breadth": 2.5}}')
WHERE number = 1;
-- what is not given is not there; the NULL segment has a card
SELECT number, segment, array_agg(key ORDER BY key) AS keys FROM profile_cards((SELECT segment_profile(segment, l) FROM few)), jsonb_object_keys(card) AS key GROUP BY 1, 2 ORDER BY 1;
SELECT card -> 'channels' AS none, card -> 'effort' AS no_effort FROM profile_cards((SELECT segment_profile(1, ledger())),
	channels => '{}', effort => (SELECT effort_misallocation(2, 1, 1)));
SELECT count(*) AS of_null FROM profile_cards(NULL);
-- a card is an object, whatever more has
SELECT segment, jsonb_typeof(card) AS card, card ? 'more' AS has_more, card -> 'more' AS more, card -> 'breadth' AS breadth
FROM profile_cards((SELECT segment_profile(segment, ledger()) FROM generate_series(1, 4) AS segment),
	more => '{"1": "small offices", "2": null, "3": {"breadth": 2.5}}');

DROP TABLE few, foreign_trade, entries, customers, slow, profiles, stored;
DROP AGGREGATE growing(ledger);
DROP FUNCTION noise, close_to, is_partial;
