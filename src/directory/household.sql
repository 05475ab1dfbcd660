-- households: which parties are one customer, under a customer view

CREATE FUNCTION household(party bigint, customer_view text DEFAULT current_customer_view(), as_of date DEFAULT current_as_of()) RETURNS bigint
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION household(bigint, text, date) IS
	'The head of the household a party belongs to under a customer view, on a day; NULL for a party that is not there.';

CREATE FUNCTION household_links_support(internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION household_links_support(internal) IS
	'planner support: household_links() has about as many rows as there are relationships';

CREATE FUNCTION household_links(
	customer_view text DEFAULT current_customer_view(), as_of date DEFAULT current_as_of(),
	OUT party_id bigint, OUT parents bigint[], OUT shares numeric[], OUT owned numeric[]) RETURNS SETOF record
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100000 ROWS 500 SUPPORT household_links_support
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION household_links(text, date) IS
	'Whom each party belongs to under a customer view on a day, the largest share first; parties at the top of their household have no row. shares are what is passed up: 1 unless shares weigh; owned is what the relationships say.';

CREATE FUNCTION party_links(
	party bigint, customer_view text DEFAULT current_customer_view(), as_of date DEFAULT current_as_of(),
	OUT parent_id bigint, OUT share numeric) RETURNS SETOF record
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1000 ROWS 1
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION party_links(bigint, text, date) IS
	'Whom one party belongs to under a customer view on a day, the largest share first.';
