-- what of all money is in households under a customer view, and where the rest is

-- Without JIT, as credit_exposure().
CREATE FUNCTION view_conservation(
	customer_view text DEFAULT NULL, as_of date DEFAULT current_as_of()
) RETURNS TABLE (view_name text, reason text, sources text[], keys bigint, revenue numeric, cost numeric, profit numeric)
	LANGUAGE plpgsql STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000000 ROWS 56 SET search_path = customer_value, pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
BEGIN
	PERFORM role_of_view(customer_view);

	IF as_of IS NULL THEN
		RETURN;
	END IF;

	RETURN QUERY
	WITH
	-- the days on which somebody is meant by a key
	identified AS MATERIALIZED (
		SELECT i.source, i.source_key, range_agg(i.valid) AS valid FROM party_identifier i GROUP BY i.source, i.source_key
	), keyed AS (
		SELECT l.source, l.role, l.ledger,
			   CASE WHEN l.source_key IS NULL THEN 'no key' WHEN i.valid IS NULL THEN 'nobody' ELSE 'somebody' END AS whose,
			   -- what is left of the ledger on days on which the key means nobody
			   CASE WHEN NOT i.valid @> daterange(first_day(l.ledger), last_day(l.ledger), '[]')
					THEN (SELECT coalesce(total(l.ledger * gap.days), ledger())
						  FROM unnest(datemultirange(daterange(NULL, NULL)) - i.valid) AS gap (days)) END AS of_nobody
		FROM customer_ledger l LEFT JOIN identified i ON i.source = l.source AND i.source_key = l.source_key
	), said AS MATERIALIZED (
		SELECT k.source, k.role, total(k.ledger) AS whole, count(*) FILTER (WHERE k.whose <> 'no key') AS keys,
			   total(k.ledger) FILTER (WHERE k.whose = 'no key') AS without_key,
			   total(k.ledger) FILTER (WHERE k.whose = 'nobody') AS unidentified, count(*) FILTER (WHERE k.whose = 'nobody') AS unidentified_keys,
			   total(k.of_nobody) AS of_nobody, count(*) FILTER (WHERE k.of_nobody <> ledger()) AS of_nobody_keys
		FROM keyed k GROUP BY k.source, k.role
	),
	-- the money of a source is what it says of who pays, or else of the first role it says anything of
	money AS (
		SELECT DISTINCT ON (s.source) s.* FROM said s ORDER BY s.source, s.role
	), asked AS (
		SELECT v.view_name, v.role FROM customer_view v WHERE customer_view IS NULL OR v.view_name = customer_view
	), part AS (
		SELECT a.view_name, p.place, p.source, p.keys, p.ledger
		FROM asked a, LATERAL (
			SELECT 2 AS place, s.source, 0::bigint AS keys, s.without_key AS ledger FROM said s WHERE s.role = a.role AND s.without_key IS NOT NULL
			UNION ALL
			SELECT 3, s.source, s.unidentified_keys, s.unidentified FROM said s WHERE s.role = a.role AND s.unidentified_keys > 0
			UNION ALL
			SELECT 4, s.source, s.of_nobody_keys, s.of_nobody FROM said s WHERE s.role = a.role AND s.of_nobody_keys > 0
			UNION ALL
			SELECT 5, m.source, m.keys, m.whole FROM money m WHERE NOT EXISTS (SELECT FROM said s WHERE s.source = m.source AND s.role = a.role)
			UNION ALL
			SELECT 6, m.source, 0, m.whole - s.whole FROM money m JOIN said s ON s.source = m.source AND s.role = a.role
			WHERE revenue(s.whole) <> revenue(m.whole) OR cost(s.whole) <> cost(m.whole)
			UNION ALL
			SELECT 8, m.source, m.keys, m.whole FROM money m
			UNION ALL
			-- what is in households is added up where they are, so that a mistake there is seen
			SELECT 1, NULL, 0, h.retained FROM household_ledgers(a.view_name, as_of) h
			UNION ALL
			SELECT 1, s.source, s.keys - s.unidentified_keys, ledger() FROM said s WHERE s.role = a.role AND s.keys > s.unidentified_keys
		) AS p
	), added AS (
		SELECT a.view_name, r.place, r.reason, array_agg(DISTINCT p.source) FILTER (WHERE p.source IS NOT NULL) AS sources,
			   coalesce(sum(p.keys), 0)::bigint AS keys, coalesce(total(p.ledger), ledger()) AS ledger
		FROM asked a CROSS JOIN (VALUES
				(1, 'in households'), (2, 'no key in this role'), (3, 'key that nobody has identified'),
				(4, 'days on which the key means nobody'), (5, 'source without this role'), (6, 'other total in this role'),
				(8, 'grand total')) AS r (place, reason)
			 LEFT JOIN part p ON p.view_name = a.view_name AND p.place = r.place
		GROUP BY a.view_name, r.place, r.reason
	), explained AS (
		SELECT * FROM added
		UNION ALL
		SELECT d.view_name, 7, 'not explained', NULL, 0,
			   coalesce(total(d.ledger) FILTER (WHERE d.place = 8), ledger()) - coalesce(total(d.ledger) FILTER (WHERE d.place < 8), ledger())
		FROM added d GROUP BY d.view_name
	)
	SELECT e.view_name, e.reason, coalesce(e.sources, '{}'), e.keys, revenue(e.ledger), cost(e.ledger), profit(e.ledger)
	FROM explained e ORDER BY e.view_name, e.place;
END;
$$;
COMMENT ON FUNCTION view_conservation(text, date) IS
	'For each customer view, or for one: how much of all money is in households, and how much is not, for which reason and in which sources. The rows of a view add up to its grand total, which is the same under every view.';
