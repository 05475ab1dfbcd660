#!/usr/bin/env bash
#
# test/bench/household.sh [parties]
#		Households of so many parties (a million) in families up to depth 8: of one
#		against a look-up by primary key, under pgbench; links and ledgers of all
#		against plain recursive SQL over the same tables; see lib.sh.
#
#		Empties the directory of its database.
#
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

PARTIES=${1:-1000000}
SETTINGS="SET max_parallel_workers_per_gather = 0; SET jit = off; SET work_mem = '256MB'; ${SETTINGS:-}"

# Each family is a tree of depth 8 in which everybody has four below: 21845
# parties, three quarters of them at the bottom.  Triggers are passed by, for the
# check of a million at once is not what is measured; rows come in random order.
if [ "$(sql -c "SELECT count(*) FROM party_relationship")" -lt "$((PARTIES / 2))" ]; then
	sql -f - <<-SQL
		SET session_replication_role = replica;
		TRUNCATE customer_value.party, customer_value.party_identifier, customer_value.party_relationship, customer_value.customer_ledger, customer_value.source_system CASCADE;
		INSERT INTO party (party_id, kind, name, country)
		SELECT i, 'organisation', 'party ' || i, CASE WHEN hashint8(i) % 4 = 0 THEN 'DE' ELSE 'FR' END FROM generate_series(1::bigint, $PARTIES) i ORDER BY hashint8(i);
		INSERT INTO party_relationship (child_id, parent_id, kind, share)
		SELECT i, (i - 1) / 21845 * 21845 + ((i - 1) % 21845 - 1) / 4 + 1, CASE WHEN (i - 1) % 21845 > 5460 THEN 'branch' ELSE 'parent' END,
			   CASE WHEN hashint8(i) % 5 = 0 THEN 0.8 ELSE 1 END
		FROM generate_series(1::bigint, $PARTIES) i WHERE (i - 1) % 21845 > 0 ORDER BY hashint8(i);
		INSERT INTO source_system VALUES ('erp', 'accounting');
		INSERT INTO party_identifier (source, source_key, party_id) SELECT 'erp', 'C' || i, i FROM generate_series(1::bigint, $PARTIES) i ORDER BY hashint8(i + 7);
		INSERT INTO customer_ledger (source, role, source_key, ledger)
		SELECT 'erp', 'bill_to', 'C' || i, total(ledger(date '2023-01-01' + (hashint8(i * 100 + d) & 511), revenue => (hashint8(i * 77 + d) & 65535) / 100.0,
			   cogs => (hashint8(i * 78 + d) & 65535) / 100.0, service => (hashint8(i * 79 + d) & 4095) / 100.0))
		FROM generate_series(1::bigint, $PARTIES) i, generate_series(1, 3) d GROUP BY i ORDER BY hashint8(i + 9);
		VACUUM ANALYZE;
	SQL
fi

# bench SQL: microseconds a call, of one client over a socket
bench() {
	pgbench -n -M prepared -T "${SECONDS_EACH:-3}" -f <(printf '%s\n' "\\set id random(1, $PARTIES)" "$1") |
		sed -n 's/^latency average = \([0-9.]*\) ms$/\1/p' | awk '{ print $1 * 1000 }'
}

look_up="SELECT name FROM customer_value.party WHERE party_id = :id;"
for view in legal economic domestic site; do
	a=$(mktemp) b=$(mktemp)
	for ((i = 0; i < RUNS; i++)); do
		bench "$look_up" >>"$b"
		bench "SELECT customer_value.household(:id, '$view', '2024-06-30');" >>"$a"
	done
	awk -v view="$view" -v a="$(median <"$a")" -v b="$(median <"$b")" \
		'BEGIN { printf "%-58s %9.0f us %9.0f us  %6.3f  (target 3)\n", "household() of one party, " view ", and a look-up", a, b, a / b }'
	rm -f "$a" "$b"
done

# What a loop over many costs: a hundred thousand parties, and as many look-ups
compare "household() of 100,000 parties in a loop, and look-ups" "" "$SETTINGS" \
	"SELECT sum(household(i * 7919 % $PARTIES + 1, 'legal', '2024-06-30')) FROM generate_series(1::bigint, 100000) i" \
	"SELECT sum(length((SELECT name FROM party WHERE party_id = i * 7919 % $PARTIES + 1))) FROM generate_series(1::bigint, 100000) i"

plain() {
	cat <<-SQL
		WITH RECURSIVE link AS (
			SELECT r.child_id, r.parent_id FROM party_relationship r
			WHERE r.valid @> date '2024-06-30' AND r.kind IN ('parent', 'branch') AND r.share > 0.5),
		own AS (
			SELECT i.party_id, sum(profit(l.ledger)) AS value
			FROM customer_ledger l JOIN party_identifier i USING (source, source_key) WHERE l.role = 'bill_to' GROUP BY 1),
		node AS (SELECT p.party_id, k.parent_id, o.value FROM party p LEFT JOIN link k ON k.child_id = p.party_id LEFT JOIN own o USING (party_id)),
		ancestor AS (
			SELECT party_id AS node, parent_id, value FROM node
			UNION ALL
			SELECT n.party_id, n.parent_id, a.value FROM ancestor a JOIN node n ON n.party_id = a.parent_id)
		SELECT sum(total) FROM (SELECT node, sum(value) AS total FROM ancestor GROUP BY node) x
	SQL
}
links="SELECT count(*), sum(parents[1]), sum(shares[1]) FROM household_links('legal', '2024-06-30')"
compare "household_links() of $PARTIES parties, and DISTINCT ON" "" "$SETTINGS" "$links" \
	"SELECT count(*), sum(parent_id), sum(share) FROM (SELECT DISTINCT ON (child_id) child_id, parent_id, share FROM party_relationship
	 WHERE valid @> date '2024-06-30' AND kind IN ('parent', 'branch') AND share > 0.5 ORDER BY child_id, share DESC, parent_id) x"
ours="SELECT sum(profit(total)) FROM household_ledgers('legal', '2024-06-30')"
[ "$(sql -c "$ours")" = "$(sql -c "$(plain)")" ] || echo "the sums differ"
compare "household_ledgers() of all, whole, and one column of money" "target 1" "$SETTINGS" "$ours" "$(plain)"
