\echo Use "CREATE EXTENSION customer_value" to load this file. \quit

GRANT USAGE ON SCHEMA customer_value TO PUBLIC;

COMMENT ON SCHEMA customer_value IS 'Customer profitability, value segments and lifetime value.';

