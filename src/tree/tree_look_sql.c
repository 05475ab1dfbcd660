/*
 * tree_look_sql.c
 *		What is in a tree: its rules, what mattered, and whether it holds.
 */
#include "customer_value.h"

#include <math.h>

#include "funcapi.h"
#include "utils/builtins.h"

#include "segment/cuts.h"
#include "segment/segmentation_sql.h"
#include "segment/values_sql.h"
#include "tree/tree_rules.h"

PG_FUNCTION_INFO_V1(segmentation_rules);
PG_FUNCTION_INFO_V1(tree_variable_importance);
PG_FUNCTION_INFO_V1(tree_cross_validation);
PG_FUNCTION_INFO_V1(tree_comparability);
PG_FUNCTION_INFO_V1(tree_verdict);

static Datum
ratio(int64 a, int64 b)
{
	return DirectFunctionCall2(numeric_div, NumericGetDatum(int64_to_numeric(a)),
							   NumericGetDatum(int64_to_numeric(b)));
}

static Datum
text_of(TextBuffer *t)
{
	return PointerGetDatum(cstring_to_text_with_len(t->begin, (int) t->used));
}

static Datum
label_of(const Segmentation *s, int number)
{
	TextBuffer	t;

	text_open(&t);
	segmentation_put_label(s, number, &t);
	return text_of(&t);
}

/*
 * Rules
 */

enum
{
	RULE_SEGMENT, RULE_LABEL, RULE_RULE, RULE_CUSTOMERS, RULE_SHARE, RULE_MEAN, RULE_PRECISION,
	RULE_COVERAGE,
	RULE_COLUMNS
};

#define SET(column, datum) (values[column] = (datum), nulls[column] = false)

/* A name or a chain of them can stand as it is, anything else in parentheses. */
static const char *
as_operand(const char *expression)
{
	for (const char *p = expression; *p; p++)
	{
		if (!IS_HIGHBIT_SET(*p) && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.\"", *p) == NULL)
			return psprintf("(%s)", expression);
	}
	return expression;
}

static int64
all_customers(const Tree *s)
{
	int64		all = 0;

	for (int i = 0; i < s->nnodes; i++)
	{
		if (s->node[i].kind == TREE_LEAF)
			all += s->node[i].customers;
	}
	return all;
}

