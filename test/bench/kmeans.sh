#!/usr/bin/env bash
#
# test/bench/kmeans.sh [speed] [quality]
#		kmeans() against scikit-learn's KMeans on the exported features.
#
# Needs what lib.sh needs, and Debian's python3-sklearn and python3-pandas.  One
# core: no parallel plans, and the peer has one thread.  Both sides standardise
# (the peer before its clock starts), begin with k-means++, and run RUNS times,
# in turns.
#
# speed: a million customers with five features, eight segments, one start, ten
# iterations.  The peer's seconds are of fit() on the array in memory; ours are
# those of the query, less those of a query that reads the same arrays
# (sum(array_length(f, 1))).  Printed are medians, and the ratio.
#
# quality: ten starts on both sides, up to 300 iterations, 20,000 customers of
# several shapes, and, with CUSTOMER_VALUE_DATA, recency, frequency and spend of
# 23,570 public ones.  Printed is our inertia over the peer's, means of SEEDS seeds.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
RUNS=${RUNS:-5}
SEEDS=${SEEDS:-8}
# shellcheck source=test/bench/lib.sh
. "$here/lib.sh"

settings='SET max_parallel_workers_per_gather = 0; SET jit = off'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Three shapes: overlapping blobs, spend with a heavy tail, whole numbers.
make_table() {
	local table=$1 rows=$2
	sql -f - <<-SQL
		SET client_min_messages = warning;
		DROP TABLE IF EXISTS $table;
		SELECT setseed(0.25) \g /dev/null
		CREATE TABLE $table AS
		SELECT $3 AS f FROM (SELECT i, i * 7919::bigint % 12 AS c FROM generate_series(1, $rows) i) t;
		VACUUM ANALYZE $table;
	SQL
}

normal='(random() + random() + random() + random() - 2) * 1.7'
blobs="ARRAY[$normal + 2 * sin(c), $normal + 2 * cos(2 * c), $normal + 2 * sin(3 * c), $normal + 2 * cos(5 * c), $normal + 2 * sin(7 * c)]"
tails="ARRAY[exp(2 * ($normal)), exp(1.5 * ($normal)), random() * c, $normal, exp($normal) * (random() - 0.2)]"
counts="ARRAY[floor(exp(1.2 * ($normal))), floor(random() * 10), c, floor(random() * random() * 30), floor($normal * 2)]"

export_table() {
	psql -X -q -A -t -v ON_ERROR_STOP=1 -c "COPY (SELECT array_to_string(f, ',') FROM $1) TO STDOUT" >"$work/$1.csv"
}

# The value of a key that the peer printed.
peer() {
	local key=$1
	shift
	/usr/bin/python3 "$here/kmeans_peer.py" "$@" | sed -n "s/^$key=//p"
}

seconds() {
	time_query "$settings" "$1" | awk '{ print $1 / 1000 }'
}

speed() {
	local table i
	for table in blobs tails counts; do
		make_table "kmeans_$table" 1000000 "${!table}"
		export_table "kmeans_$table"
		if [ "$(wc -l <"$work/kmeans_$table.csv")" -ne 1000000 ]; then
			echo "kmeans_$table does not have a million rows" >&2
			exit 1
		fi
		: >"$work/ours"; : >"$work/read"; : >"$work/theirs"
		for ((i = 0; i <= RUNS; i++)); do
			peer fit_s "$work/kmeans_$table.csv" 8 --seed "$i" >>"$work/theirs"
			seconds "SELECT sum(array_length(f, 1)) FROM kmeans_$table" >>"$work/read"
			seconds "SELECT kmeans(f, 8, clustering(starts => 1, max_iterations => 10, seed => $i)) FROM kmeans_$table" >>"$work/ours"
			if ((i == 0)); then : >"$work/ours"; : >"$work/read"; : >"$work/theirs"; fi # the first warms up
		done
		awk -v label="1 million, 8 segments, $table" -v a="$(median <"$work/ours")" -v r="$(median <"$work/read")" -v b="$(median <"$work/theirs")" \
			'BEGIN { printf "%-40s %7.3f s less %.3f s, %7.3f s  %6.3f  (at most 1)\n", label, a, r, b, (a - r) / b }'
	done
}

# The mean over SEEDS seeds: what one call gives is partly luck, on both sides.
race_quality() {
	local label=$1 table=$2 k=$3 seed
	: >"$work/ours"; : >"$work/theirs"
	for ((seed = 1; seed <= SEEDS; seed++)); do
		peer inertia "$work/$table.csv" "$k" --starts 10 --iterations 300 --seed "$seed" >>"$work/theirs"
		sql -c "SELECT inertia(kmeans(f, $k, clustering(seed => $seed))) FROM $table" >>"$work/ours"
	done
	paste "$work/ours" "$work/theirs" | awk -v label="$label, k = $k, mean of $SEEDS" \
		'{ a += $1; b += $2 } END { printf "%-40s %14.8g %14.8g  %9.6f  (at most 1.001)\n", label, a / NR, b / NR, a / b }'
}

quality() {
	local table data=${CUSTOMER_VALUE_DATA:-}
	for table in blobs tails counts; do
		make_table "kmeans_$table" 20000 "${!table}"
		export_table "kmeans_$table"
		race_quality "$table" "kmeans_$table" 8
	done
	if [ ! -f "$data/data/cdnow_master.csv" ]; then
		echo "skipped: no public data sets (CUSTOMER_VALUE_DATA)"
		return
	fi
	sql -f - <<-SQL
		SET client_min_messages = warning;
		DROP TABLE IF EXISTS kmeans_cdnow;
		CREATE TEMPORARY TABLE bought (customer_id int, day date, amount numeric, units int);
		\\copy bought FROM '$data/data/cdnow_master.csv' CSV HEADER
		CREATE TABLE kmeans_cdnow AS
		SELECT ARRAY[sum(amount), date '1998-06-30' - max(day), count(*)]::float8[] AS f FROM bought GROUP BY customer_id;
	SQL
	export_table kmeans_cdnow
	race_quality 'CDNOW' kmeans_cdnow 5
	race_quality 'CDNOW' kmeans_cdnow 8
}

for part in "${@:-speed quality}"; do
	for one in $part; do "$one"; done
done
