-- all that is known of a segment in one value, for an application to show

CREATE FUNCTION profile_card_key(segment text) RETURNS text
	LANGUAGE sql IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
RETURN coalesce('=' || segment, '');
COMMENT ON FUNCTION profile_card_key(text) IS
	'part of profile_cards: segments as texts that can be joined, the NULL segment among them';

CREATE FUNCTION profile_card_mix(mix segment_mix_row[], top int, OUT key text, OUT items jsonb) RETURNS SETOF record
	LANGUAGE sql IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 200 ROWS 8
BEGIN ATOMIC
	SELECT profile_card_key(m.segment),
		   jsonb_agg(jsonb_build_object('item', m.item, 'lines', m.lines, 'amount', m.amount,
										'share', round(m.share, 6), 'share_of_all', round(m.share_of_all, 6),
										'index', round(m.index, 1)) ORDER BY m.rank)
	FROM unnest(mix) AS m WHERE top IS NULL OR m.rank <= top GROUP BY 1;
END;
COMMENT ON FUNCTION profile_card_mix(segment_mix_row[], int) IS
	'part of profile_cards: the mix of each segment';

CREATE FUNCTION profile_card_money(segment segment_profile_row) RETURNS jsonb
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 50
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'currency', p.currency, 'revenue', p.revenue, 'net_revenue', p.net_revenue, 'cost_to_serve', p.cost_to_serve,
		'contribution', p.contribution, 'profit', p.profit, 'margin', round(p.margin, 6), 'gains', p.gains, 'losses', p.losses,
		'accounts', (SELECT coalesce(jsonb_object_agg(a.name, a.amount), '{}')
					 FROM (VALUES ('revenue', p.revenue), ('discount', p.discount), ('cogs', p.cogs), ('selling', p.selling),
								  ('marketing', p.marketing), ('service', p.service), ('delivery', p.delivery),
								  ('acquisition', p.acquisition), ('retention', p.retention), ('credit_loss', p.credit_loss),
								  ('overhead', p.overhead), ('other', p.other)) AS a (name, amount)
					 WHERE a.amount <> 0))
	FROM (SELECT (segment).*) AS p;
END;
COMMENT ON FUNCTION profile_card_money(segment_profile_row) IS
	'part of profile_cards: the money of one segment';

CREATE FUNCTION profile_card_size(segment segment_profile_row) RETURNS jsonb
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 50
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'number', p.number, 'segment', p.segment,
		'customers', jsonb_build_object('count', p.customers, 'gainers', p.gainers, 'losers', p.losers, 'buyers', p.buyers),
		'shares', jsonb_build_object('customers', round(p.share_of_customers, 6), 'revenue', round(p.share_of_revenue, 6),
									 'net', round(p.share_of_net, 6), 'gains', round(p.share_of_gains, 6),
									 'losses', round(p.share_of_losses, 6)),
		'purchases', jsonb_build_object('count', p.purchases, 'days', p.purchase_days,
										'per_customer', round(p.purchases_per_customer, 4),
										'revenue_each', round(p.revenue_per_purchase, 2)))
	FROM (SELECT (segment).*) AS p;
END;
COMMENT ON FUNCTION profile_card_size(segment_profile_row) IS
	'part of profile_cards: how many customers of one segment there are and how they buy';

CREATE FUNCTION profile_cards(
	profile segment_profile_row[],
	effort effort_row[] DEFAULT NULL,
	channels segment_mix_row[] DEFAULT NULL,
	categories segment_mix_row[] DEFAULT NULL,
	products segment_mix_row[] DEFAULT NULL,
	top int DEFAULT 5,
	more jsonb DEFAULT NULL,
	OUT number bigint, OUT segment text, OUT card jsonb
) RETURNS SETOF record
	LANGUAGE sql IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 ROWS 8
BEGIN ATOMIC
	WITH segments AS (
		SELECT p AS row, row_number() OVER () AS place, profile_card_key(p.segment) AS key FROM unnest(profile) AS p
	), indices AS (
		SELECT profile_card_key(x.segment) AS key, jsonb_object_agg(x.figure, round(x.index, 1)) AS figures
		FROM profile_index(profile) AS x WHERE x.index IS NOT NULL GROUP BY 1
	)
	SELECT (s.row).number, (s.row).segment,
		   profile_card_size(s.row)
		   || jsonb_build_object('money', profile_card_money(s.row), 'index', coalesce(x.figures, '{}'))
		   || CASE WHEN e.effort IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('effort', jsonb_build_object(
				'effort', e.effort, 'change', e.change, 'share', round(e.share_of_effort, 6),
				'share_of_segment_gains', round(e.share_of_segment_gains, 6), 'misallocation', round(e.misallocation, 4))) END
		   || CASE WHEN channels IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('channels', coalesce(by_channel.items, '[]')) END
		   || CASE WHEN categories IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('categories', coalesce(by_category.items, '[]')) END
		   || CASE WHEN products IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('top_products', coalesce(by_product.items, '[]')) END
		   || CASE coalesce(jsonb_typeof(more -> (s.row).segment), 'null') WHEN 'object' THEN more -> (s.row).segment WHEN 'null' THEN '{}'
				   ELSE jsonb_build_object('more', more -> (s.row).segment) END
	FROM segments AS s
		 LEFT JOIN indices AS x USING (key)
		 LEFT JOIN (SELECT profile_card_key(e.segment) AS key, e.* FROM unnest(effort) AS e) AS e USING (key)
		 LEFT JOIN profile_card_mix(channels, NULL) AS by_channel USING (key)
		 LEFT JOIN profile_card_mix(categories, NULL) AS by_category USING (key)
		 LEFT JOIN profile_card_mix(products, top) AS by_product USING (key)
	ORDER BY s.place;
END;
COMMENT ON FUNCTION profile_cards(segment_profile_row[], effort_row[], segment_mix_row[], segment_mix_row[], segment_mix_row[], int, jsonb) IS
	'A card for each segment of a profile: one jsonb with its size, money, shares, purchases and indices, and of what else is given its effort, its mix of channels and of categories, its top products; more is an object with further keys for each segment. NULL leaves a part out.';
