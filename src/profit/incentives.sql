-- incentives: what the rise of customers into better segments brought

CREATE FUNCTION upgrade_uplift(segment_before int, segment_after int, profit_before numeric, profit_after numeric) RETURNS numeric
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5
RETURN CASE WHEN segment_after < segment_before THEN greatest(exact_amount(profit_after) - exact_amount(profit_before), 0.00)
	   ELSE 0.00 END;
COMMENT ON FUNCTION upgrade_uplift(int, int, numeric, numeric) IS
	'By how much the profit of a customer who rose into a better segment (one with a lower number) rose; 0 if it fell, and for customers who stayed or fell. NULL if either segment or profit is: who was not there at both dates has not been upgraded.';
