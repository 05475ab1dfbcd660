/*
 * value_grid.h
 *		Segmentations by two values at once: a grid of cells, its rows classes
 *		of value, its columns classes of potential.
 *
 * Both are segmentations by cut points.  Cells are counted row by row: with k
 * classes of potential, cell 1 has the highest value and the highest
 * potential, cell k the highest value and the lowest potential.
 *
 * As bytes, after those of all forms (segmentation.h): the bytes of value,
 * then of potential, each with their length before them.
 */
#ifndef CV_VALUE_GRID_H
#define CV_VALUE_GRID_H

#include "common/host.h"

#include "segment/cuts.h"

typedef struct ValueGrid
{
	Segmentation head;
	Cuts	   *value;
	Cuts	   *potential;
} ValueGrid;

/*
 * Takes both over; they are freed with it.  How many cells there are, 1000 at
 * most, is checked like everything else.
 */
extern ValueGrid *value_grid_new(Segmentation *value, Segmentation *potential);

#endif							/* CV_VALUE_GRID_H */
