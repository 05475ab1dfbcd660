#!/usr/bin/env bash
#
# test/bench/allocate.sh [rows]
#		A cost pool divided among so many customers (a million), against the exact
#		largest remainders in plain SQL; see lib.sh.
#
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ROWS=${1:-1000000}
SETTINGS="SET max_parallel_workers_per_gather = 0; SET jit = off; ${SETTINGS:-}"

sql -c "DROP TABLE IF EXISTS bench_allocate" -c "
	CREATE TABLE bench_allocate AS
	SELECT i AS customer, (hashint4(i) & 16777215) / 100.0 AS minutes, 1::numeric AS one,
		   ((hashint4(i) & 1048575) / 7.0)::numeric AS seventh, i / 4 AS household
	FROM generate_series(1, $ROWS) i ORDER BY hashint4(i)" -c "VACUUM ANALYZE bench_allocate"

# plain DRIVER [PARTITION]: every unit to the cent, ties by customer
plain() {
	local partition=${2:+PARTITION BY $2}
	cat <<-SQL
		SELECT count(*), trim_scale(sum(part)), max(customer) FROM (
			SELECT customer, (quota + CASE WHEN place <= 12345678901 - sum(quota) OVER ($partition) THEN 1 ELSE 0 END) / 100.0 AS part
			FROM (SELECT *, row_number() OVER ($partition ORDER BY rest DESC, customer) AS place
				  FROM (SELECT *, due - quota * total AS rest
						FROM (SELECT *, div(due, total) AS quota
							  FROM (SELECT customer, household, 12345678901 * $1 AS due, sum($1) OVER ($partition) AS total
									FROM bench_allocate) a) b) c) d) e
	SQL
}

ours() {
	echo "SELECT count(*), trim_scale(sum(part)), max(customer) FROM (SELECT customer, allocate(123456789.01, $1, customer) OVER (${2:+PARTITION BY $2}) AS part FROM bench_allocate) a"
}

for driver in minutes one seventh; do
	[ "$(sql -c "$(ours $driver)")" = "$(sql -c "$(plain $driver)")" ] || echo "the sums by $driver differ"
done
compare "allocate() by minutes to $ROWS customers" "target 0.2" "$SETTINGS" "$(ours minutes)" "$(plain minutes)"
compare "the same, all alike: ties by customer" "" "$SETTINGS" "$(ours one)" "$(plain one)"
compare "the same by few whole numbers: ties by customer" "" "$SETTINGS" "$(ours "floor(minutes / 10000)")" "$(plain "floor(minutes / 10000)")"
compare "the same by quotients with 16 decimals" "" "$SETTINGS" "$(ours seventh)" "$(plain seventh)"
compare "the same by minutes in households of four" "" "$SETTINGS" "$(ours minutes household)" "$(plain minutes household)"
