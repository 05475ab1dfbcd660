/*
 * mbgnbd.c
 *		The MBG/NBD model: a customer may drop out after each purchase, the
 *		first of all included.
 *
 * Batislam, Denizel and Filiztekin, Empirical Validation and Comparison of
 * Models for Customer Base Analysis, International Journal of Research in
 * Marketing 24 (2007); Hoppe and Wagner, Customer Base Analysis: The Case for
 * a Central Variant of the Betageometric/NBD Model, Marketing JRM 3 (2007).
 */
#define BETA_GEOMETRIC_MODEL mbgnbd_model
#define BETA_GEOMETRIC_NAME "mbg/nbd"
#define CHANCES_AT_ZERO 1
#include "clv/beta_geometric_model.h"
