-- change: who went from which segment to which, and what that did to the money

CREATE TYPE migration_cell AS (
	before int,
	after int,
	customers bigint,
	value_before numeric,
	value_after numeric
);
COMMENT ON TYPE migration_cell IS
	'A cell of a migration matrix: the customers of one segment before and one after, and their value then. A segment that is NULL: not a customer before, no longer one after.';

CREATE FUNCTION migration_accum(internal, int, int, numeric, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
CREATE FUNCTION migration_accum(internal, segmentation, numeric, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 3 AS 'MODULE_PATHNAME', 'migration_scheme_accum';
CREATE FUNCTION migration_final(internal) RETURNS migration_cell[]
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION migration_accum(internal, int, int, numeric, numeric) IS 'aggregate transition function: counts a customer in the cell of two segments';
COMMENT ON FUNCTION migration_accum(internal, segmentation, numeric, numeric) IS 'aggregate transition function: counts a customer in the cell of the segments of two values';
COMMENT ON FUNCTION migration_final(internal) IS 'aggregate final function of migration';

CREATE AGGREGATE migration(before int, after int, value_before numeric, value_after numeric) (
	SFUNC = migration_accum,
	STYPE = internal,
	SSPACE = 16384,
	FINALFUNC = migration_final,
	COMBINEFUNC = tally_combine,
	SERIALFUNC = tally_serialize,
	DESERIALFUNC = tally_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE migration(int, int, numeric, numeric) IS
	'The migration matrix of one row for each customer: their segment before and after, NULL for no customer, and their value then. Cells with customers only, by segment before and after, NULL last; rows without either segment are left out, their value with them, and a NULL value is 0. NULL for no rows.';

CREATE AGGREGATE migration(segmentation, value_before numeric, value_after numeric) (
	SFUNC = migration_accum,
	STYPE = internal,
	SSPACE = 16384,
	FINALFUNC = migration_final,
	COMBINEFUNC = tally_combine,
	SERIALFUNC = tally_serialize,
	DESERIALFUNC = tally_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE migration(segmentation, numeric, numeric) IS
	'The migration matrix between the segments of two values of each customer, by cut points: migration(segment(s, before), segment(s, after), before, after). A NULL value is no customer.';

-- reading a matrix

CREATE FUNCTION migration_margins(
	migration_cell[],
	OUT segment int, OUT before bigint, OUT entered bigint, OUT moved_in bigint,
	OUT moved_out bigint, OUT exited bigint, OUT after bigint,
	OUT value_before numeric, OUT value_after numeric
) RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 200 ROWS 8
BEGIN ATOMIC
	SELECT m.segment, sum(m.before)::bigint, sum(m.entered)::bigint, sum(m.moved_in)::bigint, sum(m.moved_out)::bigint,
		sum(m.exited)::bigint, sum(m.after)::bigint, sum(m.value_before), sum(m.value_after)
	FROM (SELECT c.before AS segment, c.customers AS before, 0 AS entered, 0 AS moved_in,
			CASE WHEN c.after <> c.before THEN c.customers ELSE 0 END AS moved_out,
			CASE WHEN c.after IS NULL THEN c.customers ELSE 0 END AS exited, 0 AS after, c.value_before, 0.00 AS value_after
		FROM unnest($1) c WHERE c.before IS NOT NULL
		UNION ALL
		SELECT c.after, 0, CASE WHEN c.before IS NULL THEN c.customers ELSE 0 END,
			CASE WHEN c.before <> c.after THEN c.customers ELSE 0 END, 0, 0, c.customers, 0.00, c.value_after
		FROM unnest($1) c WHERE c.after IS NOT NULL) m
	GROUP BY m.segment ORDER BY m.segment;
END;
COMMENT ON FUNCTION migration_margins(migration_cell[]) IS
	'The margins of a migration matrix, a row for each segment: its customers before and after and where they came from and went: before + entered + moved_in - moved_out - exited = after; and its value before and after.';

CREATE FUNCTION migration_rates(
	migration_cell[],
	OUT before bigint, OUT entered bigint, OUT upgraded bigint, OUT downgraded bigint, OUT stayed bigint,
	OUT exited bigint, OUT after bigint,
	OUT upgrade_rate numeric, OUT downgrade_rate numeric, OUT exit_rate numeric, OUT entry_rate numeric
) RETURNS record
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 200
BEGIN ATOMIC
	SELECT r.up + r.down + r.same + r.gone, r.new, r.up, r.down, r.same, r.gone, r.up + r.down + r.same + r.new,
		r.up::numeric / nullif(r.up + r.down + r.same, 0), r.down::numeric / nullif(r.up + r.down + r.same, 0),
		r.gone::numeric / nullif(r.up + r.down + r.same + r.gone, 0), r.new::numeric / nullif(r.up + r.down + r.same + r.new, 0)
	FROM (SELECT coalesce(sum(c.customers) FILTER (WHERE c.after < c.before), 0)::bigint AS up,
			coalesce(sum(c.customers) FILTER (WHERE c.after > c.before), 0)::bigint AS down,
			coalesce(sum(c.customers) FILTER (WHERE c.after = c.before), 0)::bigint AS same,
			coalesce(sum(c.customers) FILTER (WHERE c.before IS NULL), 0)::bigint AS new,
			coalesce(sum(c.customers) FILTER (WHERE c.after IS NULL), 0)::bigint AS gone
		FROM unnest($1) c) r;
END;
COMMENT ON FUNCTION migration_rates(migration_cell[]) IS
	'The customers of a migration matrix before and after, and how many entered, moved to a better segment (a smaller number) or a worse one, stayed in theirs, left: before + entered - exited = after. Upgrades and downgrades as shares of those who are there before and after, exits of those before, entries of those after; NULL where there are none of these.';

CREATE FUNCTION profit_bridge(
	migration_cell[], OUT step text, OUT customers bigint, OUT amount numeric
) RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 200 ROWS 7
BEGIN ATOMIC
	SELECT s.step, coalesce(sum(CASE WHEN s.number = 1 AND c.before IS NULL OR s.number = 7 AND c.after IS NULL THEN 0 ELSE c.customers END), 0)::bigint,
		coalesce(sum(CASE s.number WHEN 1 THEN c.value_before WHEN 7 THEN c.value_after ELSE c.value_after - c.value_before END), 0.00)
	FROM (VALUES (1, 'before'), (2, 'entered'), (3, 'moved up'), (4, 'moved down'), (5, 'repriced'), (6, 'exited'), (7, 'after')) s (number, step)
	LEFT JOIN unnest($1) c ON s.number IN (1, 7,
		CASE WHEN c.before IS NULL THEN 2 WHEN c.after IS NULL THEN 6 WHEN c.after < c.before THEN 3 WHEN c.after > c.before THEN 4 ELSE 5 END)
	GROUP BY s.number, s.step ORDER BY s.number;
END;
COMMENT ON FUNCTION profit_bridge(migration_cell[]) IS
	'From the value before to the value after, in seven steps that add up exactly: before, what entering customers brought, how the value of those who moved up, moved down or stayed in their segment (repriced) changed, what exiting ones took with them, after.';
