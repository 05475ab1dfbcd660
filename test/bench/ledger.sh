#!/usr/bin/env bash
# ledger.sh: what total(ledger) and stored ledgers cost, against plain SQL.
#
#   createdb bench && psql bench -c 'CREATE EXTENSION customer_value'
#   PGDATABASE=bench test/bench/ledger.sh          RUNS=5 by default
#
# Every query consumes every column it computes: the planner removes others.
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh

if [ "$(sql -c "SELECT to_regclass('bench_one') IS NULL")" = t ]; then
	psql -X -q -v ON_ERROR_STOP=1 -f ledger_data.sql
fi

serial='SET max_parallel_workers_per_gather = 0; SET work_mem = '\''512MB'\''; SET jit = off'
parallel='SET max_parallel_workers_per_gather = 2; SET work_mem = '\''512MB'\''; SET jit = off'

entry='ledger(at, revenue => revenue, cogs => cogs, selling => selling, marketing => marketing, service => service)'
ledgers="SELECT sum(profit(l)), sum(purchase_days(l)) FROM (SELECT customer_id, total($entry) AS l FROM %s GROUP BY 1) s"
plain='SELECT sum(n), sum(a), sum(b), sum(c), sum(d), sum(e), min(f), max(g) FROM (
	SELECT customer_id, count(*) AS n, sum(revenue) AS a, sum(cogs) AS b, sum(selling) AS c, sum(marketing) AS d,
		sum(service) AS e, min(at) AS f, max(at) AS g FROM bench_orders GROUP BY 1) s'
two_level='SELECT sum(n), sum(a), sum(b), sum(c), sum(d), sum(e), min(f), max(g), sum(days) FROM (
	SELECT customer_id, count(*) FILTER (WHERE n > 0) AS days, sum(n) AS n, sum(a) AS a, sum(b) AS b, sum(c) AS c,
		sum(d) AS d, sum(e) AS e, min(day) AS f, max(day) AS g FROM (
		SELECT customer_id, at::date AS day, count(*) FILTER (WHERE revenue > 0) AS n, sum(revenue) AS a, sum(cogs) AS b,
			sum(selling) AS c, sum(marketing) AS d, sum(service) AS e FROM bench_orders GROUP BY 1, 2) t GROUP BY 1) s'
five_sums='SELECT sum(revenue), sum(cogs), sum(selling), sum(marketing), sum(service) FROM bench_one'

memory() {
	psql -X -q -A -t -v ON_ERROR_STOP=1 <<-SQL | sed -n 's/.*Memory Usage: \([0-9]*\)kB.*/\1/p' | head -n 1
		SET search_path = public, customer_value; $serial;
		EXPLAIN (ANALYZE, TIMING OFF) $1;
	SQL
}

printf '%-58s %12s %12s  %6s\n' 'medians of '"$RUNS"' runs' ours theirs ratio
# shellcheck disable=SC2059
many=$(printf "$ledgers" bench_orders) few=$(printf "$ledgers" bench_few)
compare '1a 450k customers: total(ledger) / five sum(numeric)' 'at most 0.7' "$serial" "$many" "$plain"
compare '1b 450k customers: total(ledger) / per day, then customer' 'at most 0.25' "$serial" "$many" "$two_level"

ours=$(memory "$many") theirs=$(memory "$plain")
awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%-58s %9d kB %9d kB  %6.3f  (at most 0.25)\n", "2  memory of the hash aggregate", a, b, a / b }'

psql -X -q -v ON_ERROR_STOP=1 <<-SQL | grep -c 'Partial HashAggregate' >/dev/null || echo '3  NO PARALLEL PLAN'
	SET search_path = public, customer_value; $parallel;
	EXPLAIN (COSTS OFF) $few;
SQL
compare '3  10k customers: two workers / serial' 'at most 0.667' "$parallel" "$few" "$few" "$serial"
compare '4  profit of stored ledgers / grouped from the rows' 'at most 0.05' "$serial" \
	'SELECT sum(abs(profit(l))) FROM bench_stored' \
	'SELECT sum(abs(p)) FROM (SELECT sum(revenue - cogs - selling - marketing - service) AS p FROM bench_orders GROUP BY customer_id) s'
sql -c "SELECT format('%-58s %s', '4  bytes per purchase day, five accounts (at most 16)', round(sum(pg_column_size(l)) / sum(purchase_days(l)), 2)) FROM bench_stored" \
	-c "SELECT format('%-58s %s', '4  bytes per purchase day, revenue only (at most 6)', round(sum(pg_column_size(l)) / sum(purchase_days(l)), 2)) FROM bench_stored_revenue" | grep '^4'
compare '6  one customer, 3000 days: total(ledger) / five sum(numeric)' 'at most 1.5' "$serial" \
	"SELECT profit(total($entry)) FROM bench_one" "$five_sums"
