#!/usr/bin/env bash
#
# test/bench/roll_up.sh [parties]
#		Ledgers of so many parties (a million) in families up to depth 8, against
#		one numeric column added up by WITH RECURSIVE; see lib.sh.
#
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

PARTIES=${1:-1000000}
SETTINGS="SET max_parallel_workers_per_gather = 0; SET jit = off; ${SETTINGS:-}"

# Families of some hundred: whoever is not a root has a parent at most 7 levels
# below one.  A leaf has 12 days of three to five accounts, others have three.
# Rows are stored in random order.
sql -c "SET client_min_messages = warning; DROP TABLE IF EXISTS bench_party" -c "
	CREATE TABLE bench_party AS
	WITH place AS (
		SELECT i AS id, (i - 1) / 200 * 200 + 1 AS root, (i - 1) % 200 AS place FROM generate_series(1, $PARTIES) i),
	edge AS MATERIALIZED (
		SELECT id, CASE WHEN place > 0 THEN root + (place - 1) / CASE WHEN place < 40 THEN 2 ELSE 3 END END AS parent FROM place),
	kind AS (
		SELECT e.*, c.parent IS NOT NULL AS inner_node
		FROM edge e LEFT JOIN (SELECT DISTINCT parent FROM edge) c ON c.parent = e.id)
	SELECT id, parent, own, profit(own) AS value
	FROM kind, LATERAL (
		SELECT total(ledger(date '2023-01-01' + abs(hashint8(id * 100::bigint + d) % 730), revenue => 50 + abs(hashint8(id * 77::bigint + d) % 100000) / 100.0,
			cogs => abs(hashint8(id * 78::bigint + d) % 50000) / 100.0, service => abs(hashint8(id * 79::bigint + d) % 2000) / 100.0,
			delivery => CASE WHEN d % 2 = 0 THEN 4.9 END, discount => CASE WHEN d % 3 = 0 THEN abs(hashint8(id + d) % 500) / 100.0 END)) AS own
		FROM generate_series(1, CASE WHEN inner_node THEN 3 ELSE 12 END) d) l
	ORDER BY hashint4(id)" -c "VACUUM ANALYZE bench_party"

sql -c "
	WITH RECURSIVE d AS (SELECT id, 1 AS depth FROM bench_party WHERE parent IS NULL
		UNION ALL SELECT p.id, depth + 1 FROM d JOIN bench_party p ON p.parent = d.id)
	SELECT 'depth ' || max(depth) || ', on average ' || round(avg(depth), 2) || ', ledgers of ' || (SELECT round(avg(pg_column_size(own))) FROM bench_party) || ' bytes, '
		|| (SELECT count(DISTINCT parent) FROM bench_party) || ' with others below' FROM d"

ours() {
	echo "SELECT sum(profit(t)) FROM (SELECT roll_up(own, id, parent) OVER () AS t FROM $1) x"
}

# Everybody with all above them, which is fewer rows moved than from above down.
plain() {
	cat <<-SQL
		WITH RECURSIVE ancestor AS (
			SELECT id AS node, parent, value FROM $1
			UNION ALL
			SELECT p.id, p.parent, a.value FROM ancestor a JOIN $1 p ON p.id = a.parent)
		SELECT sum(total) FROM (SELECT node, sum(value) AS total FROM ancestor GROUP BY node) x
	SQL
}

# Families of fifty, each with a parent at random among those before; small ledgers.
sql -c "SET client_min_messages = warning; DROP TABLE IF EXISTS bench_random" -c "
	CREATE TABLE bench_random AS
	SELECT id, parent, own, profit(own) AS value
	FROM (SELECT i AS id, CASE WHEN (i - 1) % 50 > 0 THEN (i - 1) / 50 * 50 + 1 + abs(hashint8(i)) % ((i - 1) % 50) END AS parent
		  FROM generate_series(1::bigint, $PARTIES) i) p, LATERAL (
		SELECT total(ledger(date '2023-01-01' + abs(hashint8(id * 100 + d) % 730), revenue => 50 + abs(hashint8(id * 77 + d) % 100000) / 100.0,
			cogs => abs(hashint8(id * 78 + d) % 50000) / 100.0, service => abs(hashint8(id * 79 + d) % 2000) / 100.0)) AS own
		FROM generate_series(1, 4) d) l
	ORDER BY hashint8(id)" -c "VACUUM ANALYZE bench_random"

for table in bench_party bench_random; do
	[ "$(sql -c "$(ours $table)")" = "$(sql -c "$(plain $table)")" ] || echo "the sums differ"
	for memory in 4MB 1GB; do
		compare "roll_up() of $PARTIES in $table, work_mem $memory" "target 1" "$SETTINGS SET work_mem = '$memory'" "$(ours $table)" "$(plain $table)"
	done
done
