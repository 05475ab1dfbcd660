-- which faces of the company know a household: who is billed that nobody serves or sells to

-- Without JIT, as credit_exposure().
CREATE FUNCTION face_reconciliation(
	customer_view text DEFAULT current_customer_view(), as_of date DEFAULT current_as_of()
) RETURNS TABLE (
	party_id bigint, name text, parties bigint, keys bigint, in_accounting boolean, in_sales boolean, in_service boolean,
	in_marketing boolean, in_delivery boolean, in_e_commerce boolean, in_other boolean, missing text[], revenue numeric, profit numeric
)
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 1000000 ROWS 10000 SET search_path = customer_value, pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH RECURSIVE link AS MATERIALIZED (
		-- where shares weigh, a household is that of the largest, which is the first
		SELECT h.party_id, h.parents[1] AS parent_id FROM household_links(customer_view, as_of) h
	), member AS (
		SELECT p.party_id AS head_id, p.party_id FROM party p
		WHERE NOT EXISTS (SELECT FROM link k WHERE k.party_id = p.party_id)
			  AND NOT EXISTS (SELECT FROM party_merge g WHERE g.absorbed_id = p.party_id AND g.undone_at IS NULL)
		UNION ALL
		SELECT m.head_id, k.party_id FROM member m JOIN link k ON k.parent_id = m.party_id
	), known AS (
		SELECT m.head_id, s.face, count(*) AS keys
		FROM party_identifier i JOIN source_system s USING (source) JOIN member m USING (party_id)
		WHERE i.valid @> as_of GROUP BY m.head_id, s.face
	), seen AS (
		SELECT k.head_id, sum(k.keys)::bigint AS keys, array_agg(k.face) AS faces FROM known k GROUP BY k.head_id
	), household AS (
		SELECT m.head_id, count(*) AS parties, coalesce(total(l.own), ledger()) AS ledger
		FROM member m LEFT JOIN household_ledgers(customer_view, as_of) l USING (party_id) GROUP BY m.head_id
	), asked AS (
		SELECT array_agg(f.face ORDER BY f.place) AS faces
		FROM unnest('{accounting,sales,service,marketing,delivery,e-commerce,other}'::text[]) WITH ORDINALITY AS f (face, place)
		WHERE EXISTS (SELECT FROM source_system s WHERE s.face = f.face)
	)
	SELECT h.head_id, p.name, h.parties, coalesce(k.keys, 0), f.faces @> '{accounting}', f.faces @> '{sales}', f.faces @> '{service}',
		   f.faces @> '{marketing}', f.faces @> '{delivery}', f.faces @> '{e-commerce}', f.faces @> '{other}',
		   ARRAY(SELECT a.face FROM unnest(asked.faces) WITH ORDINALITY AS a (face, place) WHERE a.face <> ALL (f.faces) ORDER BY a.place),
		   revenue(h.ledger), profit(h.ledger)
	FROM household h JOIN party p ON p.party_id = h.head_id LEFT JOIN seen k ON k.head_id = h.head_id CROSS JOIN asked,
		 LATERAL (SELECT coalesce(k.faces, '{}') AS faces) AS f
	ORDER BY h.head_id;
END;
$$;
COMMENT ON FUNCTION face_reconciliation(text, date) IS
	'For each household under a customer view: which faces of the company know one of its parties on a day, by the systems that have a key of theirs, which faces do not, and its revenue and profit. Under the view site, for each party.';
