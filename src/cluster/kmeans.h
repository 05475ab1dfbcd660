/*
 * kmeans.h
 *		k-means: centres such that customers are near them.
 *
 * What is made small is the inertia, the sum of the squared distances of the
 * customers from the nearest centre, between scaled features.  Finding the
 * least possible is out of reach; this is the usual way to a good one: several
 * starts chosen by k-means++, each improved by Lloyd's iteration until nothing
 * changes, and the best of them.
 *
 *		Lloyd, "Least squares quantization in PCM", 1982
 *		Arthur and Vassilvitskii, "k-means++: the advantages of careful
 *		seeding", 2007
 *		Hamerly, "Making k-means even faster", 2010
 *		Rousseeuw, "Silhouettes", 1987
 *
 * Rows are first put in an order that depends on nothing but what is in them,
 * equal ones together, and random numbers come from a seed.  There are only
 * sums, products, quotients and square roots, which every machine rounds in
 * the same way: the same customers and options give the same centres, to the
 * last bit.
 */
#ifndef CV_KMEANS_H
#define CV_KMEANS_H

#include "common/host.h"

#include "cluster/centres.h"
#include "cluster/tiles.h"

#define KMEANS_MAX_STARTS 1000
#define KMEANS_MAX_ITERATIONS 100000

/* Rows are counted in 32 bits where they are sorted. */
#define KMEANS_MAX_ROWS 0xFFFFFFF0u

/* The silhouette is that of at most so many customers. */
#define SILHOUETTE_SAMPLE 1000

/* How to go about it. */
typedef struct Clustering
{
	int64		seed;
	int			starts;
	int			max_iterations;
	double		tolerance;
	bool		standardize;
	NullPolicy	nulls;
} Clustering;

#define CLUSTERING_DEFAULT {1, 10, 300, 0.0, true, NULLS_ERROR}

/* Reads {"seed": 1, "starts": 10, ...}; keys that are not there stay. */
extern bool clustering_read(Clustering *c, const char *text, size_t length,
							char *why, size_t why_size);

typedef enum KmeansStatus
{
	KMEANS_OK,
	KMEANS_TOO_FEW_ROWS,		/* distinct ones; amount: how many there are */
	KMEANS_TOO_CLOSE,			/* amount: rows that can be told apart */
	KMEANS_ALL_MISSING,			/* amount: number of the feature */
	KMEANS_TOO_NARROW			/* amount: number of the feature */
} KmeansStatus;

/*
 * Rows of nfeatures numbers each, NaN for a missing one where the policy is
 * NULLS_MEAN.  Only with KMEANS_OK there is a result.
 */
extern KmeansStatus kmeans_fit(const double *rows, size_t count, int nfeatures, int k,
							   const Clustering *clustering, Centres **result,
							   size_t *amount);

/* ---- the steps, each in a file of its own ---- */

/* tiles.c: rows in canonical order, equal ones collapsed. */
extern void tiles_open(Tiles *t, const double *rows, size_t count, int nfeatures);
extern void tiles_close(Tiles *t);

/*
 * Means and sample standard deviations of the features, of what is not NaN.
 * Only that of a feature that is the same everywhere is 0, even if squares are
 * too small to be told from it.  False: the feature with this number is missing
 * everywhere.
 */
extern bool tiles_moments(const Tiles *t, double *mean, double *deviation, int *feature);

/* Scale in place, and put means where there is NaN. */
extern void tiles_scale(Tiles *t, const CentreFinder *finder);

/*
 * seeding.c: how many centres were found, fewer than k if rows are too close.
 * Starts, counted from 0, differ in how they choose.
 */
extern int	choose_centres(const Tiles *t, int k, uint64 seed, int start, double *centre);

/* silhouette.c: false if there are no two segments to compare. */
extern bool silhouette_of(const Tiles *t, const double *centre, int k, double *result);

/* lloyd.c */
typedef struct Lloyd
{
	const Tiles *rows;
	int			k;
	double	   *centre;			/* [k][nfeatures] */
	double	   *before;			/* the same, one iteration ago */
	double	   *base;			/* [nfeatures]: sums are of differences from
								 * it */
	double	   *sum;			/* [k][nfeatures] */
	double	   *customers;		/* [k] */
	uint16	   *label;			/* of each row */
	double	   *upper;			/* its distance from its centre is at most */
	double	   *lower;			/* ... and from all others at least this */
	double	   *moved;			/* [k]: how far a centre went */
	double	   *half;			/* [k]: half the way to the next centre */
	double		margin;			/* more than the rounding of a distance */
	bool		bounded;		/* upper and lower hold */
	size_t		changed;		/* rows that changed segments */
} Lloyd;

extern void lloyd_open(Lloyd *l, const Tiles *rows, int k);
extern void lloyd_close(Lloyd *l);

/* Begin with these centres. */
extern void lloyd_start(Lloyd *l, const double *centre);

/* Give every row to the nearest centre. */
extern void lloyd_assign(Lloyd *l);

/* Sums and counts anew from the labels, without what rounding has added up. */
extern void lloyd_sum(Lloyd *l);

/* Put centres in the middle of their rows; returns how far they went, squared. */
extern double lloyd_move(Lloyd *l);

/* All of it, until centres go no further than so much, squared. */
extern void lloyd_run(Lloyd *l, int max_iterations, double tolerance);

/* The sum of squared distances; the number of customers of each if not NULL. */
extern double tiles_inertia(const Tiles *t, const double *centre, int k, double *customers);

#endif							/* CV_KMEANS_H */
