/*
 * association_sql.h
 *		Association rules as rows.
 */
#ifndef CV_ASSOCIATION_SQL_H
#define CV_ASSOCIATION_SQL_H

#include "customer_value.h"

#include "basket/mining.h"

/* The fields of the type association_rule. */
typedef enum RuleField
{
	RULE_ANTECEDENT,
	RULE_CONSEQUENT,
	RULE_BASKETS,
	RULE_ANTECEDENT_BASKETS,
	RULE_CONSEQUENT_BASKETS,
	RULE_ALL_BASKETS,
	RULE_SUPPORT,
	RULE_CONFIDENCE,
	RULE_LIFT,
	RULE_LEVERAGE,
	RULE_CONVICTION,
	RULE_CHI_SQUARE,
	RULE_COSINE,
	RULE_JACCARD
} RuleField;

#define RULE_FIELDS (RULE_JACCARD + 1)

/* Arguments of association_rules, checked. */
extern void association_read_min_support(struct varlena *given, Mining *mining);
extern void association_read_options(struct varlena *given, Mining *mining);

#endif							/* CV_ASSOCIATION_SQL_H */