static void
put_tree_rules(const Tree *s, const char *object, ReturnSetInfo *rsinfo)
{
	int64		all = all_customers(s);

	for (int number = 1; number <= s->head.k; number++)
	{
		for (int i = 0; i < s->nnodes; i++)
		{
			const TreeNode *leaf = &s->node[i];
			Datum		values[RULE_COLUMNS];
			bool		nulls[RULE_COLUMNS];
			TextBuffer	rule;

			if (leaf->kind != TREE_LEAF || leaf->segment != number)
				continue;
			memset(nulls, true, sizeof(nulls));
			text_open(&rule);
			tree_put_rule(s, i, object, quote_identifier, &rule);
			SET(RULE_SEGMENT, Int32GetDatum(number));
			SET(RULE_LABEL, label_of(&s->head, number));
			SET(RULE_RULE, text_of(&rule));
			if (s->summary)
			{
				SET(RULE_CUSTOMERS, Int64GetDatum(leaf->customers));
				SET(RULE_SHARE, ratio(leaf->customers, all));
			}
			if (s->summary && !s->actual)
				SET(RULE_MEAN, DirectFunctionCall2(numeric_div, NumericGetDatum(exact_to_numeric(leaf->total)),
												   NumericGetDatum(int64_to_numeric(leaf->customers))));
			if (s->actual)
				SET(RULE_PRECISION, ratio(leaf->correct, leaf->customers));
			if (s->actual && s->actual[number - 1] > 0)
				SET(RULE_COVERAGE, ratio(leaf->correct, s->actual[number - 1]));
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
	}
}

static void
put_bound(TextBuffer *t, const char *value, const char *operator, Exact bound)
{
	char		text[EXACT_TEXT_SIZE];

	exact_print(text, bound);
	text_put(t, value);
	text_put(t, operator);
	text_put(t, text);
}

static void
put_cut_rules(const Segmentation *s, const char *value, ReturnSetInfo *rsinfo)
{
	SegmentRow *rows = palloc0(s->k * sizeof(SegmentRow));
	int64		all = 0;

	for (int i = 0; i < s->k; i++)
	{
		segmentation_form(s->method)->describe(s, i + 1, &rows[i]);
		all += rows[i].customers;
	}
	for (int i = 0; i < s->k; i++)
	{
		const SegmentRow *row = &rows[i];
		Datum		values[RULE_COLUMNS];
		bool		nulls[RULE_COLUMNS];
		TextBuffer	rule;

		memset(nulls, true, sizeof(nulls));
		text_open(&rule);
		if (row->has_lower)
			put_bound(&rule, value, " >= ", row->lower);
		if (row->has_lower && row->has_upper)
			text_put(&rule, " AND ");
		if (row->has_upper)
			put_bound(&rule, value, " < ", row->upper);
		if (s->k == 1)
		{
			text_put(&rule, value);
			text_put(&rule, " IS NOT NULL");
		}
		SET(RULE_SEGMENT, Int32GetDatum(i + 1));
		SET(RULE_LABEL, label_of(s, i + 1));
		SET(RULE_RULE, text_of(&rule));
		if (row->has_customers)
			SET(RULE_CUSTOMERS, Int64GetDatum(row->customers));
		if (row->has_customers && all > 0)
			SET(RULE_SHARE, ratio(row->customers, all));
		if (row->has_total && row->customers > 0)
			SET(RULE_MEAN, DirectFunctionCall2(numeric_div, NumericGetDatum(exact_to_numeric(row->total)),
											   NumericGetDatum(int64_to_numeric(row->customers))));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
}

/* rules(segmentation [, expression]) */
Datum
segmentation_rules(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Segmentation *s;
	bool		given = PG_NARGS() > 1;
	const char *expression = NULL;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	s = segmentation_read(PG_GETARG_SEGMENTATION_P(0));
	if (given && !PG_ARGISNULL(1))
		expression = as_operand(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	if (is_cuts(s))
		put_cut_rules(s, expression ? expression : "value", rsinfo);
	else
	{
		s = segmentation_read_form(PG_GETARG_SEGMENTATION_P(0), &tree_form, "rules(segmentation)");
		put_tree_rules((Tree *) s, given ? expression : "features", rsinfo);
	}
	return (Datum) 0;
}

/*
 * What mattered
 */

typedef struct Importance
{
	int			feature;
	double		gain;
} Importance;

static int
compare_importance(const void *a, const void *b)
{
	const Importance *ia = a;
	const Importance *ib = b;

	if (ia->gain != ib->gain)
		return ia->gain > ib->gain ? -1 : 1;
	return ia->feature - ib->feature;
}

Datum
tree_variable_importance(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Tree	   *s;
	Importance *list;
	double		all = 0.0;

	InitMaterializedSRF(fcinfo, 0);
	s = (Tree *) segmentation_read_form(PG_GETARG_SEGMENTATION_P(0), &tree_form,
										"variable_importance(segmentation)");
	list = palloc0(Max(s->nfeatures, 1) * sizeof(Importance));
	for (int f = 0; f < s->nfeatures; f++)
		list[f].feature = f;
	for (int i = 0; i < s->nnodes; i++)
	{
		if (s->node[i].kind == TREE_LEAF)
			continue;
		list[s->node[i].feature].gain += s->node[i].gain;
		all += s->node[i].gain;
	}
	qsort(list, s->nfeatures, sizeof(Importance), compare_importance);
	for (int f = 0; f < s->nfeatures; f++)
	{
		const TreeText *name = &s->feature[list[f].feature];
		Datum		values[2];
		bool		nulls[2] = {false, !s->summary};

		values[0] = PointerGetDatum(cstring_to_text_with_len(name->text, (int) name->length));
		values[1] = DirectFunctionCall1(float8_numeric,
										Float8GetDatum(all > 0.0 ? list[f].gain / all : 0.0));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * Whether it holds
 */

/* The share of variance explained, or of customers put in their segment, in
 * the data the tree was grown from. */
static double
in_sample(const Tree *s)
{
	double		gains = 0.0;
	int64		correct = 0;

	for (int i = 0; i < s->nnodes; i++)
	{
		gains += s->node[i].gain;
		correct += s->node[i].correct;
	}
	if (s->actual)
		return (double) correct / (double) all_customers(s);
	return s->impurity > 0.0 ? fmin(gains / s->impurity, 1.0) : 0.0;
}

/* The same out of sample; only with folds. */
static double
out_of_sample(const Tree *s)
{
	const TreeValidation *v = &s->validation;

	if (s->actual)
		return 1.0 - v->error;
	return v->root_error > 0.0 ? 1.0 - v->error / v->root_error : 0.0;
}

/* That of the most frequent segment, without any question. */
static double
baseline(const Tree *s)
{
	int64		most = 0;

	for (int i = 0; s->actual && i < s->head.k; i++)
		most = Max(most, s->actual[i]);
	return s->actual ? (double) most / (double) all_customers(s) : 0.0;
}

Datum
tree_cross_validation(PG_FUNCTION_ARGS)
{
	enum
	{
		FOLDS, CUSTOMERS, ROOT_ERROR, ERROR_, STANDARD_ERROR, EXPLAINED, IN_SAMPLE, ACCURACY, BASELINE,
		COLUMNS
	};
	Tree	   *s = (Tree *) segmentation_read_form(PG_GETARG_SEGMENTATION_P(0), &tree_form,
													"cross_validation(segmentation)");
	const TreeValidation *v = &s->validation;
	TupleDesc	desc;
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	memset(nulls, true, sizeof(nulls));
	if (v->folds)
	{
		SET(FOLDS, Int32GetDatum(v->folds));
		SET(CUSTOMERS, Int64GetDatum(v->customers));
		SET(ROOT_ERROR, Float8GetDatum(v->root_error));
		SET(ERROR_, Float8GetDatum(v->error));
		SET(STANDARD_ERROR, Float8GetDatum(v->deviation));
		SET(s->actual ? ACCURACY : EXPLAINED, Float8GetDatum(out_of_sample(s)));
	}
	if (s->summary)
		SET(IN_SAMPLE, Float8GetDatum(in_sample(s)));
	if (s->actual)
		SET(BASELINE, Float8GetDatum(baseline(s)));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

Datum
tree_comparability(PG_FUNCTION_ARGS)
{
	Tree	   *s = (Tree *) segmentation_read_form(PG_GETARG_SEGMENTATION_P(0), &tree_form,
													"comparability(segmentation)");

	/* segments that are made of attributes are known by them */
	if (s->head.method == METHOD_VALUE_TREE)
		PG_RETURN_FLOAT8(1.0);
	if (s->validation.folds == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(out_of_sample(s));
}

static void
put_percent(StringInfo buf, double share)
{
	double		percent = 100.0 * share;

	appendStringInfo(buf, fabs(percent) < 10.0 ? "%.1f %%" : "%.0f %%", percent);
}

Datum
tree_verdict(PG_FUNCTION_ARGS)
{
	Tree	   *s = (Tree *) segmentation_read_form(PG_GETARG_SEGMENTATION_P(0), &tree_form,
													"verdict(segmentation)");
	StringInfoData buf;
	const char *what = s->head.method == METHOD_SEGMENT_TREE ? "the segment" : "the value";

	if (!s->summary)
		PG_RETURN_NULL();
	initStringInfo(&buf);
	if (s->nnodes == 1)
	{
		appendStringInfo(&buf, "attributes do not tell %s: ", what);
		if (s->validation.folds)
			appendStringInfo(&buf, "no tree is better than none on customers it has not seen");
		else if (s->max_leaves == 1)
			appendStringInfo(&buf, "no more than one leaf was asked for");
		else
			appendStringInfo(&buf, "no question with at least " INT64_FORMAT " customers on either side explains anything",
							 s->min_customers);
		if (s->actual)
		{
			appendStringInfoString(&buf, "; the largest segment has ");
			put_percent(&buf, baseline(s));
			appendStringInfoString(&buf, " of the customers");
		}
	}
	else
	{
		appendStringInfoString(&buf, s->actual ? "attributes tell the segment of " : "attributes explain ");
		put_percent(&buf, s->validation.folds ? out_of_sample(s) : in_sample(s));
		appendStringInfo(&buf, s->actual ? " of the customers %s" : " of the variance %s",
						 s->validation.folds ? "out of sample" : "in sample");
		if (s->scale == SCALE_ASINH)
			appendStringInfoString(&buf, " on the asinh scale");
		if (s->actual)
		{
			appendStringInfoString(&buf, "; the largest segment alone has ");
			put_percent(&buf, baseline(s));
		}
	}
	PG_RETURN_TEXT_P(cstring_to_text_with_len(buf.data, buf.len));
}
