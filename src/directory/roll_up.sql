-- roll_up: ledgers added up along a hierarchy

CREATE FUNCTION roll_up(own ledger, id bigint, parent bigint) RETURNS ledger
	LANGUAGE C WINDOW IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'roll_up_parent';
COMMENT ON FUNCTION roll_up(ledger, bigint, bigint) IS
	'The total ledger of the row''s node: its own and the totals of its children, which are the rows of the partition that name it as parent. Parent NULL, or not in the partition: a root. Cycles are an error that prints the path.';

CREATE FUNCTION roll_up(own ledger, id bigint, parents bigint[], shares numeric[]) RETURNS ledger
	LANGUAGE C WINDOW IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'roll_up_parents';
COMMENT ON FUNCTION roll_up(ledger, bigint, bigint[], numeric[]) IS
	'The total ledger of the row''s node: its own and what other nodes pass up to it. Each node passes so much of its total to each of its parents, as split() would, so that not a cent is lost; what is left stays with it alone: see roll_up_rest. Cycles are an error that prints the path.';

CREATE FUNCTION roll_up_rest(own ledger, id bigint, parent bigint) RETURNS ledger
	LANGUAGE C WINDOW IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'roll_up_rest_parent';
COMMENT ON FUNCTION roll_up_rest(ledger, bigint, bigint) IS
	'What the row''s node passes to nobody: the total of a root, nothing of any other. The sum over all rows is the sum of their own ledgers.';

CREATE FUNCTION roll_up_rest(own ledger, id bigint, parents bigint[], shares numeric[]) RETURNS ledger
	LANGUAGE C WINDOW IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'roll_up_rest_parents';
COMMENT ON FUNCTION roll_up_rest(ledger, bigint, bigint[], numeric[]) IS
	'The part of its total that the row''s node passes to nobody: what its shares leave, and the shares of parents that are not in the partition. The sum over all rows is the sum of their own ledgers.';
