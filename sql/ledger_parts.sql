-- Parts of ledgers: slices, shares, splits, periods, entries.

SET search_path = public, customer_value;
\pset null (null)

CREATE TABLE firm AS
SELECT total(ledger(day, revenue => revenue, cogs => cogs, service => service)) AS l
FROM (VALUES (date '2023-12-31', 100.00, 60, NULL), ('2024-01-01', 50.55, 20.05, 5),
	('2024-02-29', NULL, NULL, 7.5), ('2024-04-01', -20, -8, NULL)) v(day, revenue, cogs, service);

SELECT l FROM firm;
SELECT revenue(l), net_revenue(l), cost(l), cost(l, 'cogs') AS cogs, cost_to_serve(l), contribution(l),
	profit(l), round(margin(l), 6) AS margin FROM firm;
SELECT first_day(l), last_day(l), purchases(l), purchase_days(l), first_purchase(l), last_purchase(l), currency(l) FROM firm;
SELECT revenue(z), profit(z), margin(z), first_day(z), last_day(z), purchases(z), purchase_days(z), first_purchase(z), currency(z)
FROM (SELECT ledger()) s(z);
SELECT margin(ledger('2024-01-01', revenue => -5)) AS negative_revenue,
	margin(ledger('2024-01-01', revenue => 10, discount => 2, cogs => 4)) AS on_net_revenue;
SELECT cost(l, 'revenue') FROM firm;
SELECT cost(l, 'travel') FROM firm;

SELECT * FROM entries((SELECT l FROM firm));
SELECT * FROM entries(ledger('2024-01-01', purchases => 2));
SELECT count(*) FROM entries(ledger());
SELECT total(ledger_entry(day, account, amount, purchases)) = l AS rebuilt FROM firm, entries(l) GROUP BY l;
SELECT total(ledger_entry(day, account, amount, purchases)) FROM entries('{"days": {"2024-01-01": {"purchases": 5000000000}}}');

-- slices
SELECT l * daterange('2024-01-01', '2024-03-01') AS two_months FROM firm;
SELECT l * daterange('2024-01-01', '2024-01-01', '[]') AS one_day FROM firm;
SELECT l * daterange('-infinity', '2024-01-01') AS before, l * daterange('2025-01-01', NULL) AS after FROM firm;

-- profit of some days: the same as of the slice, but NULL where there is no entry
SELECT profit(l, daterange('2024-01-01', '2024-03-01')) AS two_months, profit(l, daterange('2024-01-02', '2024-02-29')) AS no_entry,
	profit(l, '[2024-02-29,2024-02-29]') AS a_cost, profit(l, 'empty') AS no_days, profit(l, '(,)') = profit(l) AS all_days FROM firm;
SELECT profit(ledger('2024-01-01', purchases => 1), '(,)') AS purchase_only, profit(ledger(), '(,)') AS nothing, profit(ledger(), NULL) AS unknown;
SELECT bool_and(profit(l, d) IS NOT DISTINCT FROM CASE WHEN l * d <> ledger() THEN profit(l * d) END) AS of_the_slice, count(DISTINCT profit(l, d))
FROM firm, generate_series(date '2023-12-30', '2024-04-03', interval '1 day') a, generate_series(date '2023-12-30', '2024-04-03', interval '5 days') b, daterange(least(a, b)::date, greatest(a, b)::date) d;

-- shares by a factor: six decimals, half away from zero
SELECT l * 0.5 AS half FROM firm;
SELECT ledger('2024-01-01', revenue => 0.000001) * 0.5 AS up, ledger('2024-01-01', revenue => -0.000001) * 0.5 AS down,
	ledger('2024-01-01', revenue => 0.000001) * 0.49 AS gone;
SELECT 2 * l = l + l AS doubled, l * 0 = ledger() AS nothing, l * -1 = -l AS negated FROM firm;
SELECT l * 'NaN'::numeric FROM firm;
SELECT l * 1e30 FROM firm;
SELECT ledger('2024-01-01', purchases => 1) * 18446744073709551623;
SELECT ledger('2024-01-01', purchases => 1) * 1e24;
SELECT ledger('2024-01-01', purchases => 3) * 333333333333 AS most, ledger('2024-01-01', purchases => 3) * 0.5 AS half;

