/*
 * compat.h
 *		The differences between the PostgreSQL majors we support, in one place.
 */
#ifndef CV_COMPAT_H
#define CV_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "customer_value needs PostgreSQL 15 or newer"
#endif

#include "fmgr.h"
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
#endif

/*
 * The library is built with hidden visibility.  Since 16 the server's macro
 * exports what it declares; before, it exports only half of it.
 */
#if PG_VERSION_NUM < 160000
#undef PG_FUNCTION_INFO_V1
#define PG_FUNCTION_INFO_V1(funcname) \
PGDLLEXPORT Datum funcname(PG_FUNCTION_ARGS); \
extern PGDLLEXPORT const Pg_finfo_record * CppConcat(pg_finfo_,funcname)(void); \
const Pg_finfo_record * \
CppConcat(pg_finfo_,funcname) (void) \
{ \
	static const Pg_finfo_record my_finfo = { 1 }; \
	return &my_finfo; \
} \
extern int no_such_variable
#endif

/*
 * Input functions report bad input softly where the server can take it (16
 * and newer), so that pg_input_is_valid() works on our types.
 */
#if PG_VERSION_NUM >= 160000
#define cv_soft_error(fcinfo, ...) \
	errsave((fcinfo)->context, __VA_ARGS__)
#else
#define cv_soft_error(fcinfo, ...) ereport(ERROR, __VA_ARGS__)
#endif

/* The mark of functions that do not come back was renamed, and moved, in 18. */
#ifdef pg_noreturn
#define CV_NORETURN pg_noreturn
#else
#define CV_NORETURN pg_attribute_noreturn()
#endif

/* Ranges can be made softly since 16. */
#if PG_VERSION_NUM >= 160000
#define cv_make_range(typcache, lower, upper) \
	make_range((typcache), (lower), (upper), false, NULL)
#else
#define cv_make_range(typcache, lower, upper) \
	make_range((typcache), (lower), (upper), false)
#endif

#ifndef PG_MODULE_MAGIC_EXT
#define CV_MODULE_MAGIC PG_MODULE_MAGIC
#else
#define CV_MODULE_MAGIC \
	PG_MODULE_MAGIC_EXT(.name = "customer_value", .version = "0.2.0")
#endif

#endif							/* CV_COMPAT_H */
