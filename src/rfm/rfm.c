/*
 * rfm.c
 *		What makes a sound value of type "rfm", and the names of what its mean
 *		value is of.
 */
#include "rfm/rfm.h"

#include <math.h>

static const char *const basis_names[RFM_BASIS_LAST + 1] = {
	[RFM_NET_REVENUE] = "net_revenue",
	[RFM_CONTRIBUTION] = "contribution"
};

const char *
rfm_basis_name(RfmBasis basis)
{
	return basis_names[basis];
}

RfmBasis
rfm_basis_parse(const char *name, size_t length)
{
	for (int basis = RFM_NET_REVENUE; basis <= RFM_BASIS_LAST; basis++)
		if (strlen(basis_names[basis]) == length &&
			memcmp(basis_names[basis], name, length) == 0)
			return (RfmBasis) basis;
	return RFM_NO_MONETARY;
}

void
rfm_init(Rfm *rfm, TimeUnit unit, RfmBasis basis)
{
	memset(rfm, 0, sizeof(Rfm));
	rfm->version = RFM_VERSION;
	rfm->unit = (uint8) unit;
	rfm->basis = (uint8) basis;
}

/* What is wrong with the bytes before the numbers. */
static const char *
check_head(const Rfm *rfm)
{
	static const uint8 zeros[sizeof(rfm->reserved)];

	if (rfm->version != RFM_VERSION)
		return "Its version is unknown to this release.";
	if (rfm->unit > TIME_UNIT_LAST)
		return "Its unit is unknown to this release.";
	if (rfm->basis > RFM_BASIS_LAST)
		return "What its monetary is of is unknown to this release.";
	if (memcmp(rfm->reserved, zeros, sizeof(zeros)) != 0)
		return "Bytes that this release does not know are set.";
	return NULL;
}

const char *
rfm_check(Rfm *rfm)
{
	const char *problem = check_head(rfm);

	if (problem != NULL)
		return problem;
	if (!isfinite(rfm->frequency) || !isfinite(rfm->recency) ||
		!isfinite(rfm->age) || !isfinite(rfm->monetary))
		return "Infinity and NaN are not allowed.";
	if (rfm->frequency < 0 || rfm->frequency != floor(rfm->frequency))
		return "The frequency is not a whole number of repeat purchases.";
	if (rfm->frequency > RFM_MAX_FREQUENCY)
		return "The frequency is greater than 2^53.";
	if (rfm->recency < 0)
		return "The recency is negative.";
	if (rfm->age < 0)
		return "The age is negative.";
	if (rfm->recency > rfm->age)
		return "The recency is greater than the age.";
	if (rfm->frequency == 0 && rfm->recency != 0)
		return "The frequency is 0, but the recency is not.";
	if (rfm->frequency != 0 && rfm->recency == 0)
		return "The recency is 0, but the frequency is not.";
	if (rfm->monetary != 0 && rfm->basis == RFM_NO_MONETARY)
		return "The monetary is given, and said to be unknown.";
	if (rfm->monetary != 0 && rfm->frequency == 0)
		return "The frequency is 0, but the monetary is not.";

	/* 0 for -0 */
	rfm->frequency += 0.0;
	rfm->recency += 0.0;
	rfm->age += 0.0;
	rfm->monetary += 0.0;
	return NULL;
}

#define COMPARE(field) \
	if (a->field != b->field) \
		return a->field < b->field ? -1 : 1

int
rfm_compare(const Rfm *a, const Rfm *b)
{
	COMPARE(unit);
	COMPARE(frequency);
	COMPARE(recency);
	COMPARE(age);
	COMPARE(basis);
	COMPARE(monetary);
	return 0;
}
