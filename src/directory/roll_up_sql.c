/*
 * roll_up_sql.c
 *		The window functions roll_up and roll_up_rest: ledgers added up along a
 *		hierarchy.
 *
 * The first row of a partition that asks has the whole partition added up: it
 * is read once, from the first row to the last, since going back is slow where
 * rows have been spooled to disk.  Then the nodes are taken in an order in which
 * each comes behind all below it, and the totals are kept for the other rows.
 * Memory is for the own ledgers, the totals of those who have others below, and
 * a few integers a row.
 */
#include "customer_value.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "windowapi.h"

#include "common/amount.h"
#include "directory/hierarchy.h"
#include "directory/roll_up_sql.h"
#include "ledger/ledger_sql.h"

PG_FUNCTION_INFO_V1(roll_up_parent);
PG_FUNCTION_INFO_V1(roll_up_parents);
PG_FUNCTION_INFO_V1(roll_up_rest_parent);
PG_FUNCTION_INFO_V1(roll_up_rest_parents);

/* What is known of a partition; its memory is the partition's. */
typedef struct RollUp
{
	Ledger	  **result;			/* of each row; NULL: not yet added up */
} RollUp;

/* Places of arguments. */
enum
{
	OWN, ID, PARENT, SHARES
};

/* A body under construction, any number of runs. */
typedef struct Runs
{
	uint8	   *bytes;
	size_t		used;
	size_t		room;
	size_t		compact_at;		/* make one run of all that is there */
	int			ledgers;		/* that are not zero */
	Ledger	   *last;			/* of these */
	uint16		currency;
} Runs;

/* An addition under way. */
typedef struct Climb
{
	WindowObject window;
	bool		with_shares;
	bool		want_rest;
	int32		rows;
	MemoryContext results;		/* until the last row of the partition */
	MemoryContext row;			/* emptied after every other row */
	Ledger	   *zero;
	Ledger	  **total;			/* of each node: at first its own */
	Ledger	  **rest;			/* if wanted */
	int64	   *id;
	int32		node;			/* whose total is made */
	Upward		up;
	Ledger	  **part;			/* by edge: what it passes up, if there are
								 * shares */
	Runs		runs;
	LedgerWriter sum;
} Climb;

/* ---- reading ---- */

static inline Datum
fetch(const Climb *c, int arg, int32 row, bool *isnull)
{
	MemoryContext old;
	Datum		value;

	MemoryContextReset(c->row);
	old = MemoryContextSwitchTo(c->row);
	value = WinGetFuncArgInPartition(c->window, arg, row, WINDOW_SEEK_HEAD, false, isnull, NULL);
	MemoryContextSwitchTo(old);
	return value;
}

static Ledger *
read_own(const Climb *c, int32 row)
{
	bool		isnull;
	Datum		own = fetch(c, OWN, row, &isnull);
	MemoryContext old;
	LedgerView	view;
	Ledger	   *copy;

	if (isnull)
		return c->zero;
	old = MemoryContextSwitchTo(c->row);
	ledger_read(own, &view);
	MemoryContextSwitchTo(c->results);
	copy = view.length > 0 ? ledger_make(view.body, view.length, view.currency) : c->zero;
	MemoryContextSwitchTo(old);
	return copy;
}

static int64
read_id(const Climb *c, int32 row)
{
	bool		isnull;
	int64		id = DatumGetInt64(fetch(c, ID, row, &isnull));

	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("id must not be null"),
				 errdetail("Others name a node by it as their parent."),
				 errhint("Leave such rows out: WHERE id IS NOT NULL.")));
	return id;
}

static void
read_parent(Climb *c, int32 row)
{
	bool		isnull;
	Datum		parent = fetch(c, PARENT, row, &isnull);

	if (isnull)
		upward_add_none(&c->up);
	else
		upward_add_one(&c->up, DatumGetInt64(parent));
}

static void
read_array(Climb *c, int arg, int32 row)
{
	bool		isnull;
	Datum		value = fetch(c, arg, row, &isnull);
	MemoryContext old = MemoryContextSwitchTo(c->row);
	ArrayType  *array = isnull ? NULL : DatumGetArrayTypeP(value);

	if (arg == PARENT)
		upward_add_parents(&c->up, array, c->id[row]);
	else
		upward_add_shares(&c->up, array, row, c->id[row]);
	MemoryContextSwitchTo(old);
}

