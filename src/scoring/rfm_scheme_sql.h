/*
 * rfm_scheme_sql.h
 *		What the functions over ledgers of this room share.
 */
#ifndef CV_RFM_SCHEME_SQL_H
#define CV_RFM_SCHEME_SQL_H

#include "customer_value.h"

#include "utils/date.h"

#include "ledger/ledger_sql.h"
#include "scoring/measures.h"

/* False if there was no purchase until as_of. */
extern bool scoring_measure(const LedgerView *view, DateADT as_of, Measures *m);

#endif							/* CV_RFM_SCHEME_SQL_H */
