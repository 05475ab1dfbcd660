-- life-cycle stages

CREATE TYPE lifecycle_stage AS ENUM ('prospect', 'new', 'active', 'at_risk', 'lapsed', 'won_back');
COMMENT ON TYPE lifecycle_stage IS
	'How far a customer is: has not bought yet, bought for the first time lately, buys, has not bought for a while, has not bought for so long that it counts as lost, came back after that.';

CREATE FUNCTION lifecycle_stage(
	ledger,
	as_of date,
	new_for int DEFAULT 90,
	active_for int DEFAULT 180,
	lapsed_after int DEFAULT 365
) RETURNS lifecycle_stage
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 4
	AS 'MODULE_PATHNAME', 'lifecycle_stage';
COMMENT ON FUNCTION lifecycle_stage(ledger, date, int, int, int) IS
	'The stage of a customer at the end of the day as_of: prospect without a purchase by then; lapsed and at_risk if the last one is more than lapsed_after or active_for days ago; won_back for new_for days after a return from more than lapsed_after days; new for new_for days after the first purchase; else active.';
