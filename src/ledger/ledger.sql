-- ledger: exact amounts by day and account, with purchase counts

CREATE TYPE ledger_account AS ENUM (
	'revenue', 'discount', 'cogs', 'selling', 'marketing', 'service',
	'delivery', 'acquisition', 'retention', 'credit_loss', 'overhead', 'other'
);
COMMENT ON TYPE ledger_account IS
	'The fixed chart of accounts of a ledger: revenue, and what is subtracted from it.';

CREATE TYPE ledger;

CREATE FUNCTION ledger_in(cstring) RETURNS ledger
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION ledger_in(cstring) IS 'I/O: reads the JSON text form of a ledger';

CREATE FUNCTION ledger_out(ledger) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION ledger_out(ledger) IS 'I/O: writes the JSON text form of a ledger';

CREATE FUNCTION ledger_recv(internal) RETURNS ledger
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION ledger_recv(internal) IS 'I/O: reads and checks the binary form of a ledger';

CREATE FUNCTION ledger_send(ledger) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION ledger_send(ledger) IS
	'I/O: writes the binary form of a ledger; equal ledgers give equal bytes';

CREATE TYPE ledger (
	INPUT = ledger_in,
	OUTPUT = ledger_out,
	RECEIVE = ledger_recv,
	SEND = ledger_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	-- already compact: compressing it again costs time and saves little
	STORAGE = external
);
COMMENT ON TYPE ledger IS
	'Exact amounts of money by calendar day and account, with purchase counts: all flows between a company and a customer.';

-- constructors

CREATE FUNCTION ledger() RETURNS ledger
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'ledger_zero';
COMMENT ON FUNCTION ledger() IS 'The zero ledger: no money, no purchase, no currency; adds to any other.';

CREATE FUNCTION ledger(
	day timestamp,
	revenue numeric DEFAULT NULL,
	discount numeric DEFAULT NULL,
	cogs numeric DEFAULT NULL,
	selling numeric DEFAULT NULL,
	marketing numeric DEFAULT NULL,
	service numeric DEFAULT NULL,
	delivery numeric DEFAULT NULL,
	acquisition numeric DEFAULT NULL,
	retention numeric DEFAULT NULL,
	credit_loss numeric DEFAULT NULL,
	overhead numeric DEFAULT NULL,
	other numeric DEFAULT NULL,
	purchases bigint DEFAULT NULL,
	currency text DEFAULT NULL
) RETURNS ledger
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'ledger_row';
COMMENT ON FUNCTION ledger(timestamp, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, bigint, text) IS
	'A ledger of one day from one row: an amount for each account named. NULL is no money; positive revenue counts as one purchase unless purchases says otherwise.';

CREATE FUNCTION ledger_entry(
	day timestamp,
	account ledger_account,
	amount numeric,
	purchases bigint DEFAULT NULL,
	currency text DEFAULT NULL
) RETURNS ledger
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'ledger_entry_enum';
COMMENT ON FUNCTION ledger_entry(timestamp, ledger_account, numeric, bigint, text) IS
	'A ledger of one day, account and amount, for tables with one row for each posting.';

CREATE FUNCTION ledger_entry(
	day timestamp,
	account text,
	amount numeric,
	purchases bigint DEFAULT NULL,
	currency text DEFAULT NULL
) RETURNS ledger
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'ledger_entry_text';
COMMENT ON FUNCTION ledger_entry(timestamp, text, numeric, bigint, text) IS
	'A ledger of one day, account and amount, the account named by text.';

-- JSON

CREATE FUNCTION ledger_to_json(ledger) RETURNS json
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION ledger_to_json(ledger) IS 'The text form of a ledger as json; implements the cast.';

CREATE FUNCTION ledger_to_jsonb(ledger) RETURNS jsonb
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION ledger_to_jsonb(ledger) IS 'The text form of a ledger as jsonb; implements the cast.';

