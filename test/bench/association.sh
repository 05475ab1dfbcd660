#!/usr/bin/env bash
# association.sh: what association rules cost against a self-join in plain SQL,
# and the next best product for many customers.
#
#   createdb bench && psql bench -c 'CREATE EXTENSION customer_value'
#   PGDATABASE=bench test/bench/association.sh     RUNS=5, ROWS=1000000 by default
#
# A million lines: baskets of four items on average, of a thousand products
# whose popularity falls as 1 / rank.
#
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh

ROWS=${ROWS:-1000000}
if [ "$(sql -c "SELECT to_regclass('bench_lines') IS NULL")" = t ]; then
	psql -X -q -o /dev/null -v ON_ERROR_STOP=1 <<-SQL
		SELECT setseed(0.5);
		CREATE TABLE bench_lines AS
		SELECT basket, 'B-' || basket AS name, 'product ' || least(1000, floor(1001 ^ random())) AS item, 1.00 AS quantity
		FROM (SELECT (1 + floor(random() * $ROWS / 4))::bigint AS basket FROM generate_series(1, $ROWS)) s
		ORDER BY random();
		CREATE TABLE bench_owners AS
		SELECT basket AS customer, array_agg(DISTINCT item) AS owned FROM bench_lines WHERE basket <= 100000 GROUP BY 1;
		VACUUM ANALYZE bench_lines, bench_owners;
	SQL
fi
printf '%-58s %12s %12s  %6s\n' "medians of $RUNS runs, $ROWS lines" ours theirs ratio

# The figures of our rules, all of them.
columns="count(*), count(antecedent), min(consequent), sum(baskets), sum(antecedent_baskets), sum(consequent_baskets), max(all_baskets),
	sum(support), sum(confidence), sum(lift), sum(leverage), sum(conviction), sum(round(chi_square::numeric, 6)), sum(round(cosine::numeric, 9)), sum(jaccard)"

# theirs BASKET MIN_SUPPORT: the same by a self-join of distinct lines
theirs() {
	cat <<-SQL
		WITH lines AS MATERIALIZED (SELECT $1 AS basket, item FROM bench_lines GROUP BY 1, 2 HAVING sum(quantity) > 0),
			baskets AS MATERIALIZED (SELECT count(DISTINCT basket) AS n FROM lines),
			items AS MATERIALIZED (SELECT item, count(*) AS n FROM lines GROUP BY 1),
			pairs AS MATERIALIZED (SELECT a.item AS x, b.item AS y, count(*) AS n
				FROM lines a JOIN lines b ON a.basket = b.basket AND a.item < b.item GROUP BY 1, 2),
			rules AS (SELECT ARRAY[i.item] AS antecedent, j.item AS consequent, p.n AS baskets, i.n AS antecedent_baskets, j.n AS consequent_baskets, b.n AS all_baskets
				FROM baskets b, (SELECT * FROM pairs UNION ALL SELECT y, x, n FROM pairs) p JOIN items i ON i.item = p.x JOIN items j ON j.item = p.y WHERE p.n >= $2 * b.n),
			figures AS (SELECT *, baskets::numeric / all_baskets AS support, baskets::numeric / antecedent_baskets AS confidence,
				(baskets * all_baskets)::numeric / (antecedent_baskets * consequent_baskets) AS lift,
				(baskets * all_baskets - antecedent_baskets * consequent_baskets)::numeric / (all_baskets * all_baskets) AS leverage,
				(antecedent_baskets * (all_baskets - consequent_baskets))::numeric / nullif(all_baskets * (antecedent_baskets - baskets), 0) AS conviction,
				(baskets * all_baskets - antecedent_baskets * consequent_baskets)::float8 ^ 2 * all_baskets / antecedent_baskets / consequent_baskets
					/ nullif(all_baskets - antecedent_baskets, 0) / nullif(all_baskets - consequent_baskets, 0) AS chi_square,
				baskets / sqrt((antecedent_baskets * consequent_baskets)::float8) AS cosine,
				baskets::numeric / (antecedent_baskets + consequent_baskets - baskets) AS jaccard FROM rules)
		SELECT $columns FROM figures
	SQL
}

# compare_rules LABEL BASKET MIN_SUPPORT SETTINGS: same figures first, then times
compare_rules() {
	local ours="SELECT $columns FROM (SELECT association_rules($2, item, quantity, $3) AS rules FROM bench_lines) s, unnest(rules)"
	local join

	join=$(theirs "$2" "$3")
	[ "$(sql -c "$ours")" = "$(sql -c "$join")" ] || { echo "different figures: $1" >&2; exit 1; }
	compare "$1" 'at most 0.3' "$4" "$ours" "$join"
}
serial='SET max_parallel_workers_per_gather = 0; SET work_mem = '\''1GB'\''; SET jit = off'
parallel='SET work_mem = '\''1GB'\''; SET jit = off'
compare_rules 'association_rules(bigint), support 0.0001 / self-join' basket 0.0001 "$serial"
compare_rules 'association_rules(text), support 0.0001 / self-join' name 0.0001 "$serial"
compare_rules 'association_rules(bigint), support 0.001 / self-join' basket 0.001 "$serial"
compare_rules 'association_rules(bigint), support 0.0001, parallel / same' basket 0.0001 "$parallel"

# Customers, for each the three best of many rules: from a table, and from a subquery.
sql -c "SET client_min_messages = warning" -c "DROP TABLE IF EXISTS bench_rules" \
	-c "CREATE TABLE bench_rules AS SELECT association_rules(basket, item, 0.0002) AS rules FROM bench_lines"
sql -c "SELECT format('%s rules, %s kB', cardinality(rules), pg_column_size(rules) / 1024) FROM bench_rules"
for source in 'bench_rules' '(SELECT rules[:] FROM bench_rules OFFSET 0) s'; do
	printf '%-58s %9.0f ms\n' "100,000 customers, rules from $source" \
		"$(time_query "$serial" "SELECT count(*), sum(score), max(item) FROM $source, bench_owners, next_best_products(rules, owned)")"
done
