/*
 * integers.h
 *		A dictionary of integers: each has a number, in order of arrival.
 *
 * What Names is for texts.
 */
#ifndef CV_INTEGERS_H
#define CV_INTEGERS_H

#include "common/host.h"

/* The integer stands in its slot, so that finding it is one look into memory. */
typedef struct IntegerSlot
{
	int64		value;
	int			number;			/* -1: the slot is empty */
} IntegerSlot;

typedef struct Integers
{
	int64	   *value;
	int			count;
	int			room;			/* 0 or a power of two */
	IntegerSlot *slot;			/* 2 * room of them */
} Integers;

/* All zeros is an empty dictionary.  The number of an integer, which is new or known. */
extern int	integers_add(Integers *integers, int64 value);

/* Have the memory that integers_add() will look at on its way. */
extern void integers_prefetch(const Integers *integers, int64 value);

/* The numbers of all integers in ascending order of these. */
extern int *integers_sorted(const Integers *integers);

/* Frees the integers and leaves an empty dictionary. */
extern void integers_free(Integers *integers);

#endif							/* CV_INTEGERS_H */
