/*
 * tally_sql.h
 *		A tally as the state of an aggregate, and what such aggregates share:
 *		combine, serialize, deserialize are the same three functions for all.
 */
#ifndef CV_TALLY_SQL_H
#define CV_TALLY_SQL_H

#include "customer_value.h"

#include "common/tally.h"

typedef struct TallyState
{
	Tally		tally;

	/*
	 * an argument that is one for all rows, or NULL; "what" it is comes with
	 * the call
	 */
	struct varlena *constant;

	/* the key of the row at hand */
	char	   *key;
	char	   *key_end;
	size_t		key_room;
} TallyState;

/*
 * Argument 0 of a transition function; made if it is NULL.
 */
extern TallyState *tally_state(FunctionCallInfo fcinfo, int width);

/* Argument 0 of a final function; NULL if no row was counted. */
extern TallyState *tally_final_state(FunctionCallInfo fcinfo);

/*
 * The key of a row, part by part, from arguments of the transition function.
 */
extern void tally_begin_key(TallyState *state);
extern void tally_part_integer(TallyState *state, int64 v);
extern void tally_part_null(TallyState *state);
extern void tally_part_text(TallyState *state, const char *text, size_t length);

/* Arguments of type bigint, int and text; NULL is a part, too. */
extern void tally_part_bigint_argument(FunctionCallInfo fcinfo, int n, TallyState *state);
extern void tally_part_int_argument(FunctionCallInfo fcinfo, int n, TallyState *state);
extern void tally_part_text_argument(FunctionCallInfo fcinfo, int n, TallyState *state);

/* The end of a transition function whose row does not count. */
#define TALLY_PASS_OVER() \
	do { \
		if (PG_ARGISNULL(0)) \
			PG_RETURN_NULL(); \
		PG_RETURN_DATUM(PG_GETARG_DATUM(0)); \
	} while (0)

/* Counts the row; its totals, in the aggregate's memory. */
extern i128 *tally_row(FunctionCallInfo fcinfo, TallyState *state, int64 count);

/* A numeric argument as an amount in millionths; NULL is none. */
extern i128 tally_amount_argument(FunctionCallInfo fcinfo, int n);

/* The error that a total does not fit. */
CV_NORETURN extern void tally_overflow(void);

/* Add to a total: an amount, or an argument as one. */
extern void tally_add_checked(i128 *total, i128 amount);

static inline void
tally_add_argument(FunctionCallInfo fcinfo, int n, i128 *total)
{
	tally_add_checked(total, tally_amount_argument(fcinfo, n));
}

/* One amount as a share of another, as numeric; NULL unless that is positive. */
extern Datum tally_share(i128 part, i128 whole, bool *isnull);

/* For aggregates that have something to say before states are joined. */
extern PGDLLEXPORT Datum tally_combine(PG_FUNCTION_ARGS);

/* Part of a key as a datum: bigint, int or text, and NULL. */
extern Datum tally_part_datum(const TallyPart *part, bool as_int4, bool *isnull);

#endif							/* CV_TALLY_SQL_H */