CREATE FUNCTION ledger_from_jsonb(jsonb) RETURNS ledger
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION ledger_from_jsonb(jsonb) IS 'A ledger from jsonb of its text form; implements the cast.';

-- to_json(), to_jsonb() and their like look for the cast to json
CREATE CAST (ledger AS json) WITH FUNCTION ledger_to_json(ledger);
COMMENT ON CAST (ledger AS json) IS 'the text form of a ledger as json';
CREATE CAST (ledger AS jsonb) WITH FUNCTION ledger_to_jsonb(ledger);
COMMENT ON CAST (ledger AS jsonb) IS 'the text form of a ledger as jsonb';
CREATE CAST (jsonb AS ledger) WITH FUNCTION ledger_from_jsonb(jsonb);
COMMENT ON CAST (jsonb AS ledger) IS 'a ledger from jsonb of its text form';

-- comparison

CREATE FUNCTION ledger_eq(ledger, ledger) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION ledger_ne(ledger, ledger) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION ledger_lt(ledger, ledger) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION ledger_le(ledger, ledger) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION ledger_gt(ledger, ledger) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION ledger_ge(ledger, ledger) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION ledger_cmp(ledger, ledger) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION ledger_hash(ledger) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION ledger_hash_extended(ledger, bigint) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION ledger_eq(ledger, ledger) IS 'implementation of = operator: same days, amounts, purchases and currency';
COMMENT ON FUNCTION ledger_ne(ledger, ledger) IS 'implementation of <> operator';
COMMENT ON FUNCTION ledger_lt(ledger, ledger) IS 'implementation of < operator: an arbitrary but fixed order';
COMMENT ON FUNCTION ledger_le(ledger, ledger) IS 'implementation of <= operator';
COMMENT ON FUNCTION ledger_gt(ledger, ledger) IS 'implementation of > operator';
COMMENT ON FUNCTION ledger_ge(ledger, ledger) IS 'implementation of >= operator';
COMMENT ON FUNCTION ledger_cmp(ledger, ledger) IS 'less-equal-greater comparison for btree';
COMMENT ON FUNCTION ledger_hash(ledger) IS 'hash';
COMMENT ON FUNCTION ledger_hash_extended(ledger, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = ledger_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = ledger_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = ledger_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = ledger_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = ledger_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = ledger_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (ledger, ledger) IS 'equal: same days, amounts, purchases and currency';
COMMENT ON OPERATOR <> (ledger, ledger) IS 'not equal';
COMMENT ON OPERATOR < (ledger, ledger) IS 'less than, in an arbitrary but fixed order for sorting';
COMMENT ON OPERATOR <= (ledger, ledger) IS 'less than or equal, in that order';
COMMENT ON OPERATOR > (ledger, ledger) IS 'greater than, in that order';
COMMENT ON OPERATOR >= (ledger, ledger) IS 'greater than or equal, in that order';

CREATE OPERATOR FAMILY ledger_ops USING btree;
CREATE OPERATOR CLASS ledger_ops DEFAULT FOR TYPE ledger USING btree FAMILY ledger_ops AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 ledger_cmp(ledger, ledger);
CREATE OPERATOR FAMILY ledger_ops USING hash;
CREATE OPERATOR CLASS ledger_ops DEFAULT FOR TYPE ledger USING hash FAMILY ledger_ops AS
	OPERATOR 1 =,
	FUNCTION 1 ledger_hash(ledger),
	FUNCTION 2 ledger_hash_extended(ledger, bigint);
COMMENT ON OPERATOR FAMILY ledger_ops USING btree IS 'sorting ledgers, in an arbitrary but fixed order';
COMMENT ON OPERATOR CLASS ledger_ops USING btree IS 'sorting ledgers, in an arbitrary but fixed order';
COMMENT ON OPERATOR FAMILY ledger_ops USING hash IS 'hashing ledgers';
COMMENT ON OPERATOR CLASS ledger_ops USING hash IS 'hashing ledgers';

-- sums over accounts

CREATE FUNCTION revenue(ledger) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'ledger_revenue';
CREATE FUNCTION net_revenue(ledger) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'ledger_net_revenue';
CREATE FUNCTION cost(ledger) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'ledger_cost';
CREATE FUNCTION cost(ledger, account ledger_account) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'ledger_cost_enum';
CREATE FUNCTION cost(ledger, account text) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'ledger_cost_text';
CREATE FUNCTION cost_to_serve(ledger) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'ledger_cost_to_serve';
CREATE FUNCTION contribution(ledger) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'ledger_contribution';
CREATE FUNCTION profit(ledger) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'ledger_profit';
CREATE FUNCTION profit(ledger, days daterange) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'ledger_profit_days';
CREATE FUNCTION margin(ledger) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 4 AS 'MODULE_PATHNAME', 'ledger_margin';
COMMENT ON FUNCTION revenue(ledger) IS 'Revenue: the sum of the account revenue.';
COMMENT ON FUNCTION net_revenue(ledger) IS 'Net revenue: revenue less discount.';
COMMENT ON FUNCTION cost(ledger) IS 'All that stands between revenue and profit: the sum of every account but revenue.';
COMMENT ON FUNCTION cost(ledger, ledger_account) IS 'The sum of one account other than revenue.';
COMMENT ON FUNCTION cost(ledger, text) IS 'The sum of one account other than revenue, named by text.';
COMMENT ON FUNCTION cost_to_serve(ledger) IS 'Cost to serve: selling, marketing, service and delivery.';
COMMENT ON FUNCTION contribution(ledger) IS 'Contribution: profit before acquisition and overhead.';
COMMENT ON FUNCTION profit(ledger) IS 'Profit: revenue less every other account.';
COMMENT ON FUNCTION profit(ledger, daterange) IS 'Profit of some days; NULL if the ledger has no entry on them, where profit(ledger * days) is 0.';
COMMENT ON FUNCTION margin(ledger) IS 'Profit over net revenue, as a fraction; NULL unless net revenue is positive.';

-- days, purchases, currency

CREATE FUNCTION first_day(ledger) RETURNS date
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'ledger_first_day';
CREATE FUNCTION last_day(ledger) RETURNS date
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'ledger_last_day';
CREATE FUNCTION purchases(ledger) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'ledger_purchases';
CREATE FUNCTION purchase_days(ledger) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'ledger_purchase_days';
CREATE FUNCTION first_purchase(ledger) RETURNS date
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'ledger_first_purchase';
CREATE FUNCTION last_purchase(ledger) RETURNS date
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'ledger_last_purchase';
CREATE FUNCTION currency(ledger) RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'ledger_currency';
COMMENT ON FUNCTION first_day(ledger) IS 'The first day with any entry; NULL for the zero ledger.';
COMMENT ON FUNCTION last_day(ledger) IS 'The last day with any entry; NULL for the zero ledger.';
COMMENT ON FUNCTION purchases(ledger) IS 'The number of purchases.';
COMMENT ON FUNCTION purchase_days(ledger) IS 'The number of days with at least one purchase.';
COMMENT ON FUNCTION first_purchase(ledger) IS 'The first day with a purchase; NULL if there is none.';
COMMENT ON FUNCTION last_purchase(ledger) IS 'The last day with a purchase; NULL if there is none.';
COMMENT ON FUNCTION currency(ledger) IS 'The ISO 4217 code of the currency; NULL if none was given or the ledger is zero.';

CREATE FUNCTION entries(
	ledger,
	OUT day date, OUT account ledger_account, OUT amount numeric, OUT purchases bigint
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 50
	AS 'MODULE_PATHNAME', 'ledger_entries';
COMMENT ON FUNCTION entries(ledger) IS
	'The entries of a ledger as rows, by day and account; the purchases of a day stand on its first row.';
