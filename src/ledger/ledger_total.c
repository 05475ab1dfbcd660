/*
 * ledger_total.c
 *		The aggregate total(ledger).
 *
 * The transition value is a growing ledger (see ledger_sql.h): adding a ledger
 * copies its body behind what is there.  Only when the room is used up are the
 * runs made one, and if that does not make room enough the value doubles.  So
 * a customer of few rows costs a copy of some bytes a row, and one of millions
 * of rows a sort of each tail, never a pass over everything for every row.
 *
 * The value is changed in place only under AggCheckCallContext() and only if
 * it is flagged as growing: then the executor holds it for this aggregate
 * alone, for it copies whatever it takes as a first state.  A larger one is palloc'd in the current, short-lived context: the
 * executor copies what a transition function returns into the aggregate's
 * context whenever the pointer changed, and frees the one before.  Allocated
 * in the aggregate's context it would stay there twice.
 *
 * The same function is transition and combine function, for what it adds is
 * what it returns.
 */
#include "customer_value.h"

#include "ledger/ledger_sql.h"

PG_FUNCTION_INFO_V1(ledger_accum);
PG_FUNCTION_INFO_V1(ledger_accum_inv);
PG_FUNCTION_INFO_V1(ledger_total_final);

/*
 * Room for this many entries like the first, rounded up to what the allocator
 * hands out, so for 10 to 20: a value that never grows is never moved, and
 * the sizes it passed through are not left behind.
 */
#define FIRST_ROOM_ENTRIES 10

/* Sizes of values, header included: what the allocator hands out anyway. */
#define LEAST_SIZE 64

static inline size_t
growing_used(const uint8 *p)
{
	uint32		used;

	memcpy(&used, p + GROWING_USED_AT, sizeof(used));
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	used = __builtin_bswap32(used);
#endif
	return used;
}

static inline void
set_growing_used(uint8 *p, size_t used)
{
	uint32		word = (uint32) used;

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap32(word);
#endif
	memcpy(p + GROWING_USED_AT, &word, sizeof(word));
}

/*
 * A growing value with room for a body of "need" bytes at least, and of "wish"
 * if that can be had; zeroed.
 */
static Ledger *
make_growing(size_t need, size_t wish, uint16 currency)
{
	size_t		size = LEAST_SIZE;
	Ledger	   *result;
	uint8	   *p;

	while (size < wish + VARHDRSZ + GROWING_BODY_AT)
		size *= 2;
	size = Min(size, MaxAllocSize);
	if (need + VARHDRSZ + GROWING_BODY_AT > size)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("ledger too large"),
				 errdetail("A value has at most 1 GB."),
				 errhint("Group by more columns, or total shorter periods.")));

	result = (Ledger *) palloc0(size);
	SET_VARSIZE(result, size);
	p = (uint8 *) VARDATA(result);
	p[FORMAT_AT] = LEDGER_VERSION | FLAG_GROWING |
		(currency != LEDGER_NO_CURRENCY ? FLAG_CURRENCY : 0);
	p[CURRENCY_AT] = (uint8) currency;
	p[CURRENCY_AT + 1] = (uint8) (currency >> 8);
	return result;
}

/* Append a body for which there is room. */
static inline void
append(Ledger *state, const uint8 *body, size_t length)
{
	uint8	   *p = (uint8 *) VARDATA(state);
	size_t		used = growing_used(p);

	Assert(VARSIZE(state) - VARHDRSZ - GROWING_BODY_AT - used >= length);
	memcpy(p + GROWING_BODY_AT + used, body, length);
	set_growing_used(p, used + length);
}

/* The first value: room for more of the same. */
static Ledger *
start(const LedgerView *first)
{
	Ledger	   *state = make_growing(first->length,
									 first->length > 64 ? first->length * 2 :
									 first->length * FIRST_ROOM_ENTRIES,
									 first->currency);

	append(state, first->body, first->length);
	return state;
}

/*
 * How full a value may be after its runs were made one: small values are many
 * and must not double for the sake of one row, large ones must leave so much
 * room that the next pass is far away.
 */
static size_t
most_after_compacting(size_t room)
{
	return room <= 512 ? room - room / 16 : room / 2;
}

/*
 * Is it time to make one run of all?  At every other doubling: rows of
 * different days gain little by it, and a sort for each doubling would cost
 * more than the room it saves.
 */
static bool
is_time_to_compact(const Ledger *state)
{
	return (63 - __builtin_clzll(VARSIZE(state))) % 2 == 0;
}

/* Twice the room, the runs as they are. */
static Ledger *
double_room(const LedgerView *view, const LedgerView *more, uint16 currency)
{
	size_t		need = view->length + more->length;
	Ledger	   *state = make_growing(need, need + view->length / 2, currency);

	append(state, view->body, view->length);
	append(state, more->body, more->length);
	return state;
}

/*
 * The room is used up: make one run of all and, if need be, a larger value.
 * state may be any ledger; if it is not ours to change, it is copied.
 */
