/*
 * grouped.h
 *		Values of customers by segment: how much of their variance lies between
 *		segments.
 *
 * Values are kept, for a median is asked for, and sorted before they are added
 * up, segment after segment in the order of the segments' names: so the
 * results do not depend on the order in which customers arrive.
 */
#ifndef CV_GROUPED_H
#define CV_GROUPED_H

#include "common/host.h"

#include "common/names.h"
#include "segment/values.h"

/* All zeros is empty; memory is that of whoever calls. */
typedef struct Grouped
{
	Names		names;			/* of segments: any bytes */
	Values	   *values;			/* [room]: of each segment, as named */
	int			room;
	size_t		count;			/* of customers */
} Grouped;

extern Values *grouped_segment(Grouped *g, const char *name, size_t length);
extern void grouped_add(Grouped *g, const char *name, size_t length, double value);
extern void grouped_merge(Grouped *into, const Grouped *from);
extern void grouped_free(Grouped *g);

/* Sums of squared deviations. */
typedef struct Squares
{
	double		between;
	double		within;
} Squares;

/* As they are, or with unit > 0 those of asinh(value / unit). */
extern Squares grouped_squares(Grouped *g, double unit);

/*
 * The median of the absolute values other than zero, the lower one of two; 1
 * if all are zero.
 */
extern double grouped_unit(const Grouped *g);

/* The share of the squares between; false if there are none. */
extern bool squares_share(Squares squares, double *share);

/* A one-way analysis of variance (Fisher 1925). */
typedef struct Anova
{
	int64		customers;
	int64		segments;
	bool		has_share;		/* not all values are equal */
	double		share;			/* eta squared */
	bool		has_f;			/* there is variance within */
	double		f;
	bool		has_p;			/* there are two segments, and more customers
								 * than segments */
	double		p;
} Anova;

/* As they are, or with unit > 0 of asinh(value / unit). */
extern Anova grouped_anova(Grouped *g, double unit);

#endif							/* CV_GROUPED_H */
