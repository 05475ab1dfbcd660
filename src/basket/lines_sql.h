/*
 * lines_sql.h
 *		Lines as the state of an aggregate.
 */
#ifndef CV_LINES_SQL_H
#define CV_LINES_SQL_H

#include "customer_value.h"

#include "basket/lines.h"

typedef struct LinesState
{
	Lines		lines;

	/* arguments of association_rules, one for all rows; NULL of others */
	struct varlena *min_support;	/* numeric */
	struct varlena *options;	/* jsonb, or NULL */
} LinesState;

/* Argument 0 of a transition function; made if it is NULL. */
extern LinesState *lines_state(FunctionCallInfo fcinfo);

/* Argument 0 of a final function; NULL if there is no line. */
extern LinesState *lines_final_state(FunctionCallInfo fcinfo);

/* The number of a text argument in a dictionary of the state. */
extern int32 lines_name(FunctionCallInfo fcinfo, int arg, Names *names);

/* The same of other bytes. */
extern int32 lines_name_of(FunctionCallInfo fcinfo, Names *names, const char *bytes, size_t length);

/* Adds a line to the state. */
extern void lines_add_checked(FunctionCallInfo fcinfo, LinesState *state, int64 basket,
							  int32 group, int32 item, i128 amount);

/* The arguments of association_rules: set, or compared with those that are. */
extern void lines_set_min_support(LinesState *state, MemoryContext context,
								  struct varlena *given);
extern void lines_set_options(LinesState *state, MemoryContext context, struct varlena *given);

#endif							/* CV_LINES_SQL_H */
