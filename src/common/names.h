/*
 * names.h
 *		A dictionary of texts: each has a number, in order of arrival.
 *
 * For names of states, groups or categories, looked up once for each row.
 */
#ifndef CV_NAMES_H
#define CV_NAMES_H

#include "common/host.h"

typedef struct KnownName
{
	const char *text;			/* not NUL-terminated */
	size_t		length;
	uint32		hash;
} KnownName;

typedef struct Names
{
	KnownName  *name;
	int			count;
	int			room;			/* 0 or a power of two */
	int		   *slot;			/* 2 * room of them: a name's number, or -1 */
} Names;

/* All zeros is an empty dictionary.  The number of a name, -1 if it has none. */
extern int	names_find(const Names *names, const char *text, size_t length);

/* The number of a name, which is copied if it is new. */
extern int	names_add(Names *names, const char *text, size_t length);

/* The numbers of all names, sorted by their bytes: the same in every locale. */
extern int *names_sorted(const Names *names);

/* Frees the names and leaves an empty dictionary. */
extern void names_free(Names *names);

#endif							/* CV_NAMES_H */
