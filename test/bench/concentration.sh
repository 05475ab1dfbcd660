#!/usr/bin/env bash
#
# concentration.sh [CUSTOMERS]
#		Concentration against window functions in plain SQL: the curve, the Gini
#		coefficient and the share of the top fifth together, as numeric and as
#		double precision, and all of it without each customer in turn.
#
# lib.sh says what server it needs; the last line takes half a minute.
#
set -euo pipefail
CUSTOMERS=${1:-1000000}
RUNS=${RUNS:-3}

# shellcheck source=test/bench/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

sql -f - >/dev/null <<-SQL
	SET client_min_messages = warning;
	DROP TABLE IF EXISTS bench_values;
	CREATE TABLE bench_values AS
	SELECT c AS customer, round(((u - 0.2) * exp(6 * u))::numeric * 100, 2) AS v, ((u - 0.2) * exp(6 * u)) * 100 / 3 AS d
	FROM (SELECT c, (hashint8extended(c, 7) & 1073741823) / 1073741824.0::float8 AS u FROM generate_series(1, $CUSTOMERS) c) x;
	VACUUM ANALYZE bench_values;
SQL

SERIAL='SET max_parallel_workers_per_gather = 0; SET jit = off; SET work_mem = 256000'

# together COLUMN: what the extension does in one pass
together() {
	printf 'SELECT net(whale_curve(%s)), gini(%s), top_share_of_gains(%s, 0.2) FROM bench_values' "$1" "$1" "$1"
}

# windows COLUMN: the same figures, every point of the curve consumed by max()
windows() {
	cat <<-SQL
		SELECT max(cumulative), sum((n + 1 - 2 * place) * gain) / (max(n) * max(gains)),
			sum(gain * greatest(0, least(1, 0.2 * n - place + 1))) / max(gains)
		FROM (SELECT greatest($1, 0) AS gain, row_number() OVER o AS place, count(*) OVER () AS n, sum(greatest($1, 0)) OVER () AS gains,
				sum($1) OVER (o ROWS UNBOUNDED PRECEDING) AS cumulative
			FROM bench_values WINDOW o AS (ORDER BY $1 DESC)) r
	SQL
}

compare "curve, Gini and top share, numeric" "at most 0.5" "$SERIAL" "$(together v)" "$(windows v)"
compare "curve, Gini and top share, decimals as double precision" "at most 0.5" "$SERIAL" \
	"$(together 'v::float8')" "$(windows 'v::float8')"
compare "curve, Gini and top share, doubles" "at most 0.5" "$SERIAL" "$(together d)" "$(windows d)"
compare "each customer left out" "no target" "$SERIAL" \
	"SELECT sum(rank), sum(share_of_net), sum(share_of_gains), sum(net_without), sum(gini_without), sum(herfindahl_without), sum(top_share_of_gains_without)
	FROM (SELECT whale_curve(v) AS w FROM bench_values) c, bench_values, influence(w, v)" \
	"SELECT sum(place), sum(v / net), sum(g / s), sum(net - v), sum(1 - (t - (2 * place - 1) * g - 2 * (s - c)) / ((n - 1) * (s - g))),
		sum((q - g * g) / ((s - g) * (s - g)))
	FROM (SELECT *, sum((2 * place - 1) * g) OVER () AS t
		FROM (SELECT v, greatest(v, 0) AS g, row_number() OVER o AS place, count(*) OVER () AS n, sum(v) OVER () AS net,
				sum(greatest(v, 0)) OVER () AS s, sum(greatest(v, 0) * greatest(v, 0)) OVER () AS q,
				sum(greatest(v, 0)) OVER (o ROWS UNBOUNDED PRECEDING) AS c
			FROM bench_values WINDOW o AS (ORDER BY v DESC)) r) r"

sql -c 'DROP TABLE bench_values' >/dev/null
