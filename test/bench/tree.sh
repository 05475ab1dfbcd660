#!/usr/bin/env bash
#
# test/bench/tree.sh [ROWS]
#		value_tree, 8 leaves, on a million customers with 8 features, against
#		tree_peer.py: scikit-learn's DecisionTreeRegressor on the exported table.
#
# Needs what lib.sh needs, on a server on this machine with work_mem of 512 MB, and
# Debian's python3-sklearn and python3-pandas.  TREE_BENCH_DATA is a directory for the
# export (70 MB).  One core on both sides.  The peer's seconds are those of fit() on
# arrays in memory; ours are of the whole query: reading the table, collecting jsonb,
# growing; with folds also eleven trees instead of one.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
data=${TREE_BENCH_DATA:?a directory for the exported table}
rows=${1:-1000000}
RUNS=${RUNS:-3}
# shellcheck source=test/bench/lib.sh
. "$here/lib.sh"

settings='SET max_parallel_workers_per_gather = 0; SET jit = off'

if [ "$(sql -c "SELECT count(*) FROM pg_class WHERE relname = 'tree_bench'")" = 0 ]; then
	sql -f - <<-SQL
		SELECT setseed(0.25);
		CREATE TABLE tree_bench AS
		SELECT round((CASE WHEN age >= 40 THEN CASE WHEN region IN ('r2', 'r5', 'r7') THEN 500 ELSE 300 END
					ELSE CASE WHEN income >= 50000 THEN 50 ELSE -100 END END
				+ CASE WHEN channel = 'web' THEN 20 ELSE 0 END
				+ 100 * sqrt(-2 * ln(random() + 1e-12)) * cos(2 * pi() * random()))::numeric, 2) AS profit,
			jsonb_build_object('age', age, 'income', income, 'tenure', tenure, 'visits', visits, 'score', score,
				'region', region, 'channel', channel, 'industry', industry) AS features
		FROM (SELECT 18 + floor(random() * 60)::int AS age, round((random() * 100000)::numeric, 2) AS income,
				floor(random() * 5000)::int AS tenure, floor(-20 * ln(random() + 1e-9))::int AS visits,
				round(random()::numeric, 6) AS score, 'r' || floor(random() * 10)::int AS region,
				(ARRAY['web', 'shop', 'phone', 'agent'])[1 + floor(random() * 4)::int] AS channel,
				'i' || floor(random() * 40)::int AS industry
			FROM generate_series(1, $rows)) s;
		VACUUM ANALYZE tree_bench;
	SQL
	sql -c "\\copy (SELECT profit, features->>'age' AS age, features->>'income' AS income, features->>'tenure' AS tenure, features->>'visits' AS visits, features->>'score' AS score, features->>'region' AS region, features->>'channel' AS channel, features->>'industry' AS industry FROM tree_bench) TO '$data/tree_bench.csv' CSV HEADER"
fi

peer=$(mktemp) ours=$(mktemp) folded=$(mktemp) scan=$(mktemp)
explained=$(sql -c "SELECT round(in_sample::numeric, 9) FROM cross_validation((SELECT value_tree(profit, features, 8, branching(folds => 0, min_customers => 1)) FROM tree_bench))")
for ((i = 0; i < RUNS; i++)); do
	/usr/bin/python3 "$here/tree_peer.py" "$data/tree_bench.csv" 8 >"$data/tree_peer.log"
	sed -n 's/^fit_s=//p' "$data/tree_peer.log" | awk '{ print $1 * 1000 }' >>"$peer"
	time_query "$settings" 'SELECT value_tree(profit, features, 8, branching(folds => 0, min_customers => 1)) FROM tree_bench' >>"$ours"
	time_query "$settings" 'SELECT value_tree(profit, features, 8) FROM tree_bench' >>"$folded"
	time_query "$settings" 'SELECT value_tree(profit, features, 1) FROM tree_bench' >>"$scan"
done
awk -v peer="$(median <"$peer")" -v ours="$(median <"$ours")" -v folded="$(median <"$folded")" -v scan="$(median <"$scan")" 'BEGIN {
	printf "scikit-learn, fit only        %8.0f ms\n", peer
	printf "value_tree, folds => 0        %8.0f ms  %6.3f  (at most 1)\n", ours, ours / peer
	printf "value_tree, 10 folds          %8.0f ms  %6.3f\n", folded, folded / peer
	printf "value_tree, 1 leaf            %8.0f ms  collecting and ordering\n", scan }'
printf 'explained in sample: ours %s, scikit-learn %s\n' "$explained" "$(sed -n 's/^explained=//p' "$data/tree_peer.log")"
rm -f "$peer" "$ours" "$folded" "$scan"
