#!/usr/bin/env bash
# migration.sh: what a migration matrix between two years costs from stored
# ledgers, the scheme made in the same statement, against scoring both years
# with ntile() over the rows.
#
#   createdb bench && psql bench -c 'CREATE EXTENSION customer_value'
#   PGDATABASE=bench test/bench/migration.sh     RUNS=5, CUSTOMERS=1000000 by default
#
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh

CUSTOMERS=${CUSTOMERS:-1000000}
if [ "$(sql -c "SELECT to_regclass('bench_sales') IS NULL")" = t ]; then
	psql -X -q -o /dev/null -v ON_ERROR_STOP=1 <<-SQL
		SET search_path = public, customer_value;
		SELECT setseed(0.42);
		CREATE UNLOGGED TABLE bench_sales AS
		SELECT (random() * $CUSTOMERS)::int AS customer_id, date '2022-01-01' + floor(random() * 730)::int AS day,
			round((10 + random() * 490)::numeric, 2) AS revenue, round((5 + random() * 500)::numeric, 2) AS cogs
		FROM generate_series(1, $CUSTOMERS * 9);
		CREATE UNLOGGED TABLE bench_sales_stored AS
		SELECT customer_id, total(ledger(day, revenue => revenue, cogs => cogs)) AS l FROM bench_sales GROUP BY 1;
		VACUUM (ANALYZE, FREEZE) bench_sales;
		VACUUM (ANALYZE, FREEZE) bench_sales_stored;
	SQL
fi

serial='SET max_parallel_workers_per_gather = 0; SET work_mem = '\''512MB'\''; SET jit = off'
parallel='SET max_parallel_workers_per_gather = 2; SET work_mem = '\''512MB'\''; SET jit = off'
first="daterange('2022-01-01', '2023-01-01')" second="daterange('2023-01-01', '2024-01-01')"

matrix='SELECT count(*), sum(c.before * c.customers), sum(c.after * c.customers), sum(c.value_before), sum(c.value_after) FROM unnest(m) c'
stored="WITH scheme AS (SELECT %s AS s FROM bench_sales_stored)
	SELECT f.* FROM (SELECT migration(s, profit(l, $first), profit(l, $second)) AS m FROM bench_sales_stored, scheme) t, LATERAL ($matrix) f"
rows="SELECT count(*), sum(before * customers), sum(after * customers), sum(value_before), sum(value_after) FROM (
	SELECT before, after, count(*) AS customers, sum(b.profit) AS value_before, sum(a.profit) AS value_after
	FROM (SELECT customer_id, profit, ntile(8) OVER (ORDER BY profit DESC) AS before
			FROM (SELECT customer_id, sum(revenue - cogs) AS profit FROM bench_sales WHERE day < '2023-01-01' GROUP BY 1) s) b
		FULL JOIN (SELECT customer_id, profit, ntile(8) OVER (ORDER BY profit DESC) AS after
			FROM (SELECT customer_id, sum(revenue - cogs) AS profit FROM bench_sales WHERE day >= '2023-01-01' GROUP BY 1) s) a USING (customer_id)
	GROUP BY 1, 2) t"

printf '%-58s %12s %12s  %6s\n' "medians of $RUNS runs, $CUSTOMERS customers" ours theirs ratio
# shellcheck disable=SC2059
{
	compare 'matrix, value_segments / ntile over the rows' 'at most 0.2' "$serial" "$(printf "$stored" "value_segments(profit(l, $first), 8)")" "$rows"
	compare 'matrix, quantile_breaks / ntile over the rows' 'at most 0.2' "$serial" "$(printf "$stored" "quantile_breaks(profit(l, $first), 8)")" "$rows"
	compare 'the same, two workers both' 'at most 0.2' "$parallel" "$(printf "$stored" "quantile_breaks(profit(l, $first), 8)")" "$rows"
}
