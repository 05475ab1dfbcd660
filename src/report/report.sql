--
-- report.sql
--		Where the profit of a period comes from: a psql script over the views of
--		ledgers.sql and the tables source and rejected.  Every table is followed by
--		the query that made it, ready to be copied and changed.
--
-- psql variables: since, until (both days included; empty: the trailing 12 months).
--
\set ON_ERROR_STOP on
\set QUIET on
\pset footer off
\pset border 1
\pset linestyle ascii
\pset null ''
\pset numericlocale on
\pset pager off

BEGIN;
TRUNCATE period;
INSERT INTO period
SELECT daterange(since, until, '[]'),
	   daterange((since - age(until + 1, since))::date, since, '[)')
FROM (SELECT until, coalesce(nullif(:'since', '')::date, (until + 1 - interval '1 year')::date) AS since
	  FROM (SELECT coalesce(nullif(:'until', '')::date, max(last_day(l))) AS until FROM customer_ledgers) AS u) AS s;
COMMIT;

SELECT lower(days) AS since, upper(days) - 1 AS until,
	   lower(days_before) AS since_before, upper(days_before) - 1 AS until_before,
	   (SELECT count(*) FROM members) AS members,
	   (SELECT count(*) FROM customer_ledgers WHERE customer IS NOT NULL) - (SELECT count(*) FROM members) AS inactive,
	   NOT EXISTS (SELECT FROM in_period WHERE l <> ledger()) AS is_empty,
	   NOT EXISTS (SELECT FROM members) AS no_members
FROM period \gset

-- ---------------------------------------------------------------- what was read
\echo
\echo CUSTOMER VALUE
\echo
\pset tuples_only on
\pset format aligned
SELECT 'source', name FROM source
UNION ALL SELECT 'rows', format('%s read, %s rejected', to_char(rows_read, 'FM999,999,999,990'), to_char(rows_rejected, 'FM999,999,999,990')) FROM source
UNION ALL SELECT 'data', format('%s to %s', min(first_day(l)), max(last_day(l))) FROM customer_ledgers
UNION ALL SELECT 'period', format('%s to %s%s', :'since', :'until',
	CASE WHEN :'since' = (:'until'::date + 1 - interval '1 year')::date::text THEN ' (12 months)' ELSE '' END)
UNION ALL SELECT 'currency', coalesce(max(currency(l)), 'not stated') FROM customer_ledgers
UNION ALL SELECT 'customers', format('%s with entries in the period, %s inactive',
	to_char(:members, 'FM999,999,990'), to_char(:inactive, 'FM999,999,990'))
UNION ALL SELECT 'ledgers', format('%s, checksum %s', to_char(ledgers(c), 'FM999,999,990'), checksum(c))
FROM (SELECT certificate(customer, l) AS c FROM customer_ledgers) AS t;
\pset tuples_only off

SELECT rows_rejected > 0 AS some_rejected FROM source \gset
\if :some_rejected
\echo 'Rejected rows (not part of any figure below):'
\echo
SELECT line::text, reason FROM rejected ORDER BY rejected.line LIMIT 10;
\p
\echo
\endif

\if :is_empty
\echo 'There are no entries in the period. Choose another one with --since and --until.'
\else

\echo 'Control total: the rows added up by plain SQL, and the ledgers made of them, whole data.'
\echo
WITH source AS (SELECT sum(revenue) AS revenue, sum(profit) AS profit FROM booked),
     ledgers AS (SELECT sum(revenue(l)) AS revenue, sum(profit(l)) AS profit
                 FROM customer_ledgers)
SELECT figure, in_source, in_ledgers, in_source - in_ledgers AS difference
FROM source s, ledgers l,
     LATERAL (VALUES ('revenue', s.revenue, l.revenue),
                     ('profit', s.profit, l.profit)) AS f (figure, in_source, in_ledgers);
\p
\echo

-- ---------------------------------------------------------------- accounts
\echo 'Totals by account, in the period; (unassigned) is what no customer is known for.'
\echo
SELECT coalesce(account::text, 'profit') AS account, round(sum(effect), 2) AS amount,
       round(100 * sum(effect) / nullif(first_value(sum(effect)) OVER (ORDER BY account), 0), 1)
         AS "% of revenue",
       round(sum(effect) FILTER (WHERE customer IS NULL), 2) AS "of it (unassigned)"
FROM in_period, entries(l),
     LATERAL (SELECT CASE account WHEN 'revenue' THEN amount ELSE -amount END) AS e (effect)
WHERE amount <> 0 GROUP BY ROLLUP (account) ORDER BY entries.account;
\p
SELECT sum(cost_to_serve(l)) IS NULL OR sum(cost_to_serve(l)) = 0 AS no_cost_to_serve FROM in_period \gset
\if :no_cost_to_serve
\echo
\echo 'No cost to serve supplied (selling, marketing, service, delivery): profit here is what is left'
\echo 'before it, and customers who are dear to serve look better than they are.'
\endif
\echo

\if :no_members
\echo 'No entry of the period has a customer.'
\else

