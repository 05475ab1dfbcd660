#!/usr/bin/env bash
#
# test/bench/access.sh
#		What policies cost: a member's look-ups and counts among 1 million customers,
#		200,000 of them his, against those of the owner; and may().
#
#		Run by a superuser in a database of its own, with the extension and nothing in
#		it, on a server that lets all roles in.
#
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=test/bench/lib.sh
. ./lib.sh

SECONDS_EACH=${SECONDS_EACH:-5}

fill() {
	psql -X -q -v ON_ERROR_STOP=1 <<-'SQL'
		SET search_path = public, customer_value;
		CREATE ROLE bench_group; CREATE ROLE bench_member LOGIN; CREATE ROLE bench_admin LOGIN; GRANT bench_group TO bench_member;
		SELECT grant_directory_access('bench_member', 'member'), grant_directory_access('bench_admin', 'administrator');
		INSERT INTO party (kind, name) SELECT 'organisation', 'party ' || n FROM generate_series(1, 1000000) AS n;
		INSERT INTO source_system VALUES ('erp', 'accounting');
		INSERT INTO party_identifier (source, source_key, party_id) SELECT 'erp', 'K' || n, n FROM generate_series(1, 1000000) AS n;
		INSERT INTO customer_ledger SELECT 'erp', 'bill_to', 'K' || n, ledger('2024-01-01', revenue => n % 1000 + 1) FROM generate_series(1, 1000000) AS n;
		INSERT INTO account_team SELECT n, 'service', 'bench_group' FROM generate_series(1, 1000000, 5) AS n;
		INSERT INTO account_team SELECT n, 'sales', 'somebody' || n % 500 FROM generate_series(1, 1000000) AS n;
		INSERT INTO party_segment SELECT n, 'value', n % 8 + 1, '2020-01-01' FROM generate_series(1, 1000000) AS n;
		SELECT grant_authority('bench_group', 'discount', 100, s) FROM generate_series(1, 8) AS s;
		VACUUM ANALYZE;
	SQL
}

# latency ROLE QUERY: milliseconds for one call, prepared
latency() {
	pgbench -n -M prepared -T "$SECONDS_EACH" -U "$1" -f <(printf '%s;\n' "$2") | sed -n 's/^latency average = \([0-9.]*\) ms/\1/p'
}

against_look_up() {
	awk -v label="$1" -v a="$(latency "$2" "$3")" -v b="$(latency "$PGUSER" "$4")" \
		'BEGIN { printf "%-58s %9.3f ms %9.3f ms  %6.3f\n", label, a, b, a / b }'
}

PGUSER=${PGUSER:-$(id -un)}
export PGUSER
fill >/dev/null

party='SELECT name FROM customer_value.party WHERE party_id = 6'
ledger="SELECT ledger FROM customer_value.customer_ledger WHERE source = 'erp' AND source_key = 'K6' AND role = 'bill_to'"
for role in bench_member bench_admin; do
	against_look_up "party by its key, $role / owner" "$role" "$party" "$party"
	against_look_up "ledger by its key, $role / owner" "$role" "$ledger" "$ledger"
done
against_look_up "may(), member / party by its key, owner" bench_member "SELECT customer_value.may('discount', 6, 20)" "$party"
alike='SET jit = off; SET max_parallel_workers_per_gather = 0'
for table in party customer_ledger account_team; do
	for role in bench_member bench_admin; do
		compare "count(*) of $table, $role / owner" '' "$alike; SET ROLE $role" \
			"SELECT count(*) FROM $table" "SELECT count(*) FROM $table" "$alike"
	done
done
