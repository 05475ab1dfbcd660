/*
 * mutate.h
 *		Damaging bytes and texts a little.
 */
#ifndef CV_MUTATE_H
#define CV_MUTATE_H

#include "common/host.h"

#include "random.h"

static inline uint8 *
copy_of(const void *bytes, size_t length)
{
	uint8	   *copy = cv_alloc(length);

	memcpy(copy, bytes, length);
	return copy;
}

/* At one to three places; the length shrinks or stays. */
static inline void
mutate(uint8 *bytes, size_t *length)
{
	for (int n = (int) (random64() % 3) + 1; n > 0 && *length > 0; n--)
	{
		size_t		at = random64() % *length;

		switch (random64() % 6)
		{
			case 0:
				bytes[at] = (uint8) random64();
				break;
			case 1:
				bytes[at] ^= (uint8) (1 << (random64() % 8));
				break;
			case 2:
				*length = at;
				break;
			case 3:
				bytes[at] = (uint8) ('0' + random64() % 10);
				break;
			case 4:
				bytes[at] = bytes[random64() % *length];
				break;
			default:
				memmove(bytes + at, bytes + at + 1, *length - at - 1);
				(*length)--;
				break;
		}
	}
}

#endif							/* CV_MUTATE_H */
