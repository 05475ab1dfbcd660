# lib.sh: what the benchmarks share.  Sourced, not run.
#
# Benchmarks use the server that psql finds by its environment (PGHOST, PGPORT,
# PGUSER) and a database named by PGDATABASE that has the extension.  They are
# run by hand, on a machine with nothing else to do, and print ratios: two
# queries take turns in one session each, and the medians of their times are
# divided.

RUNS=${RUNS:-5}

sql() {
	psql -X -q -A -t -v ON_ERROR_STOP=1 -c "SET search_path = public, customer_value" "$@"
}

# time_query SETTINGS QUERY: milliseconds in the server, as psql saw them
time_query() {
	psql -X -q -A -t -v ON_ERROR_STOP=1 <<-SQL | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | tail -n 1
		SET search_path = public, customer_value;
		$1;
		\\timing on
		$2;
	SQL
}

median() {
	sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# compare LABEL TARGET SETTINGS OURS THEIRS: the ratio of the medians, ours
# over theirs, beside the target.  A fifth setting for theirs is optional.
compare() {
	local label=$1 target=$2 settings=$3 ours=$4 theirs=$5 their_settings=${6:-$3}
	local a b i

	a=$(mktemp) b=$(mktemp)
	for ((i = 0; i <= RUNS; i++)); do
		time_query "$their_settings" "$theirs" >>"$b"
		time_query "$settings" "$ours" >>"$a"
		if ((i == 0)); then : >"$a"; : >"$b"; fi # the first warms up
	done
	awk -v label="$label" -v target="$target" -v a="$(median <"$a")" -v b="$(median <"$b")" \
		'BEGIN { printf "%-58s %9.0f ms %9.0f ms  %6.3f  (%s)\n", label, a, b, a / b, target }'
	rm -f "$a" "$b"
}
