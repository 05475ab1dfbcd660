-- the directory for analysts, under the customer view and as of the day of the session

CREATE VIEW party_directory WITH (security_invoker = true) AS
SELECT p.party_id, p.name, p.kind, p.duns, p.country, p.level,
	   h.household, (SELECT n.name FROM party n WHERE n.party_id = h.household) AS household_name,
	   i.identifiers, i.sources, p.attributes
FROM party p
	 CROSS JOIN LATERAL (SELECT household(p.party_id) AS household OFFSET 0) AS h
	 CROSS JOIN LATERAL (SELECT count(*) AS identifiers, array_agg(DISTINCT s.source ORDER BY s.source) AS sources
						 FROM party_identifier s WHERE s.party_id = p.party_id AND s.valid @> current_as_of()) AS i
WHERE NOT EXISTS (SELECT FROM party_merge m WHERE m.absorbed_id = p.party_id AND m.undone_at IS NULL);
COMMENT ON VIEW party_directory IS
	'Who the customers are: each party with its household under the customer view of the session, and the sources that know it.';

CREATE VIEW family_tree WITH (security_invoker = true) AS
SELECT t.household, t.party_id, repeat('    ', t.depth) || p.name AS family, t.depth, t.share, t.path
FROM household_tree() AS t LEFT JOIN party p ON p.party_id = t.party_id;
COMMENT ON VIEW family_tree IS
	'How parties belong together under the customer view of the session: ORDER BY path makes it a tree. The share is the part of the party that belongs to the one above, also where a view counts it whole.';

CREATE VIEW household_profit WITH (security_invoker = true) AS
SELECT t.household, t.party_id, p.name, t.depth, t.below,
	   currency(l.total) AS currency, profit(l.own) AS own_profit, revenue(l.total) AS revenue, cost(l.total) AS cost, profit(l.total) AS profit, margin(l.total) AS margin,
	   g.gains, g.losses, g.netting_gap
FROM (SELECT b.*, purchases(roll_up(ledger('2000-01-01', purchases => 1), b.party_id, b.parent_id) OVER ()) - 1 AS below
	  FROM household_tree() AS b) AS t
	 LEFT JOIN party p ON p.party_id = t.party_id
	 LEFT JOIN household_ledgers() AS l ON l.party_id = t.party_id
	 LEFT JOIN netting_gap() AS g ON g.party_id = t.party_id;
COMMENT ON VIEW household_profit IS
	'For each party under the customer view of the session: its household, how many are below it, its own profit, the money of itself with all below, and what gains and losses hide from each other.';
