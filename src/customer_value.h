/*
 * customer_value.h
 *		What every file that talks to the server includes first.
 */
#ifndef CUSTOMER_VALUE_H
#define CUSTOMER_VALUE_H

#include "postgres.h"

#include "compat.h"

#include "common/host.h"

#endif							/* CUSTOMER_VALUE_H */