-- splits: the odd cent goes to the largest remainder, purchases to the largest share
SELECT unnest(split(ledger('2024-01-01', revenue => 100, purchases => 3), ARRAY[1, 1, 1]::numeric[]));
SELECT unnest(split(ledger('2024-01-01', revenue => 100, cogs => -0.05), ARRAY[0.2, 0.5, 0.3]));
SELECT unnest(split(ledger('2024-01-01', revenue => 10), ARRAY[1, 1, 1]::numeric[], 0));
SELECT unnest(split(ledger('2024-01-01', revenue => 0.000001), ARRAY[1, 3]::numeric[]));
SELECT unnest(split(ledger('2024-01-01', revenue => 1, currency => 'EUR'), ARRAY[0, 1]::numeric[]));
SELECT unnest(split(ledger('2024-01-01', revenue => 99999999999999999999999.99), ARRAY[1/3.0, 1/7.0, 1e-18]));
-- the larger weight, though it looks the same once rounded; weights past all proportion
SELECT purchases(unnest(split(ledger('2024-01-01', revenue => 2), ARRAY[1, 1.0000000000000000000001])));
SELECT revenue(unnest(split(ledger('2024-01-01', revenue => 2), ARRAY['1e131000', '1e-1000', '1e131000']::numeric[])));
SELECT split(l, '{}') FROM firm;
SELECT split(l, '{0,0}') FROM firm;
SELECT split(l, '{1,-1}') FROM firm;
SELECT split(l, '{1,NULL}') FROM firm;
SELECT split(l, '{1,NaN}') FROM firm;
SELECT split(l, '{1,1}', 7) FROM firm;

-- periods
SELECT * FROM periods((SELECT l FROM firm), 'month');
SELECT period FROM periods((SELECT l FROM firm), 'week');
SELECT period FROM periods((SELECT l FROM firm), 'quarter');
SELECT period, profit(ledger) FROM periods((SELECT l FROM firm), 'year');
SELECT period, profit(ledger) FROM periods((SELECT l FROM firm), ARRAY['2023-07-01', '2024-01-01', '2024-03-01', '2024-04-01']::date[]);
SELECT period, profit(ledger) FROM periods((SELECT l FROM firm), ARRAY['-infinity', '2024-01-01', 'infinity']::date[]);
SELECT count(*) FROM periods((SELECT l FROM firm), ARRAY['2024-01-01']::date[]);
SELECT period FROM periods('{"days": {"4714-11-24 BC": {"cogs": 1}, "5874897-12-31": {"cogs": 1}}}', 'year');
SELECT period FROM periods('{"days": {"0001-12-31 BC": {"cogs": 1}, "0001-01-01": {"cogs": 1}}}', 'quarter');
SELECT count(*) FILTER (WHERE lower(period) <> date_trunc(unit, d)::date
	OR upper(period) <> (date_trunc(unit, d) + ('1 ' || CASE unit WHEN 'quarter' THEN '3 months' ELSE unit END)::interval * 1)::date) AS wrong
FROM generate_series(timestamp '1899-12-25', '2101-01-10', '13 days') d,
	unnest(ARRAY['day', 'week', 'month', 'year']) unit, periods(ledger(d, cogs => 1), unit);
SELECT * FROM periods((SELECT l FROM firm), 'fortnight');
SELECT * FROM periods((SELECT l FROM firm), ARRAY['2024-01-01', '2024-01-01']::date[]);
SELECT * FROM periods((SELECT l FROM firm), ARRAY['2024-01-01', NULL]::date[]);

-- currencies
SELECT currency(a + b), currency(a - a), currency(a * 0.5), currency(a * daterange(NULL, NULL)), currency(-a), a + ledger() = a
FROM (SELECT ledger('2024-01-01', revenue => 1, currency => 'EUR'), ledger('2024-01-02', revenue => 1, currency => 'EUR')) s(a, b);
SELECT ledger('2024-01-01', revenue => 1, currency => 'EUR') + ledger('2024-01-01', revenue => 1, currency => 'USD');
SELECT ledger('2024-01-01', revenue => 1, currency => 'EUR') - ledger('2024-01-01', revenue => 1);

-- sums that do not fit
SELECT ledger('2024-01-01', revenue => 6e22) + ledger('2024-01-01', revenue => 6e22);
SELECT revenue(ledger('2024-01-01', revenue => 9e22) + ledger('2024-01-02', revenue => 9e22) + ledger('2024-01-03', revenue => 9e22));
SELECT '{"days": {"2024-01-05": {"purchases": 999999999999}}}'::ledger + ledger('2024-01-05', purchases => 1);

DROP TABLE firm;
