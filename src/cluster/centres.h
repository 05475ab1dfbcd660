/*
 * centres.h
 *		Segmentations by centres: a customer belongs to the nearest.
 *
 * Distances are Euclidean, between scaled features: with deviations,
 * (feature - mean) / deviation, or without the mean if there are none; else
 * features as they are.  Of equally near centres the one with the lower number
 * wins.
 *
 * As bytes, after those of all forms (segmentation.h):
 *
 *		flags		one byte, the policy for missing features in its high bits
 *		features	their number, an integer as in bytes.h
 *		centres		k times so many doubles, in raw units
 *		means		with FLAG_MEANS: as many doubles as features
 *		deviations	with FLAG_DEVIATIONS: the same
 *		customers	with FLAG_CUSTOMERS: k integers
 *		inertia, silhouette
 *					with their flags: a double each
 */
#ifndef CV_CENTRES_H
#define CV_CENTRES_H

#include "common/host.h"

#include "segment/segmentation.h"

#define CENTRES_MAX_FEATURES 1000

/*
 * Features and deviations within these limits have finite distances:
 * 1000 * (2e100 / 1e-50)^2 is below 1e304.
 */
#define FEATURE_LIMIT 1e100
#define DEVIATION_MIN 1e-50
#define DEVIATION_LIMIT 1e101

/* What to do with a row of which some feature is missing.  Stored: append only. */
typedef enum NullPolicy
{
	NULLS_ERROR,
	NULLS_SKIP,
	NULLS_MEAN
} NullPolicy;

#define NULL_POLICIES (NULLS_MEAN + 1)

extern const char *const null_policy_names[NULL_POLICIES];

typedef struct Centres
{
	Segmentation head;
	int			nfeatures;
	NullPolicy	nulls;
	double	   *centre;			/* [k][nfeatures], raw units */
	double	   *mean;			/* [nfeatures] or NULL */
	double	   *deviation;		/* [nfeatures] or NULL */
	int64	   *customers;		/* [k] or NULL */
	bool		has_inertia;
	bool		has_silhouette;
	double		inertia;
	double		silhouette;
	struct CentresReading *reading; /* while a text is read */
} Centres;

extern const SegmentationForm centres_form;

/* Centres all zero, to be filled in. */
extern Centres *centres_new(int k, int nfeatures);

/* The text form, in centres_text.c. */
#define CENTRES_KEYS 9

extern const char *const centres_keys[CENTRES_KEYS];
extern bool centres_read(Segmentation *segmentation, JsonObject *o, int key);
extern bool centres_complete(Segmentation *segmentation, JsonObject *o);
extern void centres_print(const Segmentation *segmentation, TextBuffer *t);

/*
 * Centres prepared for looking for the nearest.
 */
typedef struct CentreFinder
{
	int			k;
	int			nfeatures;
	NullPolicy	nulls;
	double	   *mean;			/* what a missing feature is replaced by */
	double	   *shift;			/* scaled = (raw - shift) * factor */
	double	   *factor;
	double	   *scaled;			/* [k][nfeatures] */
	double	   *tile;			/* the same in tiles */
} CentreFinder;

/* One piece of memory, for cv_free(). */
extern CentreFinder *centre_finder_make(const Centres *s);

static inline double
centre_finder_scale(const CentreFinder *finder, int f, double raw)
{
	return (raw - finder->shift[f]) * finder->factor[f];
}

/* The segment, from 1, of features that have been scaled. */
extern int	centre_finder_nearest(const CentreFinder *finder, const double *scaled);

#endif							/* CV_CENTRES_H */
