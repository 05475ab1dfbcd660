/*
 * log_rank.h
 *		The log-rank test: do groups of customers leave alike?
 */
#ifndef CV_LOG_RANK_H
#define CV_LOG_RANK_H

#include "common/host.h"

#include "survival/times.h"

/*
 * A group for each customer is a mistake, and the covariances of k groups are
 * k^2 numbers.
 */
#define LOG_RANK_MAX_GROUPS 250

typedef struct LogRankGroup
{
	const TimeCount *at;		/* in order of time; nobody enters late */
	size_t		count;

	/* results */
	int64		customers;
	int64		events;
	double		expected;		/* events, if all groups were alike */
} LogRankGroup;

typedef struct LogRank
{
	int			degrees;		/* groups with expected events, less 1 */
	bool		known;			/* is there anything to test? */
	double		chi_square;
} LogRank;

extern void log_rank_test(LogRankGroup *group, int groups, LogRank *result);

#endif							/* CV_LOG_RANK_H */
