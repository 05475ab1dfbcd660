# shellcheck shell=bash
#
# machine.sh
#		What ./quickstart and ./test/run share: packages, the build, the
#		installation, and a server of one's own that no network port leads to.
#
# The caller sets PROGRAM (its name, for messages) and LOG (a file that takes
# the output of every step).  Progress goes to stderr, results to stdout.

SERVER_USER=postgres			# who runs the server when we are root
SUPERUSER=postgres				# the database role that owns everything
PORT=5432						# only names the socket, nothing listens on it

# Nobody else's connection settings.
unset PGHOST PGHOSTADDR PGPORT PGUSER PGPASSWORD PGDATABASE PGOPTIONS PGDATA \
	PGSERVICE PGSERVICEFILE PGCLIENTENCODING PGSSLMODE PGTZ PGDATESTYLE
export LC_ALL=C.UTF-8

note() {
	printf '%s: %s\n' "$PROGRAM" "$*" >&2
}

die() {
	note "$@"
	exit 1
}

# step WHAT COMMAND...: runs it with its output in the log; on failure says what
# failed and shows the end of the log.
step() {
	local what=$1
	shift
	note "$what"
	printf '\n== %s\n' "$what" >>"$LOG"
	if ! "$@" >>"$LOG" 2>&1 </dev/null; then
		note "FAILED: $what ($*). The end of the log:"
		tail -n 25 "$LOG" >&2
		exit 1
	fi
}

# ---------------------------------------------------------------- users

is_root() {
	[ "$(id -u)" -eq 0 ]
}

as_root() {
	if is_root; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		printf 'This needs root, and there is no sudo here: %s\n' "$*" >&2
		return 1
	fi
}

# The server refuses to run as root.  From / because the server's user may not
# be able to enter the directory we are in.
as_server() {
	if is_root; then
		(cd / && runuser -u "$SERVER_USER" -- "$@")
	else
		"$@"
	fi
}

# ---------------------------------------------------------------- packages

