/*
 * matrix.h
 *		How customers move from state to state: the type transition_matrix,
 *		and what a customer in each state is worth.
 */
#ifndef CV_MATRIX_H
#define CV_MATRIX_H

#include "common/host.h"

#include "common/names.h"

#define TRANSITION_MATRIX_VERSION 1

/* States are kinds of customers: more of them are a mistake. */
#define MATRIX_MAX_STATES 500

/* Bytes of the name of a state. */
#define STATE_MAX_LENGTH 255

/* Every whole number up to here is a double. */
#define MATRIX_MAX_COUNT 9007199254740992.0

typedef struct TransitionMatrix
{
	Names		states;			/* in order of rows and columns */
	bool		counted;		/* cells are customers, not probabilities */
	double	   *cell;			/* states x states, row by row */
	double	   *leaving;		/* sums of rows, see below */
} TransitionMatrix;

/*
 * The one validator, behind every way in; fills in leaving, the sum of each
 * row: the customers seen to go on from a state, or 1.  Where it is 0, it is
 * not known where customers of the state go.  Returns NULL or what is wrong,
 * as a full sentence.
 */
extern const char *transition_matrix_check(TransitionMatrix *m);

static inline double
transition_probability(const TransitionMatrix *m, int from, int to)
{
	double		v = m->cell[from * m->states.count + to];

	return m->counted && m->leaving[from] > 0 ? v / m->leaving[from] : v;
}

/*
 * Text, see matrix_text.c.
 */
#define MATRIX_WHY_SIZE 200

extern char *transition_matrix_print(const TransitionMatrix *m);
extern bool transition_matrix_parse(TransitionMatrix *m, const char *text,
									size_t length, char *why);

/*
 * Values, see migration.c.
 */
typedef enum MigrationStatus
{
	MIGRATION_OK,
	MIGRATION_UNKNOWN,			/* state "culprit" has a payoff, but it is not
								 * known where customers go from there */
	MIGRATION_ENDLESS			/* from state "culprit" payoffs never end */
} MigrationStatus;

#define MIGRATION_WITHOUT_END (-1)

/*
 * The present value of a customer in each state: the payoff of the state now,
 * and of those after each of so many periods.  Values may overflow.
 */
extern MigrationStatus migration_value(const TransitionMatrix *m, const double *payoff,
									   double discount_rate, int64 periods,
									   double *value, int *culprit);

#endif							/* CV_MATRIX_H */
