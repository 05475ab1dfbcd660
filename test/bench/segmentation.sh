#!/usr/bin/env bash
# segmentation.sh: what cut points cost: applying them against width_bucket(),
# finding them against ORDER BY, and what an index reads for one segment.
#
#   createdb bench && psql bench -c 'CREATE EXTENSION customer_value'
#   PGDATABASE=bench test/bench/segmentation.sh     RUNS=5, ROWS=10000000 by default
#
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh

ROWS=${ROWS:-10000000}
if [ "$(sql -c "SELECT to_regclass('bench_values') IS NULL")" = t ]; then
	psql -X -q -o /dev/null -v ON_ERROR_STOP=1 <<-SQL
		SET search_path = public, customer_value;
		SELECT setseed(0.5);
		CREATE TABLE bench_values AS
		SELECT real, round(real::numeric, 2) AS exact
		FROM (SELECT exp(2 * sqrt(-2 * ln(random() + 1e-12)) * cos(2 * pi() * random())) * 100
				* CASE WHEN i % 5 = 0 THEN -1 ELSE 1 END AS real
			FROM generate_series(1, $ROWS) i) s;
		CREATE TABLE bench_million AS
		SELECT * FROM bench_values LIMIT 1000000;
		CREATE TABLE bench_scheme AS
		SELECT natural_breaks(exact, 8, breaking('asinh')) AS s FROM bench_million;
		VACUUM ANALYZE bench_values, bench_million, bench_scheme;
	SQL
fi
rows=$(sql -c 'SELECT count(*) FROM bench_values')
scheme=$(sql -c 'SELECT s FROM bench_scheme')
ascending=$(sql -c "SELECT array_agg(c ORDER BY c) FROM bench_scheme, unnest(breaks(s)) c")
serial='SET max_parallel_workers_per_gather = 0; SET work_mem = '\''1GB'\''; SET jit = off'

printf '%-58s %12s %12s  %6s\n' "medians of $RUNS runs, $rows rows" ours theirs ratio
for type in numeric float8; do
	column=$([ $type = numeric ] && echo exact || echo real)
	width="SELECT sum(width_bucket($column, '$ascending'::${type}[])) FROM bench_values"
	compare "segment(literal, $type) / width_bucket" 'at most 1.3' "$serial" \
		"SELECT sum(segment('$scheme', $column)) FROM bench_values" "$width"
	compare "segment(column of another table, $type) / width_bucket" 'at most 1.3' "$serial" \
		"SELECT sum(segment(s, $column)) FROM bench_values, bench_scheme" "$width"
done

for column in real exact; do
	sort="SELECT count(*) FROM (SELECT $column FROM bench_million ORDER BY $column OFFSET 0) s"
	for how in "natural_breaks($column, 8)" "natural_breaks($column, 8, breaking('asinh', 0, 50, 0.005))" \
		"natural_breaks($column, 8, breaking('rank'))" "natural_breaks($column, int4range(3, 9))" \
		"value_segments($column, 8)" "quantile_breaks($column, 8)" "share_breaks($column, '{0.8, 0.95}')"; do
		compare "1M: $how / ORDER BY" 'at most 2' "$serial" \
			"SELECT $how FROM bench_million" "$sort"
	done
done

# What an index reads for the best segment.  Pages of a bitmap index scan are
# those of the index alone; an index-only scan also counts looks at the
# visibility map.
sql -c 'CREATE INDEX IF NOT EXISTS bench_values_exact ON bench_values (exact)' -c "$serial" \
	-c 'CREATE FUNCTION pg_temp.plan(query text) RETURNS jsonb LANGUAGE plpgsql AS $$
		DECLARE plan json;
		BEGIN
			EXECUTE '\''EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) '\'' || query INTO plan;
			RETURN plan -> 0 -> '\''Plan'\'';
		END $$' \
	-c 'SET enable_seqscan = off; SET enable_indexscan = off; SET enable_indexonlyscan = off' \
	-c "WITH node AS (SELECT jsonb_path_query_first(pg_temp.plan(\$\$ SELECT sum(real) FROM bench_values WHERE in_segment(exact, '$scheme', 1) \$\$),
			'$.** ? (@.\"Node Type\" == \"Bitmap Index Scan\")') AS n)
		SELECT format('in_segment(numeric, s, 1): %s of %s index pages read for %s of %s rows',
			(n ->> 'Shared Hit Blocks')::bigint + (n ->> 'Shared Read Blocks')::bigint, pg_relation_size('bench_values_exact') / 8192,
			n ->> 'Actual Rows', $rows) FROM node" | grep in_segment