# The server's major version, as a number: "PostgreSQL 15.20 (Debian ...)".
major_of() {
	local version
	version=$("$1" --version)
	version=${version#PostgreSQL }
	printf '%s\n' "${version%%[!0-9]*}"
}

# Can this pg_config's PostgreSQL both be run and be built against?
is_complete() {
	[ -x "$1" ] && [ -x "$("$1" --bindir)/initdb" ] && [ -f "$("$1" --pgxs)" ] &&
		[ "$(major_of "$1")" -ge 15 ]
}

# Sets PG_CONFIG, unless the caller has, to the newest complete PostgreSQL.
find_postgres() {
	local candidate
	if [ -n "${PG_CONFIG:-}" ]; then
		PG_CONFIG=$(command -v "$PG_CONFIG") || die "no such program: $PG_CONFIG"
		is_complete "$PG_CONFIG" || die "$PG_CONFIG belongs to no PostgreSQL 15 or later with server and PGXS"
		return 0
	fi
	for candidate in /usr/lib/postgresql/{19,18,17,16,15}/bin/pg_config "$(command -v pg_config)"; do
		if is_complete "$candidate"; then
			PG_CONFIG=$candidate
			return 0
		fi
	done
	return 1
}

# The major version to install: that of a server which is here already,
# otherwise the newest this Debian offers.
major_to_install() {
	local major
	for major in 19 18 17 16 15; do
		if [ -x "/usr/lib/postgresql/$major/bin/initdb" ]; then
			printf '%s\n' "$major"
			return 0
		fi
	done
	for major in 19 18 17 16 15; do
		if [ -n "$(apt-cache --quiet=2 show "postgresql-server-dev-$major" 2>/dev/null)" ]; then
			printf '%s\n' "$major"
			return 0
		fi
	done
	die "this system offers no PostgreSQL 15 or later; see https://apt.postgresql.org"
}

# Prints what is missing to "build" or to run the "tests"; "postgresql" stands for
# server and server-dev.
missing_packages() {
	local major
	command -v make >/dev/null || echo make
	command -v gcc >/dev/null || echo gcc
	[ -f /usr/include/stdio.h ] || echo libc6-dev
	find_postgres || echo postgresql
	if [ "$1" = tests ]; then
		command -v prove >/dev/null || echo perl
		perl -MIPC::Run -e 1 2>/dev/null || echo libipc-run-perl
	fi
}

apt_install() {
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install --yes --quiet --no-install-recommends "$@"
}

# Debian's server package makes a cluster "main" and starts it.  We brought the
# package, so we leave no server behind: the setting is changed for the moment
# of the installation and put back afterwards.
install_server() {
	local major conf=/etc/postgresql-common/createcluster.conf keep status=0
	major=$(major_to_install) || return 1
	apt_install postgresql-common || return 1
	keep=$(mktemp) && cat "$conf" >"$keep" || return 1
	printf '\ncreate_main_cluster = false\n' | as_root tee -a "$conf" >/dev/null
	apt_install "postgresql-$major" "postgresql-server-dev-$major" || status=$?
	as_root tee "$conf" <"$keep" >/dev/null
	rm -f "$keep"
	return "$status"
}

# provide_packages build|tests: installs what is missing, asks for nothing if
# nothing is.
provide_packages() {
	local missing package
	missing=$(missing_packages "$1") || exit 1
	if [ -n "$missing" ]; then
		note "not installed: $(echo "$missing" | xargs)"
		command -v apt-get >/dev/null || die "install these first: this system has no apt-get to do it with"
		if ! is_root; then
			command -v sudo >/dev/null || die "install these first: it takes root, and there is no sudo here"
			sudo -v || exit 1
		fi
		step "reading the package lists" as_root apt-get update --quiet
		for package in $missing; do
			if [ "$package" = postgresql ]; then
				step "installing PostgreSQL (takes a minute)" install_server
			else
				step "installing $package" apt_install "$package"
			fi
		done
	fi
	find_postgres || die "found no PostgreSQL 15 or later with server and PGXS"
	BINDIR=$("$PG_CONFIG" --bindir)
}

# ---------------------------------------------------------------- build

build_extension() {
	make -C "$1" -s PG_CONFIG="$PG_CONFIG" WERROR="${WERROR:-}" ${CC:+CC="$CC"}
}

# Do the server's directories hold exactly what the checkout would install?
is_installed() {
	local checkout=$1 file
	local libdir extdir
	libdir=$("$PG_CONFIG" --pkglibdir)
	extdir=$("$PG_CONFIG" --sharedir)/extension
	cmp -s "$checkout/customer_value.so" "$libdir/customer_value.so" || return 1
	for file in "$checkout"/customer_value.control "$checkout"/customer_value--*.sql; do
		cmp -s "$file" "$extdir/${file##*/}" || return 1
	done
}

# Installs the built extension, with more rights than ours only if it takes them.
install_extension() {
	local become="as_root"
	is_installed "$1" && return 0
	if [ -w "$("$PG_CONFIG" --pkglibdir)" ] && [ -w "$("$PG_CONFIG" --sharedir)/extension" ]; then
		become="command"
	fi
	"$become" make -C "$1" -s install PG_CONFIG="$PG_CONFIG" ${CC:+CC="$CC"}
}

# ---------------------------------------------------------------- a server

# server_directory DIR: an empty directory that the server's user owns.  Where it
# cannot get at DIR, or where DIR cannot name a socket (107 bytes at most, no
# comma), DIR becomes a link to a directory in /tmp.
server_directory() {
	local dir=$1 bytes
	bytes=$(printf '%s' "$dir" | wc -c)
	mkdir -p "$dir"
	if is_root; then
		chown "$SERVER_USER" "$dir"
	fi
	chmod 700 "$dir"
	if [ "$bytes" -gt 90 ] || [ "$dir" != "${dir//,/}" ] || ! as_server test -w "$dir/."; then
		rmdir "$dir"
		ln -s "$(as_server mktemp -d /tmp/customer_value.XXXXXX)" "$dir"
	fi
}

# cluster_create DIR: a cluster whose only door is a socket inside DIR, which
# nobody but the server's user and root can enter.
cluster_create() {
	local dir
	server_directory "$1" || return 1
	dir=$(readlink -f "$1")
	as_server "$BINDIR/initdb" -D "$dir" -U "$SUPERUSER" -A trust --no-locale -E UTF8 --no-sync || return 1
	as_server tee -a "$dir/postgresql.conf" <<-'CONF'

		listen_addresses = ''
		unix_socket_directories = '.'	# the data directory
		timezone = 'UTC'
		fsync = off						# it is thrown away after a crash
		jit = off
	CONF
}

cluster_is_running() {
	as_server "$BINDIR/pg_ctl" -D "$(readlink -f "$1")" status >/dev/null 2>&1
}

cluster_start() {
	local dir
	dir=$(readlink -f "$1")
	cluster_is_running "$1" && return 0
	as_server "$BINDIR/pg_ctl" -D "$dir" -l "$dir/server.log" -o "-p $PORT" -w start && return 0
	cat "$dir/server.log"
	return 1
}

cluster_stop() {
	cluster_is_running "$1" || return 0
	as_server "$BINDIR/pg_ctl" -D "$(readlink -f "$1")" -m fast -w stop
}

# cluster_remove DIR: the server and its files, wherever DIR leads.
cluster_remove() {
	local dir
	dir=$(readlink -f "$1") || return 0
	cluster_stop "$1" || return 1
	rm -rf "$dir" "$1"
}
