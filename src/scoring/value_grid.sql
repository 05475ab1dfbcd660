-- value x potential: a grid of two segmentations

CREATE FUNCTION value_grid(value segmentation, potential segmentation, labels text[] DEFAULT NULL) RETURNS segmentation
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'value_grid';
COMMENT ON FUNCTION value_grid(segmentation, segmentation, text[]) IS
	'Two segmentations by cut points as rows and columns of a grid; cells are counted row by row, the highest value and the highest potential first. Of two by two they are called protect, serve cheaply, grow, fix or exit, unless labels are given.';

CREATE FUNCTION segment(segmentation, value numeric, potential numeric) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3
	AS 'MODULE_PATHNAME', 'grid_segment_numeric';
COMMENT ON FUNCTION segment(segmentation, numeric, numeric) IS
	'The number of the cell of a grid that a value and a potential belong to. NULL if one of them is NULL.';

CREATE FUNCTION segment(segmentation, value double precision, potential double precision) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3
	AS 'MODULE_PATHNAME', 'grid_segment_float8';
COMMENT ON FUNCTION segment(segmentation, double precision, double precision) IS
	'The number of the cell of a grid that a value and a potential belong to. NULL if one of them is NULL.';
