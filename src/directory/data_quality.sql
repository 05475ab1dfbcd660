-- what is wrong or missing in the directory

CREATE FUNCTION name_to_compare(name text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5
RETURN lower(translate(name, E' \t.,;:''"`()[]/\\&+*-_', ''));
COMMENT ON FUNCTION name_to_compare(text) IS
	'A name in lower case without blanks and punctuation: what duplicate_candidates compares.';

CREATE FUNCTION duplicate_candidates(OUT reason text, OUT value text, OUT parties bigint[]) RETURNS SETOF record
	LANGUAGE sql STABLE PARALLEL SAFE COST 1000000 ROWS 100
BEGIN ATOMIC
	WITH present AS (
		SELECT p.* FROM party AS p
		WHERE NOT EXISTS (SELECT FROM party_merge AS m WHERE m.absorbed_id = p.party_id AND m.undone_at IS NULL)
	), named AS MATERIALIZED (
		SELECT p.party_id, p.kind, p.name, name_to_compare(p.name) COLLATE "C" AS compared, p.country COLLATE "C" AS country,
			   CASE WHEN p.kind = 'person' THEN p.attributes ->> 'birth_date' END COLLATE "C" AS born
		FROM present AS p WHERE p.kind <> 'site'
	)
	SELECT 'same D-U-N-S number', p.duns::text, array_agg(p.party_id ORDER BY p.party_id)
	FROM present AS p WHERE p.duns IS NOT NULL GROUP BY p.duns HAVING count(*) > 1
	UNION ALL
	SELECT 'same name and country', concat_ws(', ', min(n.name COLLATE "C"), n.country, n.born), array_agg(n.party_id ORDER BY n.party_id)
	FROM named AS n WHERE n.compared <> ''
	GROUP BY n.kind, n.compared, n.country, n.born HAVING count(*) > 1
	ORDER BY 1, 3;
END;
COMMENT ON FUNCTION duplicate_candidates() IS
	'Parties that may be the same: those with the same D-U-N-S number, and organisations and people with the same name, letter case and punctuation aside, in the same country; people must have the same birth date, too. Sites are left out of the latter.';

CREATE VIEW data_quality WITH (security_invoker = true) AS
WITH present AS (
	SELECT p.* FROM party AS p
	WHERE NOT EXISTS (SELECT FROM party_merge AS m WHERE m.absorbed_id = p.party_id AND m.undone_at IS NULL)
),
-- Completeness: parties are counted by the set of what is filled in; there are few such sets.
described AS (
	SELECT p.party_id, p.kind, array_remove(ARRAY[
			CASE WHEN octet_length(p.name) > 10 AND p.name ~ '[[:alnum:]]' OR p.name !~* '^[^[:alnum:]]*(n[^[:alnum:]]?a|n[^[:alnum:]]?n|none|null|unknown|test|tbd|xxx)?[^[:alnum:]]*$' THEN 'name' END,
			CASE WHEN p.duns IS NOT NULL THEN 'duns' END,
			CASE WHEN p.country IS NOT NULL THEN 'country' END,
			CASE WHEN p.level IS NOT NULL THEN 'level' END], NULL)
		   || ARRAY(SELECT 'attributes.' || a.key FROM jsonb_each(p.attributes) AS a WHERE a.value NOT IN ('null', '""')) AS filled
	FROM present AS p
), known AS (
	SELECT DISTINCT i.source, i.party_id FROM party_identifier AS i WHERE i.valid @> (SELECT current_as_of())
	UNION ALL
	SELECT NULL, d.party_id FROM described AS d
), counted AS (
	SELECT k.source, d.kind, d.filled, count(*) AS parties FROM known AS k JOIN described AS d USING (party_id)
	GROUP BY k.source, d.kind, d.filled
), expected AS (
	SELECT v.kind::party_kind, v.subject, v.place
	FROM (VALUES ('organisation', 'name', 1), ('site', 'name', 1), ('person', 'name', 1),
				 ('organisation', 'duns', 2), ('site', 'duns', 2),
				 ('organisation', 'country', 3), ('site', 'country', 3), ('person', 'country', 3),
				 ('organisation', 'level', 4), ('site', 'level', 4),
				 ('organisation', 'attributes.industry', 5), ('person', 'attributes.birth_date', 5)) AS v (kind, subject, place)
	UNION
	-- what one party of a kind has, the others may have, too
	SELECT c.kind, f.subject, 5 FROM counted AS c, unnest(c.filled) AS f (subject) WHERE f.subject LIKE 'attributes.%'
), system AS (
	SELECT s.source FROM source_system AS s UNION ALL SELECT NULL
), completeness AS (
	SELECT s.source, e.subject, e.place, coalesce(sum(c.parties), 0) AS checked,
		   coalesce(sum(c.parties) FILTER (WHERE e.subject <> ALL (c.filled)), 0) AS found
	FROM system AS s CROSS JOIN expected AS e
		 LEFT JOIN counted AS c ON c.kind = e.kind AND c.source IS NOT DISTINCT FROM s.source
	GROUP BY s.source, e.subject, e.place
),
-- Rules.
broken AS (
	SELECT r.place, NULL::text AS source, r.subject, r.rule, r.checked, r.found
	FROM (SELECT count(*) AS parties,
				 count(*) FILTER (WHERE p.kind = 'person') AS people,
				 count(*) FILTER (WHERE p.kind = 'person' AND p.duns IS NOT NULL) AS people_with_duns,
				 count(*) FILTER (WHERE p.kind <> 'person' AND p.duns IS NOT NULL) AS duns,
				 count(*) FILTER (WHERE p.kind <> 'site') AS named,
				 count(p.attributes ->> 'birth_date') AS births,
				 count(*) FILTER (WHERE p.attributes ->> 'birth_date' !~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
										OR (p.attributes ->> 'birth_date') COLLATE "C" > to_char((SELECT current_as_of()), 'YYYY-MM-DD')) AS births_wrong,
				 count(*) FILTER (WHERE p.kind = 'site') AS sites,
				 (SELECT count(*) FROM present AS o WHERE o.kind = 'site' AND NOT EXISTS (
					SELECT FROM party_relationship AS r WHERE r.child_id = o.party_id AND r.valid @> (SELECT current_as_of()))) AS sites_alone,
				 (SELECT count(*) FROM present AS o WHERE NOT EXISTS (
					SELECT FROM party_identifier AS i WHERE i.party_id = o.party_id)) AS without_identifier
		  FROM present AS p) AS p
		 CROSS JOIN (SELECT coalesce(sum(cardinality(c.parties)) FILTER (WHERE c.reason = 'same D-U-N-S number'), 0)::bigint AS by_duns,
							coalesce(sum(cardinality(c.parties)) FILTER (WHERE c.reason = 'same name and country'), 0)::bigint AS by_name
					 FROM duplicate_candidates() AS c) AS d,
		 LATERAL (VALUES
			(11, 'duns', 'D-U-N-S number of a person', p.people, p.people_with_duns),
			(12, 'attributes.birth_date', 'not a day, or one to come', p.births, p.births_wrong),
			(21, 'duns', 'shared with another party', p.duns, d.by_duns),
			(22, 'name', 'shared with another party in the same country', p.named, d.by_name),
			(33, 'party', 'without an identifier', p.parties, p.without_identifier),
			(34, 'party', 'site without a parent', p.sites, p.sites_alone)) AS r (place, subject, rule, checked, found)
	UNION ALL
	SELECT 13, NULL, 'party_relationship', 'organisation that belongs to a site', count(*),
		   count(*) FILTER (WHERE k.ownership AND c.kind = 'organisation' AND o.kind = 'site')
	FROM party_relationship AS r JOIN relationship_kind AS k USING (kind)
		 JOIN party AS c ON c.party_id = r.child_id JOIN party AS o ON o.party_id = r.parent_id
	WHERE r.valid @> (SELECT current_as_of())
	UNION ALL
	SELECT 14, NULL, 'party_relationship', 'of an absorbed party', (SELECT count(*) FROM party_relationship), (
		SELECT count(DISTINCT r.relationship_id)
		FROM party_merge AS m JOIN party_relationship AS r ON (r.child_id = m.absorbed_id OR r.parent_id = m.absorbed_id) WHERE m.undone_at IS NULL)
	UNION ALL
	SELECT 15, s.source, 'party_identifier', 'of an absorbed party', coalesce(i.identifiers, 0), (
		SELECT count(*) FROM party_merge AS m JOIN party_identifier AS x ON x.party_id = m.absorbed_id WHERE m.undone_at IS NULL AND x.source = s.source)
	FROM source_system AS s LEFT JOIN (SELECT x.source, count(*) AS identifiers FROM party_identifier AS x GROUP BY x.source) AS i USING (source)
	UNION ALL
	SELECT 16, NULL, 'credit_limit', 'of an absorbed party', count(*), count(*) FILTER (WHERE EXISTS (
		SELECT FROM party_merge AS m WHERE m.absorbed_id = l.party_id AND m.undone_at IS NULL))
	FROM credit_limit AS l
	UNION ALL
	SELECT 17, NULL, 'customer_view.kinds', 'kind that does not exist', count(*), count(*) FILTER (WHERE NOT EXISTS (
		SELECT FROM relationship_kind AS k WHERE k.kind = f.kind))
	FROM customer_view AS v, unnest(v.kinds) AS f (kind)
	UNION ALL
	SELECT 18, NULL, 'customer_view.up_to', 'level that no party has', count(*), count(*) FILTER (WHERE NOT EXISTS (
		SELECT FROM party AS p WHERE p.level = v.up_to))
	FROM customer_view AS v WHERE v.up_to NOT IN ('site', 'domestic ultimate', 'global ultimate')
	UNION ALL
	SELECT 19, NULL, 'account_team.member', 'no role of this server', count(*), count(*) FILTER (WHERE NOT EXISTS (
		SELECT FROM pg_roles AS r WHERE r.rolname = t.member))
	FROM account_team AS t WHERE t.until IS NULL OR t.until > (SELECT current_as_of())
	UNION ALL
	-- Orphans: keys on one side only.
	SELECT o.place, s.source, o.subject, o.rule, o.checked, o.found
	FROM source_system AS s
		 LEFT JOIN (SELECT k.source, count(k.ledger_key) AS ledgers, count(k.ledger_key) FILTER (WHERE k.identified_key IS NULL) AS unidentified,
						   count(k.identified_key) AS identified, count(k.identified_key) FILTER (WHERE k.ledger_key IS NULL) AS without_ledger
					FROM (SELECT source, l.source_key AS ledger_key, i.source_key AS identified_key
						  FROM (SELECT DISTINCT c.source, c.source_key FROM customer_ledger AS c WHERE c.source_key IS NOT NULL) AS l
							   FULL JOIN (SELECT DISTINCT c.source, c.source_key FROM party_identifier AS c) AS i USING (source, source_key)) AS k
					GROUP BY k.source) AS k USING (source),
		 LATERAL (VALUES
			(31, 'customer_ledger.source_key', 'key that nobody has identified', coalesce(k.ledgers, 0), coalesce(k.unidentified, 0)),
			(32, 'party_identifier.source_key', 'key without a ledger', coalesce(k.identified, 0), coalesce(k.without_ledger, 0))) AS o (place, subject, rule, checked, found)
)
SELECT c.area, c.source, c.subject, c.rule, c.checked::bigint AS checked, c.found::bigint AS found,
	   CASE WHEN c.checked > 0 THEN round(c.found::numeric / c.checked, 6) END AS share
FROM (SELECT 'completeness' AS area, i.place, i.source, i.subject, 'not known' AS rule, i.checked, i.found FROM completeness AS i
	  UNION ALL
	  SELECT CASE b.place / 10 WHEN 1 THEN 'rules' WHEN 2 THEN 'duplicates' ELSE 'orphans' END, b.place, b.source, b.subject, b.rule, b.checked, b.found
	  FROM broken AS b) AS c
ORDER BY c.place / 10, c.source NULLS FIRST, c.place, c.subject;
COMMENT ON VIEW data_quality IS
	'What is missing or wrong in the directory, today or on the day of customer_value.as_of: a row for each check, also where nothing was found. source is NULL where the directory as a whole is checked.';
COMMENT ON COLUMN data_quality.area IS 'completeness, rules, duplicates or orphans.';
COMMENT ON COLUMN data_quality.source IS 'The source system whose parties or keys are checked; NULL: the directory as a whole.';
COMMENT ON COLUMN data_quality.subject IS 'The column or table that is checked.';
COMMENT ON COLUMN data_quality.rule IS 'What is found there and should not be.';
COMMENT ON COLUMN data_quality.checked IS 'How many values or rows were looked at.';
COMMENT ON COLUMN data_quality.found IS 'How many of them are as the rule says.';
COMMENT ON COLUMN data_quality.share IS 'found / checked; NULL where there was nothing to check.';
