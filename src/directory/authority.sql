-- authority: who may do what for which customers, up to which amount

CREATE TABLE authority (
	role_name name NOT NULL,
	action text NOT NULL,
	scheme text,
	segment int,
	max_amount numeric,
	CONSTRAINT each_authority_once UNIQUE NULLS NOT DISTINCT (action, role_name, scheme, segment),
	CONSTRAINT role_is_named CHECK (role_name <> ''),
	CONSTRAINT action_is_named CHECK (btrim(action) <> ''),
	CONSTRAINT segment_is_one_of_a_scheme CHECK ((scheme IS NULL) = (segment IS NULL)),
	CONSTRAINT scheme_is_named CHECK (btrim(scheme) <> ''),
	CONSTRAINT segment_is_a_number CHECK (segment > 0),
	CONSTRAINT max_amount_is_an_amount CHECK (max_amount >= 0 AND max_amount < 'Infinity')
);
COMMENT ON TABLE authority IS 'What the members of a role may do, for customers of which segment, up to which amount. Change it with grant_authority and revoke_authority, which keep the history; may() reads it.';
COMMENT ON COLUMN authority.action IS 'A name of one''s own, such as discount, goodwill or credit.';
COMMENT ON COLUMN authority.segment IS 'The segment by the scheme in which a customer must be today; NULL for all customers, with a segment or without.';
COMMENT ON COLUMN authority.max_amount IS 'The largest amount; NULL if there is no limit.';
COMMENT ON CONSTRAINT each_authority_once ON authority IS 'A role has one limit for an action and a segment.';

SELECT pg_catalog.pg_extension_config_dump('authority', '');

CREATE FUNCTION grant_authority(role_name name, action text, max_amount numeric DEFAULT NULL, segment int DEFAULT NULL, scheme text DEFAULT 'value') RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 500 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
DECLARE
	was authority;
	changed authority;
BEGIN
	PERFORM known_role(role_name);
	scheme := CASE WHEN segment IS NOT NULL THEN scheme END;
	SELECT * INTO was FROM authority a
	WHERE a.role_name = grant_authority.role_name AND a.action = grant_authority.action
		  AND a.scheme IS NOT DISTINCT FROM grant_authority.scheme AND a.segment IS NOT DISTINCT FROM grant_authority.segment
	FOR UPDATE;
	INSERT INTO authority (role_name, action, scheme, segment, max_amount)
	VALUES (grant_authority.role_name, grant_authority.action, grant_authority.scheme, grant_authority.segment, grant_authority.max_amount)
	ON CONFLICT ON CONSTRAINT each_authority_once DO UPDATE SET max_amount = excluded.max_amount
	RETURNING * INTO changed;
	PERFORM record_event('grant_authority', NULL, NULL, CASE WHEN was.role_name IS NOT NULL THEN to_jsonb(was) END, to_jsonb(changed));
END;
$$;
COMMENT ON FUNCTION grant_authority(name, text, numeric, int, text) IS 'Says that members of a role may do something for customers of a segment, or of any, up to an amount; replaces the amount said before.';

CREATE FUNCTION revoke_authority(role_name name, action text, segment int DEFAULT NULL, scheme text DEFAULT 'value') RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 500 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
DECLARE
	was authority;
BEGIN
	DELETE FROM authority a
	WHERE a.role_name = revoke_authority.role_name AND a.action = revoke_authority.action
		  AND a.segment IS NOT DISTINCT FROM revoke_authority.segment
		  AND (revoke_authority.segment IS NULL OR a.scheme = revoke_authority.scheme)
	RETURNING * INTO was;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_object',
			MESSAGE = coalesce('role "' || role_name || '" has no authority for "' || action || '" and ' || coalesce('segment ' || segment || ' of ' || scheme, 'all customers'),
							   'role and action must not be null'),
			DETAIL = coalesce((SELECT 'It has one for ' || string_agg(coalesce('segment ' || a.segment || ' of ' || a.scheme, 'all customers'), ', ' ORDER BY a.scheme NULLS FIRST, a.segment) || '.'
							   FROM authority a WHERE a.role_name = revoke_authority.role_name AND a.action = revoke_authority.action), 'It has none for this action.'),
			HINT = 'The table authority says who may do what.';
	END IF;
	PERFORM record_event('revoke_authority', NULL, NULL, to_jsonb(was), NULL);
END;
$$;
COMMENT ON FUNCTION revoke_authority(name, text, int, text) IS 'Takes one authority of a role away; those for other segments stay.';

-- Asked at the point of sale, once for a customer, so it does no more than it must: to
-- ask a table under policies costs more than to look up the row.  Of whom one does not
-- see, one sees no segment, either.
CREATE FUNCTION may(action text, party bigint, amount numeric DEFAULT NULL) RETURNS boolean
	LANGUAGE plpgsql STABLE PARALLEL SAFE COST 200 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
DECLARE
	held record;
BEGIN
	IF amount < 0 OR amount >= 'Infinity' THEN	-- NaN is above all
		RETURN false;
	END IF;
	FOR held IN
		SELECT a.scheme, array_agg(a.segment) AS segments FROM authority a
		WHERE a.action = may.action AND (a.max_amount IS NULL OR a.max_amount >= may.amount)
			  AND a.role_name = ANY ((SELECT granted_roles())::name[])
		GROUP BY a.scheme ORDER BY a.scheme NULLS FIRST
	LOOP
		IF held.scheme IS NULL THEN
			RETURN EXISTS (SELECT FROM party p WHERE p.party_id = may.party);
		ELSIF (SELECT s.segment FROM party_segment s
			   WHERE s.party_id = may.party AND s.scheme = held.scheme AND s.since <= utc_date()
			   ORDER BY s.since DESC LIMIT 1) = ANY (held.segments) THEN
			RETURN true;
		END IF;
	END LOOP;
	RETURN false;
END;
$$;
COMMENT ON FUNCTION may(text, bigint, numeric) IS 'Whether the current role has authority for an action and an amount with a customer whom it sees, in the segment of today; without an amount, whether it has one without limit. What is not granted is false.';
