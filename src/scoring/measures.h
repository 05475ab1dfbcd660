/*
 * measures.h
 *		The three measures of RFM scoring, from a customer's ledger: days since
 *		the last purchase, all purchases, total revenue.
 *
 * They are not the fields of type rfm, which has the conventions of
 * purchase models: those count repeat purchases only.
 */
#ifndef CV_MEASURES_H
#define CV_MEASURES_H

#include "common/host.h"

/* The measures, and the order of the digits of a code. */
typedef enum Measure
{
	RECENCY,
	FREQUENCY,
	MONETARY
} Measure;

#define MEASURES 3

extern const char *const measure_names[MEASURES];

typedef struct Measures
{
	int32		recency;		/* days from the last purchase to as_of */
	int64		frequency;		/* purchases until then */
	i128		monetary;		/* revenue until then, in millionths */
} Measures;

typedef enum MeasuresStatus
{
	MEASURES_OK,
	MEASURES_NO_PURCHASE,		/* no customer yet */
	MEASURES_OVERFLOW			/* more purchases than 64 bits hold */
} MeasuresStatus;

/* The body is one run; what happened after as_of is not looked at. */
extern MeasuresStatus measures_of_ledger(const uint8 *body, size_t length,
										 int32 as_of, Measures *m);

#endif							/* CV_MEASURES_H */
