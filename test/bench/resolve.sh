#!/usr/bin/env bash
# resolve.sh: what it costs to find the components of a million matches, read
# as a table, against plain SQL in PL/pgSQL.  Most components are small, as
# duplicates are; a few are long chains.
#
# The plain SQL is of two kinds.  The one most write: every record takes the
# least component among its neighbours', until nothing changes.  And the
# fastest we know: each record points to the least of its neighbours,
# pointers are followed to their end, and what is left of the matches, between
# the ends, is done in the same way.
#
#   createdb bench && psql bench -c 'CREATE EXTENSION customer_value'
#   PGDATABASE=bench test/bench/resolve.sh     RUNS=5, MATCHES=1000000 by default
#
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh

MATCHES=${MATCHES:-1000000}
if [ "$(sql -c "SELECT to_regclass('bench_match') IS NULL")" = t ]; then
	psql -X -q -o /dev/null -v ON_ERROR_STOP=1 <<-SQL
		SET search_path = public, customer_value;
		SELECT setseed(0.42);
		CREATE UNLOGGED TABLE bench_match AS
		SELECT a, b, 'crm:' || lpad(a::text, 9, '0') AS ta, 'crm:' || lpad(b::text, 9, '0') AS tb
		FROM (SELECT 4 * e + floor(random() * 4)::bigint AS a, 4 * e + floor(random() * 4)::bigint AS b
				FROM (SELECT floor(random() * $MATCHES * 0.3)::bigint AS e FROM generate_series(1, $MATCHES * 0.98)) t
			UNION ALL
			SELECT 2 * $MATCHES + 1000 * c + i, 2 * $MATCHES + 1000 * c + i + 1
				FROM generate_series(1, $MATCHES / 50000) c, generate_series(0, 998) i) m
		ORDER BY random();
		VACUUM (ANALYZE, FREEZE) bench_match;
	SQL
fi

# Both kinds of plain SQL, which answer with what is asked of resolve().
psql -X -q -v ON_ERROR_STOP=1 <<-'SQL'
	CREATE OR REPLACE FUNCTION bench_least_label(OUT records bigint, OUT members numeric, OUT components numeric) LANGUAGE plpgsql AS $$
	DECLARE changed bigint;
	BEGIN
		CREATE TEMP TABLE label AS SELECT a AS member, a AS component FROM bench_match UNION SELECT b, b FROM bench_match;
		CREATE TEMP TABLE edge AS SELECT a, b FROM bench_match WHERE a <> b UNION SELECT b, a FROM bench_match WHERE a <> b;
		ANALYZE label, edge;
		LOOP
			UPDATE label SET component = m.component
			FROM (SELECT e.a, min(l.component) AS component FROM edge e JOIN label l ON l.member = e.b GROUP BY e.a) m
			WHERE m.a = label.member AND m.component < label.component;
			GET DIAGNOSTICS changed = ROW_COUNT;
			EXIT WHEN changed = 0;
			-- whose component has a lesser one by now, takes that: chains need fewer rounds
			UPDATE label SET component = l.component FROM label l WHERE l.member = label.component AND l.component < label.component;
		END LOOP;
		SELECT count(*), sum(member), sum(component) INTO records, members, components FROM label;
		DROP TABLE label, edge;
	END $$;

	CREATE OR REPLACE FUNCTION bench_contraction(OUT records bigint, OUT members numeric, OUT components numeric) LANGUAGE plpgsql AS $$
	DECLARE changed bigint;
	BEGIN
		CREATE TEMP TABLE label AS SELECT a AS member, a AS component FROM bench_match UNION SELECT b, b FROM bench_match;
		CREATE TEMP TABLE edge AS SELECT DISTINCT least(a, b) AS a, greatest(a, b) AS b FROM bench_match WHERE a <> b;
		LOOP
			CREATE TEMP TABLE step AS SELECT b AS v, min(a) AS w FROM edge GROUP BY b;
			ANALYZE step;
			LOOP
				UPDATE step s SET w = t.w FROM step t WHERE t.v = s.w;
				GET DIAGNOSTICS changed = ROW_COUNT;
				EXIT WHEN changed = 0;
			END LOOP;
			CREATE TEMP TABLE new_label AS SELECT l.member, coalesce(s.w, l.component) AS component FROM label l LEFT JOIN step s ON s.v = l.component;
			CREATE TEMP TABLE new_edge AS SELECT DISTINCT least(a, b) AS a, greatest(a, b) AS b
			FROM (SELECT coalesce(x.w, e.a) AS a, coalesce(y.w, e.b) AS b FROM edge e LEFT JOIN step x ON x.v = e.a LEFT JOIN step y ON y.v = e.b) t WHERE a <> b;
			GET DIAGNOSTICS changed = ROW_COUNT;
			DROP TABLE label, edge, step;
			ALTER TABLE new_label RENAME TO label;
			ALTER TABLE new_edge RENAME TO edge;
			EXIT WHEN changed = 0;
		END LOOP;
		SELECT count(*), sum(member), sum(component) INTO records, members, components FROM label;
		DROP TABLE label, edge;
	END $$;
SQL

serial='SET max_parallel_workers_per_gather = 0; SET work_mem = '\''512MB'\''; SET temp_buffers = '\''512MB'\''; SET jit = off'
parallel='SET max_parallel_workers_per_gather = 2; SET work_mem = '\''512MB'\''; SET temp_buffers = '\''512MB'\''; SET jit = off'
ours='SELECT count(*), sum(r.member), sum(r.component) FROM (SELECT resolve(a, b) AS m FROM bench_match) t, unnest(m) r'
texts='SELECT count(*), sum(length(r.member)), sum(length(r.component)) FROM (SELECT resolve(ta, tb) AS m FROM bench_match) t, unnest(m) r'
theirs='SELECT * FROM bench_contraction()'
simple='SELECT * FROM bench_least_label()'

# three ways, one result
[ "$(sql -c "$serial" -c "$ours")" = "$(sql -c "$serial" -c "$theirs")" ]
[ "$(sql -c "$serial" -c "$ours")" = "$(sql -c "$serial" -c "$simple")" ]

printf '%-58s %12s %12s  %6s\n' "medians of $RUNS runs, $MATCHES matches" ours theirs ratio
compare 'bigint / least label of the neighbours' 'at most 0.1' "$serial" "$ours" "$simple"
compare 'bigint / contraction' 'at most 0.1' "$serial" "$ours" "$theirs"
compare 'the same, two workers both' 'at most 0.1' "$parallel" "$ours" "$theirs"
compare 'text / contraction of bigint' 'none' "$serial" "$texts" "$theirs"
