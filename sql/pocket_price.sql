--
-- From the list price to the pocket price; what is credited for upgraded customers; what a cheaper channel saves.
--
SET search_path = public, customer_value;

-- the flooring manufacturer of Marn and Rosiello (1992): of 6.00 a square yard, 5.78 are invoiced and 4.47 pocketed
SELECT step, name, deduction, price, round(share_of_list, 3) AS share_of_list
FROM price_waterfall(6.00, ARRAY[('order size discount', 0.10), ('competitive discount', 0.12)]::deduction[],
	ARRAY[('payment terms discount', 0.30), ('annual volume bonus', 0.37), ('off-invoice promotions', 0.35), ('cooperative advertising', 0.20), ('freight', 0.09)]::deduction[]);

-- nothing off the invoice; nothing at all; a surcharge; no price, a free one, one below zero
SELECT * FROM price_waterfall(100, ARRAY[('discount', 12.50)]::deduction[]);
SELECT * FROM price_waterfall(100, NULL, NULL);
SELECT * FROM price_waterfall(10, ARRAY[('small order surcharge', -2), ('unknown', NULL), NULL]::deduction[], ARRAY[('bonus', 3)]::deduction[]);
SELECT * FROM price_waterfall(NULL, ARRAY[('discount', 1)]::deduction[]);
SELECT name, price, share_of_list FROM price_waterfall(0, ARRAY[('discount', 1)]::deduction[]);
SELECT name, price, share_of_list FROM price_waterfall(-5, '{}');

-- the same money in ledgers: list price is revenue, all deductions are discount
SELECT deductions(1.25, NULL, 2) AS three, deductions(NULL::numeric) AS none, deductions(VARIADIC '{}') AS nothing,
	deductions(VARIADIC NULL) IS NULL AS of_null, deductions(VARIADIC ARRAY[[0.000001, 1], [-3, 99999999999999999999999]]) AS wide;
CREATE TABLE line AS
SELECT i % 50 AS customer, date '2024-01-01' + i % 366 AS day, (hashint4(i) & 65535) / 100.0 AS list,
	round((hashint4(i + 1) & 255) / 1000.0 * (hashint4(i) & 65535) / 100, 2) AS volume, CASE WHEN i % 3 = 0 THEN (hashint4(i + 2) & 511) / 100.0 END AS promotion,
	(hashint4(i + 3) & 1023) / 1000000.0 AS terms, CASE WHEN i % 7 > 0 THEN 1.5 END AS rebate
FROM generate_series(1, 2000) i;
CREATE TABLE ledgers AS SELECT customer, total(ledger(day, revenue => list, discount => deductions(volume, promotion, terms, rebate))) AS l FROM line GROUP BY customer;
SELECT w.step, w.name, w.deduction, w.price, round(w.share_of_list, 4) AS share
FROM (SELECT sum(list) AS list, sum(volume) AS volume, sum(promotion) AS promotion, sum(terms) AS terms, sum(rebate) AS rebate FROM line) s,
	price_waterfall(list, ARRAY[('volume', volume), ('promotion', promotion)]::deduction[], ARRAY[('payment terms', terms), ('rebate', rebate)]::deduction[]) w;
SELECT count(*) AS customers, bool_and(net_revenue(l) = pocket AND revenue(l) = list AND cost(l, 'discount') = taken_off) AS agree, bool_and(pocket = plain) AS by_hand
FROM ledgers JOIN (SELECT customer, list, max(w.price) FILTER (WHERE w.name = 'pocket price') AS pocket, sum(w.deduction) AS taken_off,
		list - volume - coalesce(promotion, 0) - terms - coalesce(rebate, 0) AS plain
	FROM (SELECT customer, sum(list) AS list, sum(volume) AS volume, sum(promotion) AS promotion, sum(terms) AS terms, sum(rebate) AS rebate FROM line GROUP BY customer) s,
		price_waterfall(list, ARRAY[('volume', volume), ('promotion', promotion)]::deduction[], ARRAY[('terms', terms), ('rebate', rebate)]::deduction[]) w
	GROUP BY customer, list, volume, promotion, terms, rebate) p USING (customer);

