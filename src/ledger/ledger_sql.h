/*
 * ledger_sql.h
 *		The ledger as a value of type "ledger".
 *
 * Behind the varlena header, at any alignment:
 *
 *		format		one byte: version in the high half, flags in the low
 *		currency	two bytes, only with FLAG_CURRENCY
 *		body		see ledger.h
 *
 * A growing ledger, the transition value of total(), has room to spare:
 *
 *		format		with FLAG_GROWING
 *		currency	two bytes, zero without FLAG_CURRENCY
 *		reserved	one zero byte
 *		used		four bytes, little-endian: length of the body
 *		body		any number of runs
 *		spare		zeros, so that nothing else is ever sent or stored
 *
 * Should a growing value ever reach a user (an aggregate of his own, without
 * a final function), it reads like any other: everything that takes a ledger
 * takes both, through ledger_view() and ledger_read().
 */
#ifndef CV_LEDGER_SQL_H
#define CV_LEDGER_SQL_H

#include "customer_value.h"

#include "utils/typcache.h"

#include "ledger/ledger.h"

#define LEDGER_VERSION 0x10
#define FLAG_CURRENCY 0x01
#define FLAG_GROWING 0x02

/* Offsets behind the varlena header. */
#define FORMAT_AT 0
#define CURRENCY_AT 1
#define GROWING_USED_AT 4
#define GROWING_BODY_AT 8

typedef struct varlena Ledger;

#define DatumGetLedgerP(d) ((Ledger *) PG_DETOAST_DATUM_PACKED(d))
#define PG_GETARG_LEDGER_P(n) DatumGetLedgerP(PG_GETARG_DATUM(n))
#define LedgerPGetDatum(l) PointerGetDatum(l)
#define PG_RETURN_LEDGER_P(l) return LedgerPGetDatum(l)

/* A ledger's content, wherever it lies. */
typedef struct LedgerView
{
	const uint8 *body;
	size_t		length;
	uint16		currency;
	bool		growing;		/* may have more than one run */

	/* what ledger_read() allocated, or NULL */
	void	   *detoasted;
	void	   *compacted;
} LedgerView;

extern void ledger_unknown_format(uint8 format);

static inline void
ledger_view(const Ledger *ledger, LedgerView *view)
{
	const uint8 *p = (const uint8 *) VARDATA_ANY(ledger);
	uint8		format = p[FORMAT_AT];

	if (unlikely((format & ~(FLAG_CURRENCY | FLAG_GROWING)) != LEDGER_VERSION))
		ledger_unknown_format(format);

	view->currency = format & FLAG_CURRENCY ?
		p[CURRENCY_AT] | p[CURRENCY_AT + 1] << 8 : LEDGER_NO_CURRENCY;
	view->growing = (format & FLAG_GROWING) != 0;
	if (view->growing)
	{
		view->body = p + GROWING_BODY_AT;
		view->length = p[GROWING_USED_AT] | p[GROWING_USED_AT + 1] << 8 |
			p[GROWING_USED_AT + 2] << 16 | (uint32) p[GROWING_USED_AT + 3] << 24;
	}
	else
	{
		view->body = p + (format & FLAG_CURRENCY ? 3 : 1);
		view->length = VARSIZE_ANY_EXHDR(ledger) - (view->body - p);
	}
}

/*
 * The same from a datum, and as one run: it is detoasted, and compacted if it
 * is growing.  Both go with the memory context; only who runs in a context
 * that lives long, as comparisons do, need call ledger_free().
 */
extern void ledger_read(Datum datum, LedgerView *view);
extern void ledger_free(LedgerView *view);

#define PG_READ_LEDGER(n, view) ledger_read(PG_GETARG_DATUM(n), (view))

/* A finished ledger from a body that is one run. */
extern Ledger *ledger_make(const uint8 *body, size_t length, uint16 currency);

/* The ledger of what a writer holds, which is one run; closes the writer. */
extern Ledger *ledger_finish(LedgerWriter *writer, uint16 currency);

/* Raise the error of a status that is not LEDGER_OK. */
extern void ledger_check_status(LedgerStatus status);

/* The currency of a sum, or an error. */
extern uint16 ledger_common_currency(const LedgerView *a, const LedgerView *b);

/*
 * Weights as integers in proportion, of a sum below 2^62: exactly where 18
 * digits hold them, else rounded to about as many.  Given are numbers of at
 * least zero, their sum, which is above, and the most decimals that one has;
 * there is room for the integers in shares->weight.
 */
extern void ledger_weights(const Datum *weights, int n, Datum sum, int scale,
						   LedgerShares *shares);

/* A currency argument, or an error. */
extern uint16 ledger_currency_from_text(struct varlena *code);

/* A unit of periods, or an error with this hint. */
extern LedgerUnit ledger_unit_from_text(struct varlena *name, const char *hint);

/* A daterange: infinite days stay, and it is open where the calendar ends. */
extern Datum ledger_period_range(TypeCacheEntry *typcache, int64 first, int64 behind);

/*
 * A daterange argument as [first, behind), past all days where it has no bound.
 * Keeps something in flinfo->fn_extra.
 */
extern void ledger_days_arg(FunctionCallInfo fcinfo, int arg, int64 *first, int64 *behind);

/* An account argument, as enum or as text. */
extern int	ledger_account_from_text(struct varlena *name);
extern int	ledger_account_from_enum(FunctionCallInfo fcinfo, Oid value);

/* The N_ACCOUNTS values of the enum in this database, by account. */
extern void ledger_account_values(Oid type, Oid *values);

#endif							/* CV_LEDGER_SQL_H */
