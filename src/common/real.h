/*
 * real.h
 *		Doubles as text, without the server.
 */
#ifndef CV_REAL_H
#define CV_REAL_H

#include "common/host.h"

#define REAL_TEXT_SIZE 32

/*
 * The shortest decimal that reads back as this finite double; returns its
 * length.
 */
extern int	real_print(char *out, double v);

/* Read a JSON number; false if it is beyond a double. */
extern bool real_parse(const char *text, size_t length, double *v);

#endif							/* CV_REAL_H */
