-- families as trees: who is below whom

CREATE FUNCTION household_tree(customer_view text DEFAULT current_customer_view(), as_of date DEFAULT current_as_of())
	RETURNS TABLE (party_id bigint, household bigint, parent_id bigint, depth int, share numeric, path bigint[])
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100000 ROWS 100000
BEGIN ATOMIC
	WITH RECURSIVE link AS MATERIALIZED (
		SELECT l.party_id, l.parents[1] AS parent_id, l.owned[1] AS share
		FROM household_links(household_tree.customer_view, household_tree.as_of) AS l
	), head AS (
		SELECT p.party_id FROM party p
		WHERE NOT EXISTS (SELECT FROM party_merge m WHERE m.absorbed_id = p.party_id AND m.undone_at IS NULL)
		-- under policies, a parent may be seen by its relationships only
		UNION SELECT k.parent_id FROM link k
		EXCEPT SELECT k.party_id FROM link k
	), tree AS (
		SELECT h.party_id, h.party_id AS household, NULL::bigint AS parent_id, 0 AS depth, 1::numeric AS share, ARRAY[h.party_id] AS path
		FROM head h
		UNION ALL
		SELECT k.party_id, t.household, k.parent_id, t.depth + 1, k.share, t.path || k.party_id
		FROM tree t JOIN link k ON k.parent_id = t.party_id
	)
	SELECT t.party_id, t.household, t.parent_id, t.depth, t.share, t.path FROM tree t
	WHERE household_tree.customer_view IS NOT NULL AND household_tree.as_of IS NOT NULL;
END;
COMMENT ON FUNCTION household_tree(text, date) IS
	'Each party once, in its household: below the parent with the largest share, how deep, which share of it that parent holds, and the ids from the head down to it.';

CREATE FUNCTION household_members(head bigint, customer_view text DEFAULT current_customer_view(), as_of date DEFAULT current_as_of())
	RETURNS TABLE (party_id bigint, parent_id bigint, depth int, path bigint[], share numeric)
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10000 ROWS 20
BEGIN ATOMIC
	-- Level by level, each party once in a level, however many ways lead to it:
	-- what of it belongs to the head by ways of this length, and the best of them.
	WITH RECURSIVE below AS (
		SELECT p.party_id, NULL::bigint AS parent_id, 0 AS depth, ARRAY[p.party_id] AS path, 1::numeric AS share, 1::numeric AS share_of_way
		FROM party p
		WHERE p.party_id = household_members.head AND role_of_view(household_members.customer_view) IS NOT NULL
			  AND household_members.as_of IS NOT NULL
			  AND NOT EXISTS (SELECT FROM party_merge m WHERE m.absorbed_id = p.party_id AND m.undone_at IS NULL)
		UNION ALL
		SELECT w.child_id, w.party_id, w.depth + 1, w.path || w.child_id, w.share, w.share_of_way
		FROM (SELECT c.child_id, b.party_id, b.depth, b.path, b.share_of_way * l.share AS share_of_way,
					 sum(b.share * l.share) OVER (PARTITION BY c.child_id) AS share,
					 row_number() OVER (PARTITION BY c.child_id ORDER BY b.share_of_way * l.share DESC, b.path) AS way
			  FROM below b
				   -- DISTINCT ON keeps the planner from a hash table, which would stay as large
				   -- for everybody as it became for a parent of very many, and be emptied each time
				   CROSS JOIN LATERAL (SELECT DISTINCT ON (r.child_id) r.child_id FROM party_relationship r
									   WHERE r.parent_id = b.party_id AND r.valid @> household_members.as_of
									   ORDER BY r.child_id) AS c
				   CROSS JOIN LATERAL party_links(c.child_id, household_members.customer_view, household_members.as_of) AS l
			  -- relationships past the checks may make a cycle
			  WHERE l.parent_id = b.party_id AND c.child_id <> ALL (b.path)) AS w
		WHERE w.way = 1
	)
	SELECT w.party_id, w.parent_id, w.depth, w.path, w.share_of_all
	FROM (SELECT b.party_id, b.parent_id, b.depth, b.path, sum(b.share) OVER (PARTITION BY b.party_id) AS share_of_all,
				 row_number() OVER (PARTITION BY b.party_id ORDER BY b.share_of_way DESC, b.depth) AS way
		  FROM below b) AS w
	WHERE w.way = 1;
END;
COMMENT ON FUNCTION household_members(bigint, text, date) IS
	'Everybody below a party and itself: below whom, how deep, by which way, and which share of it counts for the head, over all ways.';
