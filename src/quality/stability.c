/*
 * stability.c
 *		The population stability index.
 */
#include "quality/stability.h"

#include <math.h>

/*
 * The sum over bins of (q - p) ln(q / p), p and q the shares of the bin in the
 * two periods: the symmetric divergence of Jeffreys (1946; Kullback and Leibler
 * 1951).  No term is negative.
 */
StabilityStatus
stability_index(const int64 *base, const int64 *current, int bins, Smoothing smoothing,
				double *index, int *bin)
{
	double		more = smoothing == SMOOTHING_HALF ? 0.5 : smoothing == SMOOTHING_LAPLACE ? 1 : 0;
	i128		base_all = 0;
	i128		current_all = 0;
	double		p_all,
				q_all;

	for (int i = 0; i < bins; i++)
	{
		base_all += base[i];
		current_all += current[i];
	}
	if (base_all == 0 || current_all == 0)
		return STABILITY_NO_CUSTOMERS;
	p_all = (double) base_all + more * bins;
	q_all = (double) current_all + more * bins;
	*index = 0;
	for (int i = 0; i < bins; i++)
	{
		double		p = ((double) base[i] + more) / p_all;
		double		q = ((double) current[i] + more) / q_all;

		*bin = i;
		if (p == 0 && q == 0)
			continue;
		if (p == 0 || q == 0)
			return STABILITY_EMPTY_BIN;
		*index += (q - p) * log(q / p);
	}
	return STABILITY_OK;
}
