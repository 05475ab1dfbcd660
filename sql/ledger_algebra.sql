-- The laws of the algebra, on thousands of random ledgers.

SET search_path = public, customer_value;
SELECT setseed(0.5);

-- Ledgers of up to 8 entries, several accounts, amounts of any scale and sign.
CREATE TABLE random_entries AS
SELECT g % 3000 AS id,
	date '2024-01-01' + (random() * 40)::int - (CASE WHEN g % 50 = 0 THEN 20000 ELSE 0 END) AS day,
	(enum_range(NULL::ledger_account))[1 + (random() * 11)::int] AS account,
	round(((random() - 0.4) * 10 ^ (g % 16))::numeric, g % 7) AS amount,
	CASE WHEN g % 3 = 0 THEN g % 5 - 2 END AS purchases
FROM generate_series(1, 15000) g;
CREATE TABLE random_ledgers AS
SELECT id, total(ledger_entry(day, account, amount, purchases)) AS l
FROM random_entries GROUP BY id;
CREATE TABLE triples AS
SELECT a.l AS a, b.l AS b, c.l AS c
FROM random_ledgers a, random_ledgers b, random_ledgers c
WHERE b.id = (a.id * 7 + 13) % 3000 AND c.id = (a.id * 11 + 5) % 3000;

-- each row true or the table of violations is not empty
SELECT count(*) AS triples,
	bool_and((a + b) + c = a + (b + c)) AS associative,
	bool_and(a + b = b + a) AS commutative,
	bool_and(a + ledger() = a AND ledger() + a = a) AS neutral,
	bool_and(a - a = ledger() AND a + (-a) = ledger()) AS inverse,
	bool_and((a + b) - b = a) AS cancels,
	bool_and(a - b = a + (-b)) AS minus_is_plus_negative,
	bool_and(-(-a) = a) AS double_negative,
	bool_and((a + b)::text = (b + a)::text AND ledger_send(a + b) = ledger_send(b + a)) AS same_bytes
FROM triples;

-- sums are homomorphisms
SELECT bool_and(revenue(a + b) = revenue(a) + revenue(b)) AS revenue,
	bool_and(net_revenue(a + b) = net_revenue(a) + net_revenue(b)) AS net_revenue,
	bool_and(cost(a + b) = cost(a) + cost(b)) AS cost,
	bool_and(cost_to_serve(a + b) = cost_to_serve(a) + cost_to_serve(b)) AS cost_to_serve,
	bool_and(contribution(a + b) = contribution(a) + contribution(b)) AS contribution,
	bool_and(profit(a - b) = profit(a) - profit(b)) AS profit,
	bool_and(purchases(a + b) = purchases(a) + purchases(b)) AS purchases,
	bool_and(revenue(a) - cost(a) = profit(a)) AS revenue_less_cost,
	bool_and(contribution(a) = profit(a) + cost(a, 'acquisition') + cost(a, 'overhead')) AS before_overhead,
	bool_and(cost_to_serve(a) = cost(a, 'selling') + cost(a, 'marketing') + cost(a, 'service') + cost(a, 'delivery')) AS serving
FROM triples;

-- slices partition the whole
SELECT bool_and(a * daterange(NULL, d) + a * daterange(d, NULL) = a) AS two_halves,
	bool_and(a * daterange(NULL, NULL) = a) AS everything,
	bool_and(a * 'empty'::daterange = ledger()) AS nothing,
	bool_and((a * daterange(NULL, d)) * daterange(d - 10, NULL) = a * daterange(d - 10, d)) AS intersection,
	bool_and(daterange(d, NULL) * a = a * daterange(d, NULL)) AS commutes,
	bool_and((a + b) * daterange(d, d + 7) = a * daterange(d, d + 7) + b * daterange(d, d + 7)) AS distributes
FROM triples, LATERAL (SELECT date '2024-01-01' + (abs(ledger_hash(a)) % 45)) v(d);
SELECT unit, bool_and((SELECT total(p.ledger) FROM periods(a, unit) p) IS NOT DISTINCT FROM nullif(a, ledger())) AS partitions,
	bool_and((SELECT bool_and(first_day(p.ledger) <@ p.period AND last_day(p.ledger) <@ p.period) FROM periods(a, unit) p)) AS within
FROM (SELECT a FROM triples LIMIT 500) s, unnest(ARRAY['day', 'week', 'month', 'quarter', 'year']) unit
GROUP BY unit ORDER BY unit;

-- shares add up, whatever the weights
SELECT bool_and((SELECT total(s.l) FROM unnest(split(a, w)) s(l)) = a) AS add_up,
	bool_and((SELECT total(s.l) FROM unnest(split(a, w, 0)) s(l)) = a) AS add_up_in_units,
	bool_and((SELECT total(s.l) FROM unnest(split(a, w, 6)) s(l)) = a) AS add_up_in_millionths,
	bool_and(cardinality(split(a, w)) = cardinality(w)) AS all_parts,
	bool_and((split(a, w))[i] = ledger() OR w[i] > 0) AS zero_weight_gets_nothing,
	bool_and((SELECT bool_and(abs(profit(part) - profit(a) * w[n] / (SELECT sum(x) FROM unnest(w) x)) < 0.01 * 12 * 8)
		FROM unnest(split(a, w)) WITH ORDINALITY p(part, n))) AS in_proportion
FROM (SELECT a, 1 + abs(ledger_hash(a)) % 3 AS i,
	ARRAY[abs(ledger_hash(b)) % 100, abs(ledger_hash(c)) % 7 / 6.0, 1 + abs(ledger_hash(a)) % 1000 / 1000.0]::numeric[] AS w
	FROM triples LIMIT 1000) s;

-- text, jsonb, entries and the equality of all forms
SELECT bool_and(a::text::ledger = a) AS text, bool_and(a::jsonb::ledger = a) AS jsonb,
	bool_and((SELECT coalesce(total(ledger_entry(e.day, e.account, e.amount, e.purchases::int)), ledger()) FROM entries(a) e) = a) AS entries,
	bool_and(ledger_hash(a) = ledger_hash(a::text::ledger)) AS hash
FROM triples;

DROP TABLE random_entries, random_ledgers, triples;
