/*
 * cross_table.h
 *		How many customers fall on each pair of categories, and what that says:
 *		association, agreement of two segmentations, persistence.
 *
 * Everything is a function of the counts, in exact integers as far as it
 * goes, so no order of rows matters.
 */
#ifndef CV_CROSS_TABLE_H
#define CV_CROSS_TABLE_H

#include "common/host.h"

#include "common/names.h"

typedef struct CrossCell
{
	int			row;
	int			column;
	int64		count;
} CrossCell;

/* All zeros is empty; memory is that of whoever calls. */
typedef struct CrossTable
{
	Names		rows;			/* any bytes */
	Names		columns;
	CrossCell  *cell;			/* in order of arrival */
	int64		ncells;
	int64		room;			/* 0 or a power of two */
	int64	   *slot;			/* 2 * room of them: a cell's number, or -1 */
} CrossTable;

/* The cell of two names, made if there is none. */
extern CrossCell *cross_table_cell(CrossTable *t, const char *row, size_t row_length,
								   const char *column, size_t column_length);
extern void cross_table_merge(CrossTable *into, const CrossTable *from);
extern void cross_table_free(CrossTable *t);

/*
 * Integers as names: eight bytes whose order is that of the integers.
 */
#define INTEGER_NAME_LENGTH 8

extern void integer_name(int64 v, char *name);

typedef struct Association
{
	int64		customers;
	int64		rows;
	int64		columns;
	bool		known;			/* two rows and columns at least */
	double		chi_square;
	int64		degrees;
	double		p;
	double		v;				/* Cramer 1946 */
	bool		has_corrected;
	double		corrected;		/* Bergsma 2013 */
} Association;

extern Association cross_table_association(const CrossTable *t);

/* The adjusted Rand index; false if both sides are one class or all singles. */
extern bool cross_table_rand(const CrossTable *t, double *index);

typedef struct Persistence
{
	int64		customers;
	double		stayed;
	double		expected;
	bool		has_kappa;
	double		kappa;
	double		up;				/* to a smaller number */
	double		down;
} Persistence;

/* Names on both sides are integers.  There is a customer. */
extern Persistence cross_table_persistence(const CrossTable *t);

#endif							/* CV_CROSS_TABLE_H */