-- uplift of upgraded customers: segment 1 is the best
SELECT b, a, pb, pa, upgrade_uplift(b, a, pb, pa) FROM (VALUES (3, 2, 100, 150.50), (3, 2, 100, 90), (2, 2, 100, 900), (2, 3, 100, 50), (5, 1, -80, 20),
	(NULL, 1, NULL, 500), (4, NULL, 100, NULL), (4, 3, NULL, 100)) t(b, a, pb, pa);
-- credited to the account owners by their shares, to the cent; nobody owns Blum's account, nobody is to be credited for Egli's
CREATE TABLE moved (customer text, segment_before int, segment_after int, profit_before numeric, profit_after numeric);
INSERT INTO moved VALUES ('Ada', 3, 1, 100, 200.01), ('Blum', 2, 1, 0, 10), ('Cohen', 1, 2, 500, 100), ('Diaz', 4, 3, -50, -25.55), ('Egli', 3, 2, 1, 2);
CREATE TABLE account_owner (customer text, owner text, share numeric);
INSERT INTO account_owner VALUES ('Ada', 'Kim', 0.5), ('Ada', 'Lee', 0.5), ('Cohen', 'Kim', 1), ('Diaz', 'Kim', 1), ('Diaz', 'Lee', 1), ('Diaz', 'Moe', 1), ('Egli', 'Moe', 0);
SELECT customer, owner, allocate(upgrade_uplift(segment_before, segment_after, profit_before, profit_after), coalesce(share, 1), owner) OVER (PARTITION BY customer) AS credit
FROM moved LEFT JOIN account_owner USING (customer) ORDER BY customer, owner;
SELECT owner, sum(credit) FROM (SELECT owner, allocate(upgrade_uplift(segment_before, segment_after, profit_before, profit_after), coalesce(share, 1), owner) OVER (PARTITION BY customer) AS credit
	FROM moved LEFT JOIN account_owner USING (customer)) c GROUP BY owner ORDER BY owner;
SELECT sum((s).pool) AS uplift, sum((s).customers) AS credited, sum((s).unassigned) AS no_owner, sum((s).unallocated) AS no_share
FROM (SELECT allocation_summary(uplift, credit, owner) AS s FROM (SELECT customer, owner, uplift, allocate(uplift, coalesce(share, 1), owner) OVER (PARTITION BY customer) AS credit
	FROM moved LEFT JOIN account_owner USING (customer), upgrade_uplift(segment_before, segment_after, profit_before, profit_after) AS uplift) c GROUP BY customer) c;

-- channels: 40 visits at 85.50, of which a quarter can be calls at 6.35, and 100 of margin are lost; all of them; a dearer channel
SELECT channel_saving(40, 85.50, 6.35, 0.25, 100) AS a_quarter, channel_saving(40, 85.50, 6.35) AS everything, channel_saving(40, 6.35, 85.50, 0.25) AS dearer,
	channel_saving(1, 0.005, 0) AS half_up, channel_saving(1, 0, 0.005) AS half_down, channel_saving(1, 0.0015, 0, scale => 3) AS tenths, channel_saving(NULL, 1, 1) AS of_null;
SELECT count(*) AS customers, sum(channel_saving(n, 85.50, 6.35, share, lost)) = sum(round(n * share * (85.50 - 6.35) - lost, 2)) AS same
FROM (SELECT hashint4(i) & 63 AS n, (hashint4(i + 1) & 127) / 128.0 AS share, (hashint4(i + 2) & 4095) / 100.0 AS lost FROM generate_series(1, 1000) i) c;

-- errors
\set VERBOSITY default
SELECT * FROM price_waterfall(10, ARRAY[('discount', 'NaN')]::deduction[]);
SELECT deductions(1, 0.1234567);
SELECT channel_saving(-1, 2, 1);
SELECT channel_saving(1, 2, 1, 50);
\set VERBOSITY terse
SELECT * FROM price_waterfall('Infinity', NULL);
SELECT deductions('NaN');
SELECT upgrade_uplift(2, 1, 'NaN', 1);
SELECT channel_saving('NaN', 2, 1);
SELECT channel_saving(1, 'Infinity', 1);
SELECT channel_saving(1, 2, 1, lost => 'NaN');
SELECT channel_saving(1, 2, 1, scale => 9);
SELECT exact_amount(1e23), exact_amount(1);
SELECT deductions(99999999999999999999999 - i, 1) - 99999999999999999999999 FROM generate_series(0, 1) i;

DROP TABLE line, ledgers, moved, account_owner;