/*
 * Each argument means fetching the row anew, and the row just fetched cannot be
 * had twice: so two rows forward, and the same two for the next argument.
 */
static void
read_partition(Climb *c)
{
	for (int32 first = 0; first < c->rows; first += 2)
	{
		int32		last = Min(first + 1, c->rows - 1);

		for (int32 i = first; i <= last; i++)
			c->total[i] = read_own(c, i);
		for (int32 i = first; i <= last; i++)
			c->id[i] = read_id(c, i);
		if (!c->with_shares)
		{
			for (int32 i = first; i <= last; i++)
				read_parent(c, i);
			continue;
		}
		for (int32 i = first; i <= last; i++)
			read_array(c, PARENT, i);
		for (int32 i = first; i <= last; i++)
			read_array(c, SHARES, i);
	}
}

/* ---- the order ---- */

/* The numbers of ids, which are those of rows. */
static void
number_ids(const Climb *c, Ids *ids)
{
	int64		least = c->id[0];
	int64		greatest = c->id[0];
	int64		twice = 0;
	bool		found = false;

	for (int32 i = 0; i < c->rows; i++)
	{
		least = Min(least, c->id[i]);
		greatest = Max(greatest, c->id[i]);
	}
	ids_expect(ids, least, greatest, c->rows);
	for (int32 i = 0; i < c->rows; i++)
	{
		int32		before = ids->count;

		ids_add(ids, c->id[i]);
		if (ids->count > before)
			continue;
		twice = found ? Min(twice, c->id[i]) : c->id[i];
		found = true;
	}
	if (found)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("id must not be the same in two rows of a partition"),
				 errdetail("There are several rows with id %lld.", (long long) twice),
				 errhint("Add up the ledgers of an id first: total(own) ... GROUP BY id.")));
}

CV_NORETURN static void
has_a_cycle(const Hierarchy *h)
{
	char		text[CYCLE_TEXT_SIZE];
	int32	   *path;
	int32		length = hierarchy_cycle(h, &path);

	hierarchy_print_cycle(text, h, path, length);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("a hierarchy must not have a cycle"),
			 errdetail("Parents lead back to where they began: %s.", text),
			 errhint("Take one of these parents away, or leave it out where its link was not valid on the day in question.")));
}

/* Everybody behind those below, and for each edge the place where it leads. */
static int32 *
find_order(Climb *c, Hierarchy *h)
{
	int32	   *order = MemoryContextAllocHuge(CurrentMemoryContext, (Size) c->rows * sizeof(int32));
	Ids			ids = {0};

	number_ids(c, &ids);
	upward_find(&c->up, &ids);
	h->nodes = c->rows;
	h->id = c->id;
	h->first = c->up.first;
	h->above = c->up.above;
	if (hierarchy_order(h, order) < c->rows)
		has_a_cycle(h);
	ids_free(&ids);
	return order;
}

/* ---- adding ---- */

static void
compact_runs(Climb *c, LedgerForm form)
{
	c->sum.used = 0;
	ledger_check_status(ledger_compact(c->runs.bytes, c->runs.used, form, &c->sum));
}

/* So much is added up at once; more if it does not become much less by that. */
#define COMPACT_AT (1 << 17)

/* Nodes with very many below: do not let runs pile up that mean few days. */
static void
make_room(Climb *c, size_t more)
{
	Runs	   *r = &c->runs;

	if (r->used + more > r->compact_at && r->used > 0)
	{
		compact_runs(c, LEDGER_GROWING);
		memcpy(r->bytes, c->sum.bytes, c->sum.used);
		r->used = c->sum.used;
		r->compact_at = Max(COMPACT_AT, 4 * (r->used + more));
	}
	if (r->used + more > r->room)
	{
		r->room = 2 * (r->used + more);
		r->bytes = repalloc_huge(r->bytes, r->room);
	}
}

