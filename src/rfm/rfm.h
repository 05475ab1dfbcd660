/*
 * rfm.h
 *		The sufficient statistic of one customer's purchases, type "rfm".
 *
 * Conventions of Fader and Hardie: the first purchase makes the customer and
 * is not counted again.  frequency counts the later purchase occasions,
 * recency is the time from the first to the last of them, age the time from
 * the first purchase to the date of observation, monetary the mean value of
 * the later occasions.
 *
 * The struct is the stored form: 40 bytes, fixed, every byte defined, equal
 * values have equal bytes.
 */
#ifndef CV_RFM_H
#define CV_RFM_H

#include "common/host.h"

#include "rfm/time_unit.h"

#define RFM_VERSION 1

/* What the mean value is of.  Stored, so never renumber. */
typedef enum RfmBasis
{
	RFM_NO_MONETARY = 0,		/* monetary is not known, and stored as 0 */
	RFM_GIVEN = 1,				/* a number, nobody said of what */
	RFM_NET_REVENUE = 2,
	RFM_CONTRIBUTION = 3
} RfmBasis;

#define RFM_BASIS_LAST RFM_CONTRIBUTION

/* NULL for what has no name: RFM_NO_MONETARY and RFM_GIVEN. */
extern const char *rfm_basis_name(RfmBasis basis);

/* The basis of a name, "net_revenue" or "contribution"; else NO_MONETARY. */
extern RfmBasis rfm_basis_parse(const char *name, size_t length);

/* Every whole number up to here is a double. */
#define RFM_MAX_FREQUENCY 9007199254740992.0

typedef struct Rfm
{
	uint8		version;		/* RFM_VERSION */
	uint8		unit;			/* TimeUnit */
	uint8		basis;			/* RfmBasis */
	uint8		reserved[5];	/* zero */
	double		frequency;		/* a whole number, 0 to 2^53 */
	double		recency;		/* 0 exactly when frequency is 0 */
	double		age;			/* at least recency */
	double		monetary;		/* 0 when frequency is 0 */
} Rfm;

/*
 * The one validator, behind every way in.  Returns NULL if the value is
 * sound, else what is wrong with it, as a full sentence.  It also makes -0 to
 * 0, so that equal values have equal bytes.
 */
extern const char *rfm_check(Rfm *rfm);

/* A value with all numbers 0. */
extern void rfm_init(Rfm *rfm, TimeUnit unit, RfmBasis basis);

/*
 * A number below, equal to or above 0: by unit, frequency, recency, age, and
 * then the mean value.  Not by bytes, whose order differs between machines.
 */
extern int	rfm_compare(const Rfm *a, const Rfm *b);

/*
 * The statistic of the days since <= day <= as_of of a ledger, whose body is
 * one run; "since" may be before all days.  False if there is no purchase
 * among them.  See rfm_ledger.c.
 */
extern bool rfm_from_ledger(Rfm *rfm, const uint8 *body, size_t length,
							int64 since, int64 as_of,
							TimeUnit unit, RfmBasis basis);

/*
 * Text, see rfm_text.c.
 */
#define RFM_TEXT_SIZE 256

/* Writes at most RFM_TEXT_SIZE bytes; returns the length. */
extern size_t rfm_print(char *out, const Rfm *rfm);

typedef struct RfmTextError
{
	char		detail[200];	/* a full sentence */
} RfmTextError;

extern bool rfm_parse(const char *text, size_t length, Rfm *rfm,
					  RfmTextError *error);

#endif							/* CV_RFM_H */