static Ledger *
make_room(Ledger *state, const LedgerView *view, const LedgerView *more,
		  uint16 currency, bool in_place)
{
	LedgerWriter writer;
	size_t		room = in_place ?
	VARSIZE(state) - VARHDRSZ - GROWING_BODY_AT : view->length + more->length;

	if (in_place && !is_time_to_compact(state))
		return double_room(view, more, currency);

	ledger_writer_open(&writer, view->length + 64);
	ledger_check_status(ledger_compact(view->body, view->length,
									   LEDGER_GROWING, &writer));

	if (in_place && writer.used + more->length <= most_after_compacting(room))
	{
		uint8	   *p = (uint8 *) VARDATA(state);

		memcpy(p + GROWING_BODY_AT, writer.bytes, writer.used);
		memset(p + GROWING_BODY_AT + writer.used, 0, room - writer.used);
		set_growing_used(p, writer.used);
	}
	else
	{
		size_t		need = writer.used + more->length;

		state = make_growing(need, Max(need, room) + room / 2 + 1, currency);
		append(state, writer.bytes, writer.used);
	}
	append(state, more->body, more->length);
	ledger_writer_close(&writer);
	return state;
}

/*
 * Add a ledger to the transition value.  A currency once seen stays, even if
 * the money cancels: whether two currencies met must not depend on the order
 * of rows.
 */
static Ledger *
accumulate(Ledger *state, const LedgerView *more)
{
	LedgerView	view;
	bool		in_place;

	ledger_view(state, &view);
	in_place = view.growing && !VARATT_IS_EXTENDED(state);

	if (unlikely(view.currency != more->currency) && more->length > 0)
	{
		if (view.currency == LEDGER_NO_CURRENCY && view.length == 0)
		{
			/* nothing but zeros so far: begin again with the currency */
			return start(more);
		}
		(void) ledger_common_currency(&view, more);
	}

	if (likely(in_place &&
			   VARSIZE(state) - VARHDRSZ - GROWING_BODY_AT - view.length >= more->length))
	{
		append(state, more->body, more->length);
		return state;
	}
	return make_room(state, &view, more, view.currency, in_place);
}

static void
check_aggregate(FunctionCallInfo fcinfo)
{
	if (unlikely(!AggCheckCallContext(fcinfo, NULL)))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("aggregate support function called outside an aggregate"),
				 errdetail("It may change its first argument in place."),
				 errhint("Add ledgers with the operator +, or with the aggregate total().")));
}

Datum
ledger_accum(PG_FUNCTION_ARGS)
{
	LedgerView	more;

	check_aggregate(fcinfo);
	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	ledger_view(PG_GETARG_LEDGER_P(1), &more);
	if (PG_ARGISNULL(0))
		PG_RETURN_LEDGER_P(start(&more));
	PG_RETURN_LEDGER_P(accumulate(PG_GETARG_LEDGER_P(0), &more));
}

/* Does the money of a growing value cancel? */
static bool
is_zero(const LedgerView *view)
{
	LedgerWriter writer;
	bool		result;

	ledger_writer_open(&writer, view->length + 64);
	ledger_check_status(ledger_compact(view->body, view->length,
									   LEDGER_GROWING, &writer));
	result = writer.used == 0;
	ledger_writer_close(&writer);
	return result;
}

/*
 * Take a ledger away again: add its negative.  The currency must go with the
 * last money that has it.  While something is left, something in the frame
 * has it; if nothing is left, we cannot know, and say so with NULL, upon which
 * the executor adds up the frame anew.
 */
Datum
ledger_accum_inv(PG_FUNCTION_ARGS)
{
	LedgerView	less;
	LedgerWriter writer;
	Ledger	   *state;

	check_aggregate(fcinfo);
	ledger_view(PG_GETARG_LEDGER_P(1), &less);
	ledger_writer_open(&writer, less.length + 64);
	ledger_negate(less.body, less.length, &writer);
	less.body = writer.bytes;
	less.length = writer.used;
	state = accumulate(PG_GETARG_LEDGER_P(0), &less);
	ledger_writer_close(&writer);

	ledger_view(state, &less);
	if (less.currency != LEDGER_NO_CURRENCY && is_zero(&less))
		PG_RETURN_NULL();
	PG_RETURN_LEDGER_P(state);
}

/*
 * One run, no spare room.  The transition value itself stays as it is: other
 * aggregates may share it, and a window goes on with it.
 */
Datum
ledger_total_final(PG_FUNCTION_ARGS)
{
	Ledger	   *state;
	LedgerView	view;
	LedgerWriter writer;

	check_aggregate(fcinfo);
	state = PG_GETARG_LEDGER_P(0);
	ledger_view(state, &view);
	if (!view.growing)
		PG_RETURN_LEDGER_P(ledger_make(view.body, view.length, view.currency));

	ledger_writer_open(&writer, view.length + 64);
	ledger_check_status(ledger_compact(view.body, view.length,
									   LEDGER_FINISHED, &writer));
	PG_RETURN_LEDGER_P(ledger_finish(&writer, view.currency));
}
