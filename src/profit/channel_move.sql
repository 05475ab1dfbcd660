-- channels: what it saves to serve a customer by a cheaper one

CREATE FUNCTION channel_saving(
	contacts numeric, cost_now numeric, cost_then numeric,
	movable numeric DEFAULT 1, lost numeric DEFAULT 0, scale int DEFAULT 2
) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION channel_saving(numeric, numeric, numeric, numeric, numeric, int) IS
	'What a customer''s move to another channel saves: contacts * movable share * (cost of a contact now - cost of one then) - what is lost, rounded once, half away from zero. Negative if it costs more than it saves.';
