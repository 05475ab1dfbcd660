#!/usr/bin/env bash
#
# test/bench/clv.sh [fits] [scores] [pipeline]
#		Fits and scores against clv_peer.py: numpy, scipy and pandas on exported rows.
#
# Needs what lib.sh needs, on a server on this machine with work_mem of 512 MB and
# shared_buffers of 2 GB, and Debian's python3-numpy, python3-scipy, python3-pandas.
# Data are simulated once into CLV_BENCH_DATA (a directory; 300 MB).  One core: no
# parallel plans, and the peer's libraries have one thread.  Each side runs RUNS times,
# in turns; printed are medians, ours, theirs, and the ratio.
#
# The peer's seconds are of the fit or score alone, on arrays in memory; ours are of
# the whole query, reading the table included.  "with read" counts the reading of the
# exported file for the peer, too.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
data=${CLV_BENCH_DATA:?a directory for the simulated data}
RUNS=${RUNS:-3}
# shellcheck source=test/bench/lib.sh
. "$here/lib.sh"

settings='SET max_parallel_workers_per_gather = 0; SET jit = off'

simulate() {
	local file=$data/$1
	[ -s "$file" ] || python "$here/clv_simulate.py" "${@:2}" >"$file"
}

# Debian's, which has numpy
python() {
	/usr/bin/python3 "$@"
}

load_customers() {
	sql -f - <<-SQL
		SET client_min_messages = warning;
		DROP TABLE IF EXISTS clv_$1;
		CREATE TEMPORARY TABLE raw (customer_id bigint, frequency float8, recency_days float8, age_days float8, monetary float8);
		\\copy raw FROM '$data/$2' CSV HEADER
		CREATE TABLE clv_$1 AS
		SELECT customer_id, rfm(frequency, recency_days / 7, age_days / 7, monetary, 'week') AS h FROM raw;
		VACUUM ANALYZE clv_$1;
	SQL
}

# The value of a key that the peer printed, of each run.
peer() {
	local key=$1
	shift
	python "$here/clv_peer.py" "$@" | sed -n "s/^$key=//p"
}

seconds() {
	time_query "$settings" "$1" | awk '{ print $1 / 1000 }'
}

report() {
	awk -v label="$1" -v target="$2" -v a="$3" -v b="$4" 'BEGIN { printf "%-52s %8.3f s %8.3f s  %7.3f  (%s)\n", label, a, b, a / b, target }'
}

# race LABEL TARGET QUERY KEY PEER-ARGUMENTS...
race() {
	local label=$1 target=$2 query=$3 key=$4 ours theirs i
	ours=$(mktemp) theirs=$(mktemp)
	shift 4
	seconds "$query" >/dev/null
	for ((i = 0; i < RUNS; i++)); do
		peer "$key" "$@" >>"$theirs"
		seconds "$query" >>"$ours"
	done
	report "$label" "$target" "$(median <"$ours")" "$(median <"$theirs")"
	rm -f "$ours" "$theirs"
}

# Peak memory of a backend that runs the query, without the shared buffers it saw.
backend_memory() {
	psql -X -q -A -t -v ON_ERROR_STOP=1 <<-SQL | awk '/VmHWM/ { peak = $2 } /RssShmem/ { shared = $2 } END { print (peak - shared) / 1024 }'
		SET search_path = public, customer_value;
		$settings;
		\\o /dev/null
		$1;
		\\o
		SELECT pg_read_file('/proc/self/status');
	SQL
}

memory() {
	awk -v label="$1" -v a="$(backend_memory "$2")" -v b="$(peer rss_mb "${@:3}")" \
		'BEGIN { printf "%-52s %7.1f MB %7.1f MB  %7.3f  (at most 0.25)\n", label, a, b, a / b }'
}

fits() {
	race 'BG/NBD, 1 million, peer on all rows' 'at most 0.1' 'SELECT bgnbd_fit(h) FROM clv_bg' fit_s fit-bgnbd "$data/customers_bg.csv"
	race 'BG/NBD, peer on collapsed rows' 'at most 1' 'SELECT bgnbd_fit(h) FROM clv_bg' fit_s fit-bgnbd "$data/customers_bg.csv" --collapsed
	race 'Pareto/NBD, 1 million, peer on all rows' 'at most 0.033' 'SELECT pareto_nbd_fit(h) FROM clv_pareto' fit_s fit-pareto "$data/customers_pareto.csv"
	race 'Pareto/NBD, peer on collapsed rows' 'at most 0.1' 'SELECT pareto_nbd_fit(h) FROM clv_pareto' fit_s fit-pareto "$data/customers_pareto.csv" --collapsed
	race 'gamma-gamma' 'no target' 'SELECT gamma_gamma_fit(h) FROM clv_bg' fit_s fit-spend "$data/customers_bg.csv"
	memory 'memory, BG/NBD, peer on all rows' 'SELECT bgnbd_fit(h) FROM clv_bg' fit-bgnbd "$data/customers_bg.csv"
	memory 'memory, Pareto/NBD, peer on all rows' 'SELECT pareto_nbd_fit(h) FROM clv_pareto' fit-pareto "$data/customers_pareto.csv"
}

