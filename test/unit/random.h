/*
 * random.h
 *		Random numbers that are the same each time: Marsaglia's xorshift.
 */
#ifndef CV_RANDOM_H
#define CV_RANDOM_H

#include "common/host.h"

static uint64 random_state = UINT64CONST(88172645463325252);

static inline uint64
random64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

#endif							/* CV_RANDOM_H */
