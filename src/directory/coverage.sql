-- coverage: customers that nobody looks after, and what is at stake

CREATE FUNCTION coverage_gaps(
	customer_view text DEFAULT current_customer_view(), as_of date DEFAULT current_as_of()
) RETURNS TABLE (party_id bigint, name text, team_function team_function, members name[], gone name[], profit numeric)
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 1000000 ROWS 400 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH customer AS (
		SELECT h.party_id, h.total AS ledger FROM household_ledgers(customer_view, as_of) h
		WHERE h.total <> ledger() AND NOT EXISTS (SELECT FROM household_links(customer_view, as_of) k WHERE k.party_id = h.party_id)
	), team AS (
		SELECT t.party_id, t.team_function,
			   array_agg(DISTINCT t.member) FILTER (WHERE r.rolname IS NOT NULL) AS members,
			   array_agg(DISTINCT t.member) FILTER (WHERE r.rolname IS NULL) AS gone
		FROM account_team t LEFT JOIN pg_catalog.pg_roles r ON r.rolname = t.member
		WHERE t.since <= as_of AND (t.until IS NULL OR t.until > as_of)
		GROUP BY t.party_id, t.team_function
	)
	SELECT c.party_id, p.name, f.team_function, coalesce(t.members, '{}'), coalesce(t.gone, '{}'), profit(c.ledger)
	FROM customer c JOIN party p ON p.party_id = c.party_id
		 CROSS JOIN unnest(enum_range(NULL::team_function)) AS f (team_function)
		 LEFT JOIN team t ON t.party_id = c.party_id AND t.team_function = f.team_function
	WHERE t.members IS NULL OR t.gone IS NOT NULL
	ORDER BY profit(c.ledger) DESC, c.party_id, f.team_function;
END;
$$;
COMMENT ON FUNCTION coverage_gaps(text, date) IS
	'For each household with money in it, under a customer view, and each team function: rows where nobody is in the team of its head on a day, or somebody whose role is gone; the most profit first.';