# score MODEL TABLE LABEL EXPRESSION KEY: beside the peer's arrays, and its file
score() {
	local model=$1 table=$2 label=$3 query="SELECT sum($4) FROM clv_$2" key=$5 ours theirs read i
	ours=$(mktemp) theirs=$(mktemp) read=$(mktemp)
	seconds "$query" >/dev/null
	for ((i = 0; i < RUNS; i++)); do
		python "$here/clv_peer.py" score "$data/customers_$table.csv" --model "$model" --steps 13 --runs 1 >"$data/score.log"
		sed -n "s/^${key}_s=//p" "$data/score.log" >>"$theirs"
		sed -n 's/^read_s=//p' "$data/score.log" >>"$read"
		seconds "$query" >>"$ours"
	done
	report "$label, 1 million" 'at most 0.5' "$(median <"$ours")" "$(median <"$theirs")"
	report "$label, with read" 'at most 0.5' "$(median <"$ours")" "$(paste "$theirs" "$read" | awk '{ print $1 + $2 }' | median)"
	rm -f "$ours" "$theirs" "$read"
}

scores() {
	sql -f - <<-SQL
		SET client_min_messages = warning;
		DROP TABLE IF EXISTS clv_models;
		CREATE TABLE clv_models AS
		SELECT (SELECT bgnbd_fit(h) FROM clv_bg) AS bg, (SELECT pareto_nbd_fit(h) FROM clv_pareto) AS pareto, (SELECT gamma_gamma_fit(h) FROM clv_bg) AS spend;
	SQL
	local table spend='(SELECT spend FROM clv_models)'
	for table in bg pareto; do
		local model="(SELECT $table FROM clv_models)" name=$table/nbd
		score "$name" "$table" "$name p_alive" "p_alive($model, h)" p_alive
		score "$name" "$table" "$name expected_purchases, 52 weeks" "expected_purchases($model, h, 52)" expected_purchases
		score "$name" "$table" "$name clv, 52 weeks (peer in 13 steps)" "clv($model, $spend, h, 52, 0.15, 0.3)" clv_13_steps
	done
	score bg/nbd bg 'gamma-gamma expected_spend' "expected_spend($spend, h)" expected_spend
	report 'for comparison: count(h), scan and nothing else' '' "$(seconds 'SELECT count(h) FROM clv_bg')" "$(seconds 'SELECT sum(frequency(h)) FROM clv_bg')"
}

pipeline() {
	simulate transactions_bg.csv transactions bg/nbd 5000000
	sql -f - <<-SQL
		SET client_min_messages = warning;
		DROP TABLE IF EXISTS clv_orders;
		CREATE TABLE clv_orders (customer_id int, date date, amount numeric);
		\\copy clv_orders FROM '$data/transactions_bg.csv' CSV HEADER
		VACUUM ANALYZE clv_orders;
	SQL
	local as_of query
	as_of=$(sql -c 'SELECT max(date) FROM clv_orders')
	query="WITH c AS MATERIALIZED (
			SELECT customer_id, rfm(total(ledger(date, revenue => amount)), '$as_of', 'week') AS h FROM clv_orders GROUP BY customer_id),
		m AS MATERIALIZED (SELECT bgnbd_fit(h) AS purchase, gamma_gamma_fit(h) AS spend FROM c)
		SELECT count(*), sum(clv(purchase, spend, h, 52, 0.15, 0.3)) FROM c, m"
	race 'pipeline, 5 million rows; peer all rows, 52 steps' 'at most 0.2' "$query" all_s pipeline "$data/transactions_bg.csv"
	race 'pipeline; peer collapsed, 13 steps' 'at most 0.2' "$query" all_s pipeline "$data/transactions_bg.csv" --collapsed --steps 13
	report 'for comparison: GROUP BY the key and nothing else' '' "$(seconds 'SELECT count(*) FROM (SELECT customer_id FROM clv_orders GROUP BY 1 OFFSET 0) AS g')" "$(seconds 'SELECT count(*) FROM clv_orders')"
}

mkdir -p "$data"
simulate customers_bg.csv customers bg/nbd 1000000
simulate customers_pareto.csv customers pareto/nbd 1000000
load_customers bg customers_bg.csv
load_customers pareto customers_pareto.csv
printf '%-52s %10s %10s  %7s\n' '' ours peer ratio
for part in ${*:-fits scores pipeline}; do
	"$part"
done
