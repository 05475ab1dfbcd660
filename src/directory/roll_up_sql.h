/*
 * roll_up_sql.h
 *		What leads upward from the rows of roll_up(): parents, and shares that
 *		are passed to them.
 */
#ifndef CV_ROLL_UP_SQL_H
#define CV_ROLL_UP_SQL_H

#include "customer_value.h"

#include "utils/array.h"

#include "directory/hierarchy.h"
#include "directory/ids.h"
#include "ledger/ledger.h"

/*
 * Edges of rows, in the order of rows.  Without shares, each row has the one
 * edge of its number, which may lead nowhere.
 */
typedef struct Upward
{
	int32		edges;
	int32		room;			/* for edges */
	int64	   *parent;			/* the id that an edge leads to */
	int32	   *above;			/* its row, once found; NOBODY: not here */

	/* only with shares */
	int32		rows;			/* whose parents have been added, */
	int32		most_rows;		/* of so many */
	int32	   *first;			/* their edges, see Hierarchy */
	int64	   *weight;			/* of the edges of row i and then of its rest,
								 * from first[i] + i on */
} Upward;

extern void upward_open(Upward *up, int32 rows, bool with_shares);

/* The next row has no parent, or this one. */
static inline void
upward_add_none(Upward *up)
{
	up->above[up->edges++] = NOBODY;
}

static inline void
upward_add_one(Upward *up, int64 parent)
{
	up->above[up->edges] = 0;
	up->parent[up->edges++] = parent;
}

/*
 * The parents of the next row, and later its shares; NULL is an empty array.
 * Messages call the row by its id.
 */
extern void upward_add_parents(Upward *up, ArrayType *parents, int64 id);
extern void upward_add_shares(Upward *up, ArrayType *shares, int32 row, int64 id);

/* Find the rows of all parents. */
extern void upward_find(Upward *up, const Ids *ids);

/*
 * The shares of a row's edges, and of its rest behind them.  False: nothing is
 * passed to anybody who is here.
 */
extern bool upward_shares(const Upward *up, int32 row, LedgerShares *shares);

#endif							/* CV_ROLL_UP_SQL_H */
