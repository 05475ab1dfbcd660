-- what a parent hides: gains and losses that cancel out below it

-- Gains and losses roll up like any ledger, so they are written as one: gains as
-- revenue, losses as a cost.
CREATE FUNCTION netting_gap(
	customer_view text DEFAULT current_customer_view(), as_of date DEFAULT current_as_of(), days daterange DEFAULT NULL)
	RETURNS TABLE (party_id bigint, gains numeric, losses numeric, net numeric, netting_gap numeric)
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100000 ROWS 100000
BEGIN ATOMIC
	SELECT t.party_id, revenue(t.total), -cost(t.total), profit(t.total), least(revenue(t.total), cost(t.total))
	FROM (SELECT n.party_id, roll_up(n.own, n.party_id, n.parents, n.shares) OVER () AS total
		  FROM (SELECT party_id, l.parents, l.shares,
					   CASE WHEN o.profit IS NOT NULL
							THEN ledger('2000-01-01', revenue => greatest(o.profit, 0), cogs => greatest(-o.profit, 0), currency => o.currency) END AS own
				FROM (SELECT p.party_id FROM party p
					  WHERE NOT EXISTS (SELECT FROM party_merge m WHERE m.absorbed_id = p.party_id AND m.undone_at IS NULL)) AS live
					 FULL JOIN household_links(netting_gap.customer_view, netting_gap.as_of) AS l USING (party_id)
					 FULL JOIN (SELECT w.party_id, CASE WHEN netting_gap.days IS NULL THEN profit(w.own) ELSE profit(w.own, netting_gap.days) END AS profit,
									   currency(w.own) AS currency
								FROM party_ledgers(role_of_view(netting_gap.customer_view)) AS w) AS o USING (party_id)
				WHERE netting_gap.customer_view IS NOT NULL AND netting_gap.as_of IS NOT NULL) AS n) AS t;
END;
COMMENT ON FUNCTION netting_gap(text, date, daterange) IS
	'For each party, of itself and all below: the sum of the profits of those that gain, that of those that lose, both together, and how much of the gains the losses use up without being seen.';
