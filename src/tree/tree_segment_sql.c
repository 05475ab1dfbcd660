/*
 * tree_segment_sql.c
 *		The segment of a customer by his features: segment(segmentation, jsonb).
 */
#include "customer_value.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "common/amount.h"
#include "segment/scheme_cache_sql.h"
#include "segment/values_sql.h"
#include "tree/tree.h"

PG_FUNCTION_INFO_V1(segment_features);

/* A threshold as integers of 100^-pairs, rounded up, and as numeric. */
typedef struct TreeLimit
{
	int64		integer[4];
	Numeric		numeric;
} TreeLimit;

typedef struct PreparedTree
{
	Tree	   *tree;
	TreeLimit  *limit;			/* by node */
} PreparedTree;

static void *
prepare(const struct varlena *scheme)
{
	PreparedTree *prepared = palloc(sizeof(PreparedTree));
	struct varlena *copy = palloc(VARSIZE_ANY(scheme));

	/* names and categories keep pointing into the value */
	memcpy(copy, scheme, VARSIZE_ANY(scheme));
	prepared->tree = (Tree *) segmentation_read_form(copy, &tree_form,
													 "segment(segmentation, features jsonb)");
	prepared->limit = palloc0(prepared->tree->nnodes * sizeof(TreeLimit));
	for (int i = 0; i < prepared->tree->nnodes; i++)
	{
		const TreeNode *node = &prepared->tree->node[i];

		if (node->kind != TREE_NUMBER)
			continue;
		for (int pairs = 0; pairs < 4; pairs++)
			prepared->limit[i].integer[pairs] = exact_ceiling(node->threshold, pairs);
		prepared->limit[i].numeric = exact_to_numeric(node->threshold);
	}
	return prepared;
}

/*
 * Features that are not what the tree expects
 */

static void
not_an_object(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("features must be a JSON object"),
			 errdetail("Its keys are the names of features."),
			 errhint("Write jsonb_build_object('region', region, 'age', age), or to_jsonb(row).")));
}

static void
wrong_kind(const TreeText *name, const char *has, const char *wants, const char *hint)
{
	char	   *feature = pnstrdup(name->text, name->length);

	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("feature \"%s\" is %s", feature, has),
			 errdetail("The tree takes it for %s.", wants),
			 errhint(hint, feature)));
}

#define WRITE_NUMBER "Write the number without quotes, as in jsonb_build_object('%s', 30)."
#define WRITE_TEXT "Convert it to text, as in jsonb_build_object('%s', value::text)."
#define WRITE_SCALAR "Give a number, a string, a boolean or null as \"%s\"."

static bool
is_at_least(const JsonbValue *value, const TreeLimit *limit)
{
	Datum		number = NumericGetDatum(value->val.numeric);
	int64		integer;
	int			pairs;

	if (likely(amount_fast(number, &integer, &pairs)))
		return integer >= limit->integer[pairs];
	return DatumGetBool(DirectFunctionCall2(numeric_ge, number, NumericGetDatum(limit->numeric)));
}

static bool
is_listed(const JsonbValue *value, const TreeNode *node)
{
	if (value->type == jbvString)
		return tree_find_text(node->category, node->ncategories, value->val.string.val,
							  (size_t) value->val.string.len) >= 0;
	return value->val.boolean ?
		tree_find_text(node->category, node->ncategories, "true", 4) >= 0 :
		tree_find_text(node->category, node->ncategories, "false", 5) >= 0;
}

static bool
answer(const PreparedTree *prepared, int number, Jsonb *features)
{
	const TreeNode *node = &prepared->tree->node[number];
	const TreeText *name = &prepared->tree->feature[node->feature];
	JsonbValue	buffer;
	JsonbValue *value = getKeyJsonValueFromContainer(&features->root, name->text,
													 (int) name->length, &buffer);

	if (value == NULL || value->type == jbvNull)
		return node->missing_yes;
	if (value->type == jbvBinary)
		wrong_kind(name, "not a single value", "a number or a text", WRITE_SCALAR);
	switch (node->kind)
	{
		case TREE_NUMBER:
			if (value->type != jbvNumeric)
				wrong_kind(name, "not a number", "a number", WRITE_NUMBER);
			return is_at_least(value, &prepared->limit[number]);
		case TREE_CATEGORY:
			if (value->type == jbvNumeric)
				wrong_kind(name, "a number", "a text", WRITE_TEXT);
			return is_listed(value, node);
		default:
			return true;
	}
}

Datum
segment_features(PG_FUNCTION_ARGS)
{
	PreparedTree *prepared = prepared_scheme(fcinfo, prepare);
	Jsonb	   *features = PG_GETARG_JSONB_P(1);
	int			at = 0;

	if (!JB_ROOT_IS_OBJECT(features))
		not_an_object();
	while (prepared->tree->node[at].kind != TREE_LEAF)
		at = answer(prepared, at, features) ? at + 1 : prepared->tree->node[at].no;
	PG_RETURN_INT32(prepared->tree->node[at].segment);
}
