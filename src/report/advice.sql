--
-- advice.sql
--		The last part of the report: what the figures say should be looked at, in
--		sentences, each one only where the data supports it.
--
\pset tuples_only on
\pset format unaligned

-- Per account: its share of revenue with those who lose and with the others; none
-- if there are no others, or they bring no revenue.
CREATE TEMPORARY TABLE burden AS
SELECT account, sum(amount) FILTER (WHERE profit < 0) / nullif(max(revenue_losing), 0) AS losing,
	   sum(amount) FILTER (WHERE profit >= 0) / nullif(max(revenue_gaining), 0) AS gaining
FROM members, entries(l),
	 (SELECT sum(revenue(l)) FILTER (WHERE profit < 0) AS revenue_losing,
			 sum(revenue(l)) FILTER (WHERE profit >= 0) AS revenue_gaining FROM members) AS r
WHERE account <> 'revenue' AND revenue_gaining > 0 GROUP BY account;

CREATE FUNCTION pg_temp.money(numeric) RETURNS text LANGUAGE sql
RETURN to_char($1, 'FM999,999,999,990.00');

WITH advice (place, sentence) AS (
	SELECT 1, format('%s customers bring 80 %% of the gains: know who answers for each of them.', customers_for_share(profit, 0.8))
	FROM members HAVING customers_for_share(profit, 0.8) > 1
	UNION ALL
	SELECT 2, format('%s of the ten best made at least a quarter less than in the period before: ask why.', count(*))
	FROM (SELECT * FROM members ORDER BY profit DESC, customer LIMIT 10) AS best
	WHERE profit(l_before) > 0 AND profit < 0.75 * profit(l_before) HAVING count(*) > 0
	UNION ALL
	SELECT 3, format(E'Losses persist (%s %% of those who lost before lose again, %s %% of all lose): %s customers\nlost in both periods, together %s in this one. Change prices, terms or\nservice with these first.',
		:again, :base, count(*), pg_temp.money(-sum(profit)))
	FROM members WHERE profit < 0 AND profit(l_before) < 0
	HAVING count(*) > 0 AND :'persists'::boolean
	UNION ALL
	SELECT 3, E'Losses do not persist: those who lost before are hardly more likely to lose again than\nanybody else. Look at kinds of orders that lose, not at the list of the worst customers.'
	WHERE NOT :'persists'::boolean
	UNION ALL
	SELECT 4, format(E'%s %% of the cost to serve (%s) goes to segments that earn nothing (%s): cut it,\ncharge for it, or serve them by cheaper channels.',
		round(100 * sum(share_of_effort)), pg_temp.money(sum(effort)), string_agg(segment, ', ' ORDER BY number))
	FROM unnest((SELECT effort_misallocation(segment, cost_to_serve(l), profit) FROM segment_members))
	WHERE misallocation IS NULL AND effort > 0 AND :'compares_effort'::boolean HAVING sum(share_of_effort) >= 0.1
	UNION ALL
	SELECT 5, format(E'What sets those who lose apart is %s: %s %% of their revenue, against %s %% with the others.',
		account, round(100 * losing), round(100 * coalesce(gaining, 0)))
	FROM (SELECT * FROM burden WHERE losing - coalesce(gaining, 0) >= 0.02 ORDER BY losing - coalesce(gaining, 0) DESC LIMIT 1) AS b
	UNION ALL
	SELECT 6, format(E'%s customers of the period before bought nothing and cost nothing in this one; they\nhad brought %s.',
		count(*), pg_temp.money(sum(profit(l_before))))
	FROM in_period WHERE customer IS NOT NULL AND l = ledger() AND l_before <> ledger() HAVING sum(profit(l_before)) > 0
	UNION ALL
	SELECT 7, format(E'%s customers are at risk: no purchase for half a year, but within a year. They brought\n%s in the two periods; call the best of them first.',
		count(*), pg_temp.money(sum(profit(l * days) + profit(l * days_before))))
	FROM customer_ledgers, period
	WHERE customer IS NOT NULL AND lifecycle_stage(l, as_of => :'until') = 'at_risk'
	HAVING sum(profit(l * days) + profit(l * days_before)) > 0
	UNION ALL
	SELECT 8, format('Revenue of %s has no customer: find out whose it is, it is in no segment and in no list.', pg_temp.money(revenue(l)))
	FROM in_period WHERE customer IS NULL AND revenue(l) <> 0
	UNION ALL
	SELECT 9, E'Supply the cost to serve (delivery first, it is usually at hand): until then this ranks\ncustomers by gross profit.'
	WHERE :'no_cost_to_serve'::boolean
	UNION ALL
	SELECT 10, format('%s rows were rejected: put them right or say why they may be left out.', rows_rejected)
	FROM source WHERE rows_rejected > 0
)
SELECT coalesce(string_agg(format('%s. %s', number, replace(sentence, E'\n', E'\n   ')), E'\n' ORDER BY number),
				'There is too little in these figures to go by.')
FROM (SELECT row_number() OVER (ORDER BY place) AS number, sentence FROM advice) AS a;
\pset tuples_only off
\pset format aligned
