-- account teams: who looks after which customer

-- Boundaries are drawn as of a day that no session can choose: the time zone of
-- a session moves current_date by up to a week.
CREATE FUNCTION utc_date() RETURNS date
	LANGUAGE sql STABLE PARALLEL SAFE COST 1
BEGIN ATOMIC
	SELECT (pg_catalog.statement_timestamp() AT TIME ZONE interval '0')::date;
END;
COMMENT ON FUNCTION utc_date() IS 'Today by UTC, which no setting of a session changes.';

CREATE FUNCTION granted_roles() RETURNS name[]
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION granted_roles() IS 'The current role, and all that it was granted, in whatever way, and inherits.';

CREATE TYPE team_function AS ENUM ('sales', 'marketing', 'service', 'back office');
COMMENT ON TYPE team_function IS 'What somebody does for a customer.';

-- As text_range: equality for an exclusion constraint.
CREATE TYPE team_function_range AS RANGE (SUBTYPE = team_function);
COMMENT ON TYPE team_function_range IS 'A range of team functions; an exclusion constraint writes one as the range of itself.';
COMMENT ON TYPE team_function_multirange IS 'Ranges of team functions.';
COMMENT ON CAST (team_function_range AS team_function_multirange) IS 'One range is ranges.';
COMMENT ON FUNCTION team_function_range(team_function, team_function) IS 'range of team functions, without its end';
COMMENT ON FUNCTION team_function_range(team_function, team_function, text) IS 'range of team functions, with bounds as said';
COMMENT ON FUNCTION team_function_multirange() IS 'no range of team functions';
COMMENT ON FUNCTION team_function_multirange(team_function_range) IS 'one range of team functions';
COMMENT ON FUNCTION team_function_multirange(VARIADIC team_function_range[]) IS 'ranges of team functions';

CREATE TABLE account_team (
	party_id bigint NOT NULL REFERENCES party,
	team_function team_function NOT NULL,
	member name NOT NULL,
	since date NOT NULL DEFAULT utc_date(),
	until date,
	CONSTRAINT member_is_named CHECK (member <> ''),
	CONSTRAINT member_for_a_day_at_least CHECK (since < until),
	CONSTRAINT each_member_once_at_any_time EXCLUDE USING gist (
		int8range(party_id, party_id, '[]') WITH &&,
		team_function_range(team_function, team_function, '[]') WITH &&,
		text_range(member::text, member::text, '[]') WITH &&,
		daterange(since, until) WITH &&)
);
CREATE INDEX account_team_by_party ON account_team (party_id, member);
CREATE INDEX account_team_by_member ON account_team (member, party_id);
COMMENT ON TABLE account_team IS 'Which database role looks after which party, as what, and when. It decides what a member sees. Change it with assign_account and release_account, which keep the history.';
COMMENT ON COLUMN account_team.member IS 'A database role: of one person, or of a group whose members all look after the party.';
COMMENT ON COLUMN account_team.since IS 'The first day.';
COMMENT ON COLUMN account_team.until IS 'The first day no longer; NULL if there is none.';
COMMENT ON CONSTRAINT each_member_once_at_any_time ON account_team IS 'A member is in one function of a team once on any day.';
COMMENT ON INDEX account_team_by_party IS 'the team of a party';
COMMENT ON INDEX account_team_by_member IS 'the parties of a member';

SELECT pg_catalog.pg_extension_config_dump('account_team', '');

-- A trigger cannot ask for the role: a dump may be restored where it is not yet.
CREATE FUNCTION known_role(role_name name) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL SAFE COST 20 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = known_role.role_name) THEN
		RAISE EXCEPTION USING ERRCODE = CASE WHEN role_name IS NULL THEN 'null_value_not_allowed' ELSE 'undefined_object' END,
			MESSAGE = coalesce('role "' || role_name || '" does not exist', 'role must not be null'),
			DETAIL = 'Boundaries are drawn for roles of the database: of one person, or of a group.',
			HINT = 'Create it with CREATE ROLE, and grant it to those who belong to it.';
	END IF;
END;
$$;
COMMENT ON FUNCTION known_role(name) IS 'Raises an error if the database has no such role.';

-- The parties that a change of a team means.
CREATE FUNCTION parties_of_account(party bigint, with_household boolean) RETURNS SETOF bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000 ROWS 10 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM changeable_party(party);
	IF with_household THEN
		RETURN QUERY SELECT DISTINCT m.party_id FROM household_members(party) AS m;
	ELSE
		RETURN NEXT party;
	END IF;
END;
$$;
COMMENT ON FUNCTION parties_of_account(bigint, boolean) IS 'The party, or it and all below it under the customer view of the session, for functions that change teams.';

