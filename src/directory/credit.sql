-- credit: what each party may owe, what its family owes, and how late

CREATE TABLE credit_limit (
	party_id bigint NOT NULL REFERENCES party,
	amount numeric NOT NULL,
	currency text,
	valid daterange NOT NULL DEFAULT '(,)',
	CONSTRAINT credit_limit_is_known_by_party_and_days PRIMARY KEY (party_id, valid),
	CONSTRAINT credit_limit_is_an_amount CHECK (amount >= 0 AND amount < 'Infinity'),
	CONSTRAINT currency_is_iso_4217 CHECK (currency ~ '^[A-Z]{3}$'),
	CONSTRAINT credit_limit_is_valid_sometime CHECK (NOT isempty(valid)),
	CONSTRAINT one_credit_limit_at_any_time EXCLUDE USING gist (
		int8range(party_id, party_id, '[]') WITH &&,
		range_merge(valid, valid) WITH &&)
);
COMMENT ON TABLE credit_limit IS 'How much a party and whoever belongs to it may owe, and when. Change it with set_credit_limit, which keeps the history.';
COMMENT ON COLUMN credit_limit.currency IS 'ISO 4217 code of three letters; NULL where all money is of one currency that nobody states.';
COMMENT ON COLUMN credit_limit.valid IS 'The days on which the limit holds.';
COMMENT ON CONSTRAINT one_credit_limit_at_any_time ON credit_limit IS 'A party has one credit limit on any day.';

SELECT pg_catalog.pg_extension_config_dump('credit_limit', '');

