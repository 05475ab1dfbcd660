--
-- load_csv.sql
--		From csv_text (every cell of the user's file as text, see read_csv.pl) and
--		csv_option (the options of the command line) to the view orders and the
--		view rejected.  In between stands csv: the same cells, typed.
--		psql variable: file, the name to show.
--
-- A column is numeric, date, timestamp or timestamptz if at least nine in ten of its cells
-- look so, otherwise text.  Rows with a cell that does not fit are rejected if a
-- column they use is concerned; in other columns the cell is left empty.
--
\set ON_ERROR_STOP on

CREATE FUNCTION looks_numeric(text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN $1 ~ '^\s*[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?\s*$';

CREATE FUNCTION looks_date(text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN $1 ~ '^\s*\d{4}-\d\d?-\d\d?\s*$';

CREATE FUNCTION looks_timestamp(text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN $1 ~ '^\s*\d{4}-\d\d?-\d\d?([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?\s*$';

CREATE FUNCTION looks_timestamptz(text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN $1 ~ '^\s*\d{4}-\d\d?-\d\d?[ T]\d\d:\d\d(:\d\d(\.\d+)?)?\s*(Z|[+-]\d\d(:?\d\d)?)\s*$';

-- What a cell means as the given type, or NULL: one function for each type.
CREATE FUNCTION cell_as_text(cell text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN cell;

CREATE FUNCTION cell_as_numeric(cell text) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN CASE WHEN looks_numeric(cell) THEN cell::numeric END;

CREATE FUNCTION cell_as_date(cell text) RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN CASE WHEN looks_date(cell) THEN cell::date END;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
	RETURN NULL;
END $$;

CREATE FUNCTION cell_as_timestamp(cell text) RETURNS timestamp LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN CASE WHEN looks_timestamp(cell) THEN cell::timestamp END;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
	RETURN NULL;
END $$;

CREATE FUNCTION cell_as_timestamptz(cell text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN CASE WHEN looks_timestamptz(cell) THEN cell::timestamptz END;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
	RETURN NULL;
END $$;

-- The columns of the file and the type each one seems to have.
CREATE TABLE csv_column (
	name	name PRIMARY KEY,
	place	int NOT NULL,
	type	text NOT NULL,
	used	boolean NOT NULL DEFAULT false
);

-- An option that is a column's name, letter by letter, means that column.
CREATE FUNCTION option_sql(option text) RETURNS text LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce((SELECT quote_ident(c.name) FROM csv_column c WHERE c.name = o.value), o.value)
	FROM csv_option o WHERE o.name = option;
END;

CREATE PROCEDURE inspect_columns() LANGUAGE plpgsql AS $$
DECLARE
	col		record;
	cells	bigint;
	fit		bigint[];
	kind	text;
BEGIN
	FOR col IN
		SELECT attname AS name, attnum - 2 AS place FROM pg_attribute
		WHERE attrelid = 'csv_text'::regclass AND attnum > 2 ORDER BY attnum
	LOOP
		EXECUTE format('SELECT count(%1$I), ARRAY[
				count(*) FILTER (WHERE looks_numeric(%1$I)), count(*) FILTER (WHERE looks_date(%1$I)),
				count(*) FILTER (WHERE looks_timestamp(%1$I)), count(*) FILTER (WHERE looks_timestamptz(%1$I))]
			FROM csv_text', col.name)
			INTO cells, fit;
		SELECT t INTO kind
		FROM unnest(fit, ARRAY['numeric', 'date', 'timestamp', 'timestamptz']) WITH ORDINALITY AS f(n, t, place)
		WHERE n > 0 AND n >= 0.9 * cells ORDER BY place LIMIT 1;

		-- A customer's number is a name: 007 is not 7.
		IF EXISTS (SELECT FROM csv_option WHERE name = 'customer' AND value = col.name) THEN
			kind := 'text';
		END IF;
		INSERT INTO csv_column VALUES (col.name, col.place, coalesce(kind, 'text'));
	END LOOP;
END $$;

-- One expression at a time, so that an error can name the option it stands in.
CREATE PROCEDURE check_option(option text, wanted text[], hint text) LANGUAGE plpgsql AS $$
DECLARE
	found	text;
	message	text;
BEGIN
	BEGIN
		EXECUTE format('CREATE TEMPORARY VIEW trial AS SELECT %s AS value FROM csv', option_sql(option));
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
		RAISE EXCEPTION '--% %: %', option, option_sql(option), message
			USING HINT = (SELECT 'The columns of the file are '
				|| string_agg(format('%I (%s)', name, type), ', ' ORDER BY place) || '. It takes an SQL expression over them.'
				FROM csv_column);
	END;
	SELECT format_type(atttypid, NULL) INTO found FROM pg_attribute WHERE attrelid = 'trial'::regclass AND attnum = 1;
	DROP VIEW trial;
	IF found <> ALL (wanted) THEN
		RAISE EXCEPTION '--% % is of type %', option, option_sql(option), found USING HINT = hint;
	END IF;
END $$;

CREATE PROCEDURE check_options() LANGUAGE plpgsql AS $$
DECLARE
	option	text;
BEGIN
	FOR option IN SELECT name FROM csv_option WHERE name <> 'currency' LOOP
		IF option = 'day' THEN
			CALL check_option(option, ARRAY['date', 'timestamp without time zone'],
				'A day is a date or a timestamp as in 2024-12-31 or 2024-12-31 23:59:59. Write day AT TIME ZONE ''Europe/Berlin'' for a '
				'timestamp with time zone, to_date(day, ''DD.MM.YYYY'') for another way to write dates.');
		ELSIF option = 'customer' THEN
			CALL check_option(option, NULL, NULL);		-- any type will do
		ELSE
			CALL check_option(option, ARRAY['numeric', 'integer', 'bigint', 'smallint'],
				'Money is numeric. Write round(amount::numeric, 2) for double precision, '
				'replace(amount, '','', ''.'')::numeric for decimal commas.');
		END IF;
	END LOOP;
END $$;

-- The fixed shape the report reads.
CREATE PROCEDURE make_orders() LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'CREATE VIEW orders AS SELECT nullif(btrim((' || option_sql('customer') || ')::text), '''') AS customer, ('
		|| option_sql('day') || ')::timestamp AS day'
		|| (SELECT string_agg(format(', (%s)::numeric AS %I', coalesce(option_sql(account::text), 'NULL'), account), '' ORDER BY account)
			FROM unnest(enum_range(NULL::customer_value.ledger_account)) AS account)
		|| ', (' || coalesce(option_sql('purchases'), 'NULL') || ')::int AS purchases'
		|| ', ' || coalesce((SELECT quote_literal(value) FROM csv_option WHERE name = 'currency'), 'NULL') || '::text AS currency'
		|| ' FROM csv';
END $$;

CREATE PROCEDURE load_rows() LANGUAGE plpgsql AS $$
BEGIN
	UPDATE csv_column SET used = true
	WHERE place IN (
		SELECT d.refobjsubid - 1
		FROM pg_depend d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
		WHERE r.ev_class = 'orders'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = 'csv'::regclass);

	EXECUTE (
		SELECT format('UPDATE csv_text SET "(problem)" = concat_ws(''; '', %s) WHERE "(problem)" IS NULL AND (%s)',
			string_agg(format('CASE WHEN %1$I IS NOT NULL AND cell_as_%2$s(%1$I) IS NULL THEN %3$L || left(%1$I, 30) || %4$L END',
				name, type, format('%I: "', name),
				'" is no ' || replace(replace(type, 'numeric', 'number'), 'timestamptz', 'timestamp with time zone')), ', ' ORDER BY place),
			string_agg(format('%1$I IS NOT NULL AND cell_as_%2$s(%1$I) IS NULL', name, type), ' OR '))
		FROM csv_column WHERE used);

	EXECUTE (
		SELECT format('INSERT INTO csv SELECT "(line)", %s FROM csv_text WHERE "(problem)" IS NULL ORDER BY 1',
			string_agg(format('cell_as_%s(%I)', type, name), ', ' ORDER BY place))
		FROM csv_column);

	-- A row without a day belongs to no period.
	EXECUTE format('WITH no_day AS (DELETE FROM csv WHERE (%s) IS NULL RETURNING "(line)")
		UPDATE csv_text t SET "(problem)" = ''it has no day'' FROM no_day WHERE t."(line)" = no_day."(line)"', option_sql('day'));
END $$;

\set SHOW_CONTEXT never
DO $$
BEGIN
	IF NOT EXISTS (SELECT FROM csv_text WHERE "(problem)" IS NULL) THEN
		RAISE EXCEPTION 'the file has no row below its header that can be read';
	END IF;
END $$;

CALL inspect_columns();

SELECT format('CREATE TABLE csv ("(line)" bigint, %s)', string_agg(format('%I %s', name, type), ', ' ORDER BY place))
FROM csv_column
\gexec

CALL check_options();
CALL make_orders();
CALL load_rows();

CREATE VIEW rejected AS
SELECT "(line)" AS line, "(problem)" AS reason FROM csv_text WHERE "(problem)" IS NOT NULL;

CREATE TABLE source AS
SELECT :'file' AS name,
	   (SELECT count(*) FROM csv_text) AS rows_read,
	   (SELECT count(*) FROM rejected) AS rows_rejected;

ANALYZE csv;
