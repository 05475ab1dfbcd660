/*
 * bgnbd.c
 *		The BG/NBD model: after each repeat purchase a customer may drop out.
 *
 * Fader, Hardie and Lee, "Counting Your Customers" the Easy Way: An
 * Alternative to the Pareto/NBD Model, Marketing Science 24 (2005).
 */
#define BETA_GEOMETRIC_MODEL bgnbd_model
#define BETA_GEOMETRIC_NAME "bg/nbd"
#define CHANCES_AT_ZERO 0
#include "clv/beta_geometric_model.h"
