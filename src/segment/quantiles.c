/*
 * quantiles.c
 *		Classes of nearly equal size that keep equal values together.
 */
#include "segment/quantiles.h"

/* Where ntile(k) puts the boundary after its first "above" classes. */
static int64
ideal_boundary(int64 customers, int k, int above)
{
	return customers / k * above + Min(customers % k, above);
}

bool
quantile_classes(const int64 *weight, size_t count, int k, size_t *first)
{
	int64		customers = 0;
	int64		reached = 0;	/* customers of the values from "at" upwards */
	size_t		at = count;

	if (count < (size_t) k)
		return false;
	for (size_t i = 0; i < count; i++)
		customers += weight[i];

	/* from the highest class down: the value that its lower end is at */
	for (int j = k - 1; j > 0; j--)
	{
		int64		ideal = ideal_boundary(customers, k, k - j);

		while (at > 0 && reached < ideal)
			reached += weight[--at];

		/* "at" is at the boundary or the first gap beyond it */
		first[j] = at;
		if (ideal - (reached - weight[at]) < reached - ideal)
			first[j]++;
	}

	/* every class has a value of its own, as many are left for those below */
	for (int j = k - 1; j > 0; j--)
	{
		size_t		end = j < k - 1 ? first[j + 1] : count;

		first[j] = Max(Min(first[j], end - 1), (size_t) j);
	}
	first[0] = 0;
	return true;
}
