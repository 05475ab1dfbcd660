/*
 * arena.h
 *		Many small pieces of memory that are freed together.
 *
 * Values with a rich inner life (labels, trees, rules) are built in one, so
 * that an error anywhere in a reader leaves nothing behind.  Inside the
 * server the memory context would do; the pure files run without it, too.
 */
#ifndef CV_ARENA_H
#define CV_ARENA_H

#include "common/host.h"

typedef struct ArenaChunk
{
	struct ArenaChunk *next;
	size_t		used;
	size_t		room;
	/* the memory follows */
} ArenaChunk;

/* All zeros is an empty arena. */
typedef struct Arena
{
	ArenaChunk *chunk;
} Arena;

#define ARENA_CHUNK 1024
#define ARENA_ALIGN(size) (((size) + 7) & ~(size_t) 7)

/* Zeroed memory, aligned to 8 bytes. */
static inline void *
arena_alloc(Arena *arena, size_t size)
{
	ArenaChunk *chunk = arena->chunk;
	char	   *p;

	size = ARENA_ALIGN(size);
	if (chunk == NULL || chunk->room - chunk->used < size)
	{
		size_t		room = Max(size, ARENA_CHUNK);

		chunk = cv_alloc(sizeof(ArenaChunk) + room);
		chunk->next = arena->chunk;
		chunk->used = 0;
		chunk->room = room;
		arena->chunk = chunk;
	}
	p = (char *) (chunk + 1) + chunk->used;
	chunk->used += size;
	memset(p, 0, size);
	return p;
}

/* A copy of so many bytes, with a NUL after them. */
static inline char *
arena_copy(Arena *arena, const char *bytes, size_t length)
{
	char	   *copy = arena_alloc(arena, length + 1);

	memcpy(copy, bytes, length);
	return copy;
}

/* What is in the second arena goes with the first from now on. */
static inline void
arena_join(Arena *into, Arena *from)
{
	ArenaChunk **end = &into->chunk;

	while (*end)
		end = &(*end)->next;
	*end = from->chunk;
	from->chunk = NULL;
}

static inline void
arena_free(Arena *arena)
{
	while (arena->chunk)
	{
		ArenaChunk *next = arena->chunk->next;

		cv_free(arena->chunk);
		arena->chunk = next;
	}
}

#endif							/* CV_ARENA_H */
