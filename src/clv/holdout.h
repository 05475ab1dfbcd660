/*
 * holdout.h
 *		Does the model hold?  What it expected of a period it was not fitted
 *		to, beside what happened; type "holdout".
 *
 * Two dates cut the same ledgers: customers are those who first purchased up
 * to "as_of", the calibration is what they did up to then, and the holdout
 * what they did later, up to "until".  While ledgers are read, customers who
 * are alike are counted (HoldoutCounts), in whole numbers, so that neither
 * order nor plan can matter.  Expectations are computed once, at the end, of
 * sorted patterns.
 *
 * The struct behind the varlena header is the stored form, read in place at
 * double alignment.  Every byte is defined; equal holdouts have equal bytes.
 */
#ifndef CV_HOLDOUT_H
#define CV_HOLDOUT_H

#include "common/host.h"

#include "clv/clv_model.h"

#define HOLDOUT_VERSION 1

/* From the first purchase of all to "until": some 270 years. */
#define HOLDOUT_MAX_DAYS 100000

/* Customers of so many repeat purchases, or more, are one class. */
#define HOLDOUT_LAST_CLASS 100

/* Rows of holdout_periods(). */
#define HOLDOUT_MAX_PERIODS 10000

/* What is wrong: a full sentence. */
#define HOLDOUT_WHY_SIZE 256

/*
 * Collecting
 */

/* Customers who are alike; days are those of the calibration. */
typedef struct HoldoutPattern
{
	uint32		frequency;		/* repeat purchases of the calibration */
	uint32		recency;		/* days */
	uint32		age;			/* days */
	uint32		purchases;		/* of the holdout */
	int64		customers;		/* a free slot: 0 */
} HoldoutPattern;

typedef struct HoldoutCounts
{
	int32		as_of;
	int32		until;
	HoldoutPattern *slot;
	size_t		slots;			/* a power of two */
	size_t		used;
	int64	   *repeats;		/* repeat purchases of the day until - i */
	size_t		days;			/* of them */
} HoldoutCounts;

#define HOLDOUT_FIRST_SLOTS 64
#define HOLDOUT_FIRST_DAYS 64

/* In memory the caller allocated, all zeros, of the sizes above. */
extern void holdout_counts_open(HoldoutCounts *counts, int32 as_of, int32 until,
								HoldoutPattern *slot, int64 *repeats);

/*
 * Count a customer, given by the body of a ledger, one run; who first
 * purchases after as_of is none yet.  False: there are too many days between
 * the first purchase, which *first then is, and until.
 */
extern bool holdout_count(HoldoutCounts *counts, const uint8 *body, size_t length,
						  int32 *first);

/* Count in so many customers, or purchases of the day until - i. */
extern void holdout_add_pattern(HoldoutCounts *counts, const HoldoutPattern *pattern);
extern void holdout_add_repeats(HoldoutCounts *counts, size_t i, int64 purchases);

/*
 * Room for so many more patterns.  To be called before others are counted in
 * slot by slot: they come in the order of their hashes, and crowd in the first
 * slots of a table that is smaller.
 */
extern void holdout_reserve(HoldoutCounts *counts, size_t more);

/*
 * The value
 */

/* The customers of one frequency, and the sums over them. */
typedef struct HoldoutClass
{
	uint32		frequency;		/* of the calibration; the last: or more */
	uint32		reserved;		/* zero */
	int64		customers;
	int64		actual;			/* purchases in the holdout */
	double		expected;
	double		absolute_error; /* of each customer's expectation */
	double		squared_error;
	double		baseline_absolute_error;	/* of "as many as before" */
	double		baseline_squared_error;
} HoldoutClass;

/* How many were born, or purchased, on one day. */
typedef struct HoldoutDay
{
	uint32		day;			/* from the first birth on */
	uint32		count;			/* above 0 */
} HoldoutDay;

typedef struct Holdout
{
	uint32		header;			/* varlena's length word */
	uint8		version;		/* HOLDOUT_VERSION */
	uint8		reserved[3];	/* zero */
	int32		as_of;			/* days as in a ledger */
	int32		until;
	int32		first;			/* the day of the first birth */
	uint32		classes;
	uint32		births;			/* days with births */
	uint32		repeats;		/* days with repeat purchases */

	/*
	 * HoldoutClass[classes], HoldoutDay[births], HoldoutDay[repeats],
	 * ClvModel
	 */
} Holdout;

static inline HoldoutClass *
holdout_classes(const Holdout *h)
{
	return (HoldoutClass *) (h + 1);
}

static inline HoldoutDay *
holdout_births(const Holdout *h)
{
	return (HoldoutDay *) (holdout_classes(h) + h->classes);
}

static inline HoldoutDay *
holdout_repeats(const Holdout *h)
{
	return holdout_births(h) + h->births;
}

/* Its varlena header is 0. */
static inline ClvModel *
holdout_model(const Holdout *h)
{
	return (ClvModel *) (holdout_repeats(h) + h->repeats);
}

static inline size_t
holdout_size(const Holdout *h)
{
	return (size_t) ((const char *) holdout_model(h) - (const char *) h) +
		CLV_MODEL_SIZE(holdout_model(h)->diagnosis_length);
}

/* Room for these parts, with the counts and the model filled in, else zeros. */
extern Holdout *holdout_alloc(size_t classes, size_t births, size_t repeats,
							  const ClvModel *model);

/* Can a model be held against ledgers?  NULL, or why not, and what to do. */
extern const char *holdout_refuses(const ClvModel *model, const char **hint);

/* Of at least one customer.  NULL, and why, if there is none in range. */
extern Holdout *holdout_make(const HoldoutCounts *counts, const ClvModel *model,
							 char *why);

/* The one validator, its size apart: NULL if all is well, else why not. */
extern const char *holdout_check(const Holdout *h);

/* The sums over all classes; frequency is 0. */
extern HoldoutClass holdout_total(const Holdout *h);

/*
 * The classes, with all from a frequency on as one: at most
 * HOLDOUT_LAST_CLASS + 1 of them; returns how many.
 */
extern size_t holdout_merge(const Holdout *h, uint32 last, HoldoutClass *merged);

/*
 * Expected customers by frequency at the end of the calibration: expected[i]
 * of those with i repeat purchases, expected[last] of those with more, too.
 */
extern void holdout_expected_customers(const Holdout *h, uint32 last, double *expected);

/* What all customers did up to a day, and were expected to do. */
typedef struct HoldoutPeriod
{
	int32		until;			/* the last day */
	bool		in_holdout;
	int64		actual;			/* repeat purchases from the first birth on */
	double		expected;
} HoldoutPeriod;

/*
 * Periods of so many days, at least 1, laid out from as_of in both
 * directions: the first and the last may be shorter.  Returns how many, in
 * new memory; 0 if they are more than HOLDOUT_MAX_PERIODS.
 */
extern size_t holdout_periods(const Holdout *h, double days, HoldoutPeriod **periods);

/* Text form: JSON, see holdout_text.c.  NULL, and why, if it is not one. */
extern Holdout *holdout_parse(const char *text, size_t length, char *why);
extern char *holdout_print(const Holdout *h);

#endif							/* CV_HOLDOUT_H */
