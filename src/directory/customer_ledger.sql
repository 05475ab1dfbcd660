-- ledgers of the keys of sources, by role

CREATE TABLE customer_ledger (
	source text NOT NULL REFERENCES source_system,
	role party_role NOT NULL,
	source_key text,
	ledger ledger NOT NULL,
	-- The role comes last: under policies, no index is searched by an enum, whose
	-- comparison is not leakproof.
	CONSTRAINT each_key_has_one_ledger UNIQUE NULLS NOT DISTINCT (source, source_key, role)
);
COMMENT ON TABLE customer_ledger IS 'The ledger of each key of each source, by the role in which the key stands in the records.';
COMMENT ON COLUMN customer_ledger.source_key IS 'The key as the source has it, known or not to party_identifier; NULL for records without a key in this role.';
COMMENT ON CONSTRAINT each_key_has_one_ledger ON customer_ledger IS 'A key of a source has one ledger in each role.';

SELECT pg_catalog.pg_extension_config_dump('customer_ledger', '');