-- ---------------------------------------------------------------- concentration
\echo 'Concentration'
\echo
SELECT CASE WHEN max(profit) > 0 THEN format('The best 10 %% of the %s customers bring %s %% of the gains',
			to_char(count(*), 'FM999,999,990'), round(100 * top_share_of_gains(profit, 0.1), 1))
			ELSE 'No customer gains' END AS best,
	   coalesce(round(100 * top_share_of_net(profit, 0.1), 1)::text, '-') AS of_net,
	   CASE count(*) FILTER (WHERE profit < 0) WHEN 0 THEN 'nobody loses' WHEN 1 THEN '1 customer loses '
			ELSE to_char(count(*) FILTER (WHERE profit < 0), 'FM999,999,990') || ' customers lose ' END
	   || coalesce(to_char(-sum(profit) FILTER (WHERE profit < 0), 'FM999,999,999,990.00'), '') AS losses,
	   to_char(sum(profit), 'FM999,999,999,990.00') AS net_profit, sum(profit) > 0 AS net_gain
FROM members \gset
\if :net_gain
\echo :best', which is'
\echo :of_net' % of net profit (':net_profit'); ':losses.
\else
\echo :best';'
\echo :losses', more than the others gain: net is ':net_profit', no share of it means anything.'
\endif
\echo
SELECT round(100 * top_share_of_gains(profit, 0.1), 1) AS "% of gains",
       round(100 * top_share_of_net(profit, 0.1), 1) AS "% of net profit",
       customers_for_share(profit, 0.8) AS "for 80 % of gains",
       customers_at_peak(whale_curve(profit)) AS "customers at the peak",
       round(peak(whale_curve(profit)), 2) AS "profit there"
FROM members;
\p
\echo

-- ---------------------------------------------------------------- segments
SELECT least(8, count(DISTINCT profit)) AS k FROM members \gset
BEGIN;
TRUNCATE scheme;
INSERT INTO scheme SELECT value_segments(profit, :k) FROM members;
COMMIT;
\echo 'Value segments: customers of similar profit, the most valuable first'
\echo
WITH v AS (SELECT value_segments(profit, :k) AS scheme FROM members)
SELECT s.number AS "#", round(s.lower) AS lower, round(s.upper) AS upper, count(*) AS customers,
       round(sum(revenue(l)), 2) AS revenue,
       round(nullif(sum(cost_to_serve(l)), 0), 2) AS "cost to serve",
       round(sum(profit), 2) AS profit, round(100 * s.share, 1) AS "share %",
       round(avg(profit), 2) AS average
FROM v, members, segments(v.scheme) s
WHERE segment(v.scheme, profit) = s.number GROUP BY s.number, s.lower, s.upper, s.share ORDER BY 1;
\p
\echo

-- ---------------------------------------------------------------- profile
\echo 'Profile of the segments: shares of all customers, of their revenue, gains and losses; the margin'
\echo 'on net revenue; purchases per customer and revenue per purchase'
\echo
SELECT number AS "#", customers, round(100 * share_of_customers, 1) AS "% of all",
       round(100 * share_of_revenue, 1) AS "% revenue", round(100 * share_of_gains, 1) AS "% gains",
       round(100 * share_of_losses, 1) AS "% losses", round(100 * margin, 1) AS "margin %",
       round(purchases_per_customer, 1) AS purchases,
       round(revenue_per_purchase, 2) AS "per purchase"
FROM unnest((SELECT segment_profile(segment, l) FROM segment_members));
\p
\echo
SELECT max(revenue) > 0 AS has_revenue FROM unnest((SELECT segment_profile(segment, l) FROM segment_members)) \gset
\if :has_revenue
\echo 'Where their revenue goes, in percent of it'
\echo
SELECT account, coalesce(number::text, 'all') AS segment, round(100 * amount / revenue, 1) AS share,
       coalesce(number, 99) AS place
FROM (SELECT segment_profile(segment, l) AS profile FROM segment_members) AS q,
     unnest(profile || all_customers(profile)) AS p,
     LATERAL (VALUES (1, 'discount', discount), (2, 'cogs', cogs), (3, 'selling', selling),
       (4, 'marketing', marketing), (5, 'service', service), (6, 'delivery', delivery),
       (7, 'acquisition', acquisition), (8, 'retention', retention),
       (9, 'credit loss', credit_loss), (10, 'overhead', overhead), (11, 'other', other),
       (12, 'profit', profit)) AS a (line, account, amount)
WHERE revenue > 0 AND amount <> 0 ORDER BY line
\crosstabview account segment share place
\p
\echo '\\crosstabview account segment share place'
\echo
\endif

-- ---------------------------------------------------------------- effort
SELECT coalesce(sum(effort) > 0 AND min(effort) >= 0 AND max(profit) > 0, false) AS compares_effort
FROM unnest((SELECT effort_misallocation(segment, cost_to_serve(l), profit) FROM segment_members)) \gset
\if :compares_effort
\echo 'Effort: does the cost to serve go where profit comes from? 1 is a fair part, 2 twice as much; a'
\echo 'segment that earns nothing has no ratio. The last column: what moves if all get their fair part.'
\echo
SELECT number AS "#", now.effort AS "cost to serve",
       round(100 * now.share_of_effort, 1) AS "% of it",
       now.profit, round(100 * now.share_of_segment_gains, 1) AS "% gains",
       round(now.misallocation, 2) AS misallocation, fair.change
