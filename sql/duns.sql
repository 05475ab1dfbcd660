-- The type duns: nine digits, their text, order, indexes, casts.
SET search_path = public, customer_value;
\pset null (null)

-- one text form, with its leading zeros
SELECT v, v::duns AS duns FROM unnest(ARRAY['001234567', '00-123-4567', ' 00 123 4567 ', '1-50483782', E'150\t483\n782', '000000000', '999999999']) v;
SELECT '00-123-4567'::duns::text, '001234567' = '00-123-4567'::duns AS same, length('000000001'::duns::text), to_jsonb('001234567'::duns), NULL::duns;
SELECT pg_column_size('999999999'::duns) AS bytes, duns_send('999999999'), typbyval, typalign FROM pg_type WHERE oid = 'duns'::regtype;

-- from integers, which have lost their leading zeros; not behind anybody's back
SELECT 1234567::duns, 0::duns, 999999999::bigint::duns, duns(15048378), duns('001234567');
CREATE TABLE firm (n int, number int, wide bigint, written text, duns duns);
INSERT INTO firm (n, duns) VALUES (1, 1234567);
INSERT INTO firm (n, duns) SELECT 1, written FROM firm;
SELECT '001234567'::duns = 1234567;

-- numbers and texts of all lengths, in no order
INSERT INTO firm SELECT n, v, v, lpad(v::text, 9, '0'), NULL FROM (SELECT n, (hashint8extended(n, 3) & 1073741823) % (10 ^ (1 + n % 9))::int AS v FROM generate_series(1, 5000) n) t;
UPDATE firm SET duns = number::duns;
SELECT count(*) FILTER (WHERE duns <> wide::duns OR duns <> written::duns OR duns::text <> written OR duns <> (substr(written, 1, 2) || '-' || substr(written, 3, 3) || '-' || substr(written, 6))::duns
	OR duns_send(duns) <> int4send(number)) AS wrong, count(DISTINCT duns) = count(DISTINCT written) AS as_many, min(duns::text), max(length(duns::text)) FROM firm;
-- their order is that of the texts
SELECT count(*) AS pairs, count(*) FILTER (WHERE (a.duns < b.duns) <> (a.number < b.number) OR (a.duns <= b.duns) <> (a.number <= b.number) OR (a.duns = b.duns) <> (a.number = b.number)
	OR (a.duns <> b.duns) <> (a.number <> b.number) OR (a.duns >= b.duns) <> (a.number >= b.number) OR (a.duns > b.duns) <> (a.number > b.number)
	OR sign(duns_cmp(a.duns, b.duns)) <> sign(a.number - b.number)) AS wrong
FROM firm a, firm b WHERE a.n <= 150 AND b.n <= 150;
SELECT array_agg(written ORDER BY duns, n) = array_agg(written ORDER BY written COLLATE "C", n) AS sorted FROM firm;
SELECT bool_and(duns_hash(duns) = hashint4(number) AND duns_hash_extended(duns, 7) = hashint4extended(number, 7)) AS hashed FROM firm;

-- indexes, joins and groups of all kinds find the same
CREATE FUNCTION plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line ~ 'Index|Join|Loop|Aggregate' AND line !~ 'Cond' THEN RETURN NEXT regexp_replace(line, '^[ >-]+', ''); END IF;
	END LOOP;
END $$;
CREATE TABLE other AS SELECT duns, n FROM firm WHERE n % 3 = 0;
CREATE INDEX firm_sorted ON firm (duns);
CREATE INDEX firm_hashed ON firm USING hash (duns);
ANALYZE firm, other;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT plan_of('SELECT n FROM firm WHERE duns < ''000000100''');
SELECT count(*), sum((number < 100)::int) FROM firm WHERE duns < '000000100';
SELECT count(*) FROM firm WHERE duns BETWEEN '00-000-1000' AND '000100000';
SELECT count(*) FROM firm WHERE number BETWEEN 1000 AND 100000;
DROP INDEX firm_sorted;
SELECT plan_of('SELECT n FROM firm WHERE duns = ''000000007''');
SELECT count(*), min(number), max(number) FROM firm WHERE duns = '000000007';
RESET enable_seqscan;
RESET enable_bitmapscan;
DROP INDEX firm_hashed;
SELECT count(*) FROM firm a JOIN other b ON a.number = b.duns::text::int;
SET enable_mergejoin = off;
SET enable_nestloop = off;
SELECT plan_of('SELECT count(*) FROM firm a JOIN other b USING (duns)');
SELECT count(*) FROM firm a JOIN other b USING (duns);
SET enable_hashjoin = off;
RESET enable_mergejoin;
SELECT plan_of('SELECT count(*) FROM firm a JOIN other b USING (duns)');
SELECT count(*) FROM firm a JOIN other b USING (duns);
RESET enable_nestloop;
RESET enable_hashjoin;
SELECT (SELECT count(*) FROM (SELECT duns FROM firm GROUP BY duns) t) = (SELECT count(DISTINCT number) FROM firm) AS grouped;
-- an index keeps each of many equal ones once
CREATE TABLE many AS SELECT '001234567'::duns AS duns, 1234567 AS number FROM generate_series(1, 20000);
CREATE INDEX many_duns ON many (duns);
CREATE INDEX many_number ON many (number);
SELECT pg_relation_size('many_duns') = pg_relation_size('many_number') AS deduplicated;
CREATE UNIQUE INDEX ON other (duns, n);
ALTER TABLE many ADD CHECK (duns IS NOT NULL), ADD EXCLUDE USING btree (duns WITH =);
-- partitions, too
CREATE TABLE parted (duns duns) PARTITION BY HASH (duns);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted SELECT duns FROM firm;
SELECT count(*) = (SELECT count(*) FROM firm) AS all_there, min(duns::text) FROM parted;
-- what compares shows nothing, so row-level security need not keep an index from serving
SELECT bool_and(p.proleakproof) AS leakproof, count(*) FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode WHERE o.oprleft = 'duns'::regtype;

-- eight digits, ten, letters, and what may look like nine
SELECT '12345678'::duns;
SELECT '1234567890'::duns;
SELECT '7'::duns;
SELECT ''::duns;
SELECT '12345678X'::duns;
SELECT 'DUNS 123456789'::duns;
SELECT '-123456789'::duns;
SELECT '123456789-'::duns;
SELECT '12–345–6789'::duns;
SELECT '123456789.0'::duns;
SELECT 1000000000::duns;
SELECT (-1)::duns;
SELECT 1504837820000::duns;
SELECT 9223372036854775807::duns;
-- PostgreSQL 16 and later can ask whether a text is good without an error
SELECT current_setting('server_version_num')::int >= 160000 AS soft \gset
\set check true
\if :soft
\set check 'NOT pg_input_is_valid(''12345678'', ''duns'') AND NOT pg_input_is_valid(''12345678X'', ''duns'') AND pg_input_is_valid(''12-345-6789'', ''duns'')'
\endif
SELECT :check AS soft_errors;
-- and their codes
\set VERBOSITY sqlstate
SELECT '12345678'::duns;
SELECT '12345678X'::duns;
SELECT (-1)::duns;
\set VERBOSITY default

DROP TABLE firm, other, many, parted;
DROP FUNCTION plan_of;
