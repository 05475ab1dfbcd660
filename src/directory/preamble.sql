\echo Use "ALTER EXTENSION customer_value UPDATE TO '0.2.0'" to load this file. \quit

-- The customer directory: the first tables that the extension owns.