static void
add_ledger(Climb *c, Ledger *ledger)
{
	Runs	   *r = &c->runs;
	LedgerView	view;

	ledger_view(ledger, &view);
	if (view.length == 0)
		return;
	if (unlikely(r->ledgers > 0 && view.currency != r->currency))
	{
		LedgerView	before = {.length = 1,.currency = r->currency};

		(void) ledger_common_currency(&before, &view);
	}
	r->currency = view.currency;
	r->ledgers++;
	r->last = ledger;
	if (unlikely(r->used + view.length > Min(r->room, r->compact_at)))
		make_room(c, view.length);
	memcpy(r->bytes + r->used, view.body, view.length);
	r->used += view.length;
}

static inline void
begin_sum(Climb *c)
{
	c->runs.used = 0;
	c->runs.ledgers = 0;
	c->runs.compact_at = COMPACT_AT;
}

/* The sum of what was added: what there is of it already is not made anew. */
static Ledger *
end_sum(Climb *c)
{
	MemoryContext old;
	Ledger	   *result;

	if (c->runs.ledgers == 0)
		return c->zero;
	if (c->runs.ledgers == 1)
		return c->runs.last;
	compact_runs(c, LEDGER_FINISHED);
	old = MemoryContextSwitchTo(c->results);
	result = ledger_make(c->sum.bytes, c->sum.used, c->runs.currency);
	MemoryContextSwitchTo(old);
	return result;
}

/* ---- passing up ---- */

/* Divide a total among a node's parents and, behind them, nobody. */
static Ledger *
divide(Climb *c, int32 node, const LedgerShares *shares)
{
	LedgerWriter *writers = palloc(sizeof(LedgerWriter) * shares->count);
	int32		edge = c->up.first[node];
	LedgerView	view;
	MemoryContext old;
	Ledger	   *rest;

	ledger_view(c->total[node], &view);
	for (int i = 0; i < shares->count; i++)
		ledger_writer_open(&writers[i], view.length + 64);
	ledger_check_status(ledger_divide(view.body, view.length, shares, writers));

	old = MemoryContextSwitchTo(c->results);
	for (int i = 0; i < shares->count - 1; i++)
		c->part[edge + i] = ledger_finish(&writers[i], view.currency);
	rest = ledger_finish(&writers[shares->count - 1], view.currency);
	MemoryContextSwitchTo(old);
	pfree(writers);
	return rest;
}

/* What is passed to nobody: the rest, and what parents would get who are not here. */
static Ledger *
kept(Climb *c, int32 node, Ledger *rest)
{
	begin_sum(c);
	add_ledger(c, rest);
	for (int32 e = c->up.first[node]; e < c->up.first[node + 1]; e++)
		if (c->up.above[e] == NOBODY)
			add_ledger(c, c->part[e]);
	return end_sum(c);
}

static void
pass_up_shares(Climb *c, int32 node)
{
	LedgerShares shares;
	Ledger	   *rest = c->zero;

	if (!upward_shares(&c->up, node, &shares))
		rest = c->total[node];
	else if (shares.count == 2 && shares.weight[0] == shares.total)
		c->part[c->up.first[node]] = c->total[node];
	else
	{
		rest = divide(c, node, &shares);
		if (c->want_rest)
			rest = kept(c, node, rest);
	}
	if (c->want_rest)
		c->rest[node] = rest;
}

static void
pass_up(Climb *c, int32 node)
{
	if (c->with_shares)
		pass_up_shares(c, node);
	else if (c->want_rest)
		c->rest[node] = c->up.above[node] == NOBODY ? c->total[node] : c->zero;
}

/* ---- the partition ---- */

/*
 * Where the edges to each node stand in a list of edges: first[i] to
 * first[i + 1] - 1.
 */
static int32 *
edges_below(const Hierarchy *h, int32 *first)
{
	int32		edges = edges_from(h, h->nodes);
	int32	   *below = MemoryContextAllocHuge(CurrentMemoryContext, (Size) edges * sizeof(int32));

	memset(first, 0, ((Size) h->nodes + 2) * sizeof(int32));
	for (int32 e = 0; e < edges; e++)
		if (h->above[e] != NOBODY)
			first[h->above[e] + 2]++;
	for (int32 i = 2; i <= h->nodes; i++)
		first[i] += first[i - 1];
	for (int32 e = 0; e < edges; e++)
		if (h->above[e] != NOBODY)
			below[first[h->above[e] + 1]++] = e;
	return below;
}