FROM (SELECT effort_misallocation(segment, cost_to_serve(l), profit) AS e
      FROM segment_members) AS q,
     unnest(e) AS now JOIN unnest(reallocate(e)) AS fair USING (number) ORDER BY number;
\p
\else
\echo 'Effort: no cost to serve (or no profit, or credits for it) that segments could be compared by.'
\endif
\echo

-- ---------------------------------------------------------------- migration
SELECT NOT EXISTS (SELECT FROM in_period WHERE customer IS NOT NULL AND l_before <> ledger()) AS nobody_before \gset
\if :nobody_before
\echo 'Migration: nobody has entries from ':since_before' to ':until_before', so there is nothing to compare.'
\else
\echo 'Migration: the segments of ':since_before' to ':until_before' (rows) and of this period (columns),'
\echo 'by the limits above; how many customers went where.'
\echo
SELECT coalesce(before::text, 'new') AS before, coalesce(after::text, 'gone') AS after, customers,
       coalesce(after, 99) AS place
FROM unnest((SELECT migration(s, profit(l, days_before), profit(l, days))
             FROM customer_ledgers, period, scheme WHERE customer IS NOT NULL)) AS m
ORDER BY m.before, m.after
\crosstabview before after customers place
\p
\echo '\\crosstabview before after customers place'
\echo
\echo 'What that did to the profit'
\echo
SELECT step, b.customers, round(amount, 2) AS amount
FROM profit_bridge((SELECT migration(s, profit(l, days_before), profit(l, days))
                    FROM customer_ledgers, period, scheme WHERE customer IS NOT NULL)) AS b;
\p
\endif
\echo

-- ---------------------------------------------------------------- persistence
SELECT count(*) < 10 AS no_prior FROM members_before \gset
\if :no_prior
\echo 'Persistence: fewer than ten customers have entries in the period before, so nothing tells whether'
\echo 'profit and loss persist. Read the list of the worst with that in mind.'
\set again 0
\set base 0
\set persists true
\else
\echo 'Persistence: does profit stay with the customer? Compared with ':since_before' to ':until_before.
\echo
SELECT count(*) AS "in both periods",
       round(spearman(profit, profit_before)::numeric, 2) AS "rank correlation",
       count(*) FILTER (WHERE profit_before < 0) AS "losers before",
       round(100 * avg((profit < 0)::int) FILTER (WHERE profit_before < 0), 1) AS "% lose again",
       round(100 * avg((profit < 0)::int), 1) AS "% lose of all"
FROM members_before;
\p
SELECT again, base, again >= base + 10 OR base = 0 AS persists
FROM (SELECT coalesce(round(100 * avg((profit < 0)::int) FILTER (WHERE profit_before < 0)), 0) AS again,
			 round(100 * avg((profit < 0)::int)) AS base
	  FROM members_before) AS m \gset
\endif
\echo

-- ---------------------------------------------------------------- life cycle
SELECT format('Where customers are in their life here, on %s: at risk after half a year without a', :'until'::date) AS life_cycle \gset
\echo :life_cycle
\echo 'purchase, lapsed after a year, new and won back for the first three months.'
\echo
SELECT lifecycle_stage(l, as_of => :'until') AS stage, count(*) AS customers,
       round(avg(:'until' - last_purchase(l * daterange(NULL, :'until', '[]')))) AS silent,
       round(sum(profit(l * days)), 2) AS profit,
       round(sum(profit(l * days_before)), 2) AS "period before"
FROM customer_ledgers, period WHERE customer IS NOT NULL GROUP BY 1 ORDER BY 1;
\p
\echo

-- ---------------------------------------------------------------- best and worst
\echo 'The ten best customers'
\echo
SELECT customer, round(revenue(l), 2) AS revenue,
       round(nullif(cost_to_serve(l), 0), 2) AS "cost to serve",
       round(profit, 2) AS profit, round(100 * margin(l), 1) AS "margin %",
       round(profit(nullif(l_before, ledger())), 2) AS "period before"
FROM members ORDER BY members.profit DESC, customer LIMIT 10;
\p
\echo
\if :persists
\echo 'The ten worst customers'
\else
\echo 'The ten worst customers (losses do not persist here: the next list will name others)'
\endif
\echo
SELECT customer, round(revenue(l), 2) AS revenue,
       round(nullif(cost_to_serve(l), 0), 2) AS "cost to serve",
       round(profit, 2) AS profit, round(100 * margin(l), 1) AS "margin %",
       round(profit(nullif(l_before, ledger())), 2) AS "period before"
FROM members ORDER BY members.profit, customer LIMIT 10;
\p
\echo

-- ---------------------------------------------------------------- what to do next
\echo 'What to do next'
\echo
\ir advice.sql
\endif
\endif
