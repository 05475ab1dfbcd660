/*
 * breaking.h
 *		From the values of customers to a segmentation by cut points: what to
 *		optimise, under which conditions; or at which ranks or shares to cut.
 */
#ifndef CV_BREAKING_H
#define CV_BREAKING_H

#include "common/host.h"

#include "segment/breaks.h"
#include "segment/cuts.h"
#include "segment/values.h"

typedef struct Breaking
{
	SegmentMethod method;
	int			k;				/* segments; of a range, the fewest */
	int			most;			/* of a range; otherwise k */
	SegmentScale scale;
	bool		has_cut_at;
	Exact		cut_at;			/* a boundary, where values lie on both sides
								 * and k > 1 */
	int64		min_customers;	/* in each segment; 0 asks nothing */
	double		min_share;		/* the same as a share of all customers */
	bool		gives_way;		/* the least number is lowered as far as it
								 * must be */
} Breaking;

/* Why there is no segmentation: the number of segments, and of customers. */
typedef struct BreakingFailure
{
	int			k;
	int64		asked;			/* at least so many in each */
	int64		possible;		/* the most that could be asked */
} BreakingFailure;

/*
 * The options of natural_breaks as JSON, into a Breaking that has its
 * defaults.  False, and a sentence in "why", if they are not valid.
 */
#define BREAKING_WHY_SIZE 240

extern bool breaking_read_options(Breaking *breaking, const char *json, size_t length,
								  char *why);

/*
 * Only with BREAKS_OK there is a segmentation; otherwise *failure says more.
 *
 * Of a range, the number of segments k with the least k^2 W(k) is taken, W
 * being the sum of squares within segments on the scale used (Marriott 1971);
 * of equally good ones the smallest.  Numbers of segments that cannot be
 * formed are passed over.
 */
extern BreaksStatus breaking_apply(const Breaking *breaking, const Distribution *d,
								   Cuts **result, BreakingFailure *failure);

/*
 * Boundaries where ntile() has them, each moved to the nearest gap between
 * different values.  NULL if there are fewer different values than segments.
 */
extern Cuts *quantile_breaks(const Distribution *d, int k);

/*
 * Boundaries where ascending shares of the sum of all positive values are
 * reached, customers taken from the highest value down.  NULL if no value is
 * positive.
 */
extern Cuts *share_breaks(const Distribution *d, const Exact *share, int nshares);

/*
 * Cut points and summary of a segmentation whose class j, counted from the
 * lowest, starts at value first[j]; "scaled" are the values on its scale.  If
 * it has a cut_at, that is the cut point below value number "cut".
 */
extern void cuts_from_classes(Cuts *s, const Distribution *d, const double *scaled,
							  const size_t *first, size_t cut);

#endif							/* CV_BREAKING_H */
