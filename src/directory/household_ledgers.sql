-- ledgers of households: everybody's own money, and that of all below

CREATE FUNCTION role_of_view(customer_view text) RETURNS party_role
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION role_of_view(text) IS 'The role by which a customer view reads records; an error if there is no such view.';

CREATE FUNCTION party_ledgers(role party_role) RETURNS TABLE (party_id bigint, own ledger)
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100000 ROWS 100000
BEGIN ATOMIC
	SELECT i.party_id, total(CASE WHEN i.valid = '(,)' THEN l.ledger ELSE l.ledger * i.valid END)
	FROM customer_ledger l JOIN party_identifier i ON i.source = l.source AND i.source_key = l.source_key
	WHERE l.role = party_ledgers.role
	GROUP BY i.party_id;
END;
COMMENT ON FUNCTION party_ledgers(party_role) IS
	'The ledger of each party in a role: the sum of those of its keys, of each the days on which the key was the party''s.';

CREATE FUNCTION household_nodes(customer_view text, as_of date) RETURNS TABLE (party_id bigint, own ledger, parents bigint[], shares numeric[])
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100000 ROWS 100000
BEGIN ATOMIC
	SELECT party_id, o.own, l.parents, l.shares
	FROM (SELECT p.party_id FROM party p
		  WHERE NOT EXISTS (SELECT FROM party_merge m WHERE m.absorbed_id = p.party_id AND m.undone_at IS NULL)) AS live
		 -- under policies, relationships and ledgers may be seen of whom one does not see
		 FULL JOIN household_links(household_nodes.customer_view, household_nodes.as_of) AS l USING (party_id)
		 FULL JOIN party_ledgers(role_of_view(household_nodes.customer_view)) AS o USING (party_id)
	WHERE household_nodes.customer_view IS NOT NULL AND household_nodes.as_of IS NOT NULL;
END;
COMMENT ON FUNCTION household_nodes(text, date) IS
	'What roll_up() takes: each party, its own ledger, and whom it belongs to.';

CREATE FUNCTION household_ledgers(customer_view text DEFAULT current_customer_view(), as_of date DEFAULT current_as_of())
	RETURNS TABLE (party_id bigint, own ledger, total ledger, retained ledger)
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100000 ROWS 100000
BEGIN ATOMIC
	SELECT n.party_id, n.own,
		   roll_up(n.own, n.party_id, n.parents, n.shares) OVER (),
		   roll_up_rest(n.own, n.party_id, n.parents, n.shares) OVER ()
	FROM household_nodes(household_ledgers.customer_view, household_ledgers.as_of) AS n;
END;
COMMENT ON FUNCTION household_ledgers(text, date) IS
	'For each party its own ledger, the total with all below, and what of the total stays with it because it belongs to nobody else. All that is retained adds up to all that is own.';
