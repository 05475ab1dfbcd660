-- change of a value by item: more of it, other things, other prices

CREATE TYPE price_volume_mix_figures AS (
	before numeric,
	volume numeric,
	mix numeric,
	rate numeric,
	entered numeric,
	exited numeric,
	other numeric,
	after numeric,
	items bigint,
	items_entered bigint,
	items_exited bigint
);
COMMENT ON TYPE price_volume_mix_figures IS
	'A change of value explained: before + volume + mix + rate + entered + exited + other = after, exactly. Volume, mix and rate are of the items sold both before and after, of which there are so many.';

CREATE FUNCTION price_volume_mix_accum(internal, numeric, numeric, numeric, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 4 AS 'MODULE_PATHNAME';
CREATE FUNCTION price_volume_mix_final(internal) RETURNS price_volume_mix_figures
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION price_volume_mix_accum(internal, numeric, numeric, numeric, numeric) IS 'aggregate transition function: adds an item';
COMMENT ON FUNCTION price_volume_mix_final(internal) IS 'aggregate final function of price_volume_mix';

CREATE AGGREGATE price_volume_mix(quantity_before numeric, value_before numeric, quantity_after numeric, value_after numeric) (
	SFUNC = price_volume_mix_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = price_volume_mix_final,
	COMBINEFUNC = tally_combine,
	SERIALFUNC = tally_serialize,
	DESERIALFUNC = tally_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE price_volume_mix(numeric, numeric, numeric, numeric) IS
	'From one row for each item, how much of the change of value comes from more or fewer units (volume), from selling other items than before (mix) and from other prices (rate); from items without a positive quantity before (entered), after (exited), or both (other). The figures are exact but for volume, mix and rate, which meet at whole cents. A NULL quantity or value is 0; NULL for no rows.';

CREATE FUNCTION steps(
	price_volume_mix_figures, OUT step text, OUT amount numeric
) RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 8
BEGIN ATOMIC
	SELECT s.step, s.amount
	FROM (VALUES (1, 'before', ($1).before), (2, 'volume', ($1).volume), (3, 'mix', ($1).mix), (4, 'rate', ($1).rate),
		(5, 'entered', ($1).entered), (6, 'exited', ($1).exited), (7, 'other', ($1).other), (8, 'after', ($1).after)) s (number, step, amount)
	ORDER BY s.number;
END;
COMMENT ON FUNCTION steps(price_volume_mix_figures) IS
	'From the value before to the value after, in eight rows: before, the six parts of the change, after.';
