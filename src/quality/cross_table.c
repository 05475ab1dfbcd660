/*
 * cross_table.c
 *		Counts of pairs of categories.
 */
#include "quality/cross_table.h"

#include <math.h>

#include "common/bytes.h"
#include "common/row_order.h"
#include "common/tails.h"

#define FIRST_ROOM 16

static uint64
hash_of(int row, int column)
{
	return hash_mix(hash_mix(0, (uint64) row), (uint64) column);
}

static int64 *
place_of(const CrossTable *t, int row, int column)
{
	uint64		mask = 2 * (uint64) t->room - 1;

	for (uint64 at = hash_of(row, column);; at++)
	{
		int64	   *slot = &t->slot[at & mask];

		if (*slot < 0 || (t->cell[*slot].row == row && t->cell[*slot].column == column))
			return slot;
	}
}

static void
grow(CrossTable *t)
{
	int64		room = t->room > 0 ? 2 * t->room : FIRST_ROOM;

	if (t->cell)
	{
		t->cell = cv_realloc(t->cell, (size_t) room * sizeof(CrossCell));
		cv_free(t->slot);
	}
	else
		t->cell = cv_alloc((size_t) room * sizeof(CrossCell));
	t->slot = cv_alloc(2 * (size_t) room * sizeof(int64));
	t->room = room;
	for (int64 i = 0; i < 2 * room; i++)
		t->slot[i] = -1;
	for (int64 i = 0; i < t->ncells; i++)
		*place_of(t, t->cell[i].row, t->cell[i].column) = i;
}

CrossCell *
cross_table_cell(CrossTable *t, const char *row, size_t row_length,
				 const char *column, size_t column_length)
{
	int			r = names_add(&t->rows, row, row_length);
	int			c = names_add(&t->columns, column, column_length);
	int64	   *slot;

	if (t->ncells == t->room)
		grow(t);
	slot = place_of(t, r, c);
	if (*slot < 0)
	{
		*slot = t->ncells++;
		t->cell[*slot].row = r;
		t->cell[*slot].column = c;
		t->cell[*slot].count = 0;
	}
	return &t->cell[*slot];
}

