/*
 * quantiles.h
 *		Classes of nearly equal size that keep equal values together.
 */
#ifndef CV_QUANTILES_H
#define CV_QUANTILES_H

#include "common/host.h"

/*
 * Divide distinct values, given in ascending order by how many customers have
 * each, into k classes: the boundaries are those of ntile(k) from the highest
 * value down, each moved to the nearest gap between two values, and if two
 * are equally near, to the one that makes the upper class larger; and where
 * that would leave a class empty, on to the next gap.  first[j] becomes the
 * number of the first value of class j, counted from 0 upwards.
 *
 * False if there are fewer values than classes.
 */
extern bool quantile_classes(const int64 *weight, size_t count, int k, size_t *first);

#endif							/* CV_QUANTILES_H */
