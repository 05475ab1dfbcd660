/*
 * drivers.h
 *		Which attribute of customers explains their value, and how much of it?
 */
#ifndef CV_DRIVERS_H
#define CV_DRIVERS_H

#include "common/host.h"

#include "features/frame.h"

/* Numbers are compared by so many quantile classes at most. */
#define DRIVER_MAX_BINS 10

typedef struct Driver
{
	FeatureKind kind;
	int64		customers;		/* for whom it is known */
	int			levels;			/* classes compared; missing is one */
	bool		known;			/* two levels, more customers than levels, and
								 * not all values equal */
	double		explained;		/* epsilon squared of ranks */
	double		explained_raw;	/* of the values themselves */
	bool		tested;
	double		f;
	double		degrees1;
	double		degrees2;
	double		p;
} Driver;

/* One for each feature; finishes the frame. */
extern void drivers_screen(Frame *frame, Driver *driver);

/*
 * Probabilities corrected for being several: of Holm (1979), or, as false
 * discovery rates, of Benjamini and Hochberg (1995).
 */
extern void adjust_holm(const double *p, int count, double *adjusted);
extern void adjust_benjamini_hochberg(const double *p, int count, double *adjusted);

#endif							/* CV_DRIVERS_H */
