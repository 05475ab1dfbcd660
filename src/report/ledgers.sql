--
-- ledgers.sql
--		From orders, the rows, to one ledger per customer, and the few views the
--		report is written in.
--
-- orders has a fixed shape, whoever made it: customer text, day timestamp, one
-- numeric column per account, purchases int, currency text.
--
\set ON_ERROR_STOP on
\set SHOW_CONTEXT errors

CREATE TABLE customer_ledgers AS
SELECT customer,		-- NULL: nobody knows whose
	   total(ledger(day, revenue => revenue, discount => discount, cogs => cogs, selling => selling,
					marketing => marketing, service => service, delivery => delivery,
					acquisition => acquisition, retention => retention, credit_loss => credit_loss,
					overhead => overhead, other => other, purchases => purchases, currency => currency)) AS l
FROM orders GROUP BY customer;

ANALYZE customer_ledgers;

-- The same money by plain SQL, to check the ledgers against.
CREATE VIEW booked AS
SELECT customer, day, coalesce(revenue, 0) AS revenue,
	   coalesce(revenue, 0) - coalesce(discount, 0) - coalesce(cogs, 0) - coalesce(selling, 0) - coalesce(marketing, 0)
	   - coalesce(service, 0) - coalesce(delivery, 0) - coalesce(acquisition, 0) - coalesce(retention, 0)
	   - coalesce(credit_loss, 0) - coalesce(overhead, 0) - coalesce(other, 0) AS profit
FROM orders;

-- The period of the report, and the one before it.
CREATE TABLE period (days daterange NOT NULL, days_before daterange NOT NULL);

CREATE VIEW in_period AS
SELECT customer, l * days AS l, l * days_before AS l_before FROM customer_ledgers, period;

-- Customers with entries in the period; the others are inactive.
CREATE VIEW members AS
SELECT customer, l, l_before, profit(l) AS profit FROM in_period
WHERE customer IS NOT NULL AND l <> ledger();

-- Members who had entries in the period before too.
CREATE VIEW members_before AS
SELECT customer, profit, profit(l_before) AS profit_before FROM members WHERE l_before <> ledger();

-- The value segments of the report, and who is in which.
CREATE TABLE scheme (s segmentation NOT NULL);

CREATE VIEW segment_members AS
SELECT segment(s, profit) AS segment, members.* FROM members, scheme;
