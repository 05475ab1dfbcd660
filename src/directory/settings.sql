-- what a session sees: which customer view, and as of which day

CREATE FUNCTION current_customer_view() RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE COST 1
BEGIN ATOMIC
	SELECT coalesce(nullif(pg_catalog.current_setting('customer_value.customer_view', true), ''), 'legal');
END;
COMMENT ON FUNCTION current_customer_view() IS
	'The customer view of this session: the setting customer_value.customer_view, or else legal.';

CREATE FUNCTION current_as_of() RETURNS date
	LANGUAGE sql STABLE PARALLEL SAFE COST 1
BEGIN ATOMIC
	SELECT coalesce(nullif(pg_catalog.current_setting('customer_value.as_of', true), '')::date, current_date);
END;
COMMENT ON FUNCTION current_as_of() IS
	'The day as of which this session sees the directory: the setting customer_value.as_of, or else today.';