CREATE FUNCTION assign_account(party bigint, team_function team_function, member name, since date DEFAULT utc_date(), until date DEFAULT NULL, with_household boolean DEFAULT false) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
DECLARE
	one bigint;
	other account_team;
	added account_team;
	assigned bigint := 0;
BEGIN
	IF since IS NULL OR team_function IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
			MESSAGE = 'team_function and since must not be null',
			DETAIL = 'A member of a team does something for the customer, from some day on.',
			HINT = 'Leave since out if it is today.';
	END IF;
	PERFORM days_between(since, until);
	PERFORM known_role(member);
	FOR one IN SELECT * FROM parties_of_account(party, with_household) ORDER BY 1 LOOP
		SELECT * INTO other FROM account_team t
		WHERE t.party_id = one AND t.team_function = assign_account.team_function AND t.member = assign_account.member
			  AND daterange(t.since, t.until) && daterange(assign_account.since, assign_account.until)
		ORDER BY t.since LIMIT 1;
		IF FOUND AND with_household THEN
			CONTINUE;
		ELSIF FOUND THEN
			RAISE EXCEPTION USING ERRCODE = 'exclusion_violation', SCHEMA = 'customer_value', TABLE = 'account_team', CONSTRAINT = 'each_member_once_at_any_time',
				MESSAGE = format('%s is already in %s for party %s', member, team_function, one),
				DETAIL = format('It is so %s.', days_in_words(daterange(other.since, other.until))),
				HINT = 'Choose days that do not overlap, or call release_account() first.';
		END IF;
		INSERT INTO account_team (party_id, team_function, member, since, until)
		VALUES (one, assign_account.team_function, assign_account.member, assign_account.since, assign_account.until)
		RETURNING * INTO added;
		PERFORM record_event('assign_account', one, NULL, NULL, to_jsonb(added));
		assigned := assigned + 1;
	END LOOP;
	RETURN assigned;
END;
$$;
COMMENT ON FUNCTION assign_account(bigint, team_function, name, date, date, boolean) IS 'Puts a role into the team of a party, or of all parties of its household that do not have it there; returns how many those are.';

CREATE FUNCTION release_account(party bigint, team_function team_function, member name, until date DEFAULT utc_date(), with_household boolean DEFAULT false) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
DECLARE
	was account_team;
	changed account_team;
	released bigint := 0;
BEGIN
	IF until IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
			MESSAGE = 'until must not be null',
			DETAIL = 'A member leaves a team on a day.',
			HINT = 'Give the first day on which the role is no longer in the team, or leave until out if it is today.';
	END IF;
	-- the role need not exist any more
	FOR was IN
		SELECT t.* FROM parties_of_account(party, with_household) AS one JOIN account_team t ON t.party_id = one
		WHERE t.team_function = release_account.team_function AND t.member = release_account.member
			  AND (t.until IS NULL OR t.until > release_account.until)
		ORDER BY t.party_id, t.since FOR UPDATE OF t
	LOOP
		IF was.since < until THEN
			UPDATE account_team t SET until = release_account.until
			WHERE t.party_id = was.party_id AND t.team_function = was.team_function AND t.member = was.member AND t.since = was.since
			RETURNING * INTO changed;
			PERFORM record_event('release_account', was.party_id, NULL, to_jsonb(was), to_jsonb(changed));
		ELSE						-- it has not begun, and does not
			DELETE FROM account_team t
			WHERE t.party_id = was.party_id AND t.team_function = was.team_function AND t.member = was.member AND t.since = was.since;
			PERFORM record_event('release_account', was.party_id, NULL, to_jsonb(was), NULL);
		END IF;
		released := released + 1;
	END LOOP;
	IF released = 0 THEN
		RAISE EXCEPTION USING ERRCODE = 'undefined_object',
			MESSAGE = format('%s is not in %s for party %s on %s or later', member, team_function, party, to_char(until, 'YYYY-MM-DD')),
			DETAIL = coalesce((SELECT 'It was so ' || string_agg(days_in_words(daterange(t.since, t.until)), ', ' ORDER BY t.since) || '.' FROM account_team t
							   WHERE t.party_id = release_account.party AND t.team_function = release_account.team_function AND t.member = release_account.member),
							  'It never was.'),
			HINT = 'The table account_team says who is in the team, as what, and when.';
	END IF;
	RETURN released;
END;
$$;
COMMENT ON FUNCTION release_account(bigint, team_function, name, date, boolean) IS 'Takes a role out of the team of a party, or of all parties of its household, from the day until on; returns how many rows that ended.';
