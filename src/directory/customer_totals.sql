-- totals: what a reader sees, who sees no customer

-- Read with the rights of its owner: through policies a reader would see nothing.
-- It calls no function that reads tables, for that would read as the reader.
CREATE VIEW customer_totals WITH (security_barrier) AS
WITH customer AS (
	SELECT p.party_id, p.kind, p.country, p.attributes ->> 'industry' AS industry, currency(k.ledger) AS currency, total(k.ledger) AS ledger
	FROM party p
		 JOIN party_identifier i ON i.party_id = p.party_id
		 JOIN LATERAL (SELECT CASE WHEN i.valid = '(,)' THEN l.ledger ELSE l.ledger * i.valid END AS ledger
					   FROM customer_ledger l
					   WHERE l.source = i.source AND l.source_key = i.source_key AND l.role = 'bill_to') AS k ON k.ledger <> ledger()
	GROUP BY p.party_id, currency(k.ledger)
), counted AS (
	SELECT c.kind, c.country, c.industry, c.currency, count(*) AS customers, total(c.ledger) AS ledger
	FROM customer c GROUP BY c.kind, c.country, c.industry, c.currency
)
SELECT CASE WHEN c.customers >= 5 THEN c.kind END AS kind,
	   CASE WHEN c.customers >= 5 THEN c.country END AS country,
	   CASE WHEN c.customers >= 5 THEN c.industry END AS industry,
	   c.customers < 5 AS others,
	   c.currency,
	   sum(c.customers)::bigint AS customers,
	   sum(revenue(c.ledger)) AS revenue, sum(cost(c.ledger)) AS cost, sum(profit(c.ledger)) AS profit
FROM counted c
GROUP BY 1, 2, 3, 4, 5
HAVING sum(c.customers) >= 5;
COMMENT ON VIEW customer_totals IS 'Customers, revenue, cost and profit by kind, country and industry. Groups of fewer than 5 customers are added up as others, which are not shown if they are fewer than 5 together.';
COMMENT ON COLUMN customer_totals.others IS 'true for the sum of all groups that are too small to be shown.';
COMMENT ON COLUMN customer_totals.customers IS 'Parties with money in a ledger; one with money in several currencies counts in each.';
