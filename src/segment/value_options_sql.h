/*
 * value_options_sql.h
 *		What aggregates over the values of customers are given beside a value.
 *
 * Arguments of an aggregate come with every row, so each row's are compared
 * with those of the first: by their bytes, which nearly always are the same.
 */
#ifndef CV_VALUE_OPTIONS_SQL_H
#define CV_VALUE_OPTIONS_SQL_H

#include "customer_value.h"

#include "utils/numeric.h"

#include "segment/breaking.h"

/* What the second argument is. */
typedef enum ValueOption
{
	OPTION_NONE,
	OPTION_SEGMENTS,			/* how many, int */
	OPTION_RANGE,				/* from how many to how many, int4range */
	OPTION_REAL,				/* a fraction, double precision */
	OPTION_NUMERIC,				/* a fraction, numeric */
	OPTION_SHARES				/* ascending fractions, numeric[] */
} ValueOption;

#define LAST_OPTION OPTION_SHARES

typedef struct ValueOptions
{
	ValueOption kind;
	int32		number;			/* of segments, or the fewest */
	int32		most;			/* the same number, or the most */
	double		real;
	struct varlena *argument;	/* the second one, unless it is by value */
	struct varlena *settings;	/* the third one, jsonb; NULL if there is none */
} ValueOptions;

/*
 * Set, or compare with what was set, from an argument of a transition
 * function; what is not valid is an error.  Memory comes from the aggregate.
 */
extern void value_options_segments(ValueOptions *options, FunctionCallInfo fcinfo, int arg);
extern void value_options_range(ValueOptions *options, FunctionCallInfo fcinfo, int arg);
extern void value_options_real(ValueOptions *options, FunctionCallInfo fcinfo, int arg);
extern void value_options_numeric(ValueOptions *options, FunctionCallInfo fcinfo, int arg);
extern void value_options_shares(ValueOptions *options, FunctionCallInfo fcinfo, int arg);
extern void value_options_settings(ValueOptions *options, FunctionCallInfo fcinfo, int arg);

/* Take over those of another state, or compare with them. */
extern void value_options_combine(ValueOptions *into, const ValueOptions *from,
								  MemoryContext context);

/* For a state that goes to another process. */
extern size_t value_options_size(const ValueOptions *options);
extern char *value_options_write(const ValueOptions *options, char *p);

/* Returns the end, or NULL. */
extern const char *value_options_read(ValueOptions *options, const char *p, size_t size);

/* The settings of natural_breaks, into a Breaking that has its defaults. */
extern void value_options_breaking(const ValueOptions *options, Breaking *breaking);
extern void breaking_read_settings(struct varlena *jsonb, Breaking *breaking);

/* The shares; returns how many. */
extern int	value_options_share_list(const ValueOptions *options, Exact **share);

/* The fraction, as numeric. */
extern Numeric value_options_fraction(const ValueOptions *options);

/* An error unless it is a share: between 0 and 1. */
extern void share_check(Numeric fraction);

#endif							/* CV_VALUE_OPTIONS_SQL_H */