/* In which family an error is: a partition may have very many. */
static void
name_node(void *arg)
{
	const Climb *c = arg;

	errcontext("total of id %lld", (long long) c->id[c->node]);
}

static void
add_up(Climb *c)
{
	Hierarchy	h;
	int32	   *order = find_order(c, &h);
	int32	   *first = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) c->rows + 2) * sizeof(int32));
	int32	   *below = edges_below(&h, first);
	ErrorContextCallback whose = {.previous = error_context_stack,.callback = name_node,.arg = c};

	/* without shares, what an edge passes up is the total of its only node */
	c->part = c->total;
	if (c->with_shares)
		c->part = MemoryContextAllocHuge(CurrentMemoryContext, (Size) edges_from(&h, h.nodes) * sizeof(Ledger *));
	error_context_stack = &whose;
	for (int32 i = 0; i < c->rows; i++)
	{
		int32		node = order[i];

		c->node = node;
		if (first[node] < first[node + 1])
		{
			begin_sum(c);
			add_ledger(c, c->total[node]);
			for (int32 e = first[node]; e < first[node + 1]; e++)
				add_ledger(c, c->part[below[e]]);
			c->total[node] = end_sum(c);
			CHECK_FOR_INTERRUPTS();
		}
		pass_up(c, node);
	}
	error_context_stack = whose.previous;
}

static void
open_climb(Climb *c, WindowObject window, MemoryContext partition)
{
	int64		rows = WinGetPartitionRowCount(window);
	MemoryContext old;

	if (rows >= PG_INT32_MAX - 1)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows to roll up"),
				 errdetail("There are %lld rows in a partition.", (long long) rows),
				 errhint("Use PARTITION BY with a column by which families are apart.")));
	c->window = window;
	c->rows = (int32) rows;
	c->row = AllocSetContextCreate(CurrentMemoryContext, "roll_up row", ALLOCSET_SMALL_SIZES);
	c->results = GenerationContextCreate(partition, "roll_up results", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(c->results);
	c->zero = ledger_make(NULL, 0, LEDGER_NO_CURRENCY);
	MemoryContextSwitchTo(old);
	c->total = MemoryContextAllocHuge(partition, (Size) rows * sizeof(Ledger *));
	if (c->want_rest)
		c->rest = MemoryContextAllocHuge(partition, (Size) rows * sizeof(Ledger *));
	c->id = MemoryContextAllocHuge(CurrentMemoryContext, (Size) rows * sizeof(int64));
	c->runs.room = 1024;
	c->runs.bytes = palloc(c->runs.room);
	ledger_writer_open(&c->sum, 1024);
	upward_open(&c->up, c->rows, c->with_shares);
}

static Ledger **
roll_up_partition(WindowObject window, MemoryContext partition, bool with_shares, bool want_rest)
{
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext, "roll_up", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(work);
	Climb		c = {.with_shares = with_shares,.want_rest = want_rest};

	open_climb(&c, window, partition);
	read_partition(&c);
	add_up(&c);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(work);
	if (want_rest)
		pfree(c.total);
	return want_rest ? c.rest : c.total;
}

/* ---- the functions ---- */

static Datum
result_of_current_row(FunctionCallInfo fcinfo, bool with_shares, bool want_rest)
{
	WindowObject window = PG_WINDOW_OBJECT();
	RollUp	   *r = WinGetPartitionLocalMemory(window, sizeof(RollUp));

	if (unlikely(r->result == NULL))
		r->result = roll_up_partition(window, GetMemoryChunkContext(r), with_shares, want_rest);
	PG_RETURN_LEDGER_P(r->result[WinGetCurrentPosition(window)]);
}

Datum
roll_up_parent(PG_FUNCTION_ARGS)
{
	return result_of_current_row(fcinfo, false, false);
}

Datum
roll_up_parents(PG_FUNCTION_ARGS)
{
	return result_of_current_row(fcinfo, true, false);
}

Datum
roll_up_rest_parent(PG_FUNCTION_ARGS)
{
	return result_of_current_row(fcinfo, false, true);
}

Datum
roll_up_rest_parents(PG_FUNCTION_ARGS)
{
	return result_of_current_row(fcinfo, true, true);
}
