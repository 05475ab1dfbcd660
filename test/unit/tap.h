/*
 * tap.h
 *		The little a unit test needs: ok(), and a closing line that counts.
 */
#ifndef CV_TAP_H
#define CV_TAP_H

#include <stdarg.h>
#include <stdio.h>

static int	tap_passed;
static int	tap_failed;

static inline int
ok(int condition, const char *format,...)
{
	va_list		args;

	if (condition)
		tap_passed++;
	else
		tap_failed++;
	printf("%s %d - ", condition ? "ok" : "not ok", tap_passed + tap_failed);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	return condition;
}

static inline int
done_testing(const char *name)
{
	printf("%s: %d passed, %d failed\n", name, tap_passed, tap_failed);
	return tap_failed > 0 || tap_passed == 0;
}

#endif							/* CV_TAP_H */
