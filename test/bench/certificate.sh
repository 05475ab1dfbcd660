#!/usr/bin/env bash
# certificate.sh: what certifying stored ledgers costs, against sums in plain SQL;
# and what converting them costs.
#
#   createdb bench && psql bench -c 'CREATE EXTENSION customer_value'
#   PGDATABASE=bench test/bench/certificate.sh          RUNS=5, LEDGERS=1000000 by default
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh

LEDGERS=${LEDGERS:-1000000}

# Twelve days with three accounts each, over three years.
if [ "$(sql -c "SELECT to_regclass('bench_certified') IS NULL")" = t ]; then
	sql -c "CREATE TABLE bench_certified AS
		SELECT customer, total(ledger(date '2022-01-01' + ((customer * 31 + n * 89) % 1096)::int,
			revenue => (customer * 7919 + n * 104729) % 100000 / 100.0, cogs => (customer * 7907 + n * 104723) % 60000 / 100.0,
			delivery => 4.95 + n, currency => 'USD')) AS l
		FROM generate_series(1::bigint, $LEDGERS) customer, generate_series(1, 12) n GROUP BY customer" \
		-c 'VACUUM ANALYZE bench_certified' \
		-c "CREATE TABLE bench_rates AS SELECT exchange_rates('USD', day::date, 0.8 + extract(doy FROM day) / 1000) AS rates
			FROM generate_series(date '2022-01-01', date '2024-12-31', interval '1 day') day"
fi

serial='SET max_parallel_workers_per_gather = 0; SET jit = off'
parallel='SET max_parallel_workers_per_gather = 2; SET jit = off'
certify='SELECT checksum(certificate(customer, l)) FROM bench_certified'
plain='SELECT sum(profit(l)), sum(hashtext(l::text)) FROM bench_certified'
convert="SELECT sum(profit(convert(l, 'EUR', (SELECT rates FROM bench_rates)))) FROM bench_certified WHERE customer <= 100000"
share="SELECT sum(profit(l * 0.9051)) FROM bench_certified WHERE customer <= 100000"

printf '%-58s %12s %12s  %6s\n' 'medians of '"$RUNS"' runs' ours theirs ratio
compare 'certificate / sum(profit(l)), sum(hashtext(l::text))' 'at most 1' "$serial" "$certify" "$plain"
compare 'certificate: two workers / serial' 'below 1' "$parallel" "$certify" "$certify" "$serial"
compare '100,000 ledgers: convert / l * 0.9051' 'below 1' "$serial" "$convert" "$share"
