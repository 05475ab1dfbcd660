-- what a parent hides: gains and losses that cancel out below it

-- Gains and losses roll up like any ledger, so they are written as one: gains as
-- revenue, losses as a cost.
CREATE FUNCTION netting_gap(
	customer_view text DEFAULT current_customer_view(), as_of date DEFAULT current_as_of(), days daterange DEFAULT NULL)
	RETURNS TABLE (party_id bigint, gains numeric, losses numeric, net numeric, netting_gap numeric)
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100000 ROWS 100000
BEGIN ATOMIC
	SELECT t.party_id, revenue(t.total), -cost(t.total), profit(t.total), least(revenue(t.total), cost(t.total))
	FROM (SELECT n.party_id, roll_up(n.gain_or_loss, n.party_id, n.parents, n.shares) OVER () AS total
		  FROM (SELECT p.party_id, p.parents, p.shares,
					   CASE WHEN p.profit IS NOT NULL
							THEN ledger('2000-01-01', revenue => greatest(p.profit, 0), cogs => greatest(-p.profit, 0), currency => currency(p.own)) END AS gain_or_loss
				-- OFFSET 0: each profit is read once
				FROM (SELECT o.*, CASE WHEN netting_gap.days IS NULL THEN profit(o.own) ELSE profit(o.own, netting_gap.days) END AS profit
					  FROM household_nodes(netting_gap.customer_view, netting_gap.as_of) AS o OFFSET 0) AS p) AS n) AS t;
END;
COMMENT ON FUNCTION netting_gap(text, date, daterange) IS
	'For each party, of itself and all below: the sum of the profits of those that gain, that of those that lose, both together, and how much of the gains the losses use up without being seen.';
