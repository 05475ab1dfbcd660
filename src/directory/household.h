/*
 * household.h
 *		What a customer view follows: from a party to those it belongs to.
 *
 * The rule stands here once, for the household of one party and for the links
 * of all.
 */
#ifndef CV_HOUSEHOLD_H
#define CV_HOUSEHOLD_H

#include "customer_value.h"

#include "executor/spi.h"
#include "executor/tuptable.h"
#include "utils/date.h"
#include "utils/relcache.h"

/* How far up a view leads. */
typedef enum Reach
{
	REACH_SITE,
	REACH_DOMESTIC,
	REACH_GLOBAL,
	REACH_LEVEL
} Reach;

/* A kind that a view follows, and its place: the first one goes first. */
typedef struct FollowedKind
{
	struct varlena *name;
	int			place;
} FollowedKind;

typedef struct ViewRule
{
	Reach		reach;
	struct varlena *level;		/* for REACH_LEVEL */
	bool		weighs;
	Datum		share_above;
	Datum		all;			/* the share of who has the whole child */
	int			kinds;
	FollowedKind *kind;
	Datum		kind_names;		/* text[], as the view has them */
	Datum		role;			/* party_role, by which records are read */
} ViewRule;

/* A plan that serves all calls of a session, whatever its arguments. */
extern SPIPlanPtr kept_plan(const char *query, int nargs, Oid *types);

/* Run it with the rights, the policies and the snapshot of the caller. */
extern void run_plan(SPIPlanPtr plan, Datum *values);

/*
 * Connect to SPI, and read a view; an error if there is none of this name.  The
 * rule lasts until SPI_finish().
 */
extern void view_rule_open(ViewRule *rule, Datum view_name);

/* A party that a child belongs to, and its share of it. */
typedef struct Link
{
	int64		parent;
	Datum		share;
} Link;

/* The links of one child: all of the same place, the best so far. */
typedef struct Links
{
	int			place;
	int			count;
	int			room;
	Link	   *link;
	MemoryContext shares;		/* where shares live */
} Links;

extern void links_open(Links *links);
extern void links_clear(Links *links);

/*
 * A relationship of a child, as a query gives it.  The last two columns are
 * there only if the rule asks for them.
 */
typedef enum RelationshipColumn
{
	COLUMN_CHILD,
	COLUMN_PARENT,
	COLUMN_KIND,
	COLUMN_SHARE,
	COLUMN_LEVEL,				/* of the child */
	COLUMN_SAME_COUNTRY,		/* as the parent's */
	RELATIONSHIP_COLUMNS
} RelationshipColumn;

/* Whether the rule asks for more than the relationships themselves. */
static inline bool
asks_for_parties(const ViewRule *rule)
{
	return rule->reach == REACH_DOMESTIC || rule->reach == REACH_LEVEL;
}

/* Follow a relationship, if the rule does and none before was better. */
extern void links_add(Links *links, const ViewRule *rule, const Datum *values, const bool *nulls);

/*
 * The relationships of one child, read past the planner: false if the caller
 * may not, and is to run a plan.  Only for rules that do not ask for parties.
 */
typedef struct RelationshipScan
{
	Relation	table;
	Oid			index;
} RelationshipScan;

extern bool relationship_scan_open(RelationshipScan *scan);
extern void relationship_scan_child(RelationshipScan *scan, const ViewRule *rule,
									int64 child, DateADT as_of, Links *links);
extern void relationship_scan_close(RelationshipScan *scan);

/* Put them in order: the largest share first, the lowest parent among equals. */
extern void links_finish(Links *links);

#endif							/* CV_HOUSEHOLD_H */
