-- credit: what each party may owe, what its family owes, and how late

CREATE TABLE credit_limit (
	party_id bigint NOT NULL REFERENCES party,
	amount numeric NOT NULL,
	currency text,
	valid daterange NOT NULL DEFAULT '(,)',
	CONSTRAINT credit_limit_is_known_by_party_and_days PRIMARY KEY (party_id, valid),
	CONSTRAINT credit_limit_is_an_amount CHECK (amount >= 0 AND amount < 'Infinity'),
	CONSTRAINT currency_is_iso_4217 CHECK (currency ~ '^[A-Z]{3}$'),
	CONSTRAINT credit_limit_is_valid_sometime CHECK (NOT isempty(valid)),
	CONSTRAINT one_credit_limit_at_any_time EXCLUDE USING gist (
		int8range(party_id, party_id, '[]') WITH &&,
		valid WITH &&)
);
COMMENT ON TABLE credit_limit IS 'How much a party and whoever belongs to it may owe, and when. Change it with set_credit_limit, which keeps the history.';
COMMENT ON COLUMN credit_limit.currency IS 'ISO 4217 code of three letters; NULL where all money is of one currency that nobody states.';
COMMENT ON COLUMN credit_limit.valid IS 'The days on which the limit holds.';
COMMENT ON CONSTRAINT one_credit_limit_at_any_time ON credit_limit IS 'A party has one credit limit on any day.';

SELECT pg_catalog.pg_extension_config_dump('credit_limit', '');

CREATE FUNCTION set_credit_limit(party bigint, amount numeric, currency text DEFAULT NULL, since date DEFAULT NULL, until date DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 1000 SET search_path = customer_value, pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	survivor bigint;
	days daterange;
	was jsonb;
BEGIN
	-- Two sessions that set limits of one party take turns.
	PERFORM FROM party p WHERE p.party_id = party FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', SCHEMA = 'customer_value', TABLE = 'credit_limit',
			MESSAGE = format('party %s does not exist', coalesce(party::text, 'NULL')),
			DETAIL = 'A credit limit is that of a party in the directory.',
			HINT = 'Call add_party() first, or party_of() to find the party of a key.';
	END IF;
	SELECT m.survivor_id INTO survivor FROM party_merge m WHERE m.absorbed_id = party AND m.undone_at IS NULL;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('party %s is another one now', party),
			DETAIL = format('It was absorbed by party %s.', survivor),
			HINT = format('Set the credit limit of party %s.', current_party(party));
	END IF;
	IF since >= until THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
			MESSAGE = 'no day is between since and until',
			DETAIL = format('until (%s) is the first day on which the limit does not hold any more; since is %s.', to_char(until, 'YYYY-MM-DD'), to_char(since, 'YYYY-MM-DD')),
			HINT = 'Say an until after since, or NULL for an open end.';
	END IF;
	days := daterange(since, until);

	SELECT jsonb_agg(to_jsonb(l) - 'party_id' ORDER BY l.valid) INTO was FROM credit_limit l WHERE l.party_id = party;

	-- What held on these days goes; what one of them also held before or after stays.
	WITH gone AS (
		DELETE FROM credit_limit l WHERE l.party_id = party AND l.valid && days RETURNING l.*
	)
	INSERT INTO credit_limit (party_id, amount, currency, valid)
	SELECT g.party_id, g.amount, g.currency, unnest(datemultirange(g.valid) - datemultirange(days)) FROM gone g;
	IF set_credit_limit.amount IS NOT NULL THEN
		INSERT INTO credit_limit (party_id, amount, currency, valid) VALUES (party, set_credit_limit.amount, set_credit_limit.currency, days);
	END IF;

	INSERT INTO party_event (action, party_id, before, after)
	SELECT 'set credit limit', party, was, (SELECT jsonb_agg(to_jsonb(l) - 'party_id' ORDER BY l.valid) FROM credit_limit l WHERE l.party_id = party);
END;
$$;
COMMENT ON FUNCTION set_credit_limit(bigint, numeric, text, date, date) IS
	'Sets how much a party and whoever belongs to it may owe from a day on, until the day before another; NULL stands for the beginning and for an open end. Limits that held on these days give way; an amount of NULL leaves none.';
