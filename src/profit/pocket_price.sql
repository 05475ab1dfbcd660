-- pocket price: from the list price to what is left of it

CREATE FUNCTION exact_amount(amount numeric) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION exact_amount(numeric) IS
	'The amount itself with as many decimals as it needs and at least two, if it is one of money: finite, with at most 6 decimals and 23 digits before the point. Otherwise an error.';

CREATE FUNCTION deductions(VARIADIC amounts numeric[]) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION deductions(numeric[]) IS
	'The sum of amounts, where NULL is no money: all that is taken off a list price, for the account discount of a ledger.';

CREATE TYPE deduction AS (
	name text,
	amount numeric
);
COMMENT ON TYPE deduction IS
	'Something that is taken off a price, and how much. A negative amount adds to the price; NULL is nothing.';

CREATE FUNCTION price_waterfall(
	list_price numeric, on_invoice deduction[], off_invoice deduction[] DEFAULT '{}',
	OUT step int, OUT name text, OUT deduction numeric, OUT price numeric, OUT share_of_list numeric
) RETURNS SETOF record
	LANGUAGE sql IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20 ROWS 10
BEGIN ATOMIC
	WITH step AS (
		SELECT 1 AS stage, 0::bigint AS place, 'list price' AS name, NULL::numeric AS deduction
		WHERE list_price IS NOT NULL
		UNION ALL
		SELECT 2, d.place, d.name, coalesce(exact_amount(d.amount), 0.00)
		FROM unnest(on_invoice) WITH ORDINALITY AS d (name, amount, place)
		WHERE list_price IS NOT NULL
		UNION ALL
		SELECT 3, 0, 'invoice price', NULL WHERE list_price IS NOT NULL
		UNION ALL
		SELECT 4, d.place, d.name, coalesce(exact_amount(d.amount), 0.00)
		FROM unnest(off_invoice) WITH ORDINALITY AS d (name, amount, place)
		WHERE list_price IS NOT NULL
		UNION ALL
		SELECT 5, 0, 'pocket price', NULL WHERE list_price IS NOT NULL
	), running AS (
		SELECT s.stage, s.place, s.name, s.deduction,
			   exact_amount(list_price) - coalesce(sum(s.deduction) OVER (ORDER BY s.stage, s.place ROWS UNBOUNDED PRECEDING), 0) AS price
		FROM step AS s
	)
	SELECT row_number() OVER (ORDER BY r.stage, r.place)::int, r.name, r.deduction, r.price,
		   CASE WHEN list_price > 0 THEN coalesce(r.deduction, r.price) / list_price END
	FROM running AS r
	ORDER BY r.stage, r.place;
END;
COMMENT ON FUNCTION price_waterfall(numeric, deduction[], deduction[]) IS
	'The way from the list price by the deductions on the invoice to the invoice price, and by those off it to the pocket price, a row for each step: what is taken off, the price that is left, and the share of the list price of the one or, where nothing is taken off, the other. No rows for a list price of NULL; shares are NULL unless it is positive.';