void
cross_table_merge(CrossTable *into, const CrossTable *from)
{
	for (int64 i = 0; i < from->ncells; i++)
	{
		const CrossCell *cell = &from->cell[i];
		const KnownName *row = &from->rows.name[cell->row];
		const KnownName *column = &from->columns.name[cell->column];

		cross_table_cell(into, row->text, row->length,
						 column->text, column->length)->count += cell->count;
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
}

void
cross_table_free(CrossTable *t)
{
	if (t->cell)
	{
		cv_free(t->cell);
		cv_free(t->slot);
	}
	names_free(&t->rows);
	names_free(&t->columns);
	memset(t, 0, sizeof(CrossTable));
}

/* Big-endian, with the sign turned: bytes order like integers. */
void
integer_name(int64 v, char *name)
{
	uint64		word = (uint64) v ^ (UINT64CONST(1) << 63);

	for (int i = 0; i < INTEGER_NAME_LENGTH; i++)
		name[i] = (char) (word >> (8 * (INTEGER_NAME_LENGTH - 1 - i)));
}

/*
 * Totals
 */

typedef struct Margins
{
	int64		customers;
	int64	   *row;
	int64	   *column;
} Margins;

static Margins
margins_of(const CrossTable *t)
{
	Margins		m = {0};

	m.row = cv_alloc((size_t) t->rows.count * sizeof(int64));
	m.column = cv_alloc((size_t) t->columns.count * sizeof(int64));
	memset(m.row, 0, (size_t) t->rows.count * sizeof(int64));
	memset(m.column, 0, (size_t) t->columns.count * sizeof(int64));
	for (int64 i = 0; i < t->ncells; i++)
	{
		m.row[t->cell[i].row] += t->cell[i].count;
		m.column[t->cell[i].column] += t->cell[i].count;
		m.customers += t->cell[i].count;
	}
	return m;
}

static void
margins_free(Margins *m)
{
	cv_free(m->row);
	cv_free(m->column);
}

/*
 * Association
 */

static int
compare_cells(const void *a, const void *b)
{
	const CrossCell *x = a;
	const CrossCell *y = b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return x->column < y->column ? -1 : x->column > y->column;
}

/* Cells in the order of their names, with rows and columns numbered in that. */
static CrossCell *
sorted_cells(const CrossTable *t)
{
	CrossCell  *cell = cv_alloc((size_t) t->ncells * sizeof(CrossCell));
	int		   *order = names_sorted(&t->rows);
	int		   *row = cv_alloc((size_t) t->rows.count * sizeof(int));
	int		   *column = cv_alloc((size_t) t->columns.count * sizeof(int));

	for (int i = 0; i < t->rows.count; i++)
		row[order[i]] = i;
	cv_free(order);
	order = names_sorted(&t->columns);
	for (int i = 0; i < t->columns.count; i++)
		column[order[i]] = i;
	cv_free(order);
	for (int64 i = 0; i < t->ncells; i++)
	{
		cell[i].row = row[t->cell[i].row];
		cell[i].column = column[t->cell[i].column];
		cell[i].count = i;		/* which it is */
	}
	cv_free(row);
	cv_free(column);
	qsort(cell, (size_t) t->ncells, sizeof(CrossCell), compare_cells);
	return cell;
}

/*
 * Pearson's chi-square (1900): the sum of (observed - expected)^2 / expected.
 * With expected = r c / n, one term is (o n - r c)^2 / (n r c), its numerator
 * exact before it is squared; all empty cells together add their expected
 * number.
 */
static double
chi_square_of(const CrossTable *t, const Margins *m)
{
	CrossCell  *sorted = sorted_cells(t);
	i128		n = m->customers;
	i128		expected = n * n;	/* of empty cells, times n */
	double		sum = 0;

	for (int64 i = 0; i < t->ncells; i++)
	{
		const CrossCell *cell = &t->cell[sorted[i].count];
		i128		rc = (i128) m->row[cell->row] * m->column[cell->column];
		double		difference = (double) (cell->count * n - rc);

		expected -= rc;
		sum += difference * difference / (double) rc / (double) n;
	}
	cv_free(sorted);
	return sum + (double) expected / (double) n;
}

/*
 * The corrected V has an expectation of about zero when there is no
 * association: phi squared less its expectation, and numbers of rows and
 * columns less what chance takes from them.
 */
static void
correct_bias(Association *a)
{
	double		n = (double) a->customers;
	double		r = (double) a->rows;
	double		c = (double) a->columns;
	double		phi = a->chi_square / n - (r - 1) * (c - 1) / (n - 1);
	double		least = Min(r - (r - 1) * (r - 1) / (n - 1), c - (c - 1) * (c - 1) / (n - 1)) - 1;

	a->has_corrected = least > 0;
	if (a->has_corrected)
		a->corrected = phi > 0 ? Min(sqrt(phi / least), 1) : 0;
}

Association
cross_table_association(const CrossTable *t)
{
	Association a = {.rows = t->rows.count,.columns = t->columns.count};
	Margins		m = margins_of(t);

	a.customers = m.customers;
	a.degrees = (a.rows - 1) * (a.columns - 1);
	a.known = a.degrees > 0;
	if (a.known)
	{
		double		least = (double) Min(a.rows, a.columns) - 1;

		a.chi_square = chi_square_of(t, &m);
		a.p = chi_square_tail(a.chi_square, a.degrees);
		a.v = Min(sqrt(a.chi_square / (double) a.customers / least), 1);
		correct_bias(&a);
	}
	margins_free(&m);
	return a;
}

/*
 * Agreement
 */

static i128
pairs_of(int64 n)
{
	return (i128) n * (n - 1) / 2;
}

/*
 * Of N pairs of customers, A are together on one side, B on the other, S on
 * both, by chance A B / N: the index is (S - A B / N) / ((A + B) / 2 - A B / N)
 * (Hubert and Arabie 1985, equation 5).
 */
bool
cross_table_rand(const CrossTable *t, double *index)
{
	Margins		m = margins_of(t);
	i128		all = pairs_of(m.customers);
	i128		both = 0;
	i128		rows = 0;
	i128		columns = 0;
	i128		most;

	for (int64 i = 0; i < t->ncells; i++)
		both += pairs_of(t->cell[i].count);
	for (int i = 0; i < t->rows.count; i++)
		rows += pairs_of(m.row[i]);
	for (int i = 0; i < t->columns.count; i++)
		columns += pairs_of(m.column[i]);
	margins_free(&m);
	/* of up to four billion customers, these are below 2^127 */
	most = all * (rows + columns) - 2 * rows * columns;
	if (most == 0)
		return false;
	*index = (double) (2 * (all * both - rows * columns)) / (double) most;
	return true;
}

Persistence
cross_table_persistence(const CrossTable *t)
{
	Persistence p = {0};
	Margins		m = margins_of(t);
	i128		n = m.customers;
	i128		by_chance = 0;	/* times n^2 */
	int64		stayed = 0;
	int64		up = 0;

	for (int64 i = 0; i < t->ncells; i++)
	{
		const CrossCell *cell = &t->cell[i];
		int			moved = memcmp(t->rows.name[cell->row].text,
								   t->columns.name[cell->column].text, INTEGER_NAME_LENGTH);

		if (moved == 0)
			stayed += cell->count;
		else if (moved > 0)
			up += cell->count;
	}
	for (int i = 0; i < t->rows.count; i++)
	{
		int			same = names_find(&t->columns, t->rows.name[i].text, INTEGER_NAME_LENGTH);

		if (same >= 0)
			by_chance += (i128) m.row[i] * m.column[same];
	}
	p.customers = m.customers;
	p.stayed = (double) stayed / (double) n;
	p.up = (double) up / (double) n;
	p.down = (double) (p.customers - stayed - up) / (double) n;
	p.expected = (double) by_chance / (double) (n * n);
	p.has_kappa = by_chance < n * n;
	if (p.has_kappa)
		p.kappa = (double) (n * stayed - by_chance) / (double) (n * n - by_chance);
	margins_free(&m);
	return p;
}
