#!/usr/bin/env bash
# profile.sh: profiles and mixes of segments against the same figures in plain SQL.
#
#   createdb bench && psql bench -c 'CREATE EXTENSION customer_value'
#   PGDATABASE=bench test/bench/profile.sh     RUNS=5, CUSTOMERS=1000000 (with 5 lines each) by default
#
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh

CUSTOMERS=${CUSTOMERS:-1000000}
if [ "$(sql -c "SELECT to_regclass('bench_members') IS NULL")" = t ]; then
	psql -X -q -o /dev/null -v ON_ERROR_STOP=1 <<-SQL
		SET search_path = public, customer_value;
		CREATE TABLE bench_lines AS
		SELECT i % $CUSTOMERS AS customer, 1 + i % $CUSTOMERS % 8 AS segment, 'product ' || (hashint8(i) & 1023) AS product,
			date '2023-01-01' + (i * 7919 % 700)::int AS day, (i * 104729 % 100000) / 100.0 AS sales, (i * 7919 % 60000) / 100.0 AS cogs
		FROM generate_series(1, 5::bigint * $CUSTOMERS) i;
		CREATE TABLE bench_members AS
		SELECT customer, segment, total(ledger(day, revenue => sales, cogs => cogs, delivery => 4.5)) AS l FROM bench_lines GROUP BY 1, 2;
		VACUUM ANALYZE bench_lines, bench_members;
	SQL
fi
serial='SET max_parallel_workers_per_gather = 0; SET work_mem = '\''1GB'\''; SET jit = off'

printf '%-58s %12s %12s  %6s\n' "medians of $RUNS runs, $(sql -c 'SELECT count(*) FROM bench_members') customers" ours theirs ratio
compare 'segment_profile / sums of seven accessors of ledgers' '-' "$serial" \
	"SELECT sum(p.profit + p.share_of_net + p.purchases) FROM unnest((SELECT segment_profile(segment, l) FROM bench_members)) p" \
	"SELECT sum(a + b + c + d + e + f + g) FROM (SELECT segment, count(*) AS a, sum(revenue(l)) AS b, sum(cost(l, 'cogs')) AS c, sum(cost(l, 'delivery')) AS d,
		sum(profit(l)) AS e, sum(purchases(l)) AS f, sum(purchase_days(l)) AS g FROM bench_members GROUP BY 1) s"
compare 'segment_mix / GROUP BY and windows' '-' "$serial" \
	"SELECT sum(m.index + m.rank) FROM unnest((SELECT segment_mix(segment, product, sales) FROM bench_lines)) m" \
	"SELECT sum(100 * (amount / of_segment) / (of_item / of_all) + rank) FROM (SELECT *, sum(amount) OVER (PARTITION BY segment) AS of_segment,
		sum(amount) OVER (PARTITION BY product) AS of_item, sum(amount) OVER () AS of_all,
		row_number() OVER (PARTITION BY segment ORDER BY amount DESC, product COLLATE \"C\") AS rank
		FROM (SELECT segment, product, sum(sales) AS amount FROM bench_lines GROUP BY 1, 2) g) w"