CREATE FUNCTION set_credit_limit(party bigint, amount numeric, currency text DEFAULT NULL, since date DEFAULT NULL, until date DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 1000 SET search_path = customer_value, pg_catalog, pg_temp SET datestyle = 'ISO, YMD'
AS $$
#variable_conflict use_column
DECLARE
	days daterange := days_between(since, until);
	was jsonb;
BEGIN
	-- Two sessions that set limits of one party take turns.
	PERFORM FROM party p WHERE p.party_id = party FOR NO KEY UPDATE;
	PERFORM changeable_party(party);
	SELECT jsonb_agg(to_jsonb(l) - 'party_id' ORDER BY l.valid) INTO was FROM credit_limit l WHERE l.party_id = party;

	-- What held on these days goes; what one of them also held before or after stays.
	WITH gone AS (
		DELETE FROM credit_limit l WHERE l.party_id = party AND l.valid && days RETURNING l.*
	)
	INSERT INTO credit_limit (party_id, amount, currency, valid)
	SELECT g.party_id, g.amount, g.currency, unnest(datemultirange(g.valid) - datemultirange(days)) FROM gone g;
	IF set_credit_limit.amount IS NOT NULL THEN
		INSERT INTO credit_limit (party_id, amount, currency, valid) VALUES (party, set_credit_limit.amount, set_credit_limit.currency, days);
	END IF;

	PERFORM record_event('set_credit_limit', party, NULL, was, (SELECT jsonb_agg(to_jsonb(l) - 'party_id' ORDER BY l.valid) FROM credit_limit l WHERE l.party_id = party));
END;
$$;
COMMENT ON FUNCTION set_credit_limit(bigint, numeric, text, date, date) IS
	'Sets how much a party and whoever belongs to it may owe from a day on, until the day before another; NULL stands for the beginning and for an open end. Limits that held on these days give way; an amount of NULL leaves none.';

-- Ageing: how late an open amount is.

CREATE TYPE ageing_bucket AS ENUM ('not yet due', '1-30', '31-60', '61-90', 'over 90');
COMMENT ON TYPE ageing_bucket IS 'Days an open amount is past due, in the customary steps.';

CREATE FUNCTION ageing(due date, as_of date) RETURNS ageing_bucket
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 2
RETURN CASE WHEN due >= as_of THEN 'not yet due'
			WHEN due >= as_of - 30 THEN '1-30'
			WHEN due >= as_of - 60 THEN '31-60'
			WHEN due >= as_of - 90 THEN '61-90'
			ELSE 'over 90' END::ageing_bucket;
COMMENT ON FUNCTION ageing(date, date) IS
	'How many days past its due date an amount is on a day: not yet due, which it is on that date itself, 1-30, 31-60, 61-90 or over 90.';

-- Days sales outstanding: how many days of sales have not been paid.

CREATE FUNCTION days_sales_outstanding(receivables numeric, revenue numeric, days int) RETURNS numeric
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5
RETURN CASE WHEN revenue > 0 AND days > 0 THEN receivables * days / revenue END;
COMMENT ON FUNCTION days_sales_outstanding(numeric, numeric, int) IS
	'Receivables in days of the revenue of a period of so many days; NULL without revenue.';

CREATE FUNCTION days_sales_outstanding(receivables numeric, ledger, as_of date) RETURNS numeric
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 200
BEGIN ATOMIC
	WITH month AS (
		SELECT lower(p.period) AS since, least(upper(p.period), as_of + 1) AS until, net_revenue(p.ledger) AS revenue
		FROM periods($2 * daterange(NULL, as_of, '[]'), 'month') AS p
	), counted AS (
		SELECT m.since, m.until, m.revenue, sum(m.revenue) OVER (ORDER BY m.since DESC) AS revenue_since FROM month AS m
	)
	SELECT CASE WHEN receivables <= 0 THEN 0 ELSE (
		SELECT as_of + 1 - c.until + (receivables - (c.revenue_since - c.revenue)) * (c.until - c.since) / c.revenue
		FROM counted AS c WHERE c.revenue_since >= receivables ORDER BY c.since DESC LIMIT 1) END;
END;
COMMENT ON FUNCTION days_sales_outstanding(numeric, ledger, date) IS
	'Receivables in days by counting back: whole months of net revenue, from the day backwards, as long as they are less than what is receivable, and of the month before as large a part as is left. NULL if the ledger has less revenue than is receivable.';

-- Exposure: what families owe, beside what they may.

CREATE TYPE open_invoice AS (
	party_id bigint,
	amount numeric,
	invoiced date,
	due date
);
COMMENT ON TYPE open_invoice IS
	'What is open of an invoice; the amount of a credit note is negative. An invoice without due date is due on the day of the invoice.';

-- Without JIT: what lies in households is estimated far too high, and to compile it takes
-- longer than to run it.
CREATE FUNCTION credit_exposure(
	invoices open_invoice[], customer_view text DEFAULT 'legal', as_of date DEFAULT current_as_of(), invoice_currency text DEFAULT NULL
) RETURNS TABLE (
	household bigint, party_id bigint, name text, is_head boolean,
	exposure numeric, credit_limit numeric, currency text, headroom numeric, over_limit boolean,
	not_yet_due numeric, days_1_30 numeric, days_31_60 numeric, days_61_90 numeric, over_90 numeric,
	oldest_due date, open_invoices bigint
)
	LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100000 ROWS 100 SET search_path = customer_value, pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
	currencies text[];
BEGIN
	IF customer_view IS NULL OR as_of IS NULL THEN
		RETURN;
	END IF;
	PERFORM role_of_view(customer_view);	-- an error if there is no such view
	IF (SELECT v.weighs_ownership FROM customer_view v WHERE v.view_name = customer_view) THEN
		RAISE EXCEPTION USING ERRCODE = 'feature_not_supported',
			MESSAGE = format('customer view "%s" weighs ownership', customer_view),
			DETAIL = 'An invoice is owed as a whole, and a credit limit holds for a whole family.',
			HINT = 'Take a view that does not weigh, such as legal or domestic.';
	END IF;
	IF invoice_currency IS NULL THEN
		SELECT array_agg(DISTINCT l.currency ORDER BY l.currency) INTO currencies FROM credit_limit l WHERE l.valid @> as_of;
		IF cardinality(currencies) > 1 THEN
			RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
				MESSAGE = 'credit limits are in several currencies',
				DETAIL = format('They are in %s.', array_to_string(currencies, ', ', 'one that is not stated')),
				HINT = 'Say in invoice_currency which one the invoices are in: limits in others are not compared with them.';
		END IF;
	END IF;

	RETURN QUERY
	WITH RECURSIVE
	-- what each party owes
	invoice AS MATERIALIZED (
		SELECT i.party_id, exact_amount(i.amount) AS amount, coalesce(i.due, i.invoiced) AS due, ageing(coalesce(i.due, i.invoiced, as_of), as_of) AS age
		FROM unnest(invoices) AS i WHERE i.amount IS NOT NULL
	), named AS (
		SELECT i.party_id, sum(i.amount) AS amount,
			   sum(i.amount) FILTER (WHERE i.age = 'not yet due') AS not_yet_due, sum(i.amount) FILTER (WHERE i.age = '1-30') AS days_1_30,
			   sum(i.amount) FILTER (WHERE i.age = '31-60') AS days_31_60, sum(i.amount) FILTER (WHERE i.age = '61-90') AS days_61_90,
			   sum(i.amount) FILTER (WHERE i.age = 'over 90') AS over_90, min(i.due) FILTER (WHERE i.amount > 0) AS oldest_due, count(*) AS invoices
		FROM invoice i GROUP BY i.party_id
	), owed AS (
		SELECT CASE WHEN m.absorbed_id IS NULL THEN n.party_id ELSE current_party(n.party_id) END AS debtor, n.*
		FROM named n LEFT JOIN party_merge m ON m.absorbed_id = n.party_id AND m.undone_at IS NULL
	),
	allowed AS (
		SELECT l.party_id, l.amount, l.currency FROM credit_limit l
		WHERE l.valid @> as_of AND (invoice_currency IS NULL OR l.currency = invoice_currency)
	),
	-- from each of them the way up to the head of its household
	link AS MATERIALIZED (
		SELECT h.party_id, h.parents[1] AS parent_id FROM household_links(customer_view, as_of) h
	), way AS (
		SELECT p.party_id AS start_id, p.party_id AS node_id, k.parent_id
		FROM party p LEFT JOIN link k USING (party_id)
		WHERE p.party_id IN (SELECT o.debtor FROM owed o UNION ALL SELECT a.party_id FROM allowed a)
		UNION ALL
		SELECT w.start_id, w.parent_id, k.parent_id FROM way w LEFT JOIN link k ON k.party_id = w.parent_id WHERE w.parent_id IS NOT NULL
	), debt AS (
		SELECT w.node_id, w.parent_id IS NULL AS is_head, o.*
		FROM way w LEFT JOIN owed o ON o.debtor = w.start_id
		WHERE w.parent_id IS NULL OR w.node_id IN (SELECT a.party_id FROM allowed a)
		UNION ALL
		SELECT o.debtor, true, o.* FROM owed o WHERE NOT EXISTS (SELECT FROM party p WHERE p.party_id = o.debtor)
	), added AS (
		SELECT d.node_id, bool_and(d.is_head) AS is_head, coalesce(sum(d.amount), 0.00) AS exposure,
			   coalesce(sum(d.not_yet_due), 0.00) AS not_yet_due, coalesce(sum(d.days_1_30), 0.00) AS days_1_30,
			   coalesce(sum(d.days_31_60), 0.00) AS days_31_60, coalesce(sum(d.days_61_90), 0.00) AS days_61_90,
			   coalesce(sum(d.over_90), 0.00) AS over_90, min(d.oldest_due) AS oldest_due, coalesce(sum(d.invoices), 0)::bigint AS invoices
		FROM debt d GROUP BY d.node_id
	)
	SELECT CASE WHEN s.is_head THEN s.node_id ELSE h.node_id END, s.node_id, p.name, s.is_head,
		   s.exposure, a.amount, a.currency, a.amount - s.exposure, s.exposure > a.amount,
		   s.not_yet_due, s.days_1_30, s.days_31_60, s.days_61_90, s.over_90, s.oldest_due, s.invoices
	FROM added s LEFT JOIN party p ON p.party_id = s.node_id
		 LEFT JOIN allowed a ON a.party_id = s.node_id
		 LEFT JOIN way h ON NOT s.is_head AND h.start_id = s.node_id AND h.parent_id IS NULL
	WHERE s.invoices > 0 OR a.party_id IS NOT NULL
	ORDER BY 1, s.is_head DESC, 2;
END;
$$;
COMMENT ON FUNCTION credit_exposure(open_invoice[], text, date, text) IS
	'What households under a customer view owe, beside their credit limits: a row for each head with open invoices, for each party with a limit of its own, which adds up all that belongs to it, and for each party_id that nobody knows. The rows with is_head add up to all invoices.';
